"""Mailing people what they were told of issues: all that is due for one of them in one mail (P8, T15)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from paidsupport.issues.operations import news
from paidsupport.issues.operations.news import Parcel
from paidsupport.issues.rules.kinds import OCCASIONS, Occasion, headed, mark
from paidsupport.issues.tables import Issue
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.mail.marks import POLICY, mark_notice
from paidsupport.kernel.mail.transports import NotSentError, Transport
from paidsupport.kernel.text import LINE_LIMIT, shorten
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step
from paidsupport.tickets.emails.build import address, literal


def due(ctx: Context) -> list[int]:
    """The ids of the people whom something is to be mailed to."""
    return news.due(ctx)


def send(
    services: Services,
    database: Database,
    transport: Transport,
    clock: Callable[[], datetime],
    person_id: int,
) -> bool:
    """Mail one person all that is due for them; returns whether a mail left.

    Taking, sending and noting are steps of their own: nothing is locked while the mail server talks.
    """
    with database.writing() as session:
        ctx = Context(services, session, CLOCK, clock())
        parcel = news.take(ctx, person_id)
        mail = build(services, parcel, clock()) if parcel else None
        rows = parcel.rows if parcel else []
        ids = [row[0].id for row in rows]
        names = [departures.of_news(row[2].code, row[0].number, row[0].person_id) for row in rows]
    if mail is None:
        return False
    left, again = _handed_over(transport, mail)
    if left:
        with suppress(StorageFullError):
            departures.log(services.files, names, Step.LEFT, clock(), {})
    with database.writing() as session:
        news.note(Context(services, session, CLOCK, clock()), ids, left=left, again=again)
    return left


def _handed_over(transport: Transport, mail: EmailMessage) -> tuple[bool, bool]:
    """Whether it left, and whether trying again makes sense."""
    try:
        transport.send(mail)
    except NotSentError as error:
        return False, not error.permanent
    except Exception:  # noqa: BLE001  # unclear, or a transport of the site's own: never twice
        return False, False
    return True, False


def build(services: Services, parcel: Parcel, now: datetime) -> EmailMessage:
    """One mail for all notices of a parcel. Of a private issue it tells the code alone."""
    settings = services.settings
    base = f"{settings.base_url}{settings.url_prefix}/desk"
    issues = {row[2].id: row[2] for row in parcel.rows}
    first = next(iter(issues.values()))
    subject = subject_of(first) if len(issues) == 1 else f"[{settings.name}] {len(issues)} issues need you"
    lines = [
        {
            "subject": subject_of(issue),
            "url": f"{base}/issues/{issue.code}",
            "said": said(event.actor_name, notice.occasion),
        }
        for notice, event, issue in parcel.rows
    ]
    mail = EmailMessage(policy=POLICY)
    mail["From"] = address(settings.name, settings.mail_from)
    mail["To"] = address(parcel.person.name, parcel.person.email)
    mail["Subject"] = literal(shorten(subject, LINE_LIMIT))
    mail["Date"] = format_datetime(now)
    domain = settings.mail_from.rsplit("@", 1)[-1]
    mail["Message-ID"] = f"<issue-news-{parcel.rows[-1][0].id}-{parcel.person.id}@{domain}>"
    mark_notice(mail, settings)
    context = {"person": parcel.person, "lines": lines, "profile": f"{base}/profile"}
    body = services.render("emails/issue-news/body.txt", context).strip()
    frame = {"body": body, "link": "", "desk": settings.name, "code": first.code, "answer_above": ""}
    mail.set_content(services.render("emails/_frame.txt", frame))
    mail.add_alternative(services.render("emails/_frame.html", frame), subtype="html")
    return mail


def subject_of(issue: Issue) -> str:
    """Code, time left and deadline, and the summary, unless the issue is private: mail is read on the way."""
    if issue.private:
        return " ".join(
            part for part in (mark(issue.minutes_left, issue.deadline), issue.code, "(private)") if part
        )
    return headed(f"{issue.code}: {issue.summary}", issue.minutes_left, issue.deadline)


def said(actor: str, occasion: str) -> str:
    """What happened, as a sentence."""
    words = OCCASIONS[Occasion(occasion)]
    return words if words[0].isupper() else f"{actor[:1].upper()}{actor[1:]} {words}"
