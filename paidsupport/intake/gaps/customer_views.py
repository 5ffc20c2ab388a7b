"""Asking customers on their private page whether the page they were pointed to has helped (T5)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.intake.gaps.forms import HelpedForm
from paidsupport.intake.gaps.operations import documented
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.customer import customer_page
from paidsupport.tickets.views.progress import CustomerView, Progress


@route("/t/<token>/helped", Who.CUSTOMER, ("POST",))
def helped(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Take the answer to whether a page has helped (T5)."""
    form = HelpedForm()
    done = form.send(ctx, lambda: _answer(ctx, ticket, form))
    if done:
        flash(_SAID[form.choice.data or ""], "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return customer_page(ctx, ticket, form), form.status


_SAID = {
    "helped": _("Thank you. We're glad it helped."),
    "not-helped": _("Thank you. We'll look into it and write back to you."),
}


def _answer(ctx: Context, ticket: Ticket, form: HelpedForm) -> Ticket:
    return documented.answer(
        ctx,
        ticket,
        form.choice.data or "",
        words=form.words.data or "",
        version=form.version.data or 0,
        key=form.key.data or "",
        client=request.remote_addr or "",
    )


def _has_question(view: CustomerView) -> bool:
    """Whether the email that asks has left, and the customer has not answered."""
    sent = any(spoken.email and spoken.email.kind == EmailKind.POINTER for spoken in view.page.thread)
    return sent and documented.is_asked(view.ctx, view.page.ticket)


@proposal("customer", 40)
def _question(view: CustomerView) -> Progress | None:
    if view.flow.is_order or view.page.ticket.part != Part.PENDING or not _has_question(view):
        return None
    return Progress(None, _("Did this answer your question?"), _("See the last message below."))


@section("customer", "intake/gaps/_helped_section.html", 10, "wanted")
def _helped_section(_ctx: Context, view: CustomerView, refused: Form) -> dict[str, Any] | None:
    if not _has_question(view):
        return None
    return {"form": form_on(refused, HelpedForm, version=view.page.ticket.version)}


#: The sections it adds to the pages of customers.
SECTIONS = (_helped_section,)
PROPOSALS = (_question,)
