"""The closing report: what was done, drawn from the work itself, edited and sent by the owner (G18, N7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from paidsupport.desk import checklists, correspondence, letters, worklog
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.files import Upload
from paidsupport.desk.visit import Visit
from paidsupport.domain.checklists import ItemState
from paidsupport.domain.letters import LetterKind, LetterState
from paidsupport.kernel.transitions import Guard
from paidsupport.store import tickets
from paidsupport.store.catalogue import Service
from paidsupport.store.conversation import File, Message
from paidsupport.store.decisions import Decision
from paidsupport.store.hostwork import Entry, Item
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Secret

#: The name of the item whose evidence says where the backup is.
BACKUP = "backup"
#: Days after which the customer is told that the backup can go, unless the developer named a date.
BACKUP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Backup:
    """Where the backup was left, how big it is, and from when on it can be deleted."""

    where: str
    size: str
    until: date


def draft(visit: Visit, ticket: Ticket) -> str:
    """The report as the desk would write it, for the owner to edit."""
    items, entries = checklists.of(visit, ticket), worklog.of(visit, ticket)
    service = visit.session.get(Service, ticket.service_id)
    secrets = select(Secret).where(Secret.ticket_id == ticket.id).order_by(Secret.id)
    sent_files = (
        select(File.name)
        .join(Message, Message.id == File.message_id)
        .where(File.ticket_id == ticket.id, Message.direction == "out")
        .order_by(File.id)
    )
    wanted = select(Decision).where(Decision.ticket_id == ticket.id).order_by(Decision.number)
    decided = standing(visit.session.scalars(wanted).all())
    done = [item for item in items if item.state == ItemState.DONE and item.told]
    left_out = [item for item in items if item.state in _LEFT_OUT and item.told]
    told = {item.id for item in (*done, *left_out)}
    return letters.render(
        visit,
        LetterKind.REPORT,
        "body",
        ticket,
        person=visit.session.get(Person, visit.by.id),
        done=done,
        left_out=left_out,
        of_line={row.item_id: row for row in decided if row.item_id in told},
        decisions=[row for row in decided if row.item_id not in told],
        entries=entries,
        total=total(entries),
        backup=backup(items, visit.today),
        secrets=visit.session.scalars(secrets).all(),
        files=visit.session.scalars(sent_files).all(),
        settings_help=service.settings_help.strip() if service else "",
    )


_LEFT_OUT = (ItemState.SKIPPED, ItemState.REFUSED)
_ANSWERS = ("approved", "declined")


def standing(asked: Sequence[Decision]) -> list[Decision]:
    """The answers that count, each once, of all that was `asked` (by number).

    What was asked anew for a line, or generally in the same words, replaces what was asked before. An extra
    that was accepted is paid for, whatever was asked since.
    """
    found, lines, texts = list[Decision](), set[int | None](), dict[str, int | None]()
    for row in reversed(asked):
        text = f"{row.kind} {row.what.casefold()}"
        bought = row.kind == "offer" and row.answer == "approved"
        again = text in texts and not bought and None in {row.item_id, texts[text]}
        if row.answer in _ANSWERS and row.item_id not in lines and not again:
            found.append(row)
            texts[text] = row.item_id
        lines |= {row.item_id} - {None}
    return found[::-1]


def send(visit: Visit, code: str, draft: Draft, uploads: Sequence[Upload] = ()) -> Letter:
    """Send the report, which also ticks the item that asks for it. Raises as `correspondence.write`."""
    ticket = tickets.lock(visit.session, code)
    letter = correspondence.send(visit, ticket, draft, uploads, LetterKind.REPORT)
    checklists.note_report(visit, ticket)
    return letter


def is_sent(ticket: Ticket, fetched: Sequence[Letter]) -> bool:
    """Whether a report of the present round of work has left."""
    return any(
        letter.kind == LetterKind.REPORT
        and letter.state == LetterState.SENT
        and ticket.started_at is not None
        and letter.created_at >= ticket.started_at
        for letter in fetched
    )


def newest(visit: Visit, ticket: Ticket) -> Message | None:
    """The last report that the customer can have, for their page."""
    wanted = (
        select(Message)
        .join(Letter, Letter.message_id == Message.id)
        .where(
            Message.ticket_id == ticket.id,
            Letter.kind == LetterKind.REPORT,
            Letter.state.in_((LetterState.SENT, LetterState.UNCERTAIN)),
        )
        .order_by(Message.number.desc())
        .limit(1)
    )
    return visit.session.scalar(wanted)


def backup(items: Sequence[Item], today: date) -> Backup | None:
    """The backup that was left with the customer, if the checklist had one."""
    for item in items:
        if item.name == BACKUP and item.state == ItemState.DONE:
            given = {answer["name"]: str(answer["value"]) for answer in item.answers}
            named = given.get("delete-after")
            until = date.fromisoformat(named) if named else today + timedelta(days=BACKUP_DAYS)
            return Backup(given.get("where", ""), given.get("size", ""), until)
    return None


def total(entries: Sequence[Entry]) -> timedelta:
    """How long the stretches took together."""
    lengths = [entry.ended_at - entry.started_at for entry in entries if entry.ended_at]
    return sum(lengths, timedelta())


#: The report of this round of work has reached the customer.
GUARDS: Mapping[str, Guard] = {"reported": lambda at: is_sent(at.record, at.letters)}
