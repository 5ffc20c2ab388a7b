"""Who may come in: staff by their user of the host, open queues by their pass, customers by their link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, current_app, g, request

from paidsupport.desk import people, submissions
from paidsupport.desk.people import Present
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import CUSTOMER, Actor
from paidsupport.errors import NotFoundError
from paidsupport.mount import current
from paidsupport.store import tickets
from paidsupport.web.guards import Who, visitor
from paidsupport.web.htmx import PASS_HEADER


def admit(visit: Visit, who: str, parts: dict[str, Any]) -> Visit:
    """The visit with who acts in it, and the parts of the address that a view gets (see `Mount.admit`)."""
    if who == Who.STAFF:
        return as_person(visit)
    if who == Who.WATCHER:
        visit, parts["pulse"] = as_watcher(visit)
        return visit
    if who == Who.PASS:
        return _passed(visit) or as_person(visit)
    if who == Who.CUSTOMER:
        visit = _as(visit, CUSTOMER)
        named = submissions.by_link(visit, parts.pop("token"))
        g.paidsupport_token = visit.house.links.customer(named)
        parts["ticket"] = tickets.living(visit.session, named)
    if who == Who.DEMONSTRATION and not visit.house.settings.dev_mail:
        abort(404)
    return visit


def as_person(visit: Visit) -> Visit:
    """The visit of the person of the desk who is signed in, looked up in full."""
    return _admitted(visit, people.by_host_user(visit.session, _host_user_id()))


def as_watcher(visit: Visit) -> tuple[Visit, str]:
    """As `as_person`, and the pulse of the queue in the same query."""
    user_id = _host_user_id()
    with current().database.asking() as connection:
        present = people.watching(connection, user_id)
    return _admitted(visit, present), present.pulse if present else ""


def _passed(visit: Visit) -> Visit | None:
    """The visit of whoever the pass was given to, not looked up: good for the pulse and nothing else."""
    try:
        person_id = visit.house.links.read_queue_pass(request.headers.get(PASS_HEADER, ""))
    except NotFoundError:
        return None
    return _as(visit, Actor("pass", "an open queue", person_id))


def _host_user_id() -> str:
    """Who is signed in at the host; strangers are sent to its log-in."""
    found = visitor()
    if found is None:
        manager = getattr(current_app, "login_manager", None)
        abort(manager.unauthorized() if manager else 404)
    return found.id


def _admitted(visit: Visit, present: Present | None) -> Visit:
    """The visit of somebody who works at the desk; other users of the host find nothing here."""
    if present is None:
        abort(404)
    g.paidsupport_person, g.paidsupport_unread = present.actor, present.unread
    return _as(visit, present.actor)


def _as(visit: Visit, actor: Actor) -> Visit:
    return replace(visit, by=actor)
