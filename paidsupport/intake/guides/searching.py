"""Guides in the staff search, including the public ones (P6)."""

from __future__ import annotations

import re

from flask import url_for

from paidsupport.intake.guides import queries
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.search import MOST_HITS, Found, Hit
from paidsupport.kernel.words import words


def find(ctx: Context, typed: str) -> Found:
    """Find the guides that fit best."""
    rows = queries.listed(ctx.session, typed) if words(typed) else []
    hits = [
        Hit(
            url=url_for("paidsupport.guide", slug=row.slug),
            title=translate(row.title),
            about=_("Customers can read it") if row.public else "",
            texts=[re.sub(r"[*`#]", "", translate(row.body))],
        )
        for row in rows[:MOST_HITS]
    ]
    more = url_for("paidsupport.guides", words=typed) if len(rows) > MOST_HITS else ""
    return Found(_("Guides"), "book", hits, more_url=more)
