"""The paid desk as a capability: every site mounts it."""

from __future__ import annotations

from paidsupport.desk import (
    checklist_events,
    decision_events,
    mail_events,
    relation_events,
    ticket_events,
    vault_events,
)
from paidsupport.desk.effects import EFFECTS
from paidsupport.desk.guards import GUARDS
from paidsupport.desk.hooks import HOOKS
from paidsupport.domain.workflows.paid import PAID
from paidsupport.kernel.capability import Background, Capability, Entry
from paidsupport.web import ticket_filters
from paidsupport.web.customer import access, demonstration, health, lookups, orders, services
from paidsupport.web.customer import decisions as customer_decisions
from paidsupport.web.customer import report as customer_report
from paidsupport.web.customer import tickets as customer_tickets
from paidsupport.web.staff import (
    boilerplate,
    checklist,
    decisions,
    links,
    merging,
    moves,
    news,
    outbox,
    profile,
    queue,
    report,
    tags,
    tickets,
    unsent,
    vault,
    worklog,
    writing,
)


def _background() -> Background:
    from paidsupport.desk import (  # noqa: PLC0415  # late: no page needs it
        doctor_claims,
        doctor_contacts,
        doctor_deadlines,
        doctor_decisions,
        doctor_histories,
        doctor_letters,
        doctor_merging,
        doctor_notices,
        doctor_vault,
        parking,
    )
    from paidsupport.tickets.cli import commands  # noqa: PLC0415  # as above
    from paidsupport.tickets.jobs import JOBS  # noqa: PLC0415  # as above

    invariants = (
        *(doctor_claims, doctor_histories, doctor_contacts, doctor_letters, doctor_decisions, doctor_vault),
        *(doctor_deadlines, doctor_notices, doctor_merging, parking),
    )
    return Background(JOBS, invariants, tuple(commands.commands.values()))


TICKETS = Capability(
    name="tickets",
    workflows=(PAID,),
    views=(
        *(services, orders, lookups, customer_tickets, access, customer_decisions, customer_report),
        *(demonstration, health),
        *(queue, tickets, moves, writing, checklist, worklog, decisions, vault, report),
        *(links, merging, tags, boilerplate, news, outbox, profile, unsent),
    ),
    filters=ticket_filters.ALL,
    navigation=(
        Entry(10, "Queue", "paidsupport.queue", "q"),
        Entry(60, "News", "paidsupport.news", "v"),
        Entry(70, "Boilerplate", "paidsupport.boilerplate", "b"),
    ),
    guards=GUARDS,
    effects=EFFECTS,
    events=(
        *(*ticket_events.KINDS, *mail_events.KINDS, *checklist_events.KINDS, *decision_events.KINDS),
        *(*vault_events.KINDS, *relation_events.KINDS),
    ),
    hooks=HOOKS,
    sections=(
        *(*tickets.SECTIONS, *merging.SECTIONS, *checklist.SECTIONS, *decisions.SECTIONS),
        *(*worklog.SECTIONS, *vault.SECTIONS, *tags.SECTIONS, *links.SECTIONS),
    ),
    background=_background,
)
