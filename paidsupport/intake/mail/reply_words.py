"""The words that mail programs write around quotes, read once from `reply_words.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from paidsupport.kernel.i18n.languages import known_tags, language_of
from paidsupport.tickets.emails.rules import ANSWER_ABOVE

#: Matches a device's name in the last line of a mail.
_NAME = "(.{1,60}?)"


@dataclass(frozen=True, slots=True)
class Words:
    """The lists, prepared for matching."""

    #: Finds what begins an attribution, within a line.
    opener: re.Pattern[str]
    #: In lower case, the longest first, each with a pattern that finds it as a whole word.
    verbs: dict[str, re.Pattern[str]]
    article: re.Pattern[str]
    forward_subject: re.Pattern[str]
    #: The kind of header line that a name stands for: `from`, `date`, `to`, `subject`, `other`.
    labels: dict[str, str]
    originals: frozenset[str]
    forwards: frozenset[str]
    begins: frozenset[str]
    #: Last lines of a mail, with the device as their only group.
    mine: tuple[re.Pattern[str], ...]
    named: tuple[re.Pattern[str], ...]
    small: frozenset[str]
    devices: frozenset[str]


@cache
def words() -> Words:
    """The prepared lists."""
    told = tomllib.loads(files(__package__).joinpath("reply_words.toml").read_text("utf-8"))
    dividers, endings = told["dividers"], told["endings"]
    return Words(
        opener=re.compile(rf"(?<!\w)(?:{_any_of(told['openers'])})(?!\w)"),
        verbs={verb.lower(): re.compile(_bounded(verb.lower())) for verb in _longest_first(told["verbs"])},
        # not before a figure: “la 10:00” is a time
        article=re.compile(rf"(?<!\w)(?:{_any_of(told['articles'])})\s+(?!\d)"),
        forward_subject=re.compile(rf"\s*(?:{_any_of(told['forward_subjects'])})\s*[:\uff1a]", re.IGNORECASE),
        labels={plain(name): kind for kind, names in told["labels"].items() for name in names},
        originals=frozenset(map(plain, dividers["original"])),
        forwards=frozenset(map(plain, dividers["forwarded"])),
        begins=frozenset(map(plain, dividers["begins"])),
        mine=tuple(map(_ending, endings["mine"])),
        named=tuple(map(_ending, endings["named"])),
        small=frozenset(endings["small"]),
        devices=frozenset(endings["devices"]),
    )


def plain(text: str) -> str:
    """`text` in the form for comparing: case-folded and composed."""
    return unicodedata.normalize("NFC", text).casefold()


def _longest_first(names: list[str]) -> list[str]:
    return sorted(set(names), key=len, reverse=True)


def _any_of(names: list[str]) -> str:
    return "|".join(map(re.escape, _longest_first(names)))


def _bounded(verb: str) -> str:
    """A whole word, unless its script has no spaces between words."""
    spaced = verb[0] < "\u0900"
    end = r"(?!\w)" if verb[-1].isalnum() else ""
    return rf"(?<!\w){re.escape(verb)}{end}" if spaced else re.escape(verb)


def _ending(template: str) -> re.Pattern[str]:
    before, after = map(re.escape, template.split("{}"))
    return re.compile(f"{before}{_NAME}{after}", re.IGNORECASE)


def begins_ours(text: str) -> bool:
    """Whether a text contains the line that an email of ours begins with, in any language."""
    return any(line in text for line in _first_lines())


@cache
def _first_lines() -> tuple[str, ...]:
    return tuple({str(ANSWER_ABOVE.said(language_of(tag))) for tag in known_tags()})
