"""Access to pages: staff by their user of the host app, open queues by a pass, customers by their link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, current_app, g, redirect, url_for

from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.configuration.history import FOR_MANAGERS
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ManagersOnlyError, SignInFirstError
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.web import speech
from paidsupport.kernel.web.guards import Who, visitor
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.queries import present as people
from paidsupport.tickets.queries.present import Present

#: The page where a desk without a manager gets its first one.
FIRST_RUN = "paidsupport.begin"


def admit(ctx: Context, who: str, parts: dict[str, Any]) -> Context:
    """The context with the person who acts, and the parts of the address for the view (see `Mount.admit`)."""
    if who == Who.STAFF:
        return as_person(ctx)
    if who == Who.MANAGER:
        ctx = as_person(ctx)
        if not ctx.by.is_manager:
            raise ManagersOnlyError(FOR_MANAGERS)
        return ctx
    if who == Who.USER:
        _require_user()
    if who == Who.WATCHER:
        ctx, parts["revision"] = as_watcher(ctx)
        return ctx
    if who == Who.CUSTOMER:
        ctx = _as(ctx, CUSTOMER)
        named = submissions.by_link(ctx, parts.pop("token"))
        g.paidsupport_token = ctx.services.links.customer(named)
        parts["ticket"] = living = tickets.living(ctx.session, named)
        speech.prefer(living.language)
    if who == Who.DEMONSTRATION and not ctx.services.settings.dev_mail:
        abort(404)
    return ctx


def as_person(ctx: Context) -> Context:
    """The context of the signed-in member of staff, read in full."""
    return _admitted(ctx, people.by_host_user(ctx.session, _host_user_id()))


def as_watcher(ctx: Context) -> tuple[Context, str]:
    """Like `as_person`, with the revision of the queue from the same query."""
    user_id = _host_user_id()
    with current().database.asking() as connection:
        present = people.watching(connection, user_id)
    return _admitted(ctx, present), present.revision if present else ""


def _require_user() -> None:
    """Lead visitors to the host's sign-in page; where there is none to lead to, say what they have to do.

    Raises SignInFirstError. These pages are no secret: their links come by email, or stand in the log.
    """
    if visitor() is None:
        manager = getattr(current_app, "login_manager", None)
        if manager is None or not (
            manager.login_view or manager.unauthorized_callback or manager.blueprint_login_views
        ):
            raise SignInFirstError
        abort(manager.unauthorized())


def _host_user_id() -> str:
    """The id of the host app's signed-in user; visitors are redirected to its sign-in page."""
    found = visitor()
    if found is None:
        manager = getattr(current_app, "login_manager", None)
        abort(manager.unauthorized() if manager else 404)
    return found.id


def _admitted(ctx: Context, present: Present | None) -> Context:
    """The context of a member of staff; other users of the host app get “not found”.

    On a desk without staff they are led to the page that asks for the set-up code.
    """
    if present is None:
        if FIRST_RUN in current_app.view_functions and not staff.everybody(ctx.session):
            abort(redirect(url_for(FIRST_RUN), 303))
        abort(404)
    g.paidsupport_person, g.paidsupport_unread = present.actor, present.unread
    g.paidsupport_has_drafts = present.drafts
    speech.prefer(present.language)
    return _as(ctx, present.actor)


def _as(ctx: Context, actor: Actor) -> Context:
    return replace(ctx, by=actor)
