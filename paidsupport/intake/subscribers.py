"""What incoming mail and the guides do when something happens to a ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.queries import intakes
from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.gaps.queries import last_pages
from paidsupport.intake.guides import queries as guides
from paidsupport.intake.mail import masking as mail_masking
from paidsupport.intake.requests import solved as solved_requests
from paidsupport.issues import hooks as issues
from paidsupport.issues.hooks import Caller, Hands
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.tickets import hooks
from paidsupport.tickets.received import tables as inbox

_JOB = storable(_("resolve a request"))


def callers(session: Session, tickets: Collection[int]) -> Iterable[Caller]:
    """What callers and senders of these tickets said about themselves."""
    return [Caller(intake.organisation, intake.phone) for intake in intakes(session, tickets)]


def resolve_requests(hands: Hands) -> None:
    """Resolve the requests that waited only for their issues."""
    hands.each(_JOB, solved_requests.due, solved_requests.resolve)


SUBSCRIPTIONS = (
    hooks.MAILS_BEFORE.by(inbox.before),
    hooks.VALUES_CUT.by(mail_masking.cut),
    hooks.MESSAGE_CUT.by(mail_masking.drop_mail_of),
    hooks.MESSAGE_RECEIVED.by(documented.hear),
    hooks.GUIDE_TITLE.by(guides.title_of),
    hooks.GUIDES.by(guides.explaining),
    issues.ALL_TOLD.by(resolve_requests),
    issues.CALLERS.by(callers),
    issues.PUBLIC_PAGES.by(last_pages),
)
