"""After a restore: nothing that the journal says was sent leaves again, and the rest waits for a person.

A copy is older than what happened since. The journal of what left, beside the files, is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import update

from paidsupport.issues.tables import IssueNotice
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.ops import queries
from paidsupport.ops.erasure import erasure
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Departure, Step
from paidsupport.tickets.departures.tables import Departed
from paidsupport.tickets.emails.holding import HELD, end, hold
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email

_WAITS = (EmailState.QUEUED, EmailState.SENDING)
_UNSENT = storable(
    _("Held back: the database was restored from a backup, and this may have been sent since.")
)


@dataclass(slots=True)
class Restored:
    """What became of everything that waited to leave."""

    #: References of emails that had left, and of those that wait for a person now.
    left: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    #: How many emails of tickets in the database are known from the journal alone.
    unknown: int = 0
    #: Codes of tickets that the journal knows and the database does not.
    lost: list[str] = field(default_factory=list)
    deliveries: int = 0
    news: int = 0


def restore(ctx: Context) -> tuple[erasure.Erased, Restored]:
    """Bring a restored database in line with the journals; done twice it finds nothing to do.

    No worker may run meanwhile: it could send what is about to be held.
    """
    erased = erasure.replay(ctx)
    known, done = departures.known(ctx.services.files), Restored()
    _emails(ctx, known, done)
    _unknown(ctx, known, done)
    _digests(ctx, known)
    done.deliveries = _deliveries(ctx, known) + _requests(ctx, known)
    done.news = _news(ctx, known)
    return erased, done


def _emails(ctx: Context, known: Mapping[str, Departure], done: Restored) -> None:
    for email_id, ticket_id in queries.unsent(ctx.session):
        ticket = tickets.lock_by_id(ctx.session, ticket_id)
        email = ctx.session.get_one(Email, email_id)
        departure = known.get(departures.of_email(email))
        if email.state == EmailState.FAILED and email.sent_at is not None:
            continue  # it left, and came back: the backup knows more than the journal
        if departure is not None and departure.step is Step.LEFT:
            end(ctx, ticket, email, EmailState.SENT, "")
            email.sent_at = departure.at
            done.left.append(email.reference)
        elif email.state != EmailState.UNCERTAIN and (email.state in _WAITS or _was_leaving(departure)):
            hold(ctx, ticket, email, HELD)
            done.held.append(email.reference)


def _was_leaving(departure: Departure | None) -> bool:
    return departure is not None and departure.step is Step.LEAVING


def _unknown(ctx: Context, known: Mapping[str, Departure], done: Restored) -> None:
    """What has left and has no row, of tickets that are there; the codes of those that are not."""
    there = {f"letter:{name}" for name in queries.emails_known(ctx.session)}
    ids = queries.ticket_ids(ctx.session)
    for name, departure in known.items():
        if not name.startswith("letter:") or name in there or departure.step is Step.BACK:
            continue
        if departure.facts["ticket"] in ids:
            ctx.session.add(_departed(name, departure, ids[departure.facts["ticket"]]))
            done.unknown += 1
        elif departure.facts["ticket"] not in done.lost:
            done.lost.append(departure.facts["ticket"])


def _departed(name: str, departure: Departure, ticket_id: int) -> Departed:
    facts = {key: departure.facts[key] for key in ("kind", "audience", "who")}
    reference = name.removeprefix("letter:")
    return Departed(reference=reference, ticket_id=ticket_id, at=departure.at, **facts)


def _digests(ctx: Context, known: Mapping[str, Departure]) -> None:
    """Who has had today's digest is not written another one."""
    days = {
        departure.facts["who"]: ctx.services.hours.local(departure.at).date()
        for name, departure in sorted(known.items(), key=lambda each: each[1].at)
        if name.startswith("letter:") and departure.facts["kind"] == EmailKind.DIGEST
    }
    for preference, person in queries.preferences(ctx.session):
        day = days.get(departures.staff(ctx.services, person.email))
        if day is not None and (preference.digested_on is None or preference.digested_on < day):
            preference.digested_on = day


def _requests(ctx: Context, known: Mapping[str, Departure]) -> int:
    """What was to be asked over connections: once by the journal, else a manager lets it be tried again."""
    rows = queries.waiting_requests(ctx.session)
    for task in rows:
        departure = known.get(departures.of_delivery(task.reference))
        if departure is not None and departure.step is Step.LEFT:
            task.state, task.ended_at = "sent", departure.at
        else:
            task.state, task.problem, task.ended_at = "failed", _UNSENT, ctx.now
    return len(rows)


def _deliveries(ctx: Context, known: Mapping[str, Departure]) -> int:
    rows = queries.waiting_deliveries(ctx.session)
    for delivery in rows:
        departure = known.get(departures.of_delivery(delivery.reference))
        if departure is not None and departure.step is Step.LEFT:
            delivery.state, delivery.delivered_at = "delivered", departure.at
        else:
            delivery.state, delivery.problem = "failed", _UNSENT
    return len(rows)


def _news(ctx: Context, known: Mapping[str, Departure]) -> int:
    """News of issues are on the page of whom they concern, whether their email left or not."""
    ended: dict[str, list[int]] = {"sent": [], "failed": []}
    for notice, issue in queries.waiting_news(ctx.session):
        departure = known.get(departures.of_news(issue.code, notice.number, notice.person_id))
        left = departure is not None and departure.step is Step.LEFT
        ended["sent" if left else "failed"].append(notice.id)
    for state, ids in ended.items():
        changed(ctx.session, update(IssueNotice).where(IssueNotice.id.in_(ids)).values(mail=state))
    return sum(map(len, ended.values()))
