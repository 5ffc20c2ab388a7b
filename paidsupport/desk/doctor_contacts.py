"""What the doctor knows of contacts: by their log, by histories, and by how letters stand now (N1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from paidsupport.desk.invariants import invariant
from paidsupport.desk.visit import Visit
from paidsupport.domain.contact_log import Contacted, ContactLog
from paidsupport.domain.letters import FIRST_CONTACT_SLOT, LetterKind, LetterState
from paidsupport.store.contact_log import ContactLine
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Event, Ticket

#: Rows read at once.
_BATCH = 2000
#: Letters that have left, or may have.
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED)
#: Histories say this of a letter that has left, or may have.
_TOLD = ("letter-sent", "letter-uncertain")
_OPENING = (LetterKind.FIRST_CONTACT, LetterKind.HANDOVER)
_BEGUN_TWICE = "a claim was begun with two letters"
_TWICE = "its customer was contacted first more than once"


def one_first_contact(visit: Visit) -> Iterator[str]:
    """Over all claims of a ticket at most one letter was a first contact and left, whoever is asked."""
    now = (
        select(Ticket.code)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .where(
            Letter.state.in_(_LEFT),
            or_(Letter.kind == LetterKind.FIRST_CONTACT, Letter.contact == FIRST_CONTACT_SLOT),
        )
        .group_by(Ticket.code)
        .having(func.count() > 1)
    )
    for code in visit.session.scalars(now):
        yield f"{code}: {_TWICE}"
    slots = select(Ticket.code).join(Letter, Letter.ticket_id == Ticket.id).where(Letter.contact.is_not(None))
    for code in visit.session.scalars(slots.group_by(Ticket.code, Letter.contact).having(func.count() > 1)):
        yield f"{code}: two letters hold the same contact"
    told = (
        _told_by_histories(LetterKind.FIRST_CONTACT).with_only_columns(Ticket.code, _of_letter()).distinct()
    )
    for code, number in Counter(code for code, _ in visit.session.execute(told)).items():
        if number > 1:
            yield f"{code}: {_TWICE}, says its history"
    for code, log in _logs(visit):
        for slot in {line.slot for line in log.lines}:
            if sum(log.may_have_left(letter) for letter in log.letters(slot)) > 1:
                yield f"{code}: {_TWICE if slot == FIRST_CONTACT_SLOT else _BEGUN_TWICE}"


def slots_are_held(visit: Visit) -> Iterator[str]:
    """Letters, histories and the log of contacts agree about who was contacted."""
    columns = (Letter.reference, Letter.contact, Letter.state, Letter.kind, Letter.claim_number)
    listed = select(*columns, Ticket.code).join(Ticket, Ticket.id == Letter.ticket_id)
    listed = listed.where(or_(Letter.contact.is_not(None), Letter.kind.in_(_OPENING)))
    letters = defaultdict(list)
    for row in visit.session.execute(listed.execution_options(yield_per=_BATCH)):
        letters[row.code].append(row)
    told = defaultdict(set)
    said = _told_by_histories(*_OPENING).with_only_columns(Ticket.code, _of_letter())
    for code, letter in visit.session.execute(said.execution_options(yield_per=_BATCH)):
        told[code].add(letter)
    logs = dict(_logs(visit))
    for code in sorted({*letters, *told, *logs}):
        log = logs.get(code, ContactLog([]))
        yield from (f"{code}: {fault}" for fault in _faults(log, letters[code], told[code]))


def _faults(log: ContactLog, letters: Iterable[Any], told: set[str]) -> Iterator[str]:
    rows = {row.reference: row for row in letters}
    for reference in log.letters():
        row = rows.pop(reference, None)
        left = log.may_have_left(reference)
        if left and (row is None or row.contact != log.slot_of(reference)):
            yield "the place of an email that may have left was given away"
        waits = row is not None and row.state == LetterState.QUEUED
        if waits and log.state_of(reference) is not None:
            yield "an email waits to be sent that was taken care of before"
    for row in rows.values():
        yield f"nothing is logged of an email that opens a conversation ({row.kind})"
    if lost := told - {letter for letter in log.letters() if log.may_have_left(letter)}:
        yield f"its history says that an email left, and the log of contacts does not ({len(lost)})"
    yield from _turns(log)


def _turns(log: ContactLog) -> Iterator[str]:
    for slot in {line.slot for line in log.lines}:
        turns = [line.turn for line in log.lines if line.slot == slot and line.what == Contacted.TAKEN]  # type: ignore[attr-defined]  # our own rows
        if turns != list(range(1, len(turns) + 1)):
            yield "a line of its log of contacts is missing"


def _told_by_histories(*kinds: LetterKind) -> Select[Event]:
    opening = and_(Event.kind.in_(_TOLD), Event.data["kind"].as_string().in_(kinds))
    return select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(opening)


def _of_letter() -> ColumnElement[str]:
    letter: ColumnElement[str] = Event.data["letter"].as_string()
    return letter


def _logs(visit: Visit) -> Iterator[tuple[str, ContactLog]]:
    wanted = select(*ContactLine.__table__.columns, Ticket.code).join(
        Ticket, Ticket.id == ContactLine.ticket_id
    )
    wanted = wanted.order_by(ContactLine.ticket_id, ContactLine.id)
    rows = visit.session.execute(wanted.execution_options(yield_per=_BATCH))
    for code, lines in groupby(rows, key=attrgetter("code")):
        yield code, ContactLog(lines)


@invariant("at most one first contact per ticket")
def contacts_hold(visit: Visit) -> Iterator[str]:
    """Nobody was contacted first twice, and what says so is complete."""
    yield from one_first_contact(visit)
    yield from slots_are_held(visit)
