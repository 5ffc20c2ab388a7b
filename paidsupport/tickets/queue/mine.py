"""A person's own work of all kinds, by deadline (P6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ManagersOnlyError, existing, for_managers
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import NOTHING_NEW, filtered, show, wants_fragment
from paidsupport.kernel.web.lists import Line, headings
from paidsupport.tickets.hooks import OWN_WORK
from paidsupport.tickets.notices.queries import unread_tickets
from paidsupport.tickets.queue import queries as store
from paidsupport.tickets.queue.lines import of_rows
from paidsupport.tickets.queue.tabs import parts

_FOR_MANAGERS = for_managers(_("Only a manager can look at the work of a colleague."))

_COLUMNS = (
    "code",
    "priority",
    "subject",
    "customer",
    "release",
    "turn",
    "last",
    "owner",
    "state",
    "payment",
    "due",
)
_LATE = datetime.max.replace(tzinfo=UTC)


@route("/desk/mine", Who.WATCHER)
def my_work(ctx: Context, revision: str) -> ResponseReturnValue:
    """Show all work that a person owes, by deadline. Managers can look at that of others, too.

    An open page polls: 204 while no ticket has changed and the viewer has no new notices.
    """
    state = (revision, str(g.paidsupport_unread))
    if state == (request.args.get("since"), request.args.get("news")):
        return Response(status=NOTHING_NEW)
    me = ctx.by.id or 0
    typed = request.args.get("person", "")
    person_id = existing(whole_number(typed)) if typed else me
    if person_id != me and not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
    everybody = people.everybody(ctx.session) if ctx.by.is_manager else []
    names = {person.id: person.name for person in everybody} | {me: ctx.by.name}
    name = existing(names.get(person_id))
    whose: dict[str, Any] = {} if person_id == me else {"person": person_id}
    others = ctx.services.hooks.call(OWN_WORK, ctx, person_id)
    lines = _tickets(ctx, person_id)
    lines += [line for each in others for line in each.lines]
    lines.sort(key=_order)
    # rows name their owner only if some of them have another one
    others_too = any(line.owner != name for line in lines)
    counts = store.frame(ctx.session, ctx.now, ctx.services.workflows.values()).counts
    html = show(
        "tickets/queue/mine.html",
        block="work",
        part=wants_fragment(),
        lines=lines,
        columns=headings([key for key in _COLUMNS if key != "owner" or others_too], lines),
        others=others,
        acts=any(line.act for line in lines),
        tabs=parts(counts),
        own=person_id == me,
        person_id=person_id,
        heading=_("My work") if person_id == me else _("Work of %(name)s", name=name),
        people=[(person.id, person.name) for person in everybody],
        press=Sealed(),
        poll_url=url_for(".my_work", since=revision, news=g.paidsupport_unread, **whose),
    )
    # a poll does not change the address in the browser
    return Response(html) if "since" in request.args else filtered(html, url_for(".my_work", **whose))


def _tickets(ctx: Context, person_id: int) -> list[Line]:
    """The tickets of a person, with what is new in them for the viewer."""
    rows, unread = store.owned(ctx.session, person_id, ctx.now), unread_tickets(ctx.session, ctx.by.id or 0)
    lines = of_rows(ctx, rows, unread)
    for line in lines:
        line.icon = "ticket"
    return lines


def _order(line: Line) -> tuple[object, ...]:
    """Sort by deadline, then by how long ago the last message was; otherwise keep the order of each kind."""
    return line.due_at or _LATE, line.said.at if line.said else _LATE
