"""Sending what waits in the outbox: taken by one worker, under the claim it was written in, once (N1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.desk import contact_log, departures, history, holding, letters
from paidsupport.desk.departures import Step
from paidsupport.desk.disclosure import secret_names_in
from paidsupport.desk.hooks import AGAINST_LEAVING, MAILS_BEFORE
from paidsupport.desk.visit import House, Visit
from paidsupport.domain.actors import CLOCK
from paidsupport.domain.contact_log import Contacted, ContactLog
from paidsupport.domain.letters import LetterKind, LetterState, end_of
from paidsupport.errors import PaidSupportError, StorageFullError
from paidsupport.mail.build import build
from paidsupport.mail.threads import Thread, thread_of
from paidsupport.mail.transports import NotSentError, Transport, UnclearError
from paidsupport.store import tickets
from paidsupport.store.conversation import File
from paidsupport.store.engine import Database
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: A letter that is being sent for longer than all time-outs together has lost its worker.
LOST_AFTER = timedelta(minutes=5)
#: A worker that was stopped for longer between taking a letter and sending it does not send it.
AWAKE = timedelta(minutes=1)
#: Waiting times between attempts; after the last one a person decides.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 120, 240, 240, 240, 480, 480))

Clock = Callable[[], datetime]


_CLAIM_LOST = "The claim it was written under was lost before it could leave."
_CONTACTED = "The customer has been contacted by another email, or may have been."
#: History can be read by who may not see the issue: it is not named.
_HIDDEN = "It names an issue that has become private: no customer may learn of it."


class _LostError(PaidSupportError):
    """Between taking the letter and sending it something happened for which it must not leave."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A letter that this worker has taken, at which attempt, and what its mail is made of."""

    letter: Letter
    attempt: int
    at: datetime
    ticket: Ticket
    files: list[File]
    thread: Thread


def send_next(house: House, database: Database, transport: Transport, clock: Clock) -> bool:
    """Send the letter that is due longest; returns whether there was one.

    Taking it, sending it and noting how it ended are three steps with a commit between them: nothing is
    locked while the mail server talks, and a crash leaves the letter in `sending`.
    """
    found, taken = _take(house, database, clock())
    if taken is None:
        return found
    letter_id, attempt = taken.letter.id, taken.attempt
    try:
        transport.send(_ready(house, database, taken, clock))
    except _LostError as error:
        _note(house, database, letter_id, attempt, clock(), LetterState.WITHDRAWN, str(error))
    except NotSentError as error:
        _journal_end(house, taken, Step.BACK, clock())
        _put_back(house, database, letter_id, attempt, clock(), error)
    except UnclearError as error:
        _note(house, database, letter_id, attempt, clock(), LetterState.UNCERTAIN, str(error))
    except Exception as error:  # noqa: BLE001  # a transport of the site's own may raise anything, at any moment
        _note(house, database, letter_id, attempt, clock(), LetterState.UNCERTAIN, repr(error))
    else:
        _journal_end(house, taken, Step.LEFT, clock())
        _note(house, database, letter_id, attempt, clock(), LetterState.SENT, "")
    return True


def _ready(house: House, database: Database, taken: _Taken, clock: Clock) -> EmailMessage:
    """The mail, once it may leave and the journal says so: until then no server has been asked.

    Raises:
        _LostError: It must not leave any more.
        NotSentError: It cannot leave now, whatever the reason: nobody can have read it.
    """
    try:
        mail = _made(house, taken)
        _refuse_late(house, database, taken, clock())
        _journal(house, taken, clock())
    except (_LostError, NotSentError):
        raise
    except Exception as error:
        raise NotSentError(f"It could not be made ready: {type(error).__name__}.", permanent=False) from error
    return mail


def _journal(house: House, taken: _Taken, now: datetime) -> None:
    """Write down what is about to leave. Raises NotSentError: without that line nothing leaves."""
    try:
        _log(house, taken, Step.LEAVING, now)
    except StorageFullError as error:
        raise NotSentError(
            f"The journal of what leaves cannot be written: {error}", permanent=False
        ) from error


def _journal_end(house: House, taken: _Taken, step: Step, now: datetime) -> None:
    """Write down how it ended; without that line a person decides after a restore."""
    with suppress(StorageFullError):
        _log(house, taken, step, now)


def _log(house: House, taken: _Taken, step: Step, now: datetime) -> None:
    facts = departures.facts_of(house, taken.letter, taken.ticket)
    departures.log(house.files, [departures.of_letter(taken.letter)], step, now, facts)


def give_up_lost(house: House, database: Database, now: datetime) -> int:
    """Mark letters whose worker died while sending as uncertain; returns how many (design §5.4)."""
    with database.reading() as session:
        lost = session.execute(
            select(Letter.id, Letter.attempts).where(
                Letter.state == LetterState.SENDING, Letter.taken_at < now - LOST_AFTER
            )
        ).all()
    why = "The program stopped while this letter was being sent: it may have arrived, or not."
    for letter_id, attempt in lost:
        _note(house, database, letter_id, attempt, now, LetterState.UNCERTAIN, why)
    return len(lost)


def _made(house: House, taken: _Taken) -> EmailMessage:
    """The mail. One that cannot be made is not sent, and stops no other."""
    try:
        return build(house, taken.letter, taken.ticket, taken.files, taken.thread)
    except Exception as error:
        # files may be out of reach for a while; anything else (a letter's template, say) stays as it is
        permanent = not isinstance(error, OSError)
        raise NotSentError(f"The mail could not be made: {error}", permanent=permanent) from error


def _take(house: House, database: Database, now: datetime) -> tuple[bool, _Taken | None]:
    """Mark one due letter as being sent; whether there was one, and it, unless its claim was lost.

    The ticket is locked before the letter, in the order all verbs keep, and so a claim cannot change
    hands between the comparison and the commit.
    """
    with database.writing() as session:
        visit = Visit(house, session, CLOCK, now)
        ticket = _lock_next(visit)
        if ticket is None:
            return False, None
        letter = session.scalar(
            select(Letter)
            .where(Letter.ticket_id == ticket.id, Letter.state == LetterState.QUEUED, Letter.due_at <= now)
            .order_by(Letter.due_at, Letter.id)
            .limit(1)
        )
        if letter is None:
            return True, None
        log = contact_log.log_of(visit, letter)
        if letters.put_right(visit, ticket, letter, log) or holding.repeats(visit, ticket, letter):
            return True, None
        slot = contact_log.slot_of(letter, log)
        if why := _too_late(visit, letter, ticket) or _contacted_by_another(letter, slot, log):
            told = letters.taken_back(visit, letter, why)
            due = letters.due_again(visit, ticket, letter)
            history.tell(visit, ticket, "letter-withdrawn", told, letter.claim_number, **due)
            return True, None
        attempt = letter.attempts + 1
        sending = {
            "state": LetterState.SENDING,
            "taken_at": now,
            "taken_under": ticket.claim_number,
            "attempts": attempt,
        }
        if not letters.take_state(visit, letter.id, LetterState.QUEUED, letter.attempts, **sending):
            return True, None
        contact_log.note(visit, letter, Contacted.TAKEN, slot=slot, turn=log.turn(slot))
        files = select(File).where(File.message_id == letter.message_id).order_by(File.id)
        attached = list(session.scalars(files)) if letter.message_id else []
        return True, _Taken(letter, attempt, now, ticket, attached, _thread(visit, letter))


def _thread(visit: Visit, letter: Letter) -> Thread:
    if letter.audience != "customer":
        return Thread(letter.subject)
    mails = [mail for found in visit.house.hooks.call(MAILS_BEFORE, visit.session, letter) for mail in found]
    return thread_of(visit.session, letter, visit.house.settings.mail_from.rsplit("@", 1)[-1], mails)


def _contacted_by_another(letter: Letter, slot: str, log: ContactLog) -> str:
    """Why a letter must not leave whose place another one has taken, if one has."""
    holder = log.holder(slot) if slot else ""
    return _CONTACTED if holder not in {"", letter.reference} else ""


def _too_late(visit: Visit, letter: Letter, ticket: Ticket) -> str:
    """Why a letter that is due must not leave any more, if so; the ticket is locked."""
    if not letters.under_its_claim(letter.claim_number, ticket.claim_number, ticket.part):
        # claims take their letters back when they end; this is for those that were just being tried
        return _CLAIM_LOST
    if _names_hidden(visit.house, visit.session, letter):
        return _HIDDEN
    return next((why for why in visit.house.hooks.call(AGAINST_LEAVING, visit, letter) if why), "")


def _refuse_late(house: House, database: Database, taken: _Taken, now: datetime) -> None:
    """Look once more, right before the mail server is asked (reliability 2).

    Raises _LostError if the claim has ended since the letter was taken, or an issue that it names has become
    private, NotSentError if this worker was
    asleep meanwhile and somebody may have decided about the letter.
    """
    if taken.letter.claim_number is not None:
        wanted = select(Ticket.claim_number, Ticket.part).where(Ticket.id == taken.ticket.id)
        with database.reading() as session:
            number, part = session.execute(wanted).one()
        if not letters.under_its_claim(taken.letter.claim_number, number, part):
            raise _LostError(_CLAIM_LOST)
    with database.reading() as session:
        if _names_hidden(house, session, taken.letter):
            raise _LostError(_HIDDEN)
    if now - taken.at > AWAKE:
        raise NotSentError("The program was asleep for too long to know.", permanent=False)


def _names_hidden(house: House, session: Session, letter: Letter) -> bool:
    """Whether a customer would learn of a private issue: it was public when the letter was written."""
    text = f"{letter.subject}\n{letter.body}"
    return letter.audience == "customer" and bool(secret_names_in(house, session, text))


def _lock_next(visit: Visit) -> Ticket | None:
    """The ticket of the letter that is due longest, locked; workers pass over each other's tickets."""
    due = (
        select(Ticket)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .where(Letter.state == LetterState.QUEUED, Letter.due_at <= visit.now)
        .order_by(Letter.due_at, Letter.id)
        .limit(1)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    return visit.session.scalar(due)


def _put_back(
    house: House, database: Database, letter_id: int, attempt: int, now: datetime, error: NotSentError
) -> None:
    if error.permanent or attempt > len(BACK_OFF):
        _note(house, database, letter_id, attempt, now, LetterState.FAILED, str(error))
        return
    with database.writing() as session:
        visit = Visit(house, session, CLOCK, now)
        due = now + BACK_OFF[attempt - 1]
        put_back = letters.take_state(
            visit,
            letter_id,
            LetterState.SENDING,
            attempt,
            state=LetterState.QUEUED,
            due_at=due,
            taken_at=None,
            taken_under=None,
            problem=str(error),
        )
        if put_back:
            letter = session.scalars(select(Letter).where(Letter.id == letter_id)).one()
            contact_log.note(visit, letter, Contacted.REFUSED)


#: What the log of contacts says of the end of an attempt.
_LOGGED = {
    LetterState.SENT: (Contacted.SENT,),
    LetterState.UNCERTAIN: (Contacted.UNCERTAIN,),
    LetterState.FAILED: (Contacted.REFUSED,),
    LetterState.WITHDRAWN: (Contacted.REFUSED, Contacted.WITHDRAWN),
}


def _note(
    house: House,
    database: Database,
    letter_id: int,
    attempt: int,
    now: datetime,
    state: LetterState,
    problem: str,
) -> None:
    """Write down how an attempt ended, if nobody else has: `sending` is left exactly once."""
    with database.writing() as session:
        visit = Visit(house, session, CLOCK, now)
        owner, kind = session.execute(
            select(Letter.ticket_id, Letter.kind).where(Letter.id == letter_id)
        ).one()
        state = end_of(kind, state)
        ticket = tickets.lock_by_id(session, owner)
        values = {"state": state, "problem": problem, "sent_at": now if state is LetterState.SENT else None}
        if not letters.take_state(visit, letter_id, LetterState.SENDING, attempt, **values):
            return
        letter = session.scalars(select(Letter).where(Letter.id == letter_id)).one()
        contact_log.note(visit, letter, *_LOGGED[state])
        if state is LetterState.WITHDRAWN and not contact_log.keeps_slot(visit, letter):
            letter.contact = None
        if letter.kind == LetterKind.DIGEST:
            return  # it is about many tickets: that it left is nothing to tell of the one it hangs on
        told = {"letter": letter.reference, "kind": letter.kind, "problem": problem}
        unwritten = state is LetterState.WITHDRAWN and letter.claim_number is not None
        due = letters.due_again(visit, ticket, letter) if unwritten else {}
        clock = replace(visit, by=CLOCK)
        history.tell(clock, ticket, f"letter-{state}", told, letter.claim_number, **due)
