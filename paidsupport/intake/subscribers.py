"""What incoming mail and the guides have to say when something happens to a ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.gaps.rules import TopicKind
from paidsupport.intake.gaps.tables import Topic
from paidsupport.intake.guides import operations as guides
from paidsupport.intake.mail import masking as mail_masking
from paidsupport.intake.requests import solved as solved_requests
from paidsupport.issues import hooks as issues
from paidsupport.issues.hooks import Caller, Hands
from paidsupport.tickets import hooks
from paidsupport.tickets.arrivals.tables import Intake
from paidsupport.tickets.received import tables as inbox

#: So many of the pages that customers were pointed to last tell which hosts are documentation.
_MOST_PAGES = 500


def callers(session: Session, tickets: Collection[int]) -> Iterable[Caller]:
    """What those told of themselves who called or wrote for these tickets."""
    wanted = select(Intake.organisation, Intake.phone).where(Intake.ticket_id.in_(tickets))
    return [Caller(row.organisation, row.phone) for row in session.execute(wanted)]


def pages(session: Session) -> Iterable[str]:
    """The pages of documentation that customers were pointed to last."""
    wanted = select(Topic.name).where(Topic.kind == TopicKind.PAGE).order_by(Topic.id.desc())
    return session.scalars(wanted.limit(_MOST_PAGES)).all()


def resolve_requests(hands: Hands) -> None:
    """Resolve the requests that waited for nothing but their issues."""
    hands.each("resolve a request", solved_requests.due, solved_requests.resolve)


SUBSCRIPTIONS = (
    hooks.MAILS_BEFORE.by(inbox.before),
    hooks.VALUES_CUT.by(mail_masking.cut),
    hooks.MESSAGE_CUT.by(mail_masking.drop_mail_of),
    hooks.MESSAGE_RECEIVED.by(documented.hear),
    hooks.GUIDE_TITLE.by(guides.title_of),
    hooks.GUIDES.by(guides.explaining),
    issues.ALL_TOLD.by(resolve_requests),
    issues.CALLERS.by(callers),
    issues.PUBLIC_PAGES.by(pages),
)
