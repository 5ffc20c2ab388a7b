"""Dates, numbers and money in English and in other languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from paidsupport.kernel.i18n.formats import ENGLISH, Translated
from paidsupport.kernel.money import Money
from tests.patterns import ROOT

AT = datetime(2026, 11, 3, 7, 49, tzinfo=UTC)
DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "just now"),
        (59, "just now"),
        (7199, "1 hour ago"),
        (2 * DAY - 1, "1 day ago"),
        (-1, "just now"),
        (-61, "in 2 minutes"),
        (-3599, "in 1 hour"),
        (-(2 * DAY) + 5, "in 2 days"),
        (-DAY, "in 1 day"),
        (-31 * DAY, "in 31 days"),
        (-800 * DAY, "in 2 years"),
    ],
)
def test_what_is_left_is_rounded_up_and_what_has_passed_down(seconds: float, told: str) -> None:
    """A claim of 48 hours never lapses “in 1 day”."""
    assert ENGLISH.ago(seconds) == told


def test_every_language_writes_them_in_its_own_way() -> None:
    """By Babel, with the currency's code where the language has its sign."""
    german, french = (Translated(tag, lambda: "jetzt") for tag in ("de", "fr"))
    assert [each.day(AT) for each in (ENGLISH, german)] == ["3 November 2026", "3. November 2026"]
    assert [each.moment(AT) for each in (ENGLISH, german)] == [
        "3 Nov 2026, 07:49 UTC",
        "3. Nov. 2026, 07:49 UTC",
    ]
    assert [german.ago(7300), german.ago(-7300), german.ago(1)] == ["vor 2 Stunden", "in 3 Stunden", "jetzt"]
    assert [german.length(90), french.weekday(AT)] == ["1 Std. 30 Min.", "mar. 3 nov. 2026"]
    amounts = [each.money(1045, "50", "USD").replace("\u202f", " ") for each in (ENGLISH, german, french)]
    assert amounts == ["USD 1,045.50", "1.045,50\xa0USD", "1 045,50\xa0USD"]
    assert all(Money(104550, "USD").is_in(f"It costs {amount}.") for amount in amounts)


def test_no_template_writes_dates_by_itself() -> None:
    """They would be English in every language, and in UTC."""
    templates = [path for end in ("html", "txt") for path in ROOT.rglob(f"*.{end}")]
    assert [path.name for path in templates if "strftime" in path.read_text(encoding="utf-8")] == []
