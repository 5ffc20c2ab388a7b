"""The tabs above the lists: the parts of the queue, one's own work, and saved views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from flask import request, session, url_for
from werkzeug.datastructures import MultiDict

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff.saved import queries as saved
from paidsupport.kernel.web.filters import capped
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.queue import queries as store
from paidsupport.tickets.queue.address import NARROWING, asked, read
from paidsupport.tickets.queue.queries import Wanted

#: The key in the browser's session that says its person has just changed a view.
VIEWS_CHANGED = "paidsupport_views"
_LABELS = {
    Part.UNASSIGNED: pgettext("part of the queue", "Unassigned"),
    Part.PENDING: pgettext("part of the queue", "Pending"),
    Part.CLOSED: pgettext("part of the queue", "Closed"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One list as a tab; `count` is None if it is not counted."""

    name: str
    label: str
    count: str
    url: str
    #: Whether it is the list on the page.
    here: bool = False


def parts(counts: Mapping[str, int]) -> list[Tab]:
    """The parts of the queue, with the filters that are set now."""
    kept: dict[str, Any] = {name: request.args[name] for name in (*NARROWING, "q") if request.args.get(name)}
    return [
        Tab(part, _LABELS[part], capped(counts[part]), url_for(".queue", part=part, **kept)) for part in Part
    ]


def of_person(ctx: Context, stamp: object) -> list[Tab]:
    """A person's saved views with their counts, cached until a ticket changes.

    A person who has just changed a view sees it at once, others within a minute.
    """
    key = ("views", ctx.by.id, session.get(VIEWS_CHANGED), stamp)
    found: list[Tab] = current().drawn.get(key, lambda: _of_person(ctx))
    here = asked(request.args)
    return [
        replace(tab, here=asked(MultiDict(parse_qsl(tab.url.partition("?")[2]))) == here) for tab in found
    ]


def _of_person(ctx: Context) -> list[Tab]:
    views = saved.for_person(ctx.session, ctx.by.id or 0)
    wanted = [_wanted(ctx, view.query) for view in views]
    # views that search for words are not counted, because that is slow
    counted = iter(store.counts(ctx.session, [each for each in wanted if each and not each.words], ctx.now))
    counts = [capped(next(counted)) if each and not each.words else "" for each in wanted]
    return [
        Tab(str(view.id), view.name, count, f"{url_for('paidsupport.queue')}?{view.query}")
        for view, count in zip(views, counts, strict=True)
    ]


def _wanted(ctx: Context, query: str) -> Wanted | None:
    """The filters of a view; None if its address is no longer valid."""
    try:
        return read(MultiDict(parse_qsl(query)), ctx.now, ctx.services.workflows.values())
    except NotFoundError:
        return None
