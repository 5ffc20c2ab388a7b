"""Choosing from what happened, for webhooks and chats: by patterns, and nothing of private issues (P12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections.tables import Connection, ConnectionTask
from paidsupport.connect.log import catalogue, queries
from paidsupport.connect.log.envelopes import envelopes
from paidsupport.connect.log.tables import Announcement
from paidsupport.issues.queries.sight import NOBODY, private_issues_in, without_hidden
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context

#: What a task of these kinds does.
DELIVER = "deliver"
#: All tasks of an endpoint are one chain: they arrive in the order in which they happened, and a receiver
#: that is down is asked for one of them alone.
CHAIN = "deliveries"
#: After so many attempts, one that a receiver answers with an error of its own keeps the others no longer.
_PATIENT = 4
#: What a receiver answers that is down: all wait for it.
_DOWN = frozenset({429, 502, 503, 504})


def patterns(typed: str) -> list[str]:
    """The patterns of types, as they were typed."""
    return typed.replace(",", " ").split()


def react(
    ctx: Context, connection: Connection, found: Sequence[Announcement], said: Callable[[Row[Any], Any], str]
) -> None:
    """Queue what is chosen; `said` writes its body, from its row and its envelope."""
    wanted = patterns(connection.values.get("events", ""))
    about = {each.id: each for each in found if catalogue.fits(each.type, wanted)}
    if not about:
        return
    rows = queries.told(ctx.session, NOBODY, about)
    for row, envelope in zip(rows, envelopes(ctx.services, ctx.session, NOBODY, rows), strict=True):
        body = said(row, envelope)
        connections.queue(ctx, connection, DELIVER, about=about[row.id], chain=CHAIN, body=body)
    ctx.session.flush()


def react_with_envelope(ctx: Context, connection: Connection, found: Sequence[Announcement]) -> None:
    """Queue what is chosen, as it is."""
    react(ctx, connection, found, lambda _row, envelope: json.dumps(envelope, ensure_ascii=False))


def may_leave(ctx: Context, task: ConnectionTask) -> bool:
    """Whether it may be told still: an issue may have become private since it was queued.

    One that its receiver cannot deal with is taken out of the chain.
    """
    _let_others_pass(task)
    if private_issues_in(ctx.session, task.body):
        if task.issue_id is not None and ctx.session.get_one(Issue, task.issue_id).private:
            return False
        told = without_hidden(ctx.session, NOBODY, json.loads(task.body))
        task.body = json.dumps(told, ensure_ascii=False)
    return True


def _let_others_pass(task: ConnectionTask) -> None:
    if task.attempts >= _PATIENT and task.status is not None and task.status not in _DOWN:
        task.chain = ""
