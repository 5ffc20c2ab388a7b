"""Where secrets stand already: texts that are older than the secret, or that come to its ticket later (G15).

The gate keeps secrets from being written; what was there before is found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from paidsupport.desk import comparing
from paidsupport.desk.comparing import Question
from paidsupport.desk.gate import family_of, following, words_in
from paidsupport.desk.quotes import standing_for
from paidsupport.desk.visit import Visit
from paidsupport.domain.redaction import Secrets, TooCostlyError
from paidsupport.errors import MoveRefusedError
from paidsupport.store import gate, issues
from paidsupport.store.base import Base
from paidsupport.store.conversation import Message
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.tickets import Ticket, family

#: Tables of which a ticket's owner is told, by what they are called then.
_CALLED = {
    "paidsupport_message": "a message to the customer",
    "paidsupport_annotation": "a note",
    "paidsupport_entry": "the work log",
    "paidsupport_item": "the checklist",
    "paidsupport_decision": "a question to the customer",
    "paidsupport_ticket": "the order",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A text of staff, what it is called, and the issue that it is on, if it is."""

    name: str
    issue: Issue | None
    text: str


def refuse_to_follow(visit: Visit, issue: Issue, ticket: Ticket) -> None:
    """Refuse that a ticket follows an issue that gives one of the ticket's secrets away.

    For a locked issue and a locked ticket. Raises GivenAwayError (field `issue`), VaultClosedError.
    """
    if not visit.by.is_person:
        return
    standing = standing_for(visit, {ticket.id})
    if standing.kept or standing.words:
        text = "\n".join(place.text for place in _of_issue(visit, issue))
        comparing.refuse(visit.house, visit.compared, standing, Question(text, "issue"))


def refuse_to_show(visit: Visit, issue: Issue) -> None:
    """Refuse to make a locked issue public again that gives a secret of a following ticket away.

    Raises MoveRefusedError, VaultClosedError.
    """
    standing = standing_for(visit, set(visit.session.scalars(following(issue.id))))
    text = "\n".join(place.text for place in _of_issue(visit, issue))
    question = Question(text, "issue")
    if (standing.kept or standing.words) and (
        said := comparing.problems(visit.house, visit.compared, standing, question)
    ):
        raise MoveRefusedError(issue.code, said["issue"])


def says(text: str, secret: str) -> bool:
    """Whether a text gives a secret away, as far as anybody knows."""
    try:
        return bool(Secrets([secret]).hits(text, 1))
    except TooCostlyError:
        return True


def places(visit: Visit, ticket: Ticket) -> Iterator[Place]:
    """Every text of staff on a locked ticket, and on the issues it follows; these are locked too."""
    theirs = select(Ticket.id).where(family(ticket))
    roots = visit.session.scalars(select(Follower.issue_id).where(Follower.ticket_id.in_(theirs))).all()
    around = {id_ for root in roots for id_ in visit.session.scalars(family_of(root))}
    for id_ in sorted(around):
        yield from _of_issue(visit, issues.lock_by_id(visit.session, id_))
    ids = set(visit.session.scalars(theirs))
    for table, place in _tables(Ticket.__tablename__):
        for text in _texts(visit, table, place.in_(ids)):
            yield Place(_CALLED.get(table.name, table.name.removeprefix("paidsupport_")), None, text)


def _of_issue(visit: Visit, issue: Issue) -> Iterator[Place]:
    """Every text of an issue that people of the desk wrote."""
    for table, place in _tables(Issue.__tablename__):
        for text in _texts(visit, table, place == issue.id):
            yield Place(issue.code, issue, text)


def _tables(about: str) -> Iterator[tuple[Table, ColumnElement[Any]]]:
    """The tables with texts of staff that belong to tickets or issues, each with the column that says so."""
    for table in Base.metadata.sorted_tables:
        if table.name == about:
            yield table, table.c.id
            continue
        for key in table.foreign_keys:
            named = key.parent.name == f"{about.removeprefix('paidsupport_')}_id"
            if named and key.column.table.name == about and gate.staff_columns(table):
                yield table, key.parent


def _texts(visit: Visit, table: Table, which: ColumnElement[bool]) -> Iterator[str]:
    columns = [table.c[name] for name in gate.staff_columns(table)]
    wanted = select(*columns).where(which)
    if table.name == Message.__tablename__:
        wanted = wanted.where(table.c.direction == "out")
    for row in visit.session.execute(wanted):
        yield "\n".join(words_in(list(row)))
