"""Telling a customer that their issue is looked into: by their ticket's owner and nobody else (T13, G6).

One letter tells of all issues that a ticket follows. It links to each that the customer may see, and says
nothing of a private one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from paidsupport.desk import annotation, correspondence, letters
from paidsupport.desk import history as ticket_history
from paidsupport.desk.correspondence import Draft, Opening
from paidsupport.desk.issues import family, history
from paidsupport.desk.people import holder_name
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.letters import LetterKind
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, NotTheOwnerError
from paidsupport.kernel import fields
from paidsupport.store import issues, tickets
from paidsupport.store.issue_analysis import untold
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

_KNOWS = (
    "There is nothing to tell: no issue of this ticket has a timeline that its customer does not know of."
)


def of_ticket(visit: Visit, ticket: Ticket) -> list[tuple[Follower, Issue]]:
    """What the customer of a ticket is to be told of now, also private issues: one query."""
    wanted = select(Follower, Issue).join(Issue, Issue.id == Follower.issue_id)
    wanted = wanted.where(Follower.ticket_id == ticket.id, untold()).order_by(Issue.id)
    rows = visit.session.execute(wanted.execution_options(populate_existing=True))
    return [(follower, issue) for follower, issue in rows]


def link(visit: Visit, issue: Issue) -> str:
    """The address of the public page of an issue."""
    settings = visit.house.settings
    return f"{settings.base_url}{settings.url_prefix}/issues/{issue.code}"


def draft(visit: Visit, ticket: Ticket, found: Sequence[tuple[Follower, Issue]]) -> Opening:
    """The letter that says so, to be looked through. Raises NotFoundError."""
    person = visit.session.get(Person, visit.by.id)
    if person is None:
        raise NotFoundError
    kind = LetterKind.INVESTIGATING
    context = {"person": person, "links": [link(visit, issue) for _, issue in found if not issue.private]}
    subject, body = (letters.render(visit, kind, part, ticket, **context) for part in ("subject", "body"))
    return Opening(kind, subject, body)


def tell(visit: Visit, code: str, letter: Draft) -> Letter:
    """Queue the letter of the ticket's owner; it may be the first contact.

    Raises NotFoundError, MoveRefusedError (there is nothing to tell), InvalidInputError (a link is missing,
    or a private issue is named), and what `correspondence.write` raises.
    """
    ticket = tickets.lock(visit.session, code)
    if before := correspondence.sent_before(visit, ticket, letter):
        return before
    found = _locked(visit, ticket)
    missing = [link(visit, issue) for _, issue in found if not issue.private]
    missing = [address for address in missing if address not in letter.body]
    if missing and correspondence.may_write(visit, ticket):
        sentence = "The link by which the customer can follow it is missing: {}"
        raise InvalidInputError({"body": [sentence.format(address) for address in missing]})
    sent = correspondence.send(visit, ticket, letter, kind=LetterKind.INVESTIGATING)
    visit.session.flush()
    for follower, issue in found:
        # an earlier letter never left: whoever wrote it has not answered the customer
        follower.answerer_id = (
            visit.by.id if follower.investigating_id else follower.answerer_id or visit.by.id
        )
        follower.investigating_id = sent.message_id
        _note(visit, issue, ticket, {"letter": sent.reference})
    return sent


def told_by_phone(visit: Visit, code: str, typed: str, *, key: str) -> Ticket:
    """Note that a customer was told on the phone, with what was said; by the owner, or by a manager.

    Raises NotFoundError, NotTheOwnerError, MoveRefusedError (there is nothing to tell), InvalidInputError
    (field `body`), KeyReusedError.
    """
    with ticket_history.edit(visit, code, key=key, content=("told-by-phone", code, typed)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if not visit.by.is_manager and (visit.by.id is None or ticket.owner_id != visit.by.id):
            raise NotTheOwnerError(code, holder_name(visit, ticket))
        body = fields.many_lines("body", typed, required="Note what was said.").strip()
        found = _locked(visit, ticket)
        annotation.keep(visit, ticket, body)
        data = {"text": fingerprint(body)}
        change.tell("told-by-phone", data)
        for follower, issue in found:
            follower.answerer_id = follower.answerer_id or visit.by.id
            follower.investigating_at = visit.now
            _note(visit, issue, ticket, {"letter": ""})
            family.confirm(visit, issue)
    return ticket


def _locked(visit: Visit, ticket: Ticket) -> list[tuple[Follower, Issue]]:
    """As `of_ticket`, with the issues locked, the first one first. Raises MoveRefusedError for none."""
    for _, issue in of_ticket(visit, ticket):
        issues.lock_by_id(visit.session, issue.id)
    found = of_ticket(visit, ticket)
    if not found:
        raise MoveRefusedError(ticket.code, [_KNOWS])
    return found


def _note(visit: Visit, issue: Issue, ticket: Ticket, data: dict[str, object]) -> None:
    visit.session.flush()
    history.tell(visit, issue, "investigating-told", {"ticket": ticket.code, **data})
