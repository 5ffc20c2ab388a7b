"""“It is solved”: the letter to a customer who waits, by whoever has their ticket, once, in time (T18)."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from paidsupport.desk import correspondence, letters
from paidsupport.desk.correspondence import Draft, Opening
from paidsupport.desk.issues import access, history, notes, resolution
from paidsupport.desk.people import holder_name
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import STAGES, Stage
from paidsupport.domain.letters import LetterKind
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, NotTheOwnerError
from paidsupport.store import tickets
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.people import Person
from paidsupport.store.plain import changed
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

_NOT_OF_A_CODE = re.compile(r"[^A-Z0-9]")


def subject_of(visit: Visit, ticket: Ticket, typed: str) -> Issue:
    """The issue that a customer is told of: the one whose code was `typed`, else the first that can be told.

    Raises NotFoundError, if the ticket follows none, or none that this person may see.
    """
    if typed:
        return access.see(visit, typed)
    wanted = select(Issue).join(Follower, Follower.issue_id == Issue.id).order_by(Follower.id)
    found = visit.session.scalars(wanted.where(Follower.ticket_id == ticket.id, access.visible(visit))).all()
    for issue in found:
        if not resolution.against(issue, resolution.find(visit, issue, ticket)):
            return issue
    if not found:
        raise NotFoundError
    return found[0]


def draft(visit: Visit, ticket: Ticket, issue: Issue) -> Opening:
    """The letter to start from: what the developer has drafted, with a greeting and a name. NotFoundError."""
    person = visit.session.get(Person, visit.by.id)
    if person is None:
        raise NotFoundError
    settings = visit.house.settings
    written = notes.newest(visit, issue, "draft")
    where = STAGES[Stage(issue.stage)] if issue.stage else ""
    context = {
        "person": person,
        "draft": written.body if written else "",
        "where": where[:1].lower() + where[1:],
        "version": issue.stage_version,
        "issue_code": "" if issue.private else issue.code,
        "issue_url": "" if issue.private else f"{settings.base_url}{settings.url_prefix}/issues/{issue.code}",
    }
    kind = LetterKind.SOLVED
    subject, body = (letters.render(visit, kind, part, ticket, **context) for part in ("subject", "body"))
    return Opening(kind, subject, body)


def send(visit: Visit, ticket_code: str, issue_code: str, letter: Draft) -> Letter:
    """Tell a customer that it is solved: never before it is, and never twice.

    Raises NotFoundError, NotTheOwnerError, MoveRefusedError (not approved, has not come so far, or they
    know), InvalidInputError (field `body`: also for the code of a private issue), StaleThreadError,
    KeyReusedError, VaultClosedError. A resent key gives the letter that it became.
    """
    access.see(visit, issue_code)
    ticket = tickets.lock(visit.session, ticket_code)
    if before := correspondence.sent_before(visit, ticket, letter):
        return before
    if not correspondence.may_write(visit, ticket):
        raise NotTheOwnerError(ticket.code, holder_name(visit, ticket))
    issue = access.lock(visit, issue_code)
    waiting = resolution.find(visit, issue, ticket)
    if sentences := resolution.against(issue, waiting):
        raise MoveRefusedError(ticket.code, sentences)
    _refuse_private(issue, letter.body)
    earlier = waiting.follower.solved_id
    sent = correspondence.send(visit, ticket, letter, kind=LetterKind.SOLVED)
    # of two at once one finds it as it was read: the database decides
    free = (
        update(Follower)
        .where(Follower.id == waiting.follower.id, Follower.told_at.is_(None), Follower.ended_at.is_(None))
        .where(Follower.solved_id.is_not_distinct_from(earlier))
    )
    if changed(visit.session, free.values(solved_id=sent.message_id, to_pass=False)) != 1:
        raise MoveRefusedError(ticket.code, ["Somebody has just told this customer."])
    visit.session.expire(waiting.follower)
    data = {"ticket": ticket.code, "letter": sent.reference}
    history.tell(visit, issue, "solved-written", data)
    return sent


def _refuse_private(issue: Issue, body: str) -> None:
    """The code of a private issue leads nowhere, and says that there is one. Raises InvalidInputError."""
    bare = _NOT_OF_A_CODE.sub("", issue.code)
    if issue.private and bare in _NOT_OF_A_CODE.sub("", body.upper()):
        raise InvalidInputError({"body": [f"{issue.code} is private: customers must not read its code."]})
