"""A log of contacts: whether a customer was contacted is told by what happened, not by one letter's state.

Revision ID: 0017
Revises: 0016
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

LETTER = sa.table(
    "paidsupport_letter",
    *(sa.column(name, BIG) for name in ("id", "ticket_id", "claim_number")),
    *(sa.column(name, sa.String) for name in ("kind", "contact", "reference", "state")),
    *(sa.column(name, MOMENT) for name in ("created_at", "taken_at")),
)
EVENT = sa.table(
    "paidsupport_event",
    *(sa.column(name, BIG) for name in ("id", "ticket_id", "number")),
    sa.column("kind", sa.String),
    sa.column("at", MOMENT),
    sa.column("data", STRUCTURE),
)
Row = sa.Row[Any]
#: What happened to a letter, and when.
Happened = list[tuple[datetime, str]]
#: Letters read at once, and lines written at once.
SOME = 1000
#: Letters that could take the place of a first contact without being called one.
MAY_OPEN = ("pointer", "investigating", "solved", "offer")
TOLD = ("letter-sent", "letter-uncertain", "letter-failed", "letter-settled", "letter-withdrawn")
LEFT = ("sent", "uncertain", "bounced")


def upgrade() -> None:
    """Apply this revision."""
    log = op.create_table(
        "paidsupport_contact_log",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("slot", sa.String(40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("letter", sa.String(40), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(turn IS NOT NULL) = (what = 'taken')", name=op.f("ck_paidsupport_contact_log_turn")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["paidsupport_ticket.id"],
            name=op.f("fk_paidsupport_contact_log_ticket_id_paidsupport_ticket"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_contact_log")),
        sa.UniqueConstraint(
            "ticket_id", "slot", "turn", name=op.f("uq_paidsupport_contact_log_ticket_id_slot_turn")
        ),
    )
    bind = op.get_bind()
    for rows, told in _tickets(bind):
        lines = _lines_of(rows, told)
        if lines:
            bind.execute(log.insert(), lines)
            _give_back(bind, rows, lines)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_contact_log")


def _tickets(bind: sa.Connection) -> Iterator[tuple[list[Row], dict[str, list[Row]]]]:
    """The fenced letters of each ticket that has any, oldest first, with what its history says of letters."""
    fenced = LETTER.c.claim_number.is_not(None)
    ids = sa.select(LETTER.c.ticket_id).where(fenced).distinct().order_by(LETTER.c.ticket_id).limit(SOME)
    last = 0
    while some := bind.scalars(ids.where(LETTER.c.ticket_id > last)).all():
        last = some[-1]
        told: dict[str, list[Row]] = {}
        events = sa.select(EVENT).where(EVENT.c.ticket_id.in_(some), EVENT.c.kind.in_(TOLD))
        for event in bind.execute(events.order_by(EVENT.c.ticket_id, EVENT.c.number)):
            told.setdefault(event.data.get("letter"), []).append(event)
        letters = sa.select(LETTER).where(LETTER.c.ticket_id.in_(some), fenced)
        rows = bind.execute(letters.order_by(LETTER.c.ticket_id, LETTER.c.id)).all()
        for _, group in groupby(rows, key=attrgetter("ticket_id")):
            yield list(group), told


def _lines_of(letters: list[Row], told: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """The log of one ticket, in the order of what happened."""
    happened = {row.reference: _happened(row, told.get(row.reference, [])) for row in letters}
    slots = _slots(letters, happened)
    found = [
        (at, row, what) for row in letters if row.reference in slots for at, what in happened[row.reference]
    ]
    found.sort(key=lambda each: each[0])
    turns = dict.fromkeys(slots.values(), 0)
    return [_line(row, slots[row.reference], what, at, turns) for at, row, what in found]


def _line(row: Row, slot: str, what: str, at: datetime, turns: dict[str, int]) -> dict[str, Any]:
    if what == "taken":
        turns[slot] += 1
    return {
        "ticket_id": row.ticket_id,
        "slot": slot,
        "turn": turns[slot] if what == "taken" else None,
        "letter": row.reference,
        "claim_number": row.claim_number,
        "what": what,
        "at": at,
    }


def _happened(row: Row, events: list[Row]) -> Happened:
    """What history proves of one letter, then what its present state says beyond that."""
    found = [(row.created_at, "written")]
    for event in events:
        found += [(event.at, what) for what in _said(event, [what for _, what in found])]
    whats = [what for _, what in found]
    at = max(row.taken_at or row.created_at, found[-1][0])
    if row.state == "sending":
        found.append((at, "taken"))
    elif row.state in {"sent", "uncertain"} and not set(LEFT) & set(whats):
        found += [(at, "taken"), (at, row.state)]
    elif row.state == "withdrawn" and "withdrawn" not in whats:
        found.append((at, "withdrawn"))
    return found


def _said(event: Row, before: list[str]) -> list[str]:
    if event.kind == "letter-settled":
        return ["sent" if event.data.get("decision") == "sent" else "again"]
    if event.kind == "letter-withdrawn":
        return ["withdrawn"]
    if event.kind == "letter-failed":
        # what had left and then failed came back
        lately = [what for what in before if what in {"again", *LEFT}]
        return ["bounced"] if lately and lately[-1] != "again" else ["taken", "refused"]
    return ["taken", event.kind.removeprefix("letter-")]


def _slots(letters: list[Row], happened: dict[str, Happened]) -> dict[str, str]:
    """The slot of each letter that opened a conversation, also of those that gave it back."""
    slots: dict[str, str] = {}
    claims: set[int] = set()
    opened = False
    for row in letters:
        left = any(what in LEFT for _, what in happened[row.reference])
        opens = row.kind in MAY_OPEN and left and row.claim_number not in claims
        slot = row.contact
        if slot is None and (row.kind == "first-contact" or (opens and not opened)):
            slot = "first"
        elif slot is None and (row.kind == "handover" or opens):
            slot = f"claim-{row.claim_number}"
        if slot:
            slots[row.reference] = slot
        if slot and (left or row.contact):
            opened = True
            claims.add(row.claim_number)
    return slots


def _give_back(bind: sa.Connection, letters: list[Row], lines: list[dict[str, Any]]) -> None:
    """A letter that may have left has its slot again, if no other one has taken it since."""
    taken = {row.contact for row in letters if row.contact}
    slots = {line["letter"]: line["slot"] for line in lines if line["what"] in LEFT}
    for row in letters:
        slot = slots.get(row.reference)
        if row.contact is None and slot and slot not in taken:
            taken.add(slot)
            bind.execute(LETTER.update().where(LETTER.c.id == row.id).values(contact=slot))
