"""The closing report: drafted from the work itself, edited and sent by the owner (G18, N7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from paidsupport.catalogue.queries import terms_under
from paidsupport.kernel.context import Context
from paidsupport.kernel.files import Upload
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Fact
from paidsupport.kernel.ways.paying import how_to_pay
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as work
from paidsupport.tickets.checklist.operations.checklist import note_report
from paidsupport.tickets.checklist.rules import ItemState
from paidsupport.tickets.checklist.tables import Entry, Item
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.conversation.queries import names_of_sent_files
from paidsupport.tickets.decisions.queries import asked
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations.payment import payment_of
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.queries import secrets

#: The name of the item whose evidence says where the backup is.
BACKUP = "backup"
#: Days after which the customer is told that the backup can be deleted, unless the developer named a date.
BACKUP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Backup:
    """Where the backup was left, how big it is, and when it can be deleted."""

    where: str
    size: str
    until: date


def draft(ctx: Context, ticket: Ticket) -> str:
    """Draft the report from the work, for the owner to edit."""
    items, entries = work.items(ctx.session, ticket), work.entries(ctx.session, ticket)
    decided = standing(asked(ctx.session, ticket))
    done = [item for item in items if item.state == ItemState.DONE and item.told]
    left_out = [item for item in items if item.state in _LEFT_OUT and item.told]
    told = {item.id for item in (*done, *left_out)}
    person = ctx.session.get(Person, ctx.by.id)
    return emails.render(
        ctx,
        EmailKind.REPORT,
        "body",
        ticket,
        person=person,
        payment=payment_of(ctx, ticket, person.name, how_to_pay(ctx, person)) if person else None,
        done=done,
        left_out=left_out,
        of_line={row.item_id: row for row in decided if row.item_id in told},
        decisions=[row for row in decided if row.item_id not in told],
        entries=entries,
        total=total(entries),
        backup=backup(items, ctx.today),
        secrets=secrets(ctx.session, ticket),
        files=names_of_sent_files(ctx.session, ticket),
        settings_help=terms_under(ctx, ticket.service_version_id).settings_help,
    )


_LEFT_OUT = (ItemState.SKIPPED, ItemState.REFUSED)
_ANSWERS = ("approved", "declined")


def standing(asked: Sequence[Decision]) -> list[Decision]:
    """The answers that count, each once, among all questions `asked` (by number).

    A new question about the same item, or a general one in the same words, replaces the earlier one. An
    accepted extra always counts, because it is paid for.
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


def send(ctx: Context, code: str, draft: Draft, uploads: Sequence[Upload] = ()) -> Email:
    """Send the report, which also ticks its item. Raises as `correspondence.write`."""
    ticket = tickets.lock(ctx.session, code)
    email = correspondence.send(ctx, ticket, draft, uploads, EmailKind.REPORT)
    note_report(ctx, ticket)
    return email


def is_sent(ticket: Ticket, fetched: Sequence[Email]) -> bool:
    """Whether a report of the present round of work has left."""
    return any(
        email.kind == EmailKind.REPORT
        and email.state == EmailState.SENT
        and ticket.started_at is not None
        and email.created_at >= ticket.started_at
        for email in fetched
    )


def backup(items: Sequence[Item], today: date) -> Backup | None:
    """The backup that was left with the customer, if the checklist asked for one."""
    for item in items:
        if item.name == BACKUP and item.state == ItemState.DONE:
            given = {answer["name"]: str(answer["value"]) for answer in item.answers}
            named = given.get("delete-after")
            until = date.fromisoformat(named) if named else today + timedelta(days=BACKUP_DAYS)
            return Backup(given.get("where", ""), given.get("size", ""), until)
    return None


def total(entries: Sequence[Entry]) -> timedelta:
    """The total time of the entries."""
    lengths = [entry.ended_at - entry.started_at for entry in entries if entry.ended_at]
    return sum(lengths, timedelta())


#: The report of this round of work has reached the customer.
GUARDS: Mapping[str, Fact] = {"reported": lambda at: is_sent(at.record, at.emails)}
