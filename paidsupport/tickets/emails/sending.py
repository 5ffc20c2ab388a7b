"""Sending what waits in the outbox: taken by one worker, under the claim it was written in, once (N1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import PaidSupportError, StorageFullError
from paidsupport.kernel.mail.transports import NotSentError, Transport, UnclearError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.contact import operations as contact_log
from paidsupport.tickets.contact.rules import Contacted, ContactLog
from paidsupport.tickets.conversation.operations.disclosure import secret_names_in
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step
from paidsupport.tickets.emails import holding
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.build import build
from paidsupport.tickets.emails.rules import EmailKind, EmailState, end_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.emails.threads import Thread, thread_of
from paidsupport.tickets.hooks import AGAINST_LEAVING, MAILS_BEFORE
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: An email that is being sent for longer than all time-outs together has lost its worker.
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
    """An email that this worker has taken, at which attempt, and what its mail is made of."""

    email: Email
    attempt: int
    at: datetime
    ticket: Ticket
    files: list[File]
    thread: Thread


def send_next(services: Services, database: Database, transport: Transport, clock: Clock) -> bool:
    """Send the email that is due longest; returns whether there was one.

    Taking it, sending it and noting how it ended are three steps with a commit between them: nothing is
    locked while the mail server talks, and a crash leaves the email in `sending`.
    """
    found, taken = _take(services, database, clock())
    if taken is None:
        return found
    letter_id, attempt = taken.email.id, taken.attempt
    try:
        transport.send(_ready(services, database, taken, clock))
    except _LostError as error:
        _note(services, database, letter_id, attempt, clock(), EmailState.WITHDRAWN, str(error))
    except NotSentError as error:
        _journal_end(services, taken, Step.BACK, clock())
        _put_back(services, database, letter_id, attempt, clock(), error)
    except UnclearError as error:
        _note(services, database, letter_id, attempt, clock(), EmailState.UNCERTAIN, str(error))
    except Exception as error:  # noqa: BLE001  # a transport of the site's own may raise anything, at any moment
        _note(services, database, letter_id, attempt, clock(), EmailState.UNCERTAIN, repr(error))
    else:
        _journal_end(services, taken, Step.LEFT, clock())
        _note(services, database, letter_id, attempt, clock(), EmailState.SENT, "")
    return True


def _ready(services: Services, database: Database, taken: _Taken, clock: Clock) -> EmailMessage:
    """The mail, once it may leave and the journal says so: until then no server has been asked.

    Raises:
        _LostError: It must not leave any more.
        NotSentError: It cannot leave now, whatever the reason: nobody can have read it.
    """
    try:
        mail = _made(services, taken)
        _refuse_late(services, database, taken, clock())
        _journal(services, taken, clock())
    except (_LostError, NotSentError):
        raise
    except Exception as error:
        raise NotSentError(f"It could not be made ready: {type(error).__name__}.", permanent=False) from error
    return mail


def _journal(services: Services, taken: _Taken, now: datetime) -> None:
    """Write down what is about to leave. Raises NotSentError: without that line nothing leaves."""
    try:
        _log(services, taken, Step.LEAVING, now)
    except StorageFullError as error:
        raise NotSentError(
            f"The journal of what leaves cannot be written: {error}", permanent=False
        ) from error


def _journal_end(services: Services, taken: _Taken, step: Step, now: datetime) -> None:
    """Write down how it ended; without that line a person decides after a restore."""
    with suppress(StorageFullError):
        _log(services, taken, step, now)


def _log(services: Services, taken: _Taken, step: Step, now: datetime) -> None:
    facts = departures.facts_of(services, taken.email, taken.ticket)
    departures.log(services.files, [departures.of_email(taken.email)], step, now, facts)


def give_up_lost(services: Services, database: Database, now: datetime) -> int:
    """Mark emails whose worker died while sending as uncertain; returns how many."""
    with database.reading() as session:
        lost = session.execute(
            select(Email.id, Email.attempts).where(
                Email.state == EmailState.SENDING, Email.taken_at < now - LOST_AFTER
            )
        ).all()
    why = "The program stopped while this letter was being sent: it may have arrived, or not."
    for letter_id, attempt in lost:
        _note(services, database, letter_id, attempt, now, EmailState.UNCERTAIN, why)
    return len(lost)


def _made(services: Services, taken: _Taken) -> EmailMessage:
    """The mail. One that cannot be made is not sent, and stops no other."""
    try:
        return build(services, taken.email, taken.ticket, taken.files, taken.thread)
    except Exception as error:
        # files may be out of reach for a while; anything else (an email's template, say) stays as it is
        permanent = not isinstance(error, OSError)
        raise NotSentError(f"The mail could not be made: {error}", permanent=permanent) from error


def _take(services: Services, database: Database, now: datetime) -> tuple[bool, _Taken | None]:
    """Mark one due email as being sent; whether there was one, and it, unless its claim was lost.

    The ticket is locked before the email, in the order all operations keep, and so a claim cannot change
    hands between the comparison and the commit.
    """
    with database.writing() as session:
        ctx = Context(services, session, CLOCK, now)
        ticket = _lock_next(ctx)
        if ticket is None:
            return False, None
        email = session.scalar(
            select(Email)
            .where(Email.ticket_id == ticket.id, Email.state == EmailState.QUEUED, Email.due_at <= now)
            .order_by(Email.due_at, Email.id)
            .limit(1)
        )
        if email is None:
            return True, None
        log = contact_log.log_of(ctx, email)
        if emails.put_right(ctx, ticket, email, log) or holding.repeats(ctx, ticket, email):
            return True, None
        slot = contact_log.slot_of(email, log)
        if why := _too_late(ctx, email, ticket) or _contacted_by_another(email, slot, log):
            told = emails.taken_back(ctx, email, why)
            due = emails.due_again(ctx, ticket, email)
            history.tell(ctx, ticket, "letter-withdrawn", told, email.claim_number, **due)
            return True, None
        attempt = email.attempts + 1
        sending = {
            "state": EmailState.SENDING,
            "taken_at": now,
            "taken_under": ticket.claim_number,
            "attempts": attempt,
        }
        if not emails.take_state(ctx, email.id, EmailState.QUEUED, email.attempts, **sending):
            return True, None
        contact_log.note(ctx, email, Contacted.TAKEN, slot=slot, turn=log.turn(slot))
        files = select(File).where(File.message_id == email.message_id).order_by(File.id)
        attached = list(session.scalars(files)) if email.message_id else []
        return True, _Taken(email, attempt, now, ticket, attached, _thread(ctx, email))


def _thread(ctx: Context, email: Email) -> Thread:
    if email.audience != "customer":
        return Thread(email.subject)
    mails = ctx.services.hooks.gather(MAILS_BEFORE, ctx.session, email)
    return thread_of(ctx.session, email, ctx.services.settings.mail_from.rsplit("@", 1)[-1], mails)


def _contacted_by_another(email: Email, slot: str, log: ContactLog) -> str:
    """Why an email must not leave whose place another one has taken, if one has."""
    holder = log.holder(slot) if slot else ""
    return _CONTACTED if holder not in {"", email.reference} else ""


def _too_late(ctx: Context, email: Email, ticket: Ticket) -> str:
    """Why an email that is due must not leave any more, if so; the ticket is locked."""
    if not emails.under_its_claim(email.claim_number, ticket.claim_number, ticket.part):
        # claims take their emails back when they end; this is for those that were just being tried
        return _CLAIM_LOST
    if _names_hidden(ctx.services, ctx.session, email):
        return _HIDDEN
    return ctx.services.hooks.objection(AGAINST_LEAVING, ctx, email)


def _refuse_late(services: Services, database: Database, taken: _Taken, now: datetime) -> None:
    """Look once more, right before the mail server is asked.

    Raises _LostError if the claim has ended since the email was taken, or an issue that it names has become
    private, NotSentError if this worker was
    asleep meanwhile and somebody may have decided about the email.
    """
    if taken.email.claim_number is not None:
        wanted = select(Ticket.claim_number, Ticket.part).where(Ticket.id == taken.ticket.id)
        with database.reading() as session:
            number, part = session.execute(wanted).one()
        if not emails.under_its_claim(taken.email.claim_number, number, part):
            raise _LostError(_CLAIM_LOST)
    with database.reading() as session:
        if _names_hidden(services, session, taken.email):
            raise _LostError(_HIDDEN)
    if now - taken.at > AWAKE:
        raise NotSentError("The program was asleep for too long to know.", permanent=False)


def _names_hidden(services: Services, session: Session, email: Email) -> bool:
    """Whether a customer would learn of a private issue: it was public when the email was written."""
    text = f"{email.subject}\n{email.body}"
    return email.audience == "customer" and bool(secret_names_in(services, session, text))


def _lock_next(ctx: Context) -> Ticket | None:
    """The ticket of the email that is due longest, locked; workers pass over each other's tickets."""
    due = (
        select(Ticket)
        .join(Email, Email.ticket_id == Ticket.id)
        .where(Email.state == EmailState.QUEUED, Email.due_at <= ctx.now)
        .order_by(Email.due_at, Email.id)
        .limit(1)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    return ctx.session.scalar(due)


def _put_back(
    services: Services, database: Database, letter_id: int, attempt: int, now: datetime, error: NotSentError
) -> None:
    if error.permanent or attempt > len(BACK_OFF):
        _note(services, database, letter_id, attempt, now, EmailState.FAILED, str(error))
        return
    with database.writing() as session:
        ctx = Context(services, session, CLOCK, now)
        due = now + BACK_OFF[attempt - 1]
        put_back = emails.take_state(
            ctx,
            letter_id,
            EmailState.SENDING,
            attempt,
            state=EmailState.QUEUED,
            due_at=due,
            taken_at=None,
            taken_under=None,
            problem=str(error),
        )
        if put_back:
            email = session.scalars(select(Email).where(Email.id == letter_id)).one()
            contact_log.note(ctx, email, Contacted.REFUSED)


#: What the log of contacts says of the end of an attempt.
_LOGGED = {
    EmailState.SENT: (Contacted.SENT,),
    EmailState.UNCERTAIN: (Contacted.UNCERTAIN,),
    EmailState.FAILED: (Contacted.REFUSED,),
    EmailState.WITHDRAWN: (Contacted.REFUSED, Contacted.WITHDRAWN),
}


def _note(
    services: Services,
    database: Database,
    letter_id: int,
    attempt: int,
    now: datetime,
    state: EmailState,
    problem: str,
) -> None:
    """Write down how an attempt ended, if nobody else has: `sending` is left exactly once."""
    with database.writing() as session:
        ctx = Context(services, session, CLOCK, now)
        owner, kind = session.execute(select(Email.ticket_id, Email.kind).where(Email.id == letter_id)).one()
        state = end_of(kind, state)
        ticket = tickets.lock_by_id(session, owner)
        values = {"state": state, "problem": problem, "sent_at": now if state is EmailState.SENT else None}
        if not emails.take_state(ctx, letter_id, EmailState.SENDING, attempt, **values):
            return
        email = session.scalars(select(Email).where(Email.id == letter_id)).one()
        contact_log.note(ctx, email, *_LOGGED[state])
        if state is EmailState.WITHDRAWN and not contact_log.keeps_slot(ctx, email):
            email.contact = None
        if email.kind == EmailKind.DIGEST:
            return  # it is about many tickets: that it left is nothing to tell of the one it hangs on
        told = {"letter": email.reference, "kind": email.kind, "problem": problem}
        unwritten = state is EmailState.WITHDRAWN and email.claim_number is not None
        due = emails.due_again(ctx, ticket, email) if unwritten else {}
        clock = replace(ctx, by=CLOCK)
        history.tell(clock, ticket, f"letter-{state}", told, email.claim_number, **due)
