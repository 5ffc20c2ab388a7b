"""The queue: three parts with counts, filters in the address, news without reloading (G3, G5, P6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.mount import Mount, current
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.filters import capped
from paidsupport.kernel.web.forms import Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import NOTHING_NEW, PASS_HEADER, show, wants_fragment
from paidsupport.kernel.web.layout import draw, page_context
from paidsupport.kernel.words import words
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.hooks import QUEUE_COLUMNS
from paidsupport.tickets.queue import queries as store
from paidsupport.tickets.queue.queries import SORTS, Frame, Wanted

#: The ages one can filter by, in days.
AGES = (1, 3, 7, 30)
#: Nothing of ours is older than a century, or costs more than a column can hold.
_MOST_DAYS = 36_500
_HIGHEST = 2**31 - 1
#: What an open queue says of what it shows already; it asks for nothing.
_SEEN = {"since", "news"}
_LABELS = {Part.UNASSIGNED: "Unassigned", Part.PENDING: "Pending", Part.CLOSED: "Closed"}
#: What the queue looks like before anybody filters: the oldest wait first, the newest end first.
_DESCENDING = {Part.UNASSIGNED: False, Part.PENDING: False, Part.CLOSED: True, None: True}


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the queue, as the tabs show it."""

    name: str
    label: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class QueueParts:
    """What everybody who asks for the same tickets sees alike, as HTML; no `rows` if there are none."""

    #: What stands before the rows: tabs, notices, filters.
    frame: Markup
    rows: Markup
    #: What stands after them, or instead of them.
    rest: Markup
    poll_url: str


@route("/desk/", Who.WATCHER)
def queue(ctx: Context, revision: str) -> ResponseReturnValue:
    """The tickets of one part, or what a search found; as a whole page, or as the fragment htmx asks for."""
    return show(
        "tickets/queue/queue.html",
        block="tickets",
        drawn=_drawn(ctx, revision),
        queue_pass=ctx.services.links.queue_pass(ctx.by.id or 0),
        press=Sealed(),
        part=wants_fragment(),
    )


def _unchanged(mount: Mount) -> Response | None:
    """204 for an open queue with a good pass while nothing has changed: one query, and no look at its person.

    The pass is good for that and nothing else.
    """
    try:
        person_id = mount.services.links.read_queue_pass(request.headers.get(PASS_HEADER, ""))
    except NotFoundError:
        return None
    with mount.database.asking() as connection:
        beat = store.beat(connection, person_id)
    return Response(status=NOTHING_NEW) if beat and _is_seen(beat.revision, beat.unread) else None


def _is_seen(revision: str, unread: int) -> bool:
    """Whether an open queue shows just that."""
    return (revision, str(unread)) == (request.args.get("since"), request.args.get("news"))


@route("/desk/poll", Who.WATCHER, first=_unchanged)
def poll(ctx: Context, revision: str) -> ResponseReturnValue:
    """204 while nothing has changed; else the queue."""
    if _is_seen(revision, g.paidsupport_unread):
        return Response(status=NOTHING_NEW)
    return queue(ctx, revision)


def _drawn(ctx: Context, revision: str) -> QueueParts:
    """Drawn once for developers and once for managers until a ticket changes, or a minute has passed.

    Keys lead managers to more pages. The minute is for the ages of tickets, and for names of people and
    services: they change without an event.
    """
    stamp = (revision, int(ctx.now.timestamp() // 60))
    asked = frozenset((name, value) for name, value in request.args.items() if name not in _SEEN)
    keep = current().drawn.get
    return keep(
        (asked, request.script_root, ctx.by.is_manager, stamp),
        lambda: _draw(ctx, revision, keep(("frame", stamp), lambda: _frame(ctx))),
    )


def _frame(ctx: Context) -> Frame:
    return store.frame(ctx.session, ctx.now, ctx.services.workflows.values())


def _draw(ctx: Context, revision: str, frame: Frame) -> QueueParts:
    wanted = read(request.args, ctx.now)
    page = store.page(ctx.session, wanted)
    context = {
        "paidsupport": page_context(),
        "wanted": wanted,
        "open_part": wanted.part == Part.UNASSIGNED and not wanted.reopening,
        "frame": frame,
        "tabs": _tabs(frame),
        "ages": AGES,
        "flows": ctx.services.workflows,
        "rows": page.rows,
        "more": ctx.services.hooks.call(QUEUE_COLUMNS, ctx.session, [row.id for row in page.rows]),
        "dues": any(row.due_kind for row in page.rows),
        "base": url_for(".queue") + "tickets/",
        "labels": {s.name: s.label for flow in ctx.services.workflows.values() for s in flow.states},
        "code": tidy_code(request.args.get("q", "")),
        "next_url": _next_url(page.following),
        "first_url": _url(".queue", after="") if wanted.after else None,
    }
    parts = {name: draw(f"tickets/queue/_{name}.html", context) for name in ("frame", "rows", "rest")}
    return QueueParts(**parts, poll_url=_url(".poll", since=revision))


def read(args: MultiDict[str, str], now: datetime) -> Wanted:
    """The address of a queue as what to show. Raises NotFoundError for what no page of ours links to."""
    text = args.get("q", "")
    looked_for = words(text)
    # a list of everything is only ordered by what was looked for; no index serves it otherwise
    part = _part(args.get("part", "all" if looked_for else Part.UNASSIGNED))
    overdue = args.get("due") == "over"
    if part is None and not looked_for and not overdue:
        part = Part.UNASSIGNED
    days = _number(args.get("older", ""))
    sort = args.get("sort", "due" if overdue else "changed" if part is Part.CLOSED else "submitted")
    if sort not in SORTS:
        raise NotFoundError
    wanted = Wanted(
        part=part,
        service=args.get("service", ""),
        workflow=args.get("workflow", ""),
        owner=_number(args.get("owner", "")),
        submitted_before=now - timedelta(days=min(days, _MOST_DAYS)) if days else None,
        reopening=args.get("waiting") == "1",
        tag=args.get("tag", "").strip(),
        due_before=now if overdue else None,
        words=looked_for,
        sort=sort,
        descending=args["order"] == "down" if "order" in args else _DESCENDING[part] and sort != "due",
    )
    return replace(wanted, after=cursor(args.get("after", ""), sort))


def _part(name: str) -> Part | None:
    if name == "all":
        return None
    try:
        return Part(name)
    except ValueError:
        raise NotFoundError from None


def _number(text: str) -> int | None:
    return existing(whole_number(text)) if text else None


def cursor(text: str, sort: str) -> tuple[Any, int] | None:
    """The key of the last row of the page before, as `spelled` wrote it. Raises NotFoundError."""
    if not text:
        return None
    value, _, last_id = text.rpartition("~")
    number = existing(whole_number(last_id))
    if sort == "price":
        return min(_number(value) or 0, _HIGHEST), number
    try:
        return datetime.fromisoformat(value).astimezone(UTC), number
    except (ValueError, OverflowError):
        raise NotFoundError from None


def _next_url(following: tuple[Any, int] | None) -> str | None:
    if following is None:
        return None
    return _url(".queue", after=spelled(following))


def spelled(key: tuple[Any, int]) -> str:
    """The key of a row as it stands in addresses; `cursor` reads it."""
    value, last_id = key
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{last_id}"


def _url(endpoint: str, **changed: str) -> str:
    """The address of what is shown now, with some of it changed."""
    given: dict[str, Any] = {
        name: value for name, value in request.args.items() if name not in _SEEN
    } | changed
    return url_for(endpoint, **{name: value for name, value in given.items() if value})


def _tabs(frame: Frame) -> list[Tab]:
    kept: dict[str, Any] = {
        name: request.args[name]
        for name in ("service", "workflow", "owner", "older", "due", "tag", "q")
        if request.args.get(name)
    }
    return [
        Tab(part, _LABELS[part], capped(frame.counts[part]), url_for(".queue", part=part, **kept))
        for part in Part
    ]
