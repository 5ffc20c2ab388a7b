"""Sending what waits in the outbox: taken by one worker, under the claim it was written in, once (N1)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy.orm import Session

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.mail.transports import NotSentError, Transport
from paidsupport.kernel.outbox.operations import Clock, End, Ended, Outbox, Taken, WithdrawnError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.contact import operations as contact_log
from paidsupport.tickets.contact.rules import Contacted, ContactLog
from paidsupport.tickets.conversation.operations.disclosure import secret_names_in
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step
from paidsupport.tickets.emails import holding, queries
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.build import build
from paidsupport.tickets.emails.rules import EmailKind, EmailState, end_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.emails.threads import Thread, thread_of
from paidsupport.tickets.hooks import AGAINST_LEAVING, MAILS_BEFORE
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: A worker that was stopped for longer between taking a letter and sending it does not send it.
AWAKE = timedelta(minutes=1)

_CLAIM_LOST = "The claim it was written under was lost before it could leave."
_CONTACTED = "The customer has been contacted by another email, or may have been."
#: History can be read by who may not see the issue: it is not named.
_HIDDEN = "It names an issue that has become private: no customer may learn of it."

_STATES = {
    End.SENT: EmailState.SENT,
    End.AGAIN: EmailState.QUEUED,
    End.FAILED: EmailState.FAILED,
    End.UNCERTAIN: EmailState.UNCERTAIN,
    End.WITHDRAWN: EmailState.WITHDRAWN,
}
#: What the log of contacts says of the end of an attempt.
_LOGGED = {
    EmailState.SENT: (Contacted.SENT,),
    EmailState.QUEUED: (Contacted.REFUSED,),
    EmailState.UNCERTAIN: (Contacted.UNCERTAIN,),
    EmailState.FAILED: (Contacted.REFUSED,),
    EmailState.WITHDRAWN: (Contacted.REFUSED, Contacted.WITHDRAWN),
}


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    """An email that a worker has taken, and what its mail is made of."""

    email: Email
    at: datetime
    ticket: Ticket
    files: list[File]
    thread: Thread


class Emails(Outbox[_Taken]):
    """The emails. One that may have left waits for a person: it is never sent again by itself."""

    job = "send letters"
    columns = queries.OUTBOX
    rows = queries.LEAVING
    # a claim cannot change hands between the comparison and the commit
    locked = (Email, Ticket)
    unclear = End.UNCERTAIN

    def __init__(self, services: Services, database: Database, transport: Transport, clock: Clock) -> None:
        super().__init__(services, database, clock)
        self.transport = transport

    def take(self, ctx: Context, email: Email, ticket: Ticket) -> _Taken | None:
        """Unless the log of contacts, a restore or the end of its claim stands against it."""
        log = contact_log.log_of(ctx, email)
        if emails.put_right(ctx, ticket, email, log) or holding.repeats(ctx, ticket, email):
            return None
        slot = contact_log.slot_of(email, log)
        if why := _too_late(ctx, email, ticket) or _contacted_by_another(email, slot, log):
            told = emails.taken_back(ctx, email, why)
            due = emails.due_again(ctx, ticket, email)
            history.tell(ctx, ticket, "letter-withdrawn", told, email.claim_number, **due)
            return None
        attempts = self.mark(ctx, {email.id: email.attempts}, taken_under=ticket.claim_number)
        if not attempts:
            return None
        contact_log.note(ctx, email, Contacted.TAKEN, slot=slot, turn=log.turn(slot))
        files = queries.attached(ctx.session, email)
        return _Taken(attempts, email, ctx.now, ticket, files, _thread(ctx, email))

    def hand_over(self, taken: _Taken) -> None:
        """Send it by mail, with lines in the journal around that."""
        try:
            self.transport.send(self._ready(taken))
        except NotSentError:
            self._journal_end(taken, Step.BACK)
            raise
        self._journal_end(taken, Step.LEFT)

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """Also in the log of contacts and, once it is over, in the history."""
        ticket_id, kind = queries.kind_of(ctx.session, id_)
        ticket = tickets.lock_by_id(ctx.session, ticket_id)
        state = end_of(kind, _STATES[ended.end])
        values: dict[str, object] = {"state": state, "problem": ended.problem}
        if state is EmailState.QUEUED:
            values |= {"due_at": ended.due_at, "taken_at": None, "taken_under": None}
        else:
            values["sent_at"] = ctx.now if state is EmailState.SENT else None
        if self.end(ctx, id_, attempt, **values):
            _tell(ctx, ticket, queries.by_id(ctx.session, id_))

    def _ready(self, taken: _Taken) -> EmailMessage:
        """The mail, once it may leave and the journal says so: until then no server has been asked.

        Raises:
            WithdrawnError: It must not leave any more.
            NotSentError: It cannot leave now, whatever the reason: nobody can have read it.
        """
        try:
            mail = _made(self.services, taken)
            self._refuse_late(taken)
            self._journal(taken)
        except (WithdrawnError, NotSentError):
            raise
        except Exception as error:
            why = f"It could not be made ready: {type(error).__name__}."
            raise NotSentError(why, permanent=False) from error
        return mail

    def _journal(self, taken: _Taken) -> None:
        """Write down what is about to leave. Raises NotSentError: without that line nothing leaves."""
        try:
            self._log(taken, Step.LEAVING)
        except StorageFullError as error:
            why = f"The journal of what leaves cannot be written: {error}"
            raise NotSentError(why, permanent=False) from error

    def _journal_end(self, taken: _Taken, step: Step) -> None:
        """Write down how it ended; without that line a person decides after a restore."""
        with suppress(StorageFullError):
            self._log(taken, step)

    def _log(self, taken: _Taken, step: Step) -> None:
        facts = departures.facts_of(self.services, taken.email, taken.ticket)
        departures.log(self.services.files, [departures.of_email(taken.email)], step, self.clock(), facts)

    def _refuse_late(self, taken: _Taken) -> None:
        """Look once more, right before the mail server is asked.

        Raises:
            WithdrawnError: The claim has ended since the email was taken, or an issue that it names has
                become private.
            NotSentError: This worker was asleep, and somebody may have decided about the email meanwhile.
        """
        with self.database.reading() as session:
            claim = queries.claim_of(session, taken.ticket.id)
            if not emails.under_its_claim(taken.email.claim_number, *claim):
                raise WithdrawnError(_CLAIM_LOST)
            if _names_hidden(self.services, session, taken.email):
                raise WithdrawnError(_HIDDEN)
        if self.clock() - taken.at > AWAKE:
            raise NotSentError("The program was asleep for too long to know.", permanent=False)


def _made(services: Services, taken: _Taken) -> EmailMessage:
    """The mail. One that cannot be made is not sent, and stops no other."""
    try:
        return build(services, taken.email, taken.ticket, taken.files, taken.thread)
    except Exception as error:
        # files may be out of reach for a while; anything else (an email's template, say) stays as it is
        permanent = not isinstance(error, OSError)
        raise NotSentError(f"The mail could not be made: {error}", permanent=permanent) from error


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


def _names_hidden(services: Services, session: Session, email: Email) -> bool:
    """Whether a customer would learn of a private issue: it was public when the email was written."""
    text = f"{email.subject}\n{email.body}"
    return email.audience == "customer" and bool(secret_names_in(services, session, text))


def _tell(ctx: Context, ticket: Ticket, email: Email) -> None:
    """What follows from how an attempt ended."""
    state = EmailState(email.state)
    contact_log.note(ctx, email, *_LOGGED[state])
    if state is EmailState.WITHDRAWN and not contact_log.keeps_slot(ctx, email):
        email.contact = None
    # a digest is about many tickets: that it left is nothing to tell of the one it hangs on
    if state is EmailState.QUEUED or email.kind == EmailKind.DIGEST:
        return
    told = {"letter": email.reference, "kind": email.kind, "problem": email.problem}
    unwritten = state is EmailState.WITHDRAWN and email.claim_number is not None
    due = emails.due_again(ctx, ticket, email) if unwritten else {}
    history.tell(ctx, ticket, f"letter-{state}", told, email.claim_number, **due)
