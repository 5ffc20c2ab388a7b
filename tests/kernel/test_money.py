"""Money is a whole number of the smallest unit, in text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.money import Money, parse


@given(st.integers(min_value=0, max_value=999_999_999), st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
def test_an_amount_reads_back_as_it_was_written(minor: int, currency: str) -> None:
    """Writing and reading is exact for currencies with no, two and three decimals."""
    money = Money(minor, currency)
    assert parse(money.plain, currency) == money


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (4500, "USD", "USD 45.00"),
        (123456789, "EUR", "EUR 1,234,567.89"),
        (1500, "JPY", "JPY 1,500"),
        (1, "KWD", "KWD 0.001"),
        (0, "EUR", "EUR 0.00"),
    ],
)
def test_amounts_are_shown_with_their_currency(minor: int, currency: str, shown: str) -> None:
    """As many decimals as the currency has."""
    assert str(Money(minor, currency)) == shown


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("45,00", "EUR"),
        ("-1", "EUR"),
        ("", "EUR"),
        ("1.234", "EUR"),
        ("1.5", "JPY"),
        ("1e3", "EUR"),
        ("45.", "EUR"),
        ("٤٥", "EUR!"),
        ("45", "eur"),
        ("45", "EURO"),
        ("45", ""),
    ],
)
def test_what_is_no_amount_is_refused(amount: str, currency: str) -> None:
    """No negative prices, no fractions of cents, no unknown shapes of currencies."""
    with pytest.raises(ValueError, match="is not a"):
        parse(amount, currency)


def test_an_amount_fits_into_its_column() -> None:
    """A price that no database row could hold is refused where it is typed."""
    with pytest.raises(ValueError, match="is not a price"):
        parse("30000000.00", "EUR")
