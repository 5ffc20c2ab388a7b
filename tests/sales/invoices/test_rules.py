"""How invoices are counted, what of them is tax, and who may be their seller (T19)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.money import MOST_MINOR
from paidsupport.kernel.seller import MOST_RATE, is_iban, parse_rate, read_seller
from paidsupport.sales.invoices.rules import (
    COMES_FROM,
    InvoiceKind,
    InvoiceState,
    Priced,
    amounts,
    breakdown,
    serial,
    series,
    spelled_rate,
    tax_within,
)

pytestmark = pytest.mark.row("T19")

SELLER = {
    "name": "Gallery Support Ltd.",
    "street": "1 Example Street",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "invoices@example.org",
    "vat_id": "de 123456788",
    "iban": "DE89 3704 0044 0532 0130 00",
}
rates = st.integers(0, MOST_RATE)
priced = st.builds(
    Priced, st.integers(1, 99), st.integers(0, 10_000_000), st.sampled_from([0, 700, 775, 1900])
)


@given(st.lists(st.builds(Priced, st.integers(1, 9), st.integers(0, MOST_MINOR), rates), max_size=30))
def test_every_line_is_net_and_tax_and_what_was_accepted(lines: list[Priced]) -> None:
    """Nothing is lost or made by rounding, and nothing is negative."""
    for line, each in zip(lines, amounts(lines), strict=True):
        assert each.gross == line.quantity * line.unit_minor
        assert each.net + each.tax == each.gross
        assert each.net >= 0
        assert each.tax >= 0


@given(st.lists(priced, min_size=1, max_size=100))
def test_the_tax_of_a_rate_is_that_of_the_sum_of_its_lines(lines: list[Priced]) -> None:
    """To the unit, however many lines there are; and a line is off by less than one unit of what is in it."""
    found = amounts(lines)
    for rate, sums in breakdown((line.rate, each) for line, each in zip(lines, found, strict=True)):
        assert sums.tax == tax_within(sums.gross, rate)
        # what EN 16931 asks (BR-CO-17): the tax is the net times the rate, give or take less than one
        assert abs(Decimal(sums.tax) - Decimal(sums.net) * rate / 10_000) < 1
    for line, each in zip(lines, found, strict=True):
        exact = Decimal(each.gross) * line.rate / (10_000 + line.rate)
        assert abs(each.tax - exact) < 1 + Decimal("1e-9")


@given(st.integers(0, MOST_MINOR), rates)
def test_half_a_unit_is_rounded_up(gross: int, rate: int) -> None:
    """As people do it with a pencil, and as the decimal module does."""
    exact = Decimal(gross) * rate / (10_000 + rate)
    assert tax_within(gross, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(rates)
def test_a_rate_is_read_as_it_is_spelled(rate: int) -> None:
    """There and back."""
    assert parse_rate(spelled_rate(rate)) == rate
    assert parse_rate(f" {spelled_rate(rate).replace('.', ',')} %") == rate


@pytest.mark.parametrize("typed", ["", "x", "-1", "100.01", "1.234", "1e2", "٣", "19 19"])
def test_what_is_no_rate_is_refused(typed: str) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match="not a tax rate"):
        parse_rate(typed)


def test_how_invoices_are_called() -> None:
    """By kind, year and number; a draft has no name."""
    day = date(2034, 3, 1)
    assert serial(series(InvoiceKind.INVOICE, day), 7) == "INV-2034-0007"
    assert serial(series(InvoiceKind.CREDIT_NOTE, day), 12345) == "CN-2034-12345"
    assert serial("", None) == ""


def test_a_state_only_goes_forward() -> None:
    """No invoice comes back to where it was."""
    order = list(InvoiceState)
    assert set(COMES_FROM) == set(order)
    for state, sources in COMES_FROM.items():
        assert all(order.index(source) < order.index(state) for source in sources)


def test_a_seller_is_read_as_it_is_meant() -> None:
    """Spaces in numbers do not matter."""
    seller = read_seller(SELLER | {"tax_percent": 19, "pay_days": 30})
    assert (seller.vat_id, seller.iban) == ("DE123456788", "DE89370400440532013000")
    assert (seller.tax_rate, seller.pay_days) == (1900, "30")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "“name”: Enter the name"),
        ({"vat_id": ""}, "“registration”: Enter this or the VAT number"),
        ({"vat_id": "", "tax_number": "29/815/08150"}, "“registration”: Enter this"),
        ({"vat_id": "", "registration": "HRB 1234 B"}, "“tax_number”: Enter this"),
        ({"vat_id": "UK123456789"}, "“vat_id”: Begin this VAT number with GB, not with UK"),
        ({"vat_id": "123"}, "“vat_id”: Enter a VAT number"),
        ({"country": "Germany"}, "two letters"),
        ({"country": "UK"}, "GB, not as UK"),
        ({"country": "EL"}, "GR, not as EL"),
        ({"iban": "DE88 3704 0044 0532 0130 00"}, "check digits"),
        ({"bic": "X"}, "“bic”"),
        ({"email": "x"}, "“email”"),
        ({"pay_days": "0"}, "“pay_days”"),
        ({"tax_percent": "a lot"}, "“tax_percent”"),
        ({"street": "a\nb"}, "“street”: Enter this on a single line"),
        ({"city": ["Berlin"]}, "must be text"),
        ({"phon": "1"}, "“phon” is not a field of the seller"),
    ],
)
def test_what_is_wrong_with_a_seller_is_said(changed: dict[str, object], said: str) -> None:
    """At the start of the site, by name."""
    with pytest.raises(ValueError, match=said):
        read_seller(SELLER | changed)


@given(st.integers(0, 17), st.sampled_from("0123456789"))
def test_a_wrong_digit_in_an_account_is_found(at: int, digit: str) -> None:
    """Any single one."""
    good = "DE89370400440532013000"
    wrong = good[: at + 4] + digit + good[at + 5 :]
    assert is_iban(wrong) == (wrong == good)
