"""Invariant of issues and people: no text of an issue says who follows it (N5)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import String, Table, select

from paidsupport.issues.operations.privacy import Reader
from paidsupport.issues.queries.contents import marks_kept
from paidsupport.issues.tables import Follower, Issue, IssueWord
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.invariants import invariant
from paidsupport.privacy.personal.text import fold
from paidsupport.tickets.tables import Ticket

#: Columns with names of staff, and with words of ours.
_OURS = frozenset(
    (
        *("author_name", "person_name", "actor_name", "added_by", "done_by"),
        *("kind", "state", "code", "hash", "previous", "digest", "salt", "event_hash", "key", "fingerprint"),
    )
)


@invariant("issues name no customers")
def issues_name_no_customers(ctx: Context) -> Iterator[str]:
    """No column of any table of issues holds the full name, address or phone number of a follower."""
    wanted = select(Issue, Ticket).join(Follower, Follower.issue_id == Issue.id)
    wanted = wanted.join(Ticket, Ticket.id == Follower.ticket_id).where(Ticket.erased_at.is_(None))
    for issue, ticket in ctx.session.execute(wanted.order_by(Follower.id)):
        reader = Reader(ctx, [ticket])
        theirs = (*reader.known.emails, *reader.known.phones, *reader.known.names)
        # a single word may be an ordinary one
        needles = [_plain(text) for text in theirs if " " in text or "@" in text]
        for column, text in _texts(ctx, issue):
            plain = _plain(text)
            named = any(needle in plain for needle in needles)
            if named and {each.mark for each in reader.identified(text)} - marks_kept(ctx.session, issue):
                yield f"{issue.code}: {column} says who follows it ({ticket.code})"


def _plain(text: str) -> str:
    """A text in the form in which names are compared: folded, with single spaces."""
    return " ".join(fold(text).split())


def _texts(ctx: Context, issue: Issue) -> Iterator[tuple[str, str]]:
    for table in _tables():
        columns = [each for each in table.columns if isinstance(each.type, String) and each.name not in _OURS]
        key = table.c.id if table.name == Issue.__tablename__ else table.c.issue_id
        if columns:
            for row in ctx.session.execute(select(*columns).where(key == issue.id)):
                for column, value in zip(columns, row, strict=True):
                    yield f"{table.name}.{column.name}", value or ""


def _tables() -> Iterator[Table]:
    """All tables whose rows are an issue or belong to one; except indexed words, which say nothing alone."""
    for table in Base.metadata.sorted_tables:
        belongs = "issue_id" in table.columns and table.name != IssueWord.__tablename__
        if table.name == Issue.__tablename__ or belongs:
            yield table
