"""What a first contact must say, and placeholders that never mean more than their name (G7, G20)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.catalogue.rules.placeholders import PLACEHOLDERS, fill, unknown_placeholders
from paidsupport.kernel.money import Money
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.tickets.emails.rules import EmailKind, contact_slot, missing_in_first_contact

PRICE = Money(4500, "USD")
WORDS = {"code": "PS-7K3F-9QXM", "price": "45.00", "payment": "PayPal: ada@example.org"}


def missing(text: str) -> list[str]:
    """What the check says of `text`."""
    return missing_in_first_contact(
        text, code=WORDS["code"], price=PRICE, payment=HowToPay((("", WORDS["payment"]),))
    )


@pytest.mark.row("G7")
@pytest.mark.parametrize("left_out", WORDS)
def test_a_first_contact_names_code_price_and_payment(left_out: str) -> None:
    """What is left out is named in a sentence, and nothing else is."""
    text = "\n".join(words for name, words in WORDS.items() if name != left_out)
    told = missing(text)
    assert len(told) == 1
    assert missing("\n".join(WORDS.values())) == []


def test_line_breaks_and_case_do_not_hide_what_is_said() -> None:
    """Mail programs wrap lines, people change case."""
    assert missing("ps-7k3f-9qxm costs 45.00, paypal:\n  ada@EXAMPLE.org") == []


def test_a_payment_line_of_several_lines_is_found() -> None:
    """The line of the profile may itself be wrapped."""
    told = missing_in_first_contact(
        "X 45.00 IBAN 1 2 3", code="X", price=PRICE, payment=HowToPay((("", "IBAN\n1 2\n3"),))
    )
    assert told == []


@pytest.mark.row("G7")
@pytest.mark.parametrize("said", ["USD 1,045.00", "1045.00 USD"])
def test_a_price_over_a_thousand_is_found_however_it_is_written(said: str) -> None:
    """As the desk writes it, and as people type it."""
    price = Money(104500, "USD")
    assert (
        missing_in_first_contact(f"X {said} IBAN", code="X", price=price, payment=HowToPay((("", "IBAN"),)))
        == []
    )


def test_every_placeholder_is_filled_in() -> None:
    """Each of them once, wherever it stands."""
    text = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    assert fill(text, {name: name.upper() for name in PLACEHOLDERS}) == text.upper().translate(
        str.maketrans("", "", "{}")
    )


@pytest.mark.row("G20")
@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% for x in y %}",
        "{code.__class__}",
        "{code!r}",
        "{code:>10}",
        "{0}",
        "{}",
        "${code",
        "#{1+1}",
        "{self}",
        "%(code)s",
        "{CODE}",
        "{code",
        "{__import__('os')}",
    ],
)
def test_nothing_but_placeholders_has_a_meaning(text: str) -> None:
    """No template language of any kind is run: the text comes out as it went in."""
    assert fill(text, WORDS) == text


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text()))
def test_values_are_not_filled_in_again(values: dict[str, str]) -> None:
    """A customer called {payment} is called {payment}."""
    name = next(iter(PLACEHOLDERS))
    assert fill(f"<{{{name}}}>", values | {name: "{payment}{code}"}) == "<{payment}{code}>"


def test_unknown_placeholders_are_told_once_each_in_their_order() -> None:
    """A typing mistake is found before a customer reads it."""
    assert unknown_placeholders("{pric} {code} {custmer} {pric}") == ["pric", "custmer"]


@pytest.mark.row("N1")
def test_first_contact_has_one_slot_for_all_claims_and_hand_overs_one_for_each() -> None:
    """What the database keeps unique per ticket."""
    assert contact_slot(EmailKind.FIRST_CONTACT, 1) == contact_slot(EmailKind.FIRST_CONTACT, 7)
    assert contact_slot(EmailKind.HANDOVER, 1) != contact_slot(EmailKind.HANDOVER, 7)
    assert contact_slot(EmailKind.MESSAGE, 1) is None
