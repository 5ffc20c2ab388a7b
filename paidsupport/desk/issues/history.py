"""The history of an issue: chained like that of a ticket, in a table of its own (reliability 24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from paidsupport.desk.history import following
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint as print_of
from paidsupport.errors import KeyReusedError
from paidsupport.store.issues import Issue, IssueEvent

#: The columns of an issue that go on with every event.
_HEAD = ("event_count", "event_hash", "changed_at")


def append(
    visit: Visit,
    issue: Issue,
    kind: str,
    data: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
    fingerprint: str | None = None,
) -> dict[str, Any]:
    """Add an event and return the columns of the issue that must be written with it.

    The caller holds the issue's lock. `data` holds figures, names of ours and hashes: nothing that was typed.
    """
    line = following(visit, issue, kind, data, key=key, fingerprint=fingerprint)
    visit.session.execute(insert(IssueEvent).values(issue_id=issue.id, **line))
    return {name: getattr(issue, name) for name in _HEAD}


def once(visit: Visit, issue: Issue | None, key: str) -> str:
    """The form's key as it is kept for a deed of this actor on `issue` (None: a new one)."""
    return print_of("issue", visit.by.kind, visit.by.id, issue.code if issue else "", key)


def done_before(visit: Visit, once: str, fingerprint: str) -> IssueEvent | None:
    """The event that this one-time key already brought about, if any (design §5.6).

    Raises KeyReusedError when it came with other content then.
    """
    found = visit.session.scalar(select(IssueEvent).where(IssueEvent.key == once))
    if found is not None and found.fingerprint != fingerprint:
        raise KeyReusedError
    return found


def of(visit: Visit, issue: Issue, newest: int | None = None) -> list[IssueEvent]:
    """The history of an issue from the first line on; or its `newest` lines, the newest first."""
    wanted = select(IssueEvent).where(IssueEvent.issue_id == issue.id)
    if newest is None:
        return list(visit.session.scalars(wanted.order_by(IssueEvent.number)))
    return list(visit.session.scalars(wanted.order_by(IssueEvent.number.desc()).limit(newest)))
