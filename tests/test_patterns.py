"""No text takes long: every regular expression of ours is fed with what it likes least."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests import patterns

pytestmark = [pytest.mark.row("G15"), pytest.mark.slow]

#: Characters of a text, and the seconds it may take. The slowest of ours takes one on a busy machine; those
#: that grow faster than the text take a minute.
SIZE, LIMIT = 1_000_000, 3.0
PARTS = 4


def slow(found: Iterable[patterns.Found]) -> list[str]:
    """Those that take longer than they may, with their worst text."""
    times = ((each, *patterns.worst(each, SIZE, LIMIT)) for each in found)
    return [f"{each.where}: {seconds:.1f} s for {text}" for each, seconds, text in times if seconds > LIMIT]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_megabyte_of_its_worst_text_takes_no_pattern_long(part: int) -> None:
    """Whatever stands in a module, in a class, in a table or inside of a function."""
    assert slow(sorted(patterns.every(), key=lambda each: each.where)[part::PARTS]) == []


@pytest.mark.row("T16")
def test_rules_of_tone_take_no_longer() -> None:
    """There are many: only those that are slow on a tenth of the text are fed all of it."""
    most = LIMIT / 10
    suspects = [each for each in patterns.of_tones() if patterns.worst(each, SIZE // 10, most)[0] > most]
    assert slow(suspects) == []


def test_the_search_finds_what_is_slow() -> None:
    """Or else it would say nothing: patterns that take for ever, and one that does not."""
    for endless in (r"\s+x", r"PuTTY:(?:.|\n){0,9000}?(?:MAC|\Z)"):
        assert patterns.worst(patterns.Found("here", re.compile(endless)), 200_000, 0.2)[0] > 0.2
    assert patterns.worst(patterns.Found("here", re.compile(r"(?<!\s)\s++x")), 50_000, 0.2)[0] < 0.2


def test_patterns_that_are_made_of_words_are_known() -> None:
    """They cannot be fed here: whoever makes one escapes its words and looks how long it takes."""
    assert patterns.made_of_variables() == {
        "paidsupport.sales.organisations.operations.forgetting._any_of",
        "paidsupport.tickets.checklist.rules.check",
        "paidsupport.privacy.comparison._words",
        "paidsupport.privacy.comparison.places",
        "paidsupport.kernel.staff.mentions.find",
        "paidsupport.privacy.personal.names.found",
        "paidsupport.privacy.personal.places._known_hosts",
        "paidsupport.privacy.tones._joins",
        "paidsupport.privacy.tones._pattern",
        "paidsupport.intake.mail.bounces._field",
        "paidsupport.intake.mail.reply_words._ending",
        "paidsupport.intake.mail.reply_words.words",
        "paidsupport.issues.queries.sight._cut",
    }
