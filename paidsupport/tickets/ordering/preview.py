"""What managers see of an order form before it is published."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import drafts
from paidsupport.catalogue.wording import terms_of
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import language_of, offered, speaking, spoken, tag_of
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.operations.payment import paid_to, payee_of
from paidsupport.tickets.ordering.forms import form_of_draft
from paidsupport.tickets.ordering.queries import open_under


@route("/desk/setup/services/<service>/preview", Who.MANAGER)
def service_preview(ctx: Context, service: str) -> ResponseReturnValue:
    """Show the order form that the draft of a service makes, in any language of the desk."""
    found = catalogue.find(ctx.session, service)
    content = drafts(ctx, [found])[found.id].content
    flow = existing(ctx.services.workflows.get(found.workflow))
    tags = offered(ctx.services.settings.languages)
    language = language_of(tag_of(request.args.get("language", ""), tags) or spoken().tag)
    with speaking(language):
        terms = terms_of(content, service_id=found.id, slug=found.slug)
        return show(
            "tickets/ordering/order.html",
            form=form_of_draft(ctx, terms),
            service=terms,
            flow=flow,
            here="",
            address="",
            ask="",
            paid_to=paid_to(payee_of(ctx, terms.payee)),
            preview=True,
            languages=choices(tags),
            language=language.tag,
        )


def open_tickets(ctx: Context, service_id: int) -> int:
    """How many tickets go on under a service that is retired."""
    return open_under(ctx.session, service_id)
