"""The ends of the ledger's chains, kept outside of the database: a tail that is cut off leaves them behind.

They are in a journal beside the files, which only grows, and `flask paidsupport doctor --head` prints them
for a place that nothing on this machine can write to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.context import Context
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.ledger.tables import LedgerLine

#: The name of the journal.
STREAM = "heads"
#: How long at least passes between two entries of one worker.
PAUSE = timedelta(minutes=5)
#: Lines that may have been under way in other transactions when the newest one was read.
_OVERLAP = 500

#: The number and the hash of the last line of each chain.
Heads = dict[str, tuple[int, str]]


def present(session: Session, after: int = 0) -> Heads:
    """Where each chain ends now, of those that have gone on since the line with the id `after`."""
    lines = select(LedgerLine.chain, LedgerLine.number, LedgerLine.hash).where(LedgerLine.id > after)
    rows = session.execute(lines.order_by(LedgerLine.chain, LedgerLine.number))
    return {row.chain: (row.number, row.hash) for row in rows}


def printed(ctx: Context) -> str:
    """All of them as one line of JSON."""
    return _spelled(ctx.now, present(ctx.session))


def journaled(ctx: Context) -> Heads:
    """What the journal beside the files tells.

    Without its last minute: a worker may have written what this transaction does not see yet.
    """
    return read(ctx.services.files.logged(STREAM), until=ctx.now - timedelta(minutes=1))


def read(lines: Iterable[str], until: datetime | None = None) -> Heads:
    """The newest end of each chain that such lines tell of. Raises ValueError for what is no such line.

    A line that a restore has left says where the chains began anew: what was told before it counts no more.
    """
    known: Heads = {}
    for said in sorted((_read(line) for line in lines if line.strip()), key=lambda said: str(said["at"])):
        if said.get("restored"):
            known.clear()
        elif until is not None and datetime.fromisoformat(said["at"]) > until:
            continue
        for chain, (number, link) in said["heads"].items():
            if number >= known.get(chain, (0, ""))[0]:
                known[chain] = (number, link)
    return known


def _read(line: str) -> dict[str, Any]:
    said = json.loads(line)
    if not isinstance(said, dict) or not isinstance(said.get("heads"), dict) or "at" not in said:
        raise ValueError("This is no line with the ends of chains.")
    return said


def restored(session: Session, files: FileStore, now: datetime) -> None:
    """Say in the journal that the chains go on from where a restored backup ends."""
    files.log(STREAM, _spelled(now, present(session), restored=True))


def missing(ctx: Context, known: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """A sentence for each of these ends that is not in its chain any more, or is another one."""
    wanted = select(LedgerLine.chain, LedgerLine.number, LedgerLine.hash)
    there = {}
    for row in ctx.session.execute(wanted.execution_options(yield_per=1000)):
        if row.number == known.get(row.chain, (0, ""))[0]:
            there[row.chain] = row.hash
    for chain, (number, link) in sorted(known.items()):
        if number and there.get(chain) != link:
            what = "is missing" if chain not in there else "was replaced"
            yield f"{chain}: line {number} of the ledger, an earlier end, {what}"


class Keeper:
    """Writes the journal for one worker: what has gone on since the last time, once in a `PAUSE` at most."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._next: datetime | None = None

    def keep(self, ctx: Context) -> bool:
        """Write an entry, if it is time and there is news; returns whether one was written."""
        if self._next is not None and ctx.now < self._next:
            return False
        self._next = ctx.now + PAUSE
        if self._last is None:
            self._last = _written_up_to(ctx)
        newest = ctx.session.scalar(select(func.max(LedgerLine.id))) or 0
        if newest <= self._last:
            return False
        line = _spelled(ctx.now, present(ctx.session, self._last - _OVERLAP), upto=newest)
        ctx.services.files.log(STREAM, line)
        self._last = newest
        return True


def _written_up_to(ctx: Context) -> int:
    return max((json.loads(line).get("upto", 0) for line in ctx.services.files.logged(STREAM)), default=0)


def _spelled(at: datetime, heads: Heads, **more: object) -> str:
    return json.dumps({"at": at.isoformat(), **more, "heads": heads}, separators=(",", ":"))
