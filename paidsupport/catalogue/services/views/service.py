"""The draft of one service, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.hooks import OPEN_UNDER
from paidsupport.catalogue.operations.publishing import drafts
from paidsupport.catalogue.services.forms import ServiceForm
from paidsupport.catalogue.services.operations import editing
from paidsupport.catalogue.services.operations.comparing import compared, discarded, states_of
from paidsupport.catalogue.services.operations.values import RULES, values_of
from paidsupport.catalogue.services.views.routes import SERVICE, example, is_there, mark
from paidsupport.catalogue.tables import Service
from paidsupport.catalogue.wording import untranslated
from paidsupport.kernel.configuration.telling import Telling, Told
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.worded import with_texts


@route(SERVICE, Who.MANAGER, ("GET", "POST"))
def service_edit(ctx: Context, service: str) -> ResponseReturnValue:
    """Change the draft of a service."""
    form = _form(ctx, catalogue.find(ctx.session, service))
    key = form.key.data or ""
    if form.send(ctx, lambda: editing.change(ctx, service, form.typed, form.was, mark=mark(), key=key)):
        flash(_("Draft saved. Customers see it once you publish it."), "ps-ok")
        return redirect(url_for(".service_edit", service=service), 303)
    found = catalogue.find(ctx.session, service)
    [state] = compared(ctx, [found])
    page = show(
        "catalogue/services/service.html",
        form=form,
        service=found,
        state=state,
        defaults=catalogue.deadline_rules(ctx.session).get(found.workflow, {}),
        rules=RULES,
        flow=ctx.services.workflows.get(found.workflow),
        settings=ctx.services.settings,
        example=example(),
        has_questions=is_there("paidsupport.service_questions"),
        has_changes=is_there("paidsupport.changes"),
        untranslated=[(tag, name, untranslated(found, tag)) for tag, name in form.languages],
    )
    return page, form.status


@route(f"{SERVICE}/discard", Who.MANAGER, ("GET", "POST"))
def service_discard(ctx: Context, service: str) -> ResponseReturnValue:
    """Go back from a draft to what is published, after a page has shown what is lost."""
    found = catalogue.find(ctx.session, service)
    version = catalogue.version(ctx.session, found, found.published)
    states = states_of(version, *drafts(ctx, [found]).values())
    lines = Telling(ctx).told("service", discarded(ctx, found), states)
    return _confirmed(ctx, found, editing.discard, "discard", _("Draft discarded."), lines=lines)


@route(f"{SERVICE}/retire", Who.MANAGER, ("GET", "POST"))
def service_retire(ctx: Context, service: str) -> ResponseReturnValue:
    """Take a service off what can be ordered, after a page has said how many tickets go on."""
    found = catalogue.find(ctx.session, service)
    going_on = sum(ctx.services.hooks.call(OPEN_UNDER, ctx, found.id))
    return _confirmed(ctx, found, editing.retire, "retire", _("Service retired."), going_on=going_on)


@route(f"{SERVICE}/reinstate", Who.MANAGER, ("GET", "POST"))
def service_reinstate(ctx: Context, service: str) -> ResponseReturnValue:
    """Put a retired service back on offer, after a page has said what can be ordered then."""
    found = catalogue.find(ctx.session, service)
    return _confirmed(ctx, found, editing.reinstate, "reinstate", _("The service is back on offer."))


@route(f"{SERVICE}/delete", Who.MANAGER, ("GET", "POST"))
def service_delete(ctx: Context, service: str) -> ResponseReturnValue:
    """Delete a service that was never published."""
    found = catalogue.find(ctx.session, service)
    return _confirmed(ctx, found, editing.delete, "delete", _("Service deleted."))


def _confirmed(
    ctx: Context,
    service: Service,
    act: Callable[..., object],
    deed: str,
    done: Message | str,
    *,
    lines: Sequence[Told] = (),
    going_on: int = 0,
) -> ResponseReturnValue:
    """Do what a page has asked to confirm, or show that page."""
    form, slug = Form(), service.slug
    form.send(ctx, lambda: act(ctx, slug, key=form.key.data))
    if form.is_submitted() and form.status == Form.status:
        flash(done, "ps-ok")
        deleted = deed == "delete"
        return redirect(
            url_for(".setup_services") if deleted else url_for(".service_edit", service=slug), 303
        )
    found = catalogue.find(ctx.session, slug)
    page = show(
        "catalogue/services/confirm.html",
        form=form,
        service=found,
        deed=deed,
        lines=lines,
        going_on=going_on,
    )
    return page, form.status


def _form(ctx: Context, service: Service) -> ServiceForm:
    """The form of a draft, with the amount as the person who reads it writes amounts."""
    tags = editing.other_languages(ctx)
    values = values_of(service, tags)
    price = Money(service.price_minor, service.currency).typed(mark())
    typed = {"price": price, "purposes": ", ".join(service.purposes)}
    form = with_texts(ctx, ServiceForm)(data={**values, **typed})
    known = catalogue.traits(ctx.session)
    gone = [(name, name) for name in service.traits if name not in dict(known)]
    form.traits.choices = [*known, *gone]
    form.show(values)
    return form
