"""All services, in their order, and a new one."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.services.forms import NewServiceForm
from paidsupport.catalogue.services.operations import editing
from paidsupport.catalogue.services.operations.comparing import compared
from paidsupport.catalogue.services.views.routes import SERVICE, SERVICES, again, example, mark
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, choices_of
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved


@route(SERVICES, Who.MANAGER)
def setup_services(ctx: Context) -> ResponseReturnValue:
    """List the services: what is in force of each, and whether its draft differs from that."""
    return services_page(ctx)


@route(f"{SERVICES}/new", Who.MANAGER, ("GET", "POST"))
def service_new(ctx: Context) -> ResponseReturnValue:
    """Make a service."""
    form = NewServiceForm()
    every = catalogue.every_service(ctx.session)
    form.workflow.choices = choices_of(list(ctx.services.workflows.values()))
    form.copy_of.choices = [("", _("Nothing")), *((each.slug, each.name) for each in every)]
    if request.method == "GET" and every:
        form.currency.data = every[0].currency
    made = form.send(ctx, lambda: editing.add(ctx, form.new(), mark=mark(), key=form.key.data or ""))
    if made:
        flash(_("Service added. Customers see it once you publish it."), "ps-ok")
        return redirect(url_for(".service_edit", service=made.slug), 303)
    return show("catalogue/services/new.html", form=form, example=example()), form.status


@route(f"{SERVICE}/move", Who.MANAGER, ("POST",))
def service_move(ctx: Context, service: str) -> ResponseReturnValue:
    """Move a service among those on offer."""
    form = MoveForm()
    done = form.send(ctx, lambda: editing.move(ctx, service, form.wanted, key=form.key.data or ""))
    if done is None:
        return services_page(ctx, form)
    found, place, number = done
    there = again(".setup_services", form.pressed(f"service-{service}"))
    return moved(found.name, place, number, there)


def services_page(ctx: Context, refused: Form | None = None) -> ResponseReturnValue:
    """The list, with what stands against a form that was sent from it."""
    rows = compared(ctx, catalogue.every_service(ctx.session))
    page = show(
        "catalogue/services/services.html",
        offered=[row for row in rows if row.service.active],
        retired=[row for row in rows if not row.service.active],
        flows=ctx.services.workflows,
        buttons=Sealed(),
        refused=refused,
        focus=focused(),
    )
    return page, refused.status if refused else 200
