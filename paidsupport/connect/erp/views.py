"""What a ticket, a lead or an organisation is in an ERP, on its page."""

from __future__ import annotations

from typing import Any

from paidsupport.connect.erp import queries
from paidsupport.connect.erp.protocol import What
from paidsupport.connect.erp.queries import THERE
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.sections import section
from paidsupport.sales.organisations.queries.pages import RecordPage
from paidsupport.tickets.views.ticket_view import TicketView

_LABELS = {What.PARTY: _("Customer"), What.LEAD: _("Lead"), What.INVOICE: _("Invoice")}


@section("ticket", "connect/erp/_erp_section.html", 92, "side", (THERE,))
def _of_ticket(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    found = view.page[THERE]
    return {"there": found, "labels": _LABELS, "folds": True} if found else None


@section("organisation", "connect/erp/_erp_section.html", 10, "side")
def _of_organisation(ctx: Context, page: RecordPage, _refused: Form | None) -> dict[str, Any] | None:
    found = queries.of_organisation(ctx.session, page.organisation.reference)
    return {"there": found, "labels": _LABELS, "folds": False} if found else None


#: What it shows on the pages of tickets and organisations.
SECTIONS = (_of_ticket, _of_organisation)
