"""Staff who open a page: found by their user of the host app, with the number of their unread notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, column
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.db.prepared import fetch_one
from paidsupport.tickets.notices.tables import UNREAD_COUNT
from paidsupport.tickets.queue import queries as queue

# built once, and as text, because every page of the desk runs it
_BY_HOST_USER = sql(
    f"SELECT person.id, person.name, person.role, person.language, {UNREAD_COUNT} AS unread,"  # noqa: S608  # words of ours
    " EXISTS (SELECT 1 FROM paidsupport_draft AS draft"
    " WHERE draft.person_id = person.id AND draft.sealed IS NOT NULL) AS drafts"
    " FROM paidsupport_person AS person WHERE person.host_user_id = :host_user AND person.active"
).columns(*map(column, ("id", "name", "role", "language", "unread", "drafts")))


@dataclass(frozen=True, slots=True)
class Present:
    """A member of staff who has opened a page of the desk."""

    actor: Actor
    #: Their unread notices; one more than the maximum that is counted stands for “more”.
    unread: int
    #: The language they chose, if any.
    language: str = ""
    #: Whether they have drafts.
    drafts: bool = False
    #: The revision of the queue, for those who look at it.
    revision: str = ""


def by_host_user(session: Session, host_user_id: str) -> Present | None:
    """The member of staff for a user of the host app, if there is one."""
    row = fetch_one(session.connection(), _BY_HOST_USER, {"host_user": host_user_id})
    return _present(row, drafts=bool(row.drafts)) if row else None


def watching(connection: Connection, host_user_id: str) -> Present | None:
    """Like `by_host_user`, with the revision of the queue, in the same query."""
    row = queue.watcher(connection, host_user_id)
    return _present(row, revision=row.revision) if row else None


def _present(row: Any, **more: Any) -> Present:  # noqa: ANN401  # a row
    return Present(Actor("person", row.name, row.id, Role(row.role)), row.unread, row.language, **more)
