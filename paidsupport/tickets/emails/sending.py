"""Sends the emails in the outbox: each is taken by one worker and leaves once, under its own claim (N1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy.orm import Session

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, Transport
from paidsupport.kernel.outbox.operations import End, Ended, Outbox, Taken, WithdrawnError
from paidsupport.kernel.workflow import Part
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
from paidsupport.tickets.emails.rules import ABOUT_ADDRESSES, EmailKind, EmailState, end_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.emails.threads import Thread, thread_of
from paidsupport.tickets.hooks import AGAINST_LEAVING, MAILS_BEFORE
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: A worker that was suspended for longer than this between taking an email and sending it does not send it.
AWAKE = timedelta(minutes=1)

_CLAIM_LOST = storable(_("The claim it was written under was lost before it could leave."))
_REOPENED = storable(_("The ticket was reopened before it could leave."))
_CONTACTED = storable(_("The customer has been contacted by another email, or may have been."))
#: The history can be read by people who may not see the issue, so the issue is not named.
_HIDDEN = storable(_("It names an issue that has become private: no customer may learn of it."))
_NOT_READY = storable(_("It could not be made ready: %(error)s."))
_NO_JOURNAL = storable(_("The journal of what leaves cannot be written: %(error)s"))
_ASLEEP = storable(_("The program was asleep for too long to know."))
_NOT_MADE = storable(_("The mail could not be made: %(error)s"))


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    """An email that a worker has taken, with all that its mail is made from."""

    email: Email
    at: datetime
    ticket: Ticket
    files: list[File]
    thread: Thread


class Emails(Outbox[_Taken, Transport]):
    """The outbox of emails. One that may have left waits for a person: it is never resent automatically."""

    job = _("send letters")
    table = queries.OUTBOX
    rows = queries.LEAVING
    # both rows are locked, so a claim cannot change hands between the comparison and the commit
    locked = (Email, Ticket)
    unclear = End.UNCERTAIN

    def take(self, ctx: Context, email: Email, ticket: Ticket) -> _Taken | None:
        """Take an email, unless the log of contacts, a restored backup or the end of its claim forbids it."""
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
        """Send it by mail; the journal gets a line before and after."""
        try:
            self.to.send(self._ready(taken))
        except NotSentError:
            departures.log_end(*self._journal(taken, Step.BACK))
            raise
        departures.log_end(*self._journal(taken, Step.LEFT))

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """Record the result in the log of contacts too and, once it is final, in the history."""
        email = ctx.session.get_one(Email, id_)
        ticket = tickets.lock_by_id(ctx.session, email.ticket_id)
        state = end_of(email.kind, EmailState(ended.end))
        values: dict[str, object] = {"state": state, "problem": ended.problem}
        values["sent_at"] = ctx.now if state is EmailState.SENT else None
        if state is EmailState.QUEUED:
            values |= {"taken_at": None, "taken_under": None}
        if self.end(ctx, id_, attempt, ended, **values):
            ctx.session.refresh(email)
            emails.ended(ctx, ticket, email)

    def _ready(self, taken: _Taken) -> EmailMessage:
        """Build the mail, check that it may leave, and write the journal, all before a mail server is asked.

        Returns:
            The mail, ready to be sent.

        Raises:
            WithdrawnError: It must not leave any more.
            NotSentError: It cannot leave now; the customer certainly has not received it.
        """
        try:
            mail = _made(self.services, taken)
            self._refuse_late(taken)
            departures.log(*self._journal(taken, Step.LEAVING))
        except (WithdrawnError, NotSentError):
            raise
        except Exception as error:
            why = filled(_NOT_READY, error=type(error).__name__)
            if isinstance(error, StorageFullError):
                why = filled(_NO_JOURNAL, error=error)
            raise NotSentError(why, permanent=False) from error
        return mail

    def _journal(
        self, taken: _Taken, step: Step
    ) -> tuple[FileStore, list[str], Step, datetime, dict[str, str]]:
        """The journal's entry for a step."""
        facts = departures.facts_of(self.services, taken.email, taken.ticket)
        return self.services.files, [departures.of_email(taken.email)], step, self.clock(), facts

    def _refuse_late(self, taken: _Taken) -> None:
        """Check once more, right before the mail server is asked.

        Raises:
            WithdrawnError: The claim has ended or the ticket was reopened since the email was taken, or an
                issue that it names has become private.
            NotSentError: This worker was suspended; a person may have decided about the email.
        """
        with self.database.reading() as session:
            ticket = tickets.by_id(session, taken.ticket.id)
            if why := _outdated(taken.email, ticket):
                raise WithdrawnError(why)
            if _names_hidden(self.services, session, taken.email):
                raise WithdrawnError(_HIDDEN)
        if self.clock() - taken.at > AWAKE:
            raise NotSentError(_ASLEEP, permanent=False)


def _made(services: Services, taken: _Taken) -> EmailMessage:
    """Build the mail. An email that cannot be built is not sent, and does not hold up the others."""
    try:
        return build(services, taken.email, taken.ticket, taken.files, taken.thread)
    except Exception as error:
        # a file store may be unreachable for a while; any other fault (in a template, say) will not go away
        permanent = not isinstance(error, OSError)
        raise NotSentError(filled(_NOT_MADE, error=error), permanent=permanent) from error


def _thread(ctx: Context, email: Email) -> Thread:
    if email.audience != "customer" or email.kind in ABOUT_ADDRESSES:
        return Thread(email.subject)
    mails = ctx.services.hooks.gather(MAILS_BEFORE, ctx.session, email)
    return thread_of(ctx.session, email, ctx.services.settings.mail_from.rsplit("@", 1)[-1], mails)


def _contacted_by_another(email: Email, slot: str, log: ContactLog) -> str:
    """Say why an email must not leave whose slot is held by another one; empty if it may."""
    holder = log.holder(slot) if slot else ""
    return _CONTACTED if holder not in {"", email.reference} else ""


def _too_late(ctx: Context, email: Email, ticket: Ticket) -> str:
    """Say why an email that is due must not leave any more; empty if it may. The ticket is locked."""
    if why := _outdated(email, ticket):
        return why
    if _names_hidden(ctx.services, ctx.session, email):
        return _HIDDEN
    return ctx.services.hooks.objection(AGAINST_LEAVING, ctx, email)


def _outdated(email: Email, ticket: Ticket) -> str:
    """Say why an email is out of date: its claim has ended, or the ticket it calls closed is open again."""
    if not emails.under_its_claim(email.claim_number, ticket.claim_number, ticket.part):
        # emails are withdrawn when their claim ends; this catches those that were being sent at that moment
        return _CLAIM_LOST
    return _REOPENED if email.kind == EmailKind.ENDED and ticket.part != Part.CLOSED else ""


def _names_hidden(services: Services, session: Session, email: Email) -> bool:
    """Whether the email names an issue that has become private since it was written."""
    text = f"{email.subject}\n{email.body}"
    return email.audience == "customer" and bool(secret_names_in(services, session, text))
