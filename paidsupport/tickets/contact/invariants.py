"""Invariants of contacts: their log, the histories, and the present state of emails agree (N1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.contact.rules import Contacted, ContactLog
from paidsupport.tickets.contact.tables import ContactLine
from paidsupport.tickets.emails.rules import FIRST_CONTACT_SLOT, EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Event, Ticket

#: Rows read at once.
_BATCH = 2000
#: Emails that have left, or may have.
_LEFT = (EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN, EmailState.FAILED)
#: Events that say an email has left, or may have.
_TOLD = ("letter-sent", "letter-uncertain")
_OPENING = (EmailKind.FIRST_CONTACT, EmailKind.HANDOVER)
_BEGUN_TWICE = "a claim began with two emails"
_TWICE = "its customer got more than one first contact"


def one_first_contact(ctx: Context) -> Iterator[str]:
    """Over all claims of a ticket, at most one first contact has left, by every record."""
    now = (
        select(Ticket.code)
        .join(Email, Email.ticket_id == Ticket.id)
        .where(
            Email.state.in_(_LEFT),
            or_(Email.kind == EmailKind.FIRST_CONTACT, Email.contact == FIRST_CONTACT_SLOT),
        )
        .group_by(Ticket.code)
        .having(func.count() > 1)
    )
    yield from faults(ctx, now, _TWICE)
    slots = select(Ticket.code).join(Email, Email.ticket_id == Ticket.id).where(Email.contact.is_not(None))
    doubled = slots.group_by(Ticket.code, Email.contact).having(func.count() > 1)
    yield from faults(ctx, doubled, "two emails count as the same contact")
    told = _told_by_histories(EmailKind.FIRST_CONTACT).with_only_columns(Ticket.code, _of_email()).distinct()
    for code, number in Counter(code for code, _ in ctx.session.execute(told)).items():
        if number > 1:
            yield f"{code}: {_TWICE}, says its history"
    for code, log in _logs(ctx):
        for slot in {line.slot for line in log.lines}:
            if sum(log.may_have_left(email) for email in log.emails(slot)) > 1:
                yield f"{code}: {_TWICE if slot == FIRST_CONTACT_SLOT else _BEGUN_TWICE}"


def slots_are_held(ctx: Context) -> Iterator[str]:
    """Emails, histories and the log of contacts agree about which customers were contacted."""
    columns = (Email.reference, Email.contact, Email.state, Email.kind, Email.claim_number)
    listed = select(*columns, Ticket.code).join(Ticket, Ticket.id == Email.ticket_id)
    listed = listed.where(or_(Email.contact.is_not(None), Email.kind.in_(_OPENING)))
    emails = defaultdict(list)
    for row in ctx.session.execute(listed.execution_options(yield_per=_BATCH)):
        emails[row.code].append(row)
    told = defaultdict(set)
    said = _told_by_histories(*_OPENING).with_only_columns(Ticket.code, _of_email())
    for code, email in ctx.session.execute(said.execution_options(yield_per=_BATCH)):
        told[code].add(email)
    logs = dict(_logs(ctx))
    for code in sorted({*emails, *told, *logs}):
        log = logs.get(code, ContactLog([]))
        yield from (f"{code}: {fault}" for fault in _faults(log, emails[code], told[code]))


def _faults(log: ContactLog, emails: Iterable[Any], told: set[str]) -> Iterator[str]:
    rows = {row.reference: row for row in emails}
    for reference in log.emails():
        row = rows.pop(reference, None)
        left = log.may_have_left(reference)
        if left and (row is None or row.contact != log.slot_of(reference)):
            yield "an email that may have left no longer counts as the contact"
        waits = row is not None and row.state == EmailState.QUEUED
        if waits and log.state_of(reference) is not None:
            yield "an email waits to be sent that was dealt with before"
    for row in rows.values():
        yield f"an email that opens a conversation is not in the log of contacts ({row.kind})"
    if lost := told - {email for email in log.emails() if log.may_have_left(email)}:
        yield f"its history says that an email left, but the log of contacts does not ({len(lost)})"
    yield from _turns(log)


def _turns(log: ContactLog) -> Iterator[str]:
    for slot in {line.slot for line in log.lines}:
        turns = [line.turn for line in log.lines if line.slot == slot and line.what == Contacted.TAKEN]  # type: ignore[attr-defined]  # our own rows
        if turns != list(range(1, len(turns) + 1)):
            yield "a line of its log of contacts is missing"


def _told_by_histories(*kinds: EmailKind) -> Select[Event]:
    opening = and_(Event.kind.in_(_TOLD), Event.data["kind"].as_string().in_(kinds))
    return select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(opening)


def _of_email() -> ColumnElement[str]:
    email: ColumnElement[str] = Event.data["letter"].as_string()
    return email


def _logs(ctx: Context) -> Iterator[tuple[str, ContactLog]]:
    wanted = select(*ContactLine.__table__.columns, Ticket.code).join(
        Ticket, Ticket.id == ContactLine.ticket_id
    )
    wanted = wanted.order_by(ContactLine.ticket_id, ContactLine.id)
    rows = ctx.session.execute(wanted.execution_options(yield_per=_BATCH))
    for code, lines in groupby(rows, key=attrgetter("code")):
        yield code, ContactLog(lines)


@invariant("at most one first contact per ticket")
def contacts_hold(ctx: Context) -> Iterator[str]:
    """No customer got two first contacts, and the log that shows it is complete."""
    yield from one_first_contact(ctx)
    yield from slots_are_held(ctx)
