"""When two spellings are one address, and when they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.addresses import LONGEST, compared, is_same, spellings

ONE = [
    ("Jane@Example.COM", "jane@example.com"),
    ("jane@example.com.", "jane@example.com"),
    (" jane@example.com ", "jane@example.com"),
    ("jane@bücher.example", "jane@xn--bcher-kva.example"),
    ("jane@BÜCHER.example", "jane@XN--BCHER-KVA.EXAMPLE."),
    ("jane@例え。テスト", "jane@xn--r8jz45g.xn--zckzah"),
    ("Jo\u0308rg@example.com", "jörg@example.com"),
]
TWO = [
    ("jane@straße.example.com", "jane@strasse.example.com"),
    ("\u017fam@example.com", "sam@example.com"),
    ("JÖRG@example.com", "jörg@example.com"),
    ("straße@example.com", "strasse@example.com"),
    ("jane@example.com", "jane@example.org"),
    ("jane+a@example.com", "jane@example.com"),
    ("", ""),
    (" ", " "),
]


@pytest.mark.parametrize(("address", "other"), ONE)
def test_one_address_in_two_spellings(address: str, other: str) -> None:
    """Capitals of ASCII, the two forms of a domain, a dot at its end, the form of an accent."""
    assert compared(address) == compared(other)
    assert is_same(address, other)


@pytest.mark.parametrize(("address", "other"), TWO)
def test_two_addresses_that_only_look_alike(address: str, other: str) -> None:
    """A mail server may tell them apart; no address is not the address of anybody."""
    assert not is_same(address, other)


@given(st.text(max_size=400))
def test_any_text_can_be_compared(text: str) -> None:
    """Nothing raises, nothing is too long for its column, and comparing twice changes nothing."""
    found = compared(text)
    assert len(found) <= LONGEST
    if len(found) < LONGEST:
        assert compared(found) == found


def test_what_a_text_is_searched_for() -> None:
    """As it was typed, and the domain both ways."""
    wanted = {"jane@bücher.example", "jane@xn--bcher-kva.example"}
    assert spellings("jane@xn--bcher-kva.example") == wanted
    assert spellings("Jane@Bücher.example") == wanted
