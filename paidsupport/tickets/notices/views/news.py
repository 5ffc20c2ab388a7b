"""A person's notices, by day, on a page of their own (P8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import draw_sections, show
from paidsupport.tickets.forms import ReadForm
from paidsupport.tickets.hooks import NEWS_READ
from paidsupport.tickets.notices import tables as rows
from paidsupport.tickets.notices.operations import notices
from paidsupport.tickets.notices.tables import HIGHEST, Notice
from paidsupport.tickets.tables import Event, Ticket

_Told = Row[Notice, Event, Ticket]


#: Suffix of the form fields that say up to which notice a section was shown.
MARK = "_until"


@dataclass(frozen=True, slots=True)
class NewsView:
    """What the sections of the page are given."""

    #: Whether it is the first page, with the newest notices.
    first: bool
    unread: bool
    #: The newest notice of each section, by the name of its field in the form; sections add their own.
    marks: dict[str, int] = field(default_factory=dict)


@route("/desk/news", Who.STAFF)
def news(ctx: Context) -> ResponseReturnValue:
    """Show a person's notices, newest first: all of them, or the unread ones."""
    return _page(ctx)


@route("/desk/news/read", Who.STAFF, ("POST",))
def read_all(ctx: Context) -> ResponseReturnValue:
    """Mark everything up to the newest notice that the page showed as read."""
    form = ReadForm()
    form.send(ctx, lambda: _read_all(ctx, form))
    if form.status == HTTPStatus.OK:
        return redirect(url_for("paidsupport.news"), 303)
    return _page(ctx, form), form.status


def _read_all(ctx: Context, form: ReadForm) -> None:
    notices.read(ctx, until=form.until.data or 0)
    marks = {name: int(value) for name, value in request.form.items() if _is_mark(name, value)}
    ctx.services.hooks.call(NEWS_READ, ctx, marks)


def _is_mark(name: str, value: str) -> bool:
    return name.endswith(MARK) and value.isdecimal() and value.isascii() and len(value) < len(str(HIGHEST))


def _page(ctx: Context, form: Form | None = None) -> str:
    # anything that is not a number gives None, which is the first page
    before = request.args.get("before", type=int)
    unread = request.args.get("unread") == "1"
    found = rows.page(
        ctx.session, ctx.by.id or 0, before if before and 0 < before < HIGHEST else None, unread=unread
    )
    more = url_for(".news", before=found.before, unread=int(unread) or None) if found.before else None
    view = NewsView(first=not before, unread=unread)
    sections = draw_sections("news", lambda each: each.load(ctx, view, form), {})
    until = max((row[0].id for row in found.rows), default=0)
    return show(
        "tickets/notices/news.html",
        sections=sections,
        days=_by_day(found.rows, ctx),
        flows=ctx.services.workflows,
        names={ctx.by.id: translate(_("you"))},
        unread=unread,
        next_url=more,
        form=form,
        press=Sealed(until=until, **view.marks),
    )


def _by_day(found: Sequence[_Told], ctx: Context) -> list[tuple[str, list[_Told]]]:
    """Group the rows by day, newest first, whenever they were added."""
    ordered = sorted(found, key=lambda row: (row[0].at, row[0].id), reverse=True)
    days = groupby(ordered, key=lambda row: ctx.services.hours.local(row[0].at).date())
    return [(_named((ctx.today - day).days, spoken().formats.day(day)), list(group)) for day, group in days]


def _named(days_ago: int, date: str) -> str:
    return {0: _("Today"), 1: _("Yesterday")}.get(days_ago, date)
