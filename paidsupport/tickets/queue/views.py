"""The queue: its parts with counts, filters in the address, updates without reloading (G3, G5, P6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.mount import Mount, current
from paidsupport.kernel.web.forms import Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import NOTHING_NEW, PASS_HEADER, filtered, show, wants_fragment
from paidsupport.kernel.web.layout import draw, page_context
from paidsupport.kernel.web.lists import headings
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import standing, turn
from paidsupport.tickets.bulk.queries import shown as shown_bulk
from paidsupport.tickets.hooks import QUEUE_COLUMNS
from paidsupport.tickets.notices.queries import unread_tickets
from paidsupport.tickets.priority.rules import NAMES, PRIORITIES
from paidsupport.tickets.queue import queries as store
from paidsupport.tickets.queue.address import NARROWING, SEEN, asked, read, spelled
from paidsupport.tickets.queue.lines import COLUMNS, of_rows
from paidsupport.tickets.queue.queries import Frame, Wanted
from paidsupport.tickets.queue.tabs import of_person, parts

#: The ages to filter by, in days.
AGES = (1, 3, 7, 30)


@dataclass(frozen=True, slots=True)
class QueueParts:
    """HTML that is the same for all staff with the same filters; `rows` is empty if there are none."""

    #: The tabs of the parts of the queue.
    tabs: Markup
    #: What else needs attention.
    notices: Markup
    filters: Markup
    rows: Markup
    #: What stands after the rows, or in their place.
    rest: Markup
    poll_url: str


@route("/desk/", Who.WATCHER)
def queue(ctx: Context, revision: str) -> ResponseReturnValue:
    """Show the tickets of one part, or of a search: as a page, or as the fragment that htmx asks for."""
    stamp = (revision, int(ctx.now.timestamp() // 60))
    here = _url("paidsupport.queue")
    html = show(
        "tickets/queue/queue.html",
        block="tickets",
        drawn=_drawn(ctx, revision, stamp),
        own_tabs=of_person(ctx, stamp),
        queue_pass=ctx.services.links.queue_pass(ctx.by.id or 0),
        press=Sealed(),
        here=here,
        save_url=_url(".new_view"),
        part=wants_fragment(),
        bulk=shown_bulk(ctx.session, ctx.by.id or 0, request.args.get("bulk", "")),
    )
    # a poll does not change the address in the browser
    return filtered(html, here) if request.endpoint == "paidsupport.queue" else Response(html)


def _unchanged(mount: Mount) -> Response | None:
    """Answer an open queue with a valid pass 204 while nothing has changed, in one query.

    The person is not looked up, so the pass is valid for nothing else.
    """
    try:
        person_id = mount.services.links.read_queue_pass(request.headers.get(PASS_HEADER, ""))
    except NotFoundError:
        return None
    with mount.database.asking() as connection:
        beat = store.beat(connection, person_id)
    return Response(status=NOTHING_NEW) if beat and _is_seen(beat.revision, beat.unread) else None


def _is_seen(revision: str, unread: int) -> bool:
    """Whether this revision and number of notices are what the open queue shows."""
    return (revision, str(unread)) == (request.args.get("since"), request.args.get("news"))


@route("/desk/poll", Who.WATCHER, first=_unchanged)
def poll(ctx: Context, revision: str) -> ResponseReturnValue:
    """Answer 204 while nothing has changed, otherwise the queue."""
    if _is_seen(revision, g.paidsupport_unread):
        return Response(status=NOTHING_NEW)
    return queue(ctx, revision)


def _drawn(ctx: Context, revision: str, stamp: object) -> QueueParts:
    """Render the queue once for all who see the same, until a ticket changes or a minute has passed.

    The keys differ because managers have more links, and an owner's own name is shown as “You”. The minute
    is for the ages of tickets, and for names of people and services, which change without an event.
    """
    keep, wanted = current().drawn.get, read(request.args, ctx.now, ctx.services.workflows.values())
    unread = _unread(ctx, stamp)
    who = (unread, None if wanted.part == Part.UNASSIGNED else ctx.by.id)
    key = (asked(request.args), request.script_root, ctx.by.is_manager, spoken().tag, who, stamp)
    return keep(
        key, lambda: _draw(ctx, revision, wanted, unread, keep(("frame", stamp), lambda: _frame(ctx)))
    )


def _unread(ctx: Context, stamp: object) -> frozenset[int]:
    """The tickets with news for this person, read again when the number of their notices changes."""
    if not g.paidsupport_unread:
        return frozenset()
    key = ("unread", ctx.by.id, g.paidsupport_unread, stamp)
    found: frozenset[int] = current().drawn.get(key, lambda: unread_tickets(ctx.session, ctx.by.id or 0))
    return found


def _frame(ctx: Context) -> Frame:
    return store.frame(ctx.session, ctx.now, ctx.services.workflows.values())


def _draw(ctx: Context, revision: str, wanted: Wanted, unread: frozenset[int], frame: Frame) -> QueueParts:
    page = store.page(ctx.session, wanted, ctx.now)
    lines = of_rows(ctx, page.rows, unread)
    context = {
        "paidsupport": page_context(),
        "wanted": wanted,
        "open_part": wanted.part == Part.UNASSIGNED,
        "frame": frame,
        "tabs": parts(frame.counts),
        "ages": AGES,
        "turns": turn.LABELS,
        "priorities": [(NAMES[number], number, label) for number, label in PRIORITIES.items()],
        "urgencies": [(NAMES[number], label) for number, label in PRIORITIES.items()],
        "payments": list(standing.LABELS.items()),
        "flows": ctx.services.workflows,
        "kinds": [(name, flow.label) for name, flow in ctx.services.workflows.items()],
        "filtered": _is_filtered(),
        "lines": lines,
        "columns": headings(COLUMNS[wanted.part], lines),
        "more": ctx.services.hooks.call(QUEUE_COLUMNS, ctx.session, [row.id for row in page.rows]),
        "base": url_for(".queue") + "tickets/",
        "typed": request.args.get("q", "") if wanted.words else "",
        "code": tidy_code(request.args.get("q", "")),
        "next_url": _url(".queue", after=spelled(page.following)) if page.following else None,
        "first_url": _url(".queue", after="") if wanted.after else None,
    }
    names = ("tabs", "notices", "filters", "rows", "rest")
    drawn = {name: draw(f"tickets/queue/_{name}.html", context) for name in names}
    return QueueParts(**drawn, poll_url=_url(".poll", since=revision))


def _is_filtered() -> bool:
    """Whether the address filters the list further than by its part and a search."""
    return any(request.args.get(name) for name in NARROWING)


def _url(endpoint: str, **changed: str) -> str:
    """The present address with some of its parameters changed."""
    given: dict[str, Any] = {
        name: value for name, value in request.args.items() if name not in SEEN
    } | changed
    return url_for(endpoint, **{name: value for name, value in given.items() if value})
