"""Moving in: what a source gives is written ticket by ticket, each in a transaction of its own.

Killed at any moment and started again it goes on: what is there is known by its number in the other system.
Memory does not grow with the number of tickets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from paidsupport.connect.importing import queries
from paidsupport.connect.importing.operations.writing import Plan, Writer
from paidsupport.connect.importing.rules import Bundle, Remark, bundles
from paidsupport.connect.importing.sources.kinds import Source
from paidsupport.kernel.context import Context

#: Different remarks that are kept; the rest is counted under the last one.
MOST_REMARKS = 300
#: Tickets that a dry run looks at in one transaction.
_BATCH = 100


class Desk(Protocol):
    """Transactions of whoever moves in."""

    def reading(self) -> AbstractContextManager[Context]: ...
    def writing(self) -> AbstractContextManager[Context]: ...


@dataclass(slots=True)
class Report:
    """What a run has come to: how much of each type is new, how much was known, and what is unknown here."""

    counts: dict[str, int] = field(default_factory=dict)
    #: For each subject and word how often it was seen, and in which ticket first.
    remarks: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, bundle: Bundle, remarks: list[Remark], *, new: bool) -> None:
        """Count what came."""
        if bundle.line["type"] == "person":
            pass
        elif not new:
            self._count("known")
        else:
            self._count(bundle.line["type"])
            for part in bundle.parts:
                self._count(part["type"])
        for remark in remarks:
            self.remark(remark)

    def remark(self, remark: Remark) -> None:
        """Count a remark."""
        key = remark.about, remark.word
        if key not in self.remarks and len(self.remarks) >= MOST_REMARKS:
            key = remark.about, "…"
        number, first = self.remarks.get(key, (0, remark.ticket))
        self.remarks[key] = number + 1, first

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    @property
    def told(self) -> list[list[Any]]:
        """The remarks as they are stored: about what, which, how often, and where first."""
        return [[*key, *value] for key, value in self.remarks.items()]


def report_of(counts: Mapping[str, int], told: list[list[Any]]) -> Report:
    """A report as it was stored."""
    return Report(dict(counts), {(about, word): (number, first) for about, word, number, first in told})


def move(
    desk: Desk,
    source: Source,
    plan: Plan,
    report: Report,
    *,
    after: str = "",
    told: Callable[[Context, str], None] = lambda _ctx, _place: None,
) -> None:
    """Write all that a source gives.

    Args:
        desk: Transactions of whoever moves in.
        source: The other system.
        plan: How it is understood.
        report: What has come of it; goes on as it is.
        after: Behind which ticket to begin.
        told: Hears in each transaction behind which ticket it would go on.

    Raises:
        InvalidInputError: There is no service, or the source cannot be read.
    """
    for bundle in bundles(source.given(after)):
        with desk.writing() as ctx:
            writer = Writer(ctx, plan, source.open)
            remarks = writer.look(bundle)
            new = writer.write(bundle)
            report.add(bundle, remarks, new=new)
            told(ctx, bundle.line["source_id"] if bundle.line["type"] == "ticket" else "")


def look(
    desk: Desk,
    source: Source,
    plan: Plan,
    report: Report,
    told: Callable[[], None] = lambda: None,
) -> None:
    """Say what a run would do and not know, and write nothing; arguments as in `move`."""
    found = bundles(source.given(""))
    while _some(desk, found, source, plan, report):
        told()


def _some(desk: Desk, found: Iterator[Bundle], source: Source, plan: Plan, report: Report) -> bool:
    number = 0
    with desk.reading() as ctx:
        writer = Writer(ctx, plan, source.open)
        for number, bundle in enumerate(islice(found, _BATCH), 1):  # noqa: B007  # counted
            report.add(bundle, writer.look(bundle), new=queries.row_of(ctx.session, bundle.key) is None)
    return number == _BATCH
