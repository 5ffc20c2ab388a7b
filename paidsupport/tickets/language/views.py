"""The language of a ticket: staff and the customer can choose it on their pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.names import choices, name_of
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, own
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import fields
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.web.speech import prefer
from paidsupport.tickets.language import operations as languages
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.customer import customer_page
from paidsupport.tickets.views.progress import CustomerView
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


def _choices() -> list[tuple[str, str]]:
    return choices(offered(current().settings.languages))


class LanguageForm(Form):
    """The choice of a language; the choices are known once a desk is asked."""

    language = SelectField(_("Language"), choices=_choices, validate_choice=False)


@ticket_route("/language", ("POST",))
def choose_language(ctx: Context, code: str) -> ResponseReturnValue:
    """Staff choose the language, for a customer who wrote or called in another one."""
    form = LanguageForm()
    tag, key = form.language.data or "", form.key.data or ""
    act = partial(languages.choose, ctx, code, tag, key=key)
    return done_on_page(ctx, code, form, act, said=_("Language of the customer saved."))


@route("/t/<token>/language", Who.CUSTOMER, ("POST",))
def customer_language(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The customer chooses the language, for the page and all emails."""
    form = LanguageForm()
    tag, key = form.language.data or "", form.key.data or ""
    if form.send(ctx, lambda: languages.choose(ctx, ticket.code, tag, key=key)):
        prefer(tag)
        flash(_("Language saved. Emails will be in it, too."), "ps-ok")
        return redirect(url_for("paidsupport.customer_ticket", token=private_token()), 303)
    return customer_page(ctx, ticket, form), form.status


@section("ticket", "tickets/language/_language_section.html", 85, "side")
def _staff_section(ctx: Context, view: TicketView, refused: Form | None) -> Mapping[str, Any] | None:
    if view.page.ticket.erased_at:
        return None
    hint = _("The customer's page and all emails to them are in it.")
    return _chosen(ctx, view.page.ticket, refused, hint)


@section("customer", "tickets/language/_customer_language_section.html", 90, "side")
def _customer_section(ctx: Context, view: CustomerView, refused: Form | None) -> Mapping[str, Any] | None:
    return _chosen(ctx, view.page.ticket, refused)


def _chosen(ctx: Context, ticket: Ticket, refused: Form | None, hint: str = "") -> Mapping[str, Any] | None:
    """The form, if there is more than one language to choose from."""
    tags = offered(ctx.services.settings.languages)
    if len(tags) == 1:
        return None
    tag = ctx.services.language(ticket.language).tag
    field, given = "tickets/language/_field_language.html", {"language": tag}
    return {
        "form": own(refused, LanguageForm),
        "fields": fields(field, LanguageForm, refused, given, hint=hint),
        "chosen": name_of(tag),
    }


#: The sections it adds to the two pages of a ticket.
SECTIONS = (_staff_section, _customer_section)
