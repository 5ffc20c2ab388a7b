"""Tickets in the search of the desk (P6)."""

from __future__ import annotations

from flask import url_for

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.search import MOST_HITS, Found, Hit
from paidsupport.kernel.words import words
from paidsupport.tickets.queue import queries


def find(ctx: Context, typed: str) -> Found:
    """The tickets with all words, in what was ordered, written, noted or tagged; the newest first."""
    rows = queries.found(ctx.session, words(typed), MOST_HITS + 1)
    shown = rows[:MOST_HITS]
    texts = queries.texts_of(ctx.session, [row.id for row in shown])
    hits = [
        Hit(
            url=url_for("paidsupport.ticket", code=row.code),
            title=row.summary or row.service_name,
            code=row.code,
            about=row.customer_name,
            state=ctx.services.workflows[row.workflow].state(row.state),
            texts=texts.get(row.id, ()),
        )
        for row in shown
    ]
    more = url_for("paidsupport.queue", q=typed) if len(rows) > MOST_HITS else ""
    return Found(_("Tickets"), "ticket", hits, more)
