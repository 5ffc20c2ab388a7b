"""Organisations in the staff search (P6)."""

from __future__ import annotations

from flask import url_for

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.search import MOST_HITS, Found, Hit
from paidsupport.sales.organisations.queries import pages


def find(ctx: Context, typed: str) -> Found:
    """Find organisations whose name, or the name, address or number of one contact, contains every word."""
    looked_for = pages.words_of(typed)
    rows = pages.listed(ctx.session, looked_for)[0] if looked_for else ()
    hits = [
        Hit(
            url=url_for("paidsupport.organisation", organisation=row.Organisation.reference),
            title=row.Organisation.name,
            about=row.holder or "",
        )
        for row in rows[:MOST_HITS]
    ]
    more = url_for("paidsupport.organisations", q=typed) if len(rows) > MOST_HITS else ""
    return Found(_("Organisations"), "organisation", hits, more_url=more)
