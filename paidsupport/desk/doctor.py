"""The doctor proves every invariant on the live data (N9)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Exists, Row, Select, Text, and_, cast, exists, func, or_, select, tuple_
from sqlalchemy.exc import OperationalError

from paidsupport.desk import (
    doctor_analysis,
    doctor_contacts,
    doctor_deadlines,
    doctor_duty,
    doctor_gaps,
    doctor_invoices,
    doctor_ledger,
    doctor_notices,
    doctor_requests,
    doctor_sales,
    emptying,
    history,
    parking,
    sealing,
)
from paidsupport.desk.decisions import EVENTS, text_hash
from paidsupport.desk.doctor_calls import calls_complete
from paidsupport.desk.doctor_chains import link_fault
from paidsupport.desk.doctor_estimates import INVARIANTS as OF_ESTIMATES
from paidsupport.desk.doctor_issues import INVARIANTS as OF_ISSUES
from paidsupport.desk.doctor_merging import merged_tickets_fit
from paidsupport.desk.doctor_reviews import INVARIANTS as OF_REVIEWS
from paidsupport.desk.requests import RECEIVED
from paidsupport.desk.requirements import REQUESTED
from paidsupport.desk.visit import Visit
from paidsupport.domain import chain
from paidsupport.domain.checklists import ItemState
from paidsupport.domain.letters import LetterState, MailState
from paidsupport.errors import NotFoundError
from paidsupport.store.conversation import File, Message
from paidsupport.store.decisions import Decision
from paidsupport.store.hostwork import Item
from paidsupport.store.inbox import RawMail
from paidsupport.store.post import Letter
from paidsupport.store.tables import metadata
from paidsupport.store.tickets import Claim, Event, Ticket
from paidsupport.store.vault import Look, Secret

#: Events read at once while chains are checked.
_BATCH = 2000
#: Lines told about one broken invariant; the rest is counted.
_MOST_LINES = 50
#: A mail that was kept so long ago has been understood, or a worker is missing.
_UNREAD = timedelta(hours=1)
#: Letters that have left, or may have.
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED)


def examine(visit: Visit) -> dict[str, list[str]]:
    """Every invariant by its sentence, with a line for each row that breaks it; empty lists are good."""
    found: dict[str, list[str]] = {}
    for sentence, check in INVARIANTS.items():
        lines: list[str] = []
        extra = 0
        try:
            for line in check(visit):
                if len(lines) < _MOST_LINES:
                    lines.append(line)
                else:
                    extra += 1
        except (TypeError, ValueError) as error:
            lines.append(f"a row cannot be read: {error}")
        except OperationalError as error:
            # SQLite looks into JSON only when somebody asks for a value in it
            if "malformed JSON" not in str(error.orig):
                raise
            lines.append("a row cannot be read: malformed JSON")
        found[sentence] = [*lines, f"… and {extra} more"] if extra else lines
    return found


def _told(visit: Visit, query: Select[str], what: str) -> Iterator[str]:
    for code in visit.session.scalars(query):
        yield f"{code}: {what}"


def one_owner_per_claim_number(visit: Visit) -> Iterator[str]:
    """The log of claims has each number once, and agrees with the ticket about who holds it."""
    doubled = select(Ticket.code).join(Claim).group_by(Ticket.code, Claim.number).having(func.count() > 1)
    yield from _told(visit, doubled, "two claims have the same number")
    open_claim = and_(Claim.ticket_id == Ticket.id, Claim.ended_at.is_(None))
    held = (
        select(Ticket.code)
        .outerjoin(Claim, open_claim)
        .where(
            Ticket.part == "pending",
            or_(
                Claim.id.is_(None),
                Claim.number != Ticket.claim_number,
                Claim.person_id != Ticket.owner_id,
            ),
        )
    )
    yield from _told(visit, held, "its owner and its log of claims disagree")
    unheld = select(Ticket.code).join(Claim, open_claim).where(Ticket.part != "pending")
    yield from _told(visit, unheld, "nobody holds it, but a claim of it never ended")


def no_letter_under_a_lost_claim(visit: Visit) -> Iterator[str]:
    """Every letter with a claim number was written by the one who held that claim, and left during it."""
    foreign = (
        select(Ticket.code)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .outerjoin(Claim, and_(Claim.ticket_id == Ticket.id, Claim.number == Letter.claim_number))
        .where(
            Letter.claim_number.is_not(None),
            or_(Claim.id.is_(None), Claim.person_id != Letter.author_id),
        )
    )
    yield from _told(visit, foreign, "a letter was written by somebody who did not hold that claim")
    late = (
        select(Ticket.code)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .where(
            Letter.claim_number.is_not(None),
            Letter.state.in_(_LEFT),
            Letter.taken_under.is_distinct_from(Letter.claim_number),
        )
    )
    yield from _told(visit, late, "a letter left after its claim had ended")


def letters_and_messages_agree(visit: Visit) -> Iterator[str]:
    """Every message of ours has its one letter, with the same claim number."""
    counted = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .outerjoin(Letter, Letter.message_id == Message.id)
        .where(Message.direction == "out")
        .group_by(Ticket.code, Message.id)
        .having(func.count(Letter.id) != 1)
    )
    yield from _told(visit, counted, "a message of ours does not have exactly one letter")
    unlike = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .join(Letter, Letter.message_id == Message.id)
        .where(or_(Letter.claim_number.is_distinct_from(Message.claim_number), Letter.ticket_id != Ticket.id))
    )
    yield from _told(visit, unlike, "a letter and its message disagree")


def parts_match_states(visit: Visit) -> Iterator[str]:
    """Every ticket is in a state that its workflow knows, and in the part of that state."""
    for code, workflow, state, part in visit.session.execute(
        select(func.min(Ticket.code), Ticket.workflow, Ticket.state, Ticket.part).group_by(
            Ticket.workflow, Ticket.state, Ticket.part
        )
    ):
        try:
            right = visit.house.workflows[workflow].state(state).part
        except KeyError:
            yield f"{code}: there is no state “{state}” in a workflow “{workflow}”"
        else:
            if right != part:
                yield f"{code}: the state “{state}” is in the part “{right}”, not “{part}”"


def holders_fit(visit: Visit) -> Iterator[str]:
    """Pending tickets have an owner and a lease, unassigned ones neither, ended ones an end."""
    flows = visit.house.workflows.values()
    lasting = [(flow.name, state.name) for flow in flows for state in flow.states if state.lasting]
    unled = Ticket.lease_until.is_(None) & tuple_(Ticket.workflow, Ticket.state).not_in(lasting)
    pending = and_(Ticket.part == "pending", or_(Ticket.owner_id.is_(None), unled))
    free = and_(
        Ticket.part == "unassigned", or_(Ticket.owner_id.is_not(None), Ticket.lease_until.is_not(None))
    )
    ended = (Ticket.part == "closed") != Ticket.ended_at.is_not(None)
    broken = select(Ticket.code).where(or_(pending, free, ended))
    yield from _told(visit, broken, "its owner, lease or end does not fit its state")


def chains_unbroken(visit: Visit) -> Iterator[str]:
    """Every history is complete, in order, and unchanged; state and version of the ticket follow from it."""
    columns = (*Event.__table__.columns, *(getattr(Ticket, name).label(f"ticket_{name}") for name in _HEAD))
    rows = visit.session.execute(
        select(*columns)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .order_by(Event.ticket_id, Event.number)
        .execution_options(yield_per=_BATCH)
    )
    for _, group in groupby(rows, key=attrgetter("ticket_id")):
        yield from _faults_of_a_chain(group)
    unwritten = select(Ticket.code).where(~exists().where(Event.ticket_id == Ticket.id))
    yield from _told(visit, unwritten, "the end of its history is missing or was changed")


#: What a ticket says about its own history.
_HEAD = ("code", "event_count", "event_hash", "state", "version", "erased_at")


def _faults_of_a_chain(events: Iterator[Row[Any]]) -> Iterator[str]:
    number, previous, moves, state = 0, chain.START, 0, ""
    cut: list[int] = []
    for event in events:
        number += 1
        if fault := link_fault(event, event.ticket_code, number, previous, cut=_is_cut(event)):
            yield f"{event.ticket_code}: event {event.number} {fault}"
        if event.kind == "erased":
            cut.clear()
        elif _is_cut(event):
            cut.append(event.number)
        previous = event.hash
        if "to" in event.data:
            moves, state = moves + 1, event.data["to"]
    for unerased in cut:
        yield f"{event.ticket_code}: event {unerased} was erased, but not the ticket"
    if (number, previous) != (event.ticket_event_count, event.ticket_event_hash):
        yield f"{event.ticket_code}: the end of its history is missing or was changed"
    if moves + 1 != event.ticket_version or (state and state != event.ticket_state):
        yield f"{event.ticket_code}: its state or version does not follow from its history"


def _is_cut(event: Row[Any]) -> bool:
    """Whether this is what an erasure leaves of an event: its hash still covers the digest (P13)."""
    return event.ticket_erased_at is not None and not event.salt and event.data == history.cut(event.data)


def threads_complete(visit: Visit) -> Iterator[str]:
    """The messages of a ticket are numbered without a gap, up to what the ticket says."""
    counted = (
        select(Ticket.code)
        .outerjoin(Message, Message.ticket_id == Ticket.id)
        .group_by(Ticket.id, Ticket.code, Ticket.thread)
        .having(
            or_(
                func.count(Message.id) != Ticket.thread,
                func.coalesce(func.max(Message.number), 0) != Ticket.thread,
            )
        )
    )
    yield from _told(visit, counted, "a message is missing")


def answers_on_record(visit: Visit) -> Iterator[str]:
    """Every answer stands in the history once, under the hash of the very text; no text has changed since."""
    told: dict[tuple[int, object], list[tuple[str, object]]] = {}
    for ticket_id, kind, data in visit.session.execute(
        select(Event.ticket_id, Event.kind, Event.data)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.kind.in_(set(EVENTS.values())), Ticket.erased_at.is_(None))
    ):
        told.setdefault((ticket_id, data.get("decision")), []).append((kind, data.get("hash")))
    rows = select(Decision, Ticket.code).join(Ticket, Ticket.id == Decision.ticket_id)
    for decision, code in visit.session.execute(rows.where(Ticket.erased_at.is_(None))):
        if text_hash(decision) != decision.text_hash:
            yield f"{code}: the text of decision {decision.number} is not the one that was read"
        event = EVENTS.get((decision.kind, decision.answer))
        right = [(event, decision.text_hash)] if event else []
        if told.pop((decision.ticket_id, decision.reference), []) != right:
            yield f"{code}: decision {decision.number} and its history disagree"
    if told:
        lost = select(Ticket.code).where(Ticket.id.in_({ticket_id for ticket_id, _ in told}))
        yield from _told(visit, lost, "its history tells of an answer to a question that is not there")


def prices_follow_from_offers(visit: Visit) -> Iterator[str]:
    """The price of a ticket is what it was ordered for and every offer that was accepted."""
    accepted = (
        select(func.coalesce(func.sum(Decision.price_minor), 0))
        .where(Decision.ticket_id == Ticket.id, Decision.kind == "offer", Decision.answer == "approved")
        .scalar_subquery()
    )
    rows = visit.session.execute(
        select(Ticket.code, Ticket.price_minor - accepted, Event.data)
        .join(Event, Event.ticket_id == Ticket.id)
        .where(Event.kind.in_(("submitted", REQUESTED, RECEIVED)), Ticket.erased_at.is_(None))
        .execution_options(yield_per=_BATCH)
    )
    for code, ordered, data in rows:
        if data.get("price") != ordered:
            yield f"{code}: its price is not that of the order and of the offers that were accepted"


def consents_hold_the_checklist(visit: Visit) -> Iterator[str]:
    """Nothing that wants consent was ticked without a yes, and nothing is refused without a no."""

    def answered(answer: str) -> Exists:
        return exists().where(
            Decision.item_id == Item.id, Decision.kind == "consent", Decision.answer == answer
        )

    items = select(Ticket.code).join(Item, Item.ticket_id == Ticket.id)
    done = items.where(Item.consent, Item.state == ItemState.DONE, ~answered("approved"))
    yield from _told(visit, done, "what wants the customer's consent was ticked without it")
    locked = items.where(Item.state == ItemState.REFUSED, ~answered("declined"))
    yield from _told(visit, locked, "a line is locked that the customer has not declined")
    undone = items.where(Item.state != ItemState.REFUSED, answered("declined"))
    yield from _told(visit, undone, "a line that the customer has declined is not locked")


def no_orphans(visit: Visit) -> Iterator[str]:
    """No row points to something that is not there (a database that was restored badly has such rows)."""
    for child in metadata.sorted_tables:
        for key in child.foreign_keys:
            parent = key.column.table.alias()
            there = exists().where(parent.c[key.column.name] == key.parent)
            for row_id in visit.session.scalars(select(child.c.id).where(key.parent.is_not(None), ~there)):
                yield f"{child.name} {row_id} points to a {key.column.table.name} that is not there"


def files_are_there(visit: Visit) -> Iterator[str]:
    """The content of every file can be opened, unless its ticket was erased."""
    for file, code in _files(visit, Ticket.erased_at.is_(None)):
        if not _is_in_store(visit, file.storage_key):
            yield f"{code}: the content of the file {file.reference} is gone"


def erased_is_gone(visit: Visit) -> Iterator[str]:
    """Of an erased ticket nothing personal is left or has come back (P13)."""
    for table in (metadata.tables[Ticket.__tablename__], *emptying.tables()):
        left = Counter(visit.session.scalars(emptying.left(table)))
        for code, rows in sorted(left.items()):
            yield f"{code}: it was erased, and {table.name} holds something of its customer ({rows})"
    for column in emptying.stored():
        wanted = emptying.contents_left(column).execution_options(yield_per=_BATCH)
        for key, code in visit.session.execute(wanted):
            if _is_in_store(visit, key):
                yield f"{code}: it was erased, and a content of {column.table.name} is there"


def _files(visit: Visit, which: ColumnElement[bool]) -> Iterator[tuple[File, str]]:
    listed = select(File, Ticket.code).join(Ticket, Ticket.id == File.ticket_id).where(which)
    for row in visit.session.execute(listed.execution_options(yield_per=_BATCH)):
        yield row[0], row[1]


def destroyed_secrets_hold_nothing(visit: Visit) -> Iterator[str]:
    """Nothing is sealed in a secret that is destroyed, and the store has its data key no more (G16)."""
    full = (
        select(Ticket.code)
        .join(Secret, Secret.ticket_id == Ticket.id)
        .where(
            Secret.destroyed_at.is_not(None),
            or_(Secret.sealed.is_not(None), Secret.key_reference.is_not(None)),
        )
    )
    yield from _told(visit, full, "a destroyed secret still holds something")
    # as text: what is no JSON is found by whoever checks the histories
    told = select(cast(Event.data, Text), Ticket.code).join(Ticket, Ticket.id == Event.ticket_id)
    told = told.where(Event.kind == "secret-destroyed")
    for data, code in visit.session.execute(told.execution_options(yield_per=_BATCH)):
        with suppress(ValueError):
            key = json.loads(data).get("data_key")
            if key and _is_in_store(visit, key):
                yield f"{code}: the data key of a destroyed secret is still there"


def data_keys_are_there(visit: Visit) -> Iterator[str]:
    """Every secret that is kept has its data key in the store; without it nobody can open it."""
    kept = select(Secret.reference, Secret.key_reference, Ticket.code)
    kept = kept.join(Ticket, Ticket.id == Secret.ticket_id)
    kept = kept.where(Secret.kind != "key", Secret.destroyed_at.is_(None))
    for reference, key_reference, code in visit.session.execute(kept.execution_options(yield_per=_BATCH)):
        if key_reference is None or not _is_in_store(visit, key_reference):
            yield f"{code}: the data key of the secret {reference} is gone"


def vault_can_be_opened(visit: Visit) -> Iterator[str]:
    """The keys in the settings are keys, and what is sealed is sealed under one of them."""
    yield from sealing.faults_of(visit.session, visit.house.vault)


def looks_by_owners(visit: Visit) -> Iterator[str]:
    """Every look at a secret was made by whoever held the ticket under that claim, while it lasted (G15)."""
    foreign = (
        select(Ticket.code)
        .join(Look, Look.ticket_id == Ticket.id)
        .outerjoin(Secret, Secret.id == Look.secret_id)
        .outerjoin(Claim, and_(Claim.ticket_id == Ticket.id, Claim.number == Look.claim_number))
        .where(
            or_(
                Claim.id.is_(None),
                Claim.person_id != Look.person_id,
                Look.at < Claim.taken_at,
                Look.at > Claim.ended_at,
                Secret.ticket_id != Look.ticket_id,
            )
        )
    )
    yield from _told(visit, foreign, "somebody looked at a secret who did not hold the ticket")


def ended_tickets_keep_nothing(visit: Visit) -> Iterator[str]:
    """When the work has ended, every way into the customer's host is destroyed (G16)."""
    kept = select(Ticket.code).join(Secret, Secret.ticket_id == Ticket.id)
    kept = kept.where(Ticket.part == "closed", Secret.destroyed_at.is_(None))
    yield from _told(visit, kept, "it has ended and still keeps a secret")


def _is_in_store(visit: Visit, key: str) -> bool:
    try:
        visit.house.files.open(key).close()
    except (NotFoundError, OSError):
        return False
    return True


def mails_accounted_for(visit: Visit) -> Iterator[str]:
    """Every mail that came in is there as it arrived, and on a ticket or listed with a reason."""
    columns = (
        *(RawMail.reference, RawMail.storage_key, RawMail.state, RawMail.reason),
        *(RawMail.received_at, RawMail.dropped_at),
    )
    listed = select(*columns, Message.id.label("message")).outerjoin(
        Message,
        and_(
            Message.id == RawMail.message_id,
            Message.ticket_id == RawMail.ticket_id,
            Message.direction == "in",
        ),
    )
    for mail in visit.session.execute(listed.execution_options(yield_per=_BATCH)):
        if _is_in_store(visit, mail.storage_key) != (mail.dropped_at is None):
            yield f"mail {mail.reference}: its content is {'there again' if mail.dropped_at else 'gone'}"
        if mail.state == MailState.FILED and mail.message is None:
            yield f"mail {mail.reference}: it says that it is on a ticket, and is not"
        elif mail.state != MailState.FILED and not mail.reason and visit.now - mail.received_at > _UNREAD:
            yield f"mail {mail.reference}: it is on no ticket, and nobody knows why"


#: What must hold at any moment, by the sentence that is printed.
INVARIANTS: dict[str, Callable[[Visit], Iterator[str]]] = {
    "one owner per claim number": one_owner_per_claim_number,
    **doctor_contacts.INVARIANTS,
    "no letter under a lost claim": no_letter_under_a_lost_claim,
    "letters and messages agree": letters_and_messages_agree,
    "parts match states": parts_match_states,
    "owners, leases and ends fit": holders_fit,
    "histories unbroken": chains_unbroken,
    "conversations complete": threads_complete,
    "answers on record": answers_on_record,
    "prices follow from offers": prices_follow_from_offers,
    "consents hold the checklist": consents_hold_the_checklist,
    "no orphans": no_orphans,
    "files are there": files_are_there,
    "destroyed secrets hold nothing": destroyed_secrets_hold_nothing,
    "data keys are there": data_keys_are_there,
    "looks by owners alone": looks_by_owners,
    "ended tickets keep no secrets": ended_tickets_keep_nothing,
    "what was erased is gone": erased_is_gone,
    "mails accounted for": mails_accounted_for,
    "the vault can be opened": vault_can_be_opened,
    "no job of a worker is parked": parking.nothing_is_parked,
    "notices fit": doctor_notices.notices_fit,
    "a notice letter is for one person": doctor_notices.letters_tell_one_person,
    "histories are read on for notices": doctor_notices.histories_are_read_on,
    **doctor_analysis.INVARIANTS,
    **doctor_duty.INVARIANTS,
    **doctor_requests.INVARIANTS,
    **doctor_invoices.INVARIANTS,
    **doctor_gaps.INVARIANTS,
    **doctor_sales.INVARIANTS,
    "calls can be found": calls_complete,
    "merged tickets fit": merged_tickets_fit,
    "deadlines fit": doctor_deadlines.deadlines_fit,
    "what is due is known": doctor_deadlines.due_is_known,
    **OF_ISSUES,
    **OF_ESTIMATES,
    **OF_REVIEWS,
    **doctor_ledger.INVARIANTS,
}
