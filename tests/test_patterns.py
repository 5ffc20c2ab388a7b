"""No text takes long: every regular expression of ours is fed with what it likes least."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest

from tests import patterns

Measure = Callable[[patterns.Found, int, float], tuple[float, str]]

measures = pytest.mark.parametrize(
    "measure", [patterns.longest, pytest.param(patterns.worst, marks=pytest.mark.soak)]
)
pytestmark = [pytest.mark.row("G15"), pytest.mark.slow]

#: Characters of a text, and the seconds it may take. The slowest of ours takes one on a busy machine; those
#: that grow faster than the text take a minute.
SIZE, LIMIT = 1_000_000, 3.0


def slow(found: Iterable[patterns.Found], measure: Measure = patterns.longest) -> list[str]:
    """Those that take longer than they may, with their worst text."""
    times = ((each, *measure(each, SIZE, LIMIT)) for each in found)
    return [f"{each.where}: {seconds:.1f} s for {text}" for each, seconds, text in times if seconds > LIMIT]


def test_a_megabyte_of_its_worst_text_takes_no_pattern_long() -> None:
    """Whatever stands in a module, in a class, in a table or inside of a function."""
    assert slow(patterns.every()) == []


@pytest.mark.row("T16")
def test_rules_of_tone_take_no_longer() -> None:
    """There are many."""
    assert slow(patterns.of_tones()) == []


@pytest.mark.soak
def test_all_of_a_megabyte_takes_none_of_them_long() -> None:
    """Whatever the short look says: every pattern is fed all of it, and more texts on the way there."""
    assert slow([*patterns.every(), *patterns.of_tones()], patterns.worst) == []


@pytest.mark.parametrize(
    "endless", [r"\s+x", r"PuTTY:(?:.|\n){0,9000}?(?:MAC|\Z)", r"<(\w+)[^>]*>", r"(a|aa)+b", r"\d+(?:,\d+)*;"]
)
@measures
def test_the_search_finds_what_is_slow(endless: str, measure: Measure) -> None:
    """Or else it would say nothing: patterns that take for ever."""
    assert measure(patterns.Found("here", re.compile(endless)), 200_000, 0.2)[0] > 0.2


@measures
def test_the_search_lets_pass_what_is_not(measure: Measure) -> None:
    """Its twin that gives nothing back."""
    assert measure(patterns.Found("here", re.compile(r"(?<!\s)\s++x")), 50_000, 0.2)[0] < 0.2


def test_patterns_that_are_made_of_words_are_known() -> None:
    """They cannot be fed here: whoever makes one escapes its words and looks how long it takes."""
    assert patterns.made_of_variables() == {
        "paidsupport.sales.organisations.operations.forgetting._any_of",
        "paidsupport.catalogue.rules.checklists.check",
        "paidsupport.privacy.comparison._words",
        "paidsupport.privacy.comparison.places",
        "paidsupport.connect.trackers.reading.nameless",
        "paidsupport.kernel.staff.mentions.find",
        "paidsupport.kernel.web.filters.named",
        "paidsupport.privacy.personal.names.found",
        "paidsupport.privacy.personal.places._known_hosts",
        "paidsupport.privacy.tone.plain_rule",
        "paidsupport.privacy.tones._joins",
        "paidsupport.privacy.tones._pattern",
        "paidsupport.intake.mail.bounces._field",
        "paidsupport.intake.mail.reply_words._ending",
        "paidsupport.intake.mail.reply_words.words",
        "paidsupport.issues.queries.sight._cut",
    }
