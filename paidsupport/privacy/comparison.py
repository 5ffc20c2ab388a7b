"""Finding secrets in what is written, in any dress (G15): all of them in one pass over each reading.

This module does not know where secrets come from.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

# the one library that domain rules use: looking for thousands of needles one by one takes minutes
from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation

from paidsupport.kernel.i18n.messages import _
from paidsupport.privacy import readings, spellings
from paidsupport.privacy.readings import Form, TooCostlyError

#: What stands in place of a secret.
MASK = "••••••"
#: Shorter secrets are looked for as whole words only: they are part of too many others.
_SHORTEST = 4
#: From this length on white space anywhere inside a secret does not hide it, and a line of one counts alone.
_LONG = 8
#: Bytes of needles that are compared at most.
_MOST = 4_000_000
#: Bytes looked through before it is asked whether anything was found.
_SLICE = 1_000_000
#: Values that are longer are few. The others are looked for together in steps of so many characters, and
#: given up when they are in so many places.
_SHORT_VALUE, _STEP, _MOST_PLACES = 200, 2000, 200_000
#: Characters of a line that an excerpt shows on either side of what it masks.
_AROUND = 24
#: Characters on either side of where a text was cut in half, in which a secret may lie on both sides.
_NEAR = 64
#: How secrets that are not in plain letters may stand among other bytes, besides as UTF-8.
_CHARACTER_SETS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252")
_BASE64_LETTERS = string.ascii_letters + string.digits + "+/-_="


@dataclass(frozen=True, slots=True)
class Hit:
    """The first place in a text that gives a secret away: which secret, from where to where, what line."""

    which: int
    start: int
    end: int
    line: int


class Secrets:
    """Secrets made ready to be looked for, in as many texts as there are.

    Raises TooCostlyError when they are too many to be compared.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        needles: dict[tuple[Form, bytes], int] = {}
        for which, secret in enumerate(secrets):
            for needle in _needles(secret.strip()):
                needles.setdefault(needle, which)
        if sum(len(needle) for _, needle in needles) > _MOST:
            raise TooCostlyError(_("There are more logins than can be compared."))
        self._sets = {form: _Set(form, needles) for form in Form}
        short = {
            secret.strip(): which for which, secret in enumerate(secrets) if len(secret.strip()) < _SHORTEST
        }
        self._words = _words(short)

    def hits(self, text: str, most: int = 3) -> list[Hit]:
        """The first places of secrets that `text` gives away, in whatever dress: of `most` of them.

        In the order of the secrets. Raises TooCostlyError if the comparison would take too long.
        """
        found = self._found(readings.of_text(text))
        hits = [_located(text, which, *needle) for which, needle in list(found.items())[:most]]
        hits += [Hit(which, *word.span(), _line_of(text, word.start())) for which, word in self._said(text)]
        return sorted(hits, key=lambda hit: hit.which)[:most]

    def are_given_away_by(self, content: bytes) -> bool:
        """Whether bytes that are no text to show hold one of the secrets. Raises TooCostlyError."""
        return bool(self._found(readings.of_file(content)))

    def excerpt(self, text: str, hit: Hit) -> str:
        """The surroundings of a hit, to show where it is, without the secret or any other one."""
        before = text[max(0, hit.start - _AROUND) : hit.start].rpartition("\n")[2]
        after = text[hit.end : hit.end + _AROUND].partition("\n")[0]
        shown = f"{before}{MASK}{after}".strip()
        return MASK if self.hits(shown, 1) or self.hits(f"{before}{after}", 1) else shown

    def _found(self, read: Iterator[tuple[Form, bytes]]) -> dict[int, tuple[Form, bytes]]:
        """The needle by which each secret was found, by the number of the secret."""
        found: dict[int, tuple[Form, bytes]] = {}
        for form, content in read:
            for needle, which in self._sets[form].found_in(content):
                found.setdefault(which, (form, needle))
        return dict(sorted(found.items()))

    def _said(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        seen: set[int] = set()
        for word in self._words[0].finditer(text) if self._words else ():
            which = self._words[1][word[0]] if self._words else 0
            if which not in seen:
                seen.add(which)
                yield which, word


class _Set:
    """The needles to look for in readings of one form."""

    def __init__(self, form: Form, needles: dict[tuple[Form, bytes], int]) -> None:
        self._needles = [(needle, which) for (of, needle), which in needles.items() if of is form]
        bare = [needle for needle, _ in self._needles]
        self._longest = max(map(len, bare), default=0)
        # left to itself the library takes seconds for one long needle that repeats itself
        self._automaton = (
            BytesAhoCorasick(bare, implementation=Implementation.ContiguousNFA) if bare else None
        )

    def found_in(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Needles that are in `content`, and their secrets: at least one if there is any."""
        if self._automaton is None:
            return
        view = memoryview(content)
        for start in range(0, len(content), _SLICE):
            found = self._automaton.find_matches_as_indexes(view[start : start + _SLICE + self._longest])
            if found:
                yield from (self._needles[at] for at in {which for which, _, _ in found})
                return


def hits(text: str, secrets: Sequence[str]) -> list[Hit]:
    """As `Secrets.hits`, for a single text."""
    return Secrets(secrets).hits(text)


def excerpt(text: str, hit: Hit, secrets: Sequence[str]) -> str:
    """As `Secrets.excerpt`, for a single text."""
    return Secrets(secrets).excerpt(text, hit)


def places(text: str, values: Sequence[str]) -> list[tuple[int, int]] | None:
    """Every place of each of `values` in `text`, from where to where; None if they are too many."""
    found: list[tuple[int, int]] = []
    short = [value for value in values if len(value) <= _SHORT_VALUE]
    for value in values:
        if len(value) > _SHORT_VALUE:
            found += ((match.start(), match.end()) for match in re.finditer(re.escape(value), text))
    automaton = AhoCorasick(short) if short else None
    for start in range(0, len(text) if automaton else 0, _STEP):
        piece = text[start : start + _STEP + _SHORT_VALUE]
        matches = automaton.find_matches_as_indexes(piece, overlapping=True) if automaton else []
        found += ((start + first, start + last) for _, first, last in matches)
        if len(found) > _MOST_PLACES:
            return None
    return found


def _needles(secret: str) -> Iterator[tuple[Form, bytes]]:
    """Each thing to look for, and in readings of what form, to find `secret`."""
    if len(secret) < _SHORTEST:
        return
    lines = [line for line in map(str.strip, secret.splitlines()) if len(line) >= _LONG and line != secret]
    for piece in (secret, *lines):
        folded = spellings.fold(piece)
        for spelled in {folded, readings.unescaped(folded)}:
            yield from _spelled(spelled)
        yield Form.BYTES, spellings.encoded(piece)
        if not piece.isascii():
            yield from ((Form.BYTES, piece.encode(name, "replace")) for name in _CHARACTER_SETS)


def _spelled(piece: str) -> Iterator[tuple[Form, bytes]]:
    """Spaces may not hide short secrets, or “heat” would be in “the attic”."""
    squeezed = spellings.squeezed(piece)
    if len(squeezed) >= _LONG:
        yield Form.SQUEEZED, squeezed
        return
    for needle in (piece, spellings.joined(piece)):
        if len(needle) >= _SHORTEST:
            yield Form.PLAIN, spellings.encoded(needle)


def _words(short: dict[str, int]) -> tuple[re.Pattern[str], dict[str, int]] | None:
    """What finds short secrets as whole words."""
    words = "|".join(re.escape(word) for word in sorted(short, key=len, reverse=True) if word)
    return (re.compile(rf"(?<!\w)(?:{words})(?!\w)"), short) if words else None


def _located(text: str, which: int, form: Form, needle: bytes) -> Hit:
    """The shortest stretch of `text` that still gives the needle away.

    Readings do not say where a character came from. Only the few texts that are held back pay for this.
    """

    def gives_away(start: int, end: int) -> bool:
        return any(of is form and needle in read for of, read in readings.of_text(text[start:end]))

    start, end = _narrowed(len(text), gives_away)
    first, last = start, end
    end = bisect_left(range(first, last), x=True, key=lambda at: gives_away(first, at)) + first
    start = max(
        bisect_left(range(first, end), x=True, key=lambda at: not gives_away(at, end)) + first - 1, first
    )
    if form is Form.BYTES:
        # what stands beside it belongs to the secret, too: letters hold less than a byte
        start = len(text[:start].rstrip(_BASE64_LETTERS))
        end = len(text) - len(text[end:].lstrip(_BASE64_LETTERS))
    return Hit(which, start, end, _line_of(text, start))


def _narrowed(size: int, gives_away: Callable[[int, int], bool]) -> tuple[int, int]:
    """A stretch that gives away what the whole does, halved as long as one half still does."""
    start, end = 0, size
    while end - start > _NEAR:
        middle = (start + end) // 2
        if gives_away(start, middle):
            end = middle
        elif gives_away(middle, end):
            start = middle
        else:
            return _around(start, middle, end, gives_away)
    return start, end


def _around(start: int, middle: int, end: int, gives_away: Callable[[int, int], bool]) -> tuple[int, int]:
    """The least stretch around `middle` that gives it away, by doubling."""
    near = _NEAR
    while near < end - start:
        if gives_away(max(start, middle - near), min(end, middle + near)):
            return max(start, middle - near), min(end, middle + near)
        near *= 2
    return start, end


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
