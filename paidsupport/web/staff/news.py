"""What somebody was told: on a page of its own, by day, until they have read it (P8)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from paidsupport.desk import notices
from paidsupport.desk.issues import news as issue_news
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import OCCASIONS
from paidsupport.store import notices as rows
from paidsupport.store.notices import HIGHEST, Notice
from paidsupport.store.tickets import Event, Ticket
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.staff.forms import ReadForm

_Told = Row[Notice, Event, Ticket]


@route("/desk/news", Who.STAFF)
def news(visit: Visit) -> ResponseReturnValue:
    """What concerns whoever looks, newest first: all of it, or what they have not read."""
    return _page(visit)


@route("/desk/news/read", Who.STAFF, ("POST",))
def read_all(visit: Visit) -> ResponseReturnValue:
    """Mark everything up to the newest notice that the page showed as read."""
    form = ReadForm()
    form.send(visit, lambda: _read_all(visit, form))
    if form.status == HTTPStatus.OK:
        return redirect(url_for("paidsupport.news"), 303)
    return _page(visit, form), form.status


def _read_all(visit: Visit, form: ReadForm) -> None:
    notices.read(visit, until=form.until.data or 0)
    issue_news.read(visit, until=min(form.issues_until.data or 0, HIGHEST))


def _page(visit: Visit, form: Form | None = None) -> str:
    # a type that does not fit gives None: the first page
    before = request.args.get("before", type=int)
    unread = request.args.get("unread") == "1"
    found = rows.page(
        visit.session, visit.by.id or 0, before if before and 0 < before < HIGHEST else None, unread=unread
    )
    more = url_for(".news", before=found.before, unread=int(unread) or None) if found.before else None
    of_issues = [] if before else issue_news.page(visit, unread=unread)
    until = max((row[0].id for row in found.rows), default=0)
    issues_until = max((row[0].id for row in of_issues), default=0)
    return show(
        "staff/news.html",
        of_issues=of_issues,
        occasions=OCCASIONS,
        days=_by_day(found.rows, visit),
        flows=visit.house.workflows,
        names={visit.by.id: "you"},
        unread=unread,
        next_url=more,
        form=form,
        press=ReadForm(formdata=None, until=until, issues_until=issues_until),
    )


def _by_day(found: Sequence[_Told], visit: Visit) -> list[tuple[str, list[_Told]]]:
    """The rows of each day under its name, in their order."""
    days = groupby(found, key=lambda row: visit.house.hours.local(row[0].at).date())
    return [(_named((visit.today - day).days, f"{day.day} {day:%B %Y}"), list(group)) for day, group in days]


def _named(days_ago: int, date: str) -> str:
    return {0: "Today", 1: "Yesterday"}.get(days_ago, date)
