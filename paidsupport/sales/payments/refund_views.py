"""The page on which managers refund a payment: what was paid back so far, and a form that asks again."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField
from wtforms.widgets import DateInput

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, line, text
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.operations import refunds
from paidsupport.sales.payments.tables import PaymentRefund
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.progress import CustomerView
from paidsupport.tickets.views.routes import ticket_route

_STATES = {
    "asked": _("Asked for"),
    "pending": _("Accepted by the provider"),
    "done": _("Paid back"),
    "failed": _("Failed"),
}


class RefundForm(Form):
    """How much is paid back, why, and when if people do that."""

    amount = StringField(_("Amount"), [line])
    reason = TextAreaField(_("Reason"), [text], description=_("The customer can read it."))
    day = StringField(_("Paid back on"), [line], widget=DateInput())


@ticket_route("/payments/<reference>/refund", ("GET", "POST"))
def payment_refund(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Show what was refunded of a payment; a form refunds it, after a page that says what will happen."""
    found = refunds.shown(ctx, code, reference)
    form = RefundForm(data={"amount": found.left.typed(spoken().formats.mark), "day": ctx.today.isoformat()})
    deed = request.form.get("action", "")
    done = form.send(ctx, lambda: _act(ctx, code, reference, form, deed))
    if isinstance(done, PaymentRefund):
        said = (
            _("Noted as paid back.") if done.state == "done" else _("Refund queued. It is made in a moment.")
        )
        flash(said, "ps-ok")
        return redirect(url_for(".payment_refund", code=code, reference=reference), 303)
    return _page(ctx, code, reference, form, done), form.status


def _act(
    ctx: Context, code: str, reference: str, form: RefundForm, deed: str
) -> PaymentRefund | Money | None:
    """Refund it, or weigh what was typed before that is confirmed, or change it once more."""
    typed = {name: form[name].data or "" for name in ("amount", "reason", "day")}
    if deed == "refund":
        return refunds.ask(ctx, code, reference, **typed, key=form.key.data or "")
    return refunds.weigh(ctx, code, reference, **typed) if deed == "check" else None


def _page(ctx: Context, code: str, reference: str, form: RefundForm, sum_: Money | None) -> str:
    page = reread(ctx, code)
    return show(
        "sales/payments/refund.html" if sum_ is None else "sales/payments/refund_confirm.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        shown=refunds.shown(ctx, code, reference),
        form=form,
        sum=sum_,
        states=_STATES,
    )


@section("customer", "sales/payments/_refunded_section.html", 21, "side")
def _refunded_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    ticket = view.page.ticket
    given = queries.refunded(ctx.session, ticket) if ticket.refunded_minor else None
    return {"given": given} if given else None


#: What customers see of refunds.
SECTIONS = (_refunded_section,)
