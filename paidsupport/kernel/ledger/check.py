"""Comparing rows with the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from paidsupport.kernel.chain import START
from paidsupport.kernel.ledger import rules as ledger
from paidsupport.kernel.ledger.rows import Form, every
from paidsupport.kernel.ledger.tables import LedgerLine, LedgerMark, chain_of, row_key

#: So that only so many lines are fetched at once.
_STREAMED = {"yield_per": 2000}
_LINE, _MARK = LedgerLine.__table__, LedgerMark.__table__


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit: in which chain, what about, and what is wrong."""

    chain: str
    #: A row, as `table id`, or a line of the ledger.
    about: str
    what: str


@dataclass(slots=True)
class Ledger:
    """What the ledger says at present."""

    #: The newest digest of each row by its table and id, with its chain and the number of the line.
    rows: defaultdict[str, dict[int, tuple[str, str, int]]] = field(default_factory=lambda: defaultdict(dict))
    #: Salts and ends of chains by their keys, each with its number.
    marks: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: The number and the hash of the last line of each chain.
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: What is wrong with the lines themselves.
    faults: list[Fault] = field(default_factory=list)


def read(connection: Connection) -> Ledger:
    """All lines and marks; what does not fit among them is in `faults`."""
    found = Ledger()
    marks = select(_MARK.c.key, _MARK.c.number, _MARK.c.value)
    for key, number, value in connection.execute(marks, execution_options=_STREAMED):
        found.marks[key] = (number, value)
    lines = select(_LINE).order_by(_LINE.c.chain, _LINE.c.number)
    for line in connection.execute(lines, execution_options=_STREAMED):
        number, previous = found.heads.get(line.chain, (0, START))
        if fault := _fault(line, number + 1, previous):
            found.faults.append(Fault(line.chain, f"line {line.number} of the ledger", fault))
        found.heads[line.chain] = (line.number, line.hash)
        try:
            for name, row_id, digest in ledger.entries(line.entries):
                found.rows[name][row_id] = (digest, line.chain, line.number)
        except (TypeError, ValueError):
            found.faults.append(Fault(line.chain, f"line {line.number} of the ledger", "cannot be read"))
    found.faults += _wrong_heads(found)
    return found


def _fault(line: object, number: int, previous: str) -> str:
    if line.number != number:  # type: ignore[attr-defined]
        return "is out of order: the one before it is missing"
    if line.previous != previous:  # type: ignore[attr-defined]
        return "does not follow the one before it"
    right = ledger.link(
        previous,
        chain=line.chain,  # type: ignore[attr-defined]
        number=number,
        at=line.at,  # type: ignore[attr-defined]
        kind=line.kind,  # type: ignore[attr-defined]
        text=line.entries,  # type: ignore[attr-defined]
    )
    return "" if right == line.hash else "was changed after it was written"  # type: ignore[attr-defined]


def _wrong_heads(found: Ledger) -> Iterator[Fault]:
    said = {key[1:]: mark for key, mark in found.marks.items() if key.startswith("@")}
    for chain in sorted(said.keys() | found.heads.keys()):
        if said.get(chain) != found.heads.get(chain, (0, START)):
            yield Fault(chain, "the ledger", "does not end where its noted end is")


def compare(connection: Connection, form: Form, found: Ledger) -> Iterator[Fault]:
    """What is wrong with the rows of one table."""
    name, full = form.name, form.table.name
    seen = set()
    for row_id, owner, content in every(connection, form):
        seen.add(row_id)
        chain = chain_of(full, owner)
        if what := _wrong(form, found, chain, row_id, content):
            yield Fault(chain, f"{name} {row_id}", what)
    for row_id, (digest, chain, _) in found.rows[name].items():
        if digest and row_id not in seen:
            yield Fault(chain, f"{name} {row_id}", "was deleted past the desk")


def _wrong(form: Form, found: Ledger, chain: str, row_id: int, content: str) -> str:
    digest, in_chain, number = found.rows[form.name].get(row_id, ("", "", 0))
    if not digest:
        return "was added past the desk"
    marked, salt = found.marks.get(row_key(form.name, row_id), (0, ""))
    if (marked, chain) != (number, in_chain) or form.digest(salt, row_id, content) != digest:
        return "was changed past the desk"
    return ""
