"""Emailing notices of issues: all that is due for one person in one mail (P8, T15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Row, update

from paidsupport.issues.queries import news as queries
from paidsupport.issues.rules.kinds import OCCASIONS, Occasion, headed, mark
from paidsupport.issues.tables import Issue, IssueEvent, IssueNotice
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.languages import speaking, translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.mail.marks import mark_notice
from paidsupport.kernel.mail.transports import Transport
from paidsupport.kernel.outbox.operations import End, Outbox, Taken
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step
from paidsupport.tickets.emails.build import address, addressed, frame


@dataclass(frozen=True, slots=True)
class Parcel(Taken):
    """All notices that are due to be mailed to one person, with their events and issues."""

    person: Person
    rows: Sequence[Row[IssueNotice, IssueEvent, Issue]]


class News(Outbox[Parcel, Transport]):
    """The outbox of notices of issues: all that is due for one person leaves in one mail.

    A notice stays on the page whatever becomes of its mail: what may have left is not sent twice.
    """

    job = _("mail news of issues")
    table = queries.OUTBOX
    rows = queries.LEAVING
    locked = (IssueNotice, Person)
    unclear = End.FAILED

    def take(self, ctx: Context, _notice: IssueNotice, person: Person) -> Parcel | None:
        """Take all notices that are due for the person of this one.

        Those they have read, may not see any more, or would get after leaving the desk are not sent.
        """
        attempts = self.mark(ctx, queries.due(ctx, person))
        rows = queries.good(ctx.session, [*attempts])
        good = {row[0].id: attempts[row[0].id] for row in rows}
        bad = update(IssueNotice).where(IssueNotice.id.in_(attempts.keys() - good))
        changed(ctx.session, bad.values(mail=""))
        return Parcel(good, person, rows) if rows else None

    def hand_over(self, taken: Parcel) -> None:
        """Send it by mail, and record that in the journal."""
        self.to.send(build(self.services, taken, self.clock()))
        names = [departures.of_news(row[2].code, row[0].number, row[0].person_id) for row in taken.rows]
        departures.log_end(self.services.files, names, Step.LEFT, self.clock())


def build(services: Services, parcel: Parcel, now: datetime) -> EmailMessage:
    """One mail for all notices of a parcel. It never contains the summary of a private issue."""
    with speaking(services.language(parcel.person.language)):
        return _build(services, parcel, now)


def _build(services: Services, parcel: Parcel, now: datetime) -> EmailMessage:
    settings = services.settings
    base = f"{settings.base_url}{settings.url_prefix}/desk"
    issues = {row[2].id: row[2] for row in parcel.rows}
    first = next(iter(issues.values()))
    subject = (
        subject_of(first)
        if len(issues) == 1
        else translate(
            ngettext(
                "[%(name)s] %(num)s issue needs you",
                "[%(name)s] %(num)s issues need you",
                len(issues),
                name=settings.name,
            )
        )
    )
    lines = [
        {
            "subject": subject_of(issue),
            "url": f"{base}/issues/{issue.code}",
            "said": said(event.actor_name, notice.occasion),
        }
        for notice, event, issue in parcel.rows
    ]
    reference = f"issue-news-{parcel.rows[-1][0].id}-{parcel.person.id}"
    to = address(parcel.person.name, parcel.person.email)
    mail = addressed(services, to, subject, now, reference)
    mark_notice(mail, settings)
    context = {"person": parcel.person, "lines": lines, "profile": f"{base}/profile"}
    frame(services, mail, services.render("emails/issue-news/body.txt", context).strip(), first.code)
    return mail


def subject_of(issue: Issue) -> str:
    """Code, work left, deadline and summary. That of a private issue is left out: mail can be intercepted."""
    if issue.private:
        return " ".join(
            part
            for part in (mark(issue.minutes_left, issue.deadline), issue.code, translate(_("(private)")))
            if part
        )
    return headed(f"{issue.code}: {issue.summary}", issue.minutes_left, issue.deadline)


def said(actor: str, occasion: str) -> str:
    """What happened, as a sentence."""
    sentence: str = translate(OCCASIONS[Occasion(occasion)])
    return sentence % {"name": f"{actor[:1].upper()}{actor[1:]}"}
