"""Issues in the staff search, as far as this person may see them (P6)."""

from __future__ import annotations

from flask import url_for

from paidsupport.issues.queries import lists
from paidsupport.issues.queries.lists import Wanted
from paidsupport.issues.views.lines import COLUMNS, of_rows
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.search import MOST_HITS, Found
from paidsupport.kernel.web.lists import headings
from paidsupport.kernel.words import words


def find(ctx: Context, typed: str) -> Found:
    """Find issues with all words; the last changed one first."""
    looked_for = words(typed)
    wanted = Wanted(state="all", words=looked_for, sort="changed")
    rows = lists.page(ctx.session, ctx.by, wanted).rows if looked_for else ()
    lines = of_rows(ctx, rows[:MOST_HITS])
    more = url_for("paidsupport.issues", q=typed) if len(rows) > MOST_HITS else ""
    return Found(_("Issues"), "issue", lines=lines, columns=headings(COLUMNS, lines), more_url=more)
