"""Organisations, leads and invoices, as a capability."""

from __future__ import annotations

from paidsupport.desk import invoice_events
from paidsupport.desk.organisations import events as organisation_events
from paidsupport.desk.organisations import subscribers as organisations_subscribers
from paidsupport.desk.sales import building
from paidsupport.desk.sales import events as leads_events
from paidsupport.desk.sales import subscribers as leads_subscribers
from paidsupport.domain.workflows.sales import SALES as WORKFLOW
from paidsupport.kernel.capability import Background, Capability, Entry
from paidsupport.web import invoice_filters
from paidsupport.web.customer import invoices as customer_invoices
from paidsupport.web.staff import invoices, organisations, sales


def _background() -> Background:
    from paidsupport.desk import doctor_invoices, doctor_sales  # noqa: PLC0415  # late: no page needs it
    from paidsupport.sales.jobs import JOBS  # noqa: PLC0415  # as above

    return Background(JOBS, (doctor_sales, doctor_invoices))


SALES = Capability(
    name="sales",
    requires=("tickets", "issues", "intake"),
    workflows=(WORKFLOW,),
    views=(sales, organisations, invoices, customer_invoices),
    filters=invoice_filters.ALL,
    navigation=(
        Entry(50, "Sales", "paidsupport.sales"),
        Entry(51, "Organisations", "paidsupport.organisations", "o"),
        Entry(90, "Invoices", "paidsupport.invoices", for_managers=True),
    ),
    guards=building.GUARDS,
    effects=building.EFFECTS,
    events=(*organisation_events.KINDS, *leads_events.KINDS, *invoice_events.KINDS),
    subscriptions=(*organisations_subscribers.SUBSCRIPTIONS, *leads_subscribers.SUBSCRIPTIONS),
    sections=(*sales.SECTIONS, *organisations.SECTIONS, *invoices.SECTIONS),
    background=_background,
)
