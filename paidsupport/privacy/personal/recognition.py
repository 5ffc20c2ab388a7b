"""Recognising who is meant: personal data in what people write, so that it can stay where it belongs (N5).

Everyone may read an issue, but not the request that it came from. What is found here is cut out on
the way from one to the other. Patterns alone cannot recognise every name: what is known of the customer
is looked for first, and a person reads what remains.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from paidsupport.privacy import redaction
from paidsupport.privacy.personal.text import Kind, Known, Reading, fold

__all__ = ["Kind", "Known", "Piece", "Span", "cut", "find", "pieces"]

#: What wins where two overlap: the first of these that is in it.
_STRONGEST = (
    Kind.SIGNATURE,
    Kind.PASSWORD,
    Kind.EMAIL,
    Kind.IBAN,
    Kind.CARD,
    Kind.HOST,
    Kind.IP,
    Kind.PHONE,
    Kind.BIRTH,
    Kind.PLACE,
    Kind.NAME,
    Kind.ACCOUNT,
)
#: So often what was found uncovers something else, at most.
_MOST_ROUNDS = 8
#: What stands between the parts of one name.
_BETWEEN = re.compile(r"[ \t._-]?")


@dataclass(frozen=True, slots=True)
class Span:
    """Something personal in a text, from `start` to before `end`."""

    start: int
    end: int
    kind: Kind
    text: str

    @property
    def key(self) -> str:
        """What it has in common with other places that say the same."""
        return f"{self.kind}:{' '.join(fold(Reading(self.text).text).split())}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and what it was recognised as, if it was."""

    text: str
    span: Span | None = None


def find(text: str, known: Known) -> list[Span]:
    """Everything personal that is recognised in `text`, in its order; none of it overlaps."""
    spans: list[Span] = []
    # what stands beside something that is cut can be recognised only then: once is not enough
    for _ in range(_MOST_ROUNDS):
        found = list(_found(text, spans, known))
        if not found:
            break
        spans = _merged(text, [*found, *((span.start, span.end, span.kind) for span in spans)])
    return spans


def cut(text: str, spans: Iterable[Span], kept: Collection[str] = ()) -> str:
    """`text` with the name of its kind in place of each span whose key is not `kept`."""
    parts, last = [], 0
    for span in spans:
        if span.key in kept:
            continue
        parts += [text[last : span.start], span.kind.placeholder]
        last = span.end
    return "".join([*parts, text[last:]])


def pieces(text: str, spans: Sequence[Span]) -> list[Piece]:
    """All of `text`, in parts that are personal and parts that are not, for a page that shows both."""
    parts, last = [], 0
    for span in spans:
        parts += [Piece(text[last : span.start]), Piece(span.text, span)]
        last = span.end
    return [part for part in (*parts, Piece(text[last:])) if part.text]


def _found(text: str, spans: Sequence[Span], known: Known) -> Iterator[tuple[int, int, Kind]]:
    """What else is recognised in `text` when `spans` are blank."""
    # late: their patterns are large, and a desk without issues never reads for personal data
    from paidsupport.privacy.personal.names import names  # noqa: PLC0415
    from paidsupport.privacy.personal.numbers import numbers  # noqa: PLC0415
    from paidsupport.privacy.personal.places import places  # noqa: PLC0415

    taken = [(span.start, span.end) for span in spans]
    reading, folded = Reading(text, taken), Reading(text, taken, folded=True)
    for secret in redaction.credentials_in(reading.text):
        if reading.text[secret.start : secret.end].strip("\0"):
            yield (*reading.origin(secret.start, secret.end), Kind.PASSWORD)
    plain = ((reading, each) for each in (*numbers(reading.text, known), *places(reading.text, known)))
    named = ((folded if in_folded else reading, each) for in_folded, each in names(reading, folded, known))
    for where, each in (*plain, *named):
        if where.text[each.start : each.end].strip("\0 \t\n"):
            yield (*where.origin(each.start, each.end), each.kind)


def _merged(text: str, found: Iterable[tuple[int, int, Kind]]) -> list[Span]:
    """The same places without overlaps; the parts of one name are one place."""
    merged: list[tuple[int, int, Kind]] = []
    for start, end, kind in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= end:
            continue
        if merged:
            before, last, other = merged[-1]
            if start < last:
                both = text[before : max(end, last)]
                merged[-1] = (before, max(end, last), _stronger(kind, other, both))
                continue
            if kind is other is Kind.NAME and _BETWEEN.fullmatch(text[last:start]):
                merged[-1] = (before, end, kind)
                continue
        merged.append((start, end, kind))
    return [Span(start, end, kind, text[start:end]) for start, end, kind in merged]


def _stronger(kind: Kind, other: Kind, text: str) -> Kind:
    """What two places that overlap are together."""
    if {kind, other} == {Kind.NAME, Kind.ACCOUNT} and text == text.lower():
        return Kind.ACCOUNT  # where an account is told, a name in small letters is what people log in with
    return min(kind, other, key=_STRONGEST.index)
