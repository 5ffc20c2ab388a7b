"""What the issue tracker does when something happens to a ticket."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, assignment, leaving, news, resolution, steps
from paidsupport.issues.queries import families as issue_families
from paidsupport.issues.queries import sight
from paidsupport.issues.queries.families import family_of
from paidsupport.issues.queries.followers import followed, issues_of
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.issues.views.work import own_work
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.text import whole_number
from paidsupport.tickets import hooks
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import Place
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import exposure


def deadlines_of_issues(ctx: Context, ticket: Ticket) -> Sequence[date]:
    """The deadlines of the issues that a ticket follows, which its customer may be promised."""
    known = Issue.deadline != NO_DEADLINE, Issue.timeline_at.is_not(None)
    return [issue.deadline for _, issue in followed(ctx.session, ticket, *known)]


def texts_about(ctx: Context, tickets: Collection[int]) -> Iterator[Place]:
    """Every text of staff on the issues that these tickets follow, and on their families; all are locked."""
    roots = ctx.session.scalars(issues_of(tickets))
    for id_ in sorted(ctx.session.scalars(family_of(*roots))):
        issue = issues.lock_by_id(ctx.session, id_)
        hide = None if issue.private else partial(_hide, code=issue.code)
        for _place, text in exposure.texts(ctx, Issue.__tablename__, {id_}):
            yield Place(issue.code, text, hide)


def _hide(ctx: Context, code: str) -> None:
    access.set_private(ctx, code, private=True, key=new_key())


def asks_for_consent(address: Mapping[str, str]) -> Callable[..., Decision] | None:
    """The operation that asks for consent to a step of an issue, if the address names one."""
    step = whole_number(address.get("step", ""), digits=9)
    return partial(steps.ask_consent, step_id=step) if step else None


_WITHDRAWN = storable(_("This email is no longer true: the solution was withdrawn."))


def against_leaving(ctx: Context, email: Email) -> str:
    """Why an email saying that an issue is solved must not leave; empty for all other emails."""
    if email.kind == EmailKind.SOLVED and not resolution.may_leave(ctx, email.message_id):
        return _WITHDRAWN
    return ""


SUBSCRIPTIONS = (
    hooks.AGAINST_MERGING.by(leaving.against_merging),
    hooks.MERGED.by(leaving.merged),
    hooks.AGAINST_LEAVING.by(against_leaving),
    hooks.SECRET_NAMES.by(sight.private_issues_in),
    hooks.CENSORED.by(sight.without_hidden),
    hooks.ASKS_FOR_CONSENT.by(asks_for_consent),
    hooks.NEWS_READ.by(news.read_all),
    hooks.DATES.by(deadlines_of_issues),
    hooks.AGAINST_SHOWING.by(assignment.why_not),
    hooks.TICKETS_OF.by(lambda: (Issue.__tablename__, issue_families.following)),
    hooks.TEXTS_ABOUT.by(texts_about),
    hooks.OWN_WORK.by(own_work),
    hooks.LEFT.by(assignment.left),
)
