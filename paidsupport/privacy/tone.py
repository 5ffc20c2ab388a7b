"""What an answer to a customer should not say: blame, promises, dates nobody approved, “I fixed” (T16, N6).

The rules are data, one file per language (`tones/`). Whoever writes is shown the place and the reason; what
they do about it is theirs to decide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

#: A language is known once so many of its common words are there, and this often as many as of any other.
_SURE_WORDS, _SURE_TIMES = 3, 2
#: Two digits of a year belong to this century.
_CENTURY, _TWO_DIGITS = 2000, 2


@dataclass(frozen=True, slots=True)
class Remark:
    """One place in a text that should be looked at: from `start` to before `end`, by which rule, and why."""

    start: int
    end: int
    rule: str
    reason: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for in a sentence.

    `unless`: patterns that make it harmless where they stand in the same clause; `always`: patterns that
    take this back. A match with groups called day, month, year or weekday is a date, and may be approved.
    """

    name: str
    reason: str
    suggestion: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()
    always: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is known, where its sentences and clauses end, its names of days, and its rules."""

    name: str
    common: frozenset[str]
    abbreviations: frozenset[str]
    #: What begins a new clause, beside commas and their like.
    joins: re.Pattern[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """The dates that may be said, and today: what is past is no promise."""

    dates: frozenset[date] = frozenset()
    today: date | None = None


NOTHING_APPROVED = Approved()


@lru_cache(maxsize=512)
def plain_rule(name: str, reason: str, suggestion: str, phrases: tuple[str, ...]) -> Rule:
    """A rule that looks for whole words and phrases as they are written: none of them is a pattern."""
    # longest first, and white space is never given back: each place is looked at once
    spelled = sorted((phrase.translate(_ALIKE).split() for phrase in phrases), key=len, reverse=True)
    any_of = "|".join(r"\s++".join(map(re.escape, words)) for words in spelled if words)
    pattern = re.compile(rf"(?<!\w)(?:{any_of or '(?!)'})(?!\w)", re.IGNORECASE)
    return Rule(name, reason, suggestion, (pattern,))


def with_rules(languages: Sequence[Language], rules: Sequence[tuple[str, Rule]]) -> tuple[Language, ...]:
    """The languages with more rules, each with the name of its language, or none for every one."""
    return tuple(
        replace(each, rules=(*each.rules, *(rule for name, rule in rules if name in {"", each.name})))
        for each in languages
    )


def check(text: str, languages: Sequence[Language], approved: Approved = NOTHING_APPROVED) -> list[Remark]:
    """What should be looked at in `text`, in its order, no two at the same place.

    Quoted lines, words between quotation marks, and addresses of the web are not judged: they are not said
    by whoever writes. Rules of each language that `text` may be in are applied.
    """
    plain = _judged(text)
    found: list[Remark] = []
    for language in spoken(plain, languages):
        for start, end in _sentences(plain, language):
            found += _remarks(plain, start, end, language, approved)
    return _apart(found)


def spoken(text: str, languages: Sequence[Language]) -> list[Language]:
    """The languages that `text` may be in: one if its small words say so, all if they do not."""
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    counts = [sum(words[word] for word in language.common) for language in languages]
    for language, count in zip(languages, counts, strict=True):
        others = counts.copy()
        others.remove(count)
        if count >= _SURE_WORDS and count >= _SURE_TIMES * max(others, default=0):
            return [language]
    return list(languages)


#: Each is replaced by as many signs that no rule looks for: places stay what they are.
_NOT_JUDGED = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^[ \t]*>.*$",
        r"\b(?:https?|ftp|mailto):[^\s<>]+",
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]+",
        r"`[^`\n]{1,200}`",
        r"“[^“”]{1,300}”|„[^„“”]{1,300}[“”]|«[^«»]{1,300}»|»[^«»]{1,300}«",
        r"(?:(?<=^)|(?<=[\s(]))\"[^\"\n]{1,300}\"(?=[\s.,;:!?)]|$)",
    )
)
#: Typographic signs, as rules write them.
_ALIKE = str.maketrans({"’": "'", "\u2018": "'", "\u00a0": " ", "\u202f": " ", "\t": " ", "–": "-", "—": "-"})


def _judged(text: str) -> str:
    """`text` with everything that is not to be judged blotted out, at the same length."""
    for pattern in _NOT_JUDGED:
        text = pattern.sub(_blotted, text)
    text = text.translate(_ALIKE)
    # a wrapped line is one sentence; an empty line or a list ends it
    return re.sub(r"\n(?![ ]*(?:\n|[-*•] |\d{1,2}[.)] |\0))", " ", text)


def _blotted(match: re.Match[str]) -> str:
    # a quoted line ends a sentence; other things stand inside of one
    sign = "\0" if match[0].lstrip().startswith(">") else "\1"
    return sign * len(match[0])


_END = re.compile(r"[.!?…]+['\")\]\1]*(?=\s|$)|\n|\0+")


def _sentences(text: str, language: Language) -> Iterator[tuple[int, int]]:
    """Where each sentence of `text` begins and ends."""
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and not _ends(text, start, match, language):
            continue
        if text[start : match.end()].strip():
            yield start, match.end()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _ends(text: str, start: int, dot: re.Match[str], language: Language) -> bool:
    """Whether a full stop is one: it may belong to an abbreviation, or to “14. März”."""
    last = text[start : dot.end()].rsplit(maxsplit=1)[-1].lstrip("([\"'")
    if last.casefold() in language.abbreviations or re.fullmatch(r"\d{1,2}\.", last):
        return False
    following = text[dot.end() :].lstrip()[:1]
    return not following.islower()


def _remarks(text: str, start: int, end: int, language: Language, approved: Approved) -> list[Remark]:
    """What the rules of `language` find in one sentence."""
    cuts = [start, *(cut.end() for cut in language.joins.finditer(text, start, end)), end]
    found: list[Remark] = []
    said: list[tuple[int, int]] = []
    for rule, match in _matches(text, start, end, language):
        if _may_be_said(match, language, approved):
            said.append(match.span())
        elif not _harmless(rule, text[_before(cuts, match.start()) : _after(cuts, match.end())]):
            found.append(Remark(*_trimmed(match), rule.name, rule.reason, rule.suggestion))
    # the weekday of an approved date is no date of its own
    return [
        remark
        for remark in found
        if not any(one <= remark.start and remark.end <= other for one, other in said)
    ]


def _matches(text: str, start: int, end: int, language: Language) -> Iterator[tuple[Rule, re.Match[str]]]:
    for rule in language.rules:
        for pattern in rule.patterns:
            for match in pattern.finditer(text, start, end):
                if match[0].strip():
                    yield rule, match


def _before(cuts: Sequence[int], place: int) -> int:
    return max(cut for cut in cuts if cut <= place)


def _after(cuts: Sequence[int], place: int) -> int:
    return min(cut for cut in cuts if cut >= place)


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    return match.start() + len(match[0]) - len(match[0].lstrip()), match.end() - len(match[0]) + len(
        match[0].rstrip()
    )


def _harmless(rule: Rule, clause: str) -> bool:
    lifted = any(pattern.search(clause) for pattern in rule.unless)
    return lifted and not any(pattern.search(clause) for pattern in rule.always)


def _may_be_said(match: re.Match[str], language: Language, approved: Approved) -> bool:
    """Whether a match is a date that was approved, or one that is past."""
    said = {name: value for name, value in match.groupdict().items() if value}
    if not said.keys() & {"day", "month", "weekday", "first"}:
        return False
    if "first" in said:
        # whether the day or the month stands first, only its writer knows
        ways = [
            {**said, "day": said[one], "month": said[other]}
            for one, other in (("first", "second"), ("second", "first"))
        ]
        return any(_fits(way, language, approved) for way in ways)
    return _fits(said, language, approved)


def _fits(said: Mapping[str, str], language: Language, approved: Approved) -> bool:
    today, dates = approved.today, approved.dates
    if "day" not in said and "month" not in said:
        day = language.weekdays[said["weekday"].casefold()]
        near = (date_ for date_ in dates if today and 0 <= (date_ - today).days <= 7)  # noqa: PLR2004  # a week
        return any(date_.weekday() == day for date_ in near)
    wanted = _numbers(said, language)
    if any(all(getattr(date_, part) == number for part, number in wanted.items()) for date_ in dates):
        return True
    return today is not None and _is_past(wanted, today)


def _numbers(said: Mapping[str, str], language: Language) -> dict[str, int]:
    """The parts of a date as numbers: those that were said."""
    found = {part: _number(said[part], language) for part in ("day", "month", "year") if part in said}
    if "year" in said and len(said["year"]) == _TWO_DIGITS:
        found["year"] += _CENTURY
    return found


def _number(word: str, language: Language) -> int:
    return int(word) if word.isdigit() else language.months[word.casefold().rstrip(".")]


def _is_past(wanted: Mapping[str, int], today: date) -> bool:
    """Whether a date lies before today; one without a year is the nearest of its kind."""
    years = [wanted["year"]] if "year" in wanted else [today.year - 1, today.year, today.year + 1]
    meant = [day for year in years if (day := _date(year, wanted))]
    return bool(meant) and min(meant, key=lambda day: abs((day - today).days)) < today


def _date(year: int, wanted: Mapping[str, int]) -> date | None:
    try:
        # a whole month is past with its last day
        return date(year, wanted["month"], wanted.get("day", 28))
    except ValueError:
        return None


def _apart(remarks: Sequence[Remark]) -> list[Remark]:
    """In their order, of those at one place the longest."""
    kept: list[Remark] = []
    for remark in sorted(remarks, key=lambda remark: (remark.start - remark.end, remark.start)):
        if all(remark.end <= other.start or other.end <= remark.start for other in kept):
            kept.append(remark)
    return sorted(kept, key=lambda remark: remark.start)
