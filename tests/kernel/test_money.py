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
    ("typed", "mark", "minor"),
    [
        ("25,50", ".", 2550),
        ("25.50", ",", 2550),
        ("1,045.50", ".", 104550),
        ("1.045,50", ".", 104550),
        ("1 045,50", ",", 104550),
        ("1’045.50", ".", 104550),
        ("1.045.000", ".", 104500000),
        ("1,045", ".", 104500),
        ("1.045", ",", 104500),
        ("25,5", ",", 2550),
        ("1.045", ".", None),
        ("1,045", ",", None),
        ("1,04,50", ".", None),
        ("1.045.50", ".", None),
        ("12.34,567", ",", None),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, mark: str, minor: int | None) -> None:
    """With either mark and with groups; what could mean two things goes by the language, or is refused."""
    if minor is None:
        with pytest.raises(ValueError, match=f"like 25{mark}50"):
            parse(typed, "EUR", mark)
    else:
        assert parse(typed, "EUR", mark).minor == minor


@pytest.mark.parametrize(
    ("typed", "mark", "minor"),
    [
        ("1.234", ".", 1234),
        ("1,234", ",", 1234),
        ("1,234", ".", None),
        ("1.234", ",", None),
        ("1.234.567", ",", 1234567000),
        ("1.234,5", ",", 1234500),
        ("1 234", ",", 1234000),
    ],
)
def test_what_can_mean_two_amounts_is_refused(typed: str, mark: str, minor: int | None) -> None:
    """With three decimals a group of thousands looks like them: the sentence shows how to write it."""
    if minor is None:
        with pytest.raises(ValueError, match=f"like 25{mark}500"):
            parse(typed, "KWD", mark)
    else:
        assert parse(typed, "KWD", mark).minor == minor
        assert parse(Money(minor, "KWD").typed(mark), "KWD", mark).minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("-1", "EUR"),
        ("", "EUR"),
        ("1.234", "EUR"),
        ("1.5", "JPY"),
        ("1e3", "EUR"),
        ("45.", "EUR"),
        ("٤٥", "EUR"),
    ],
)
def test_what_is_no_amount_is_refused(amount: str, currency: str) -> None:
    """No negative prices, no fractions of cents; the sentence has an example."""
    with pytest.raises(ValueError, match=f"Enter an amount in {currency} like 25"):
        parse(amount, currency)


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "EUR!", "ABC", "XAU"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    """Three capital letters of a currency that people pay in."""
    with pytest.raises(ValueError, match="is not a currency"):
        parse("45", currency)


def test_an_amount_fits_into_its_column() -> None:
    """A price that no database row could hold is refused where it is typed."""
    with pytest.raises(ValueError, match="Enter a lower amount"):
        parse("30000000.00", "EUR")
