"""Tickets in the staff search (P6)."""

from __future__ import annotations

from flask import g, url_for

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.search import MOST_HITS, Found
from paidsupport.kernel.web.lists import headings
from paidsupport.kernel.words import words
from paidsupport.tickets.notices.queries import unread_tickets
from paidsupport.tickets.queue import queries
from paidsupport.tickets.queue.lines import COLUMNS, of_rows


def find(ctx: Context, typed: str) -> Found:
    """Find tickets with all words in the order, messages, annotations or tags; newest first."""
    rows = queries.found(ctx.session, words(typed), MOST_HITS + 1, ctx.now)
    shown = rows[:MOST_HITS]
    texts = queries.texts_of(ctx.session, [row.id for row in shown])
    unread = (
        unread_tickets(ctx.session, ctx.by.id or 0) if shown and g.get("paidsupport_unread") else frozenset()
    )
    lines = of_rows(ctx, shown, unread)
    for line in lines:
        line.texts = texts.get(line.id, ())
    more = url_for("paidsupport.queue", q=typed) if len(rows) > MOST_HITS else ""
    columns = headings(COLUMNS[None], lines)
    return Found(_("Tickets"), "ticket", lines=lines, columns=columns, more_url=more)
