"""Organisations, leads and invoices, as a capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.sales.bookkeeping import hooks as bookkeeping_hooks
from paidsupport.sales.bookkeeping import subscribers as bookkeeping_subscribers
from paidsupport.sales.bookkeeping import views as bookkeeping
from paidsupport.sales.invoices import customer_views as customer_invoices
from paidsupport.sales.invoices import events as invoice_events
from paidsupport.sales.invoices import filters as invoice_filters
from paidsupport.sales.invoices import subscribers as invoice_subscribers
from paidsupport.sales.invoices import views as invoices
from paidsupport.sales.leads import next_steps
from paidsupport.sales.leads import subscribers as leads_subscribers
from paidsupport.sales.leads import views as sales
from paidsupport.sales.leads.operations import building
from paidsupport.sales.leads.operations import events as leads_events
from paidsupport.sales.leads.workflow import SALES as WORKFLOW
from paidsupport.sales.organisations import searching
from paidsupport.sales.organisations import subscribers as organisations_subscribers
from paidsupport.sales.organisations import views as organisations
from paidsupport.sales.organisations.operations import events as organisation_events
from paidsupport.sales.payments import customer_views as paying
from paidsupport.sales.payments import events as payment_events
from paidsupport.sales.payments import hint_views as hints
from paidsupport.sales.payments import hooks as payment_hooks
from paidsupport.sales.payments import refund_views as refunds
from paidsupport.sales.payments import views as payments
from paidsupport.sales.payments.bank import subscribers as bank_subscribers
from paidsupport.sales.payments.bank import views as bank
from paidsupport.sales.payments.setup import views as providers


def _background() -> Background:
    from paidsupport.sales.invoices import invariants as doctor_invoices  # noqa: PLC0415  # late: no page needs it
    from paidsupport.sales.jobs import JOBS  # noqa: PLC0415  # as above
    from paidsupport.sales.leads import invariants as doctor_sales  # noqa: PLC0415  # late: no page needs it
    from paidsupport.sales.payments import invariants as doctor_payments  # noqa: PLC0415  # as above
    from paidsupport.sales.payments.bank import invariants as doctor_bank  # noqa: PLC0415  # as above
    from paidsupport.sales.payments.setup import invariants as doctor_providers  # noqa: PLC0415  # as above

    return Background(JOBS, (doctor_sales, doctor_invoices, doctor_payments, doctor_providers, doctor_bank))


def _configured() -> Sequence[Any]:
    from paidsupport.sales.payments.setup.file import Providers  # noqa: PLC0415  # late: it needs tomlkit

    return (Providers(),)


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.sales.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


SALES = Capability(
    name="sales",
    requires=("tickets", "issues", "intake"),
    workflows=(WORKFLOW,),
    views=(
        *(sales, organisations, invoices, customer_invoices, bookkeeping),
        *(payments, refunds, providers, bank, paying, hints),
    ),
    filters=invoice_filters.ALL,
    searchers=(searching.find,),
    navigation=(
        Entry(50, _("Sales"), "paidsupport.sales", "s", Group.BAR, "state-offered"),
        Entry(51, _("Organisations"), "paidsupport.organisations", "o", Group.WORK, "organisation"),
        Entry(
            90,
            _("Invoices"),
            "paidsupport.invoices",
            "n",
            Group.MANAGEMENT,
            "state-issued",
            for_managers=True,
        ),
        Entry(
            90,
            _("Payments"),
            "paidsupport.bookkeeping",
            "a",
            Group.MANAGEMENT,
            "state-paid",
            for_managers=True,
        ),
        Entry(
            90,
            _("Bank transfers"),
            "paidsupport.bank_transfers",
            "k",
            Group.MANAGEMENT,
            "state-delivering",
            for_managers=True,
        ),
    ),
    areas=(
        Area(
            56,
            _("Providers of payments"),
            _("How customers pay the desk: PayPal, GNU Taler, bank transfer."),
            "paidsupport.providers_setup",
            "state-paid",
        ),
    ),
    guards=building.GUARDS,
    effects=building.EFFECTS,
    events=(
        *(*organisation_events.KINDS, *leads_events.KINDS, *invoice_events.KINDS),
        *payment_events.KINDS,
    ),
    words=payment_events.WORDS,
    subscriptions=(
        *organisations_subscribers.SUBSCRIPTIONS,
        *leads_subscribers.SUBSCRIPTIONS,
        *invoice_subscribers.SUBSCRIPTIONS,
        *payments.SUBSCRIPTIONS,
        *bank_subscribers.SUBSCRIPTIONS,
        *bookkeeping_subscribers.SUBSCRIPTIONS,
    ),
    sections=(
        *(*sales.SECTIONS, *organisations.SECTIONS, *invoices.SECTIONS, *customer_invoices.SECTIONS),
        *(*payments.SECTIONS, *paying.SECTIONS),
        *refunds.SECTIONS,
    ),
    hooks=(*payment_hooks.HOOKS, *bookkeeping_hooks.HOOKS),
    proposals=next_steps.PROPOSALS,
    configured=_configured,
    things=_things,
    background=_background,
)
