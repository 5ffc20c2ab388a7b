"""What a file changes, in words: one line for each thing, with what differs in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from paidsupport.kernel.configuration.differences import differences
from paidsupport.kernel.configuration.file import Difference
from paidsupport.kernel.configuration.telling import Telling, Told, together
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message, pgettext

#: What is done to a thing.
_KINDS = {
    "added": pgettext("of a thing in a file", "added"),
    "changed": pgettext("of a thing in a file", "changed"),
    "moved": pgettext("of a thing in a file", "in another order"),
    "removed": pgettext("of a thing in a file", "removed"),
    "retired": pgettext("of a thing in a file", "retired"),
    "reinstated": pgettext("of a thing in a file", "back on offer"),
}
#: Of these it says enough that they are gone.
_GONE = frozenset({"removed", "retired"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, what is done to it, and what differs in it."""

    label: str
    kind: Message
    differences: Sequence[Told]


def by_part(ctx: Context, found: Iterable[Difference]) -> list[tuple[Message, list[Line]]]:
    """The lines under the labels of their parts."""
    telling = Telling(ctx)
    parts = groupby(found, lambda one: one.part)
    return [(part.label, [_line(telling, one) for one in those]) for part, those in parts]


def as_text(ctx: Context, found: Iterable[Difference]) -> list[str]:
    """The lines as a command prints them."""
    return [
        text
        for label, lines in by_part(ctx, found)
        for line in lines
        for text in (f"{translate(label)}: {line.label}: {translate(line.kind)}", *_details(line))
    ]


def _details(line: Line) -> Iterable[str]:
    for each in line.differences:
        where = ", ".join(name for name, _given in each.where)
        yield f"    {where}: {_short(each.before)} → {_short(each.after)}"


def _line(telling: Telling, one: Difference) -> Line:
    if one.kind in _GONE:
        return Line(one.label, _KINDS[one.kind], ())
    found = differences(together(one.before), together(one.after))
    told = telling.told(one.part.about, found, (one.before, one.after), name=one.name)
    return Line(one.label, _KINDS[one.kind], told)


def _short(text: str | None) -> str:
    most = 60
    line = " ".join((text or "–").split())
    return line if len(line) <= most else f"{line[:most]}…"
