"""The paid desk as a capability: every site mounts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.catalogue.hooks import OPEN_UNDER
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.kernel.staff import token_views as tokens
from paidsupport.kernel.staff import views as profile
from paidsupport.kernel.web import health, search
from paidsupport.kernel.web import unsent_page as unsent
from paidsupport.tickets import events as ticket_events
from paidsupport.tickets import filters as ticket_filters
from paidsupport.tickets.bulk import views as bulk
from paidsupport.tickets.checklist import events as checklist_events
from paidsupport.tickets.checklist.views import checklist, worklog
from paidsupport.tickets.conversation.views import boilerplate, writing
from paidsupport.tickets.decisions import customer_views as customer_decisions
from paidsupport.tickets.decisions import events as decision_events
from paidsupport.tickets.decisions import views as decisions
from paidsupport.tickets.emails import demonstration
from paidsupport.tickets.emails import events as mail_events
from paidsupport.tickets.emails import views as outbox
from paidsupport.tickets.hooks import HOOKS
from paidsupport.tickets.language import views as languages
from paidsupport.tickets.notices.views import news, preferences
from paidsupport.tickets.operations.effects import EFFECTS
from paidsupport.tickets.operations.guards import GUARDS
from paidsupport.tickets.ordering import address_views as addresses
from paidsupport.tickets.ordering import preview, services
from paidsupport.tickets.ordering import views as orders
from paidsupport.tickets.paid import PAID
from paidsupport.tickets.priority import views as priorities
from paidsupport.tickets.queue import mine, searching
from paidsupport.tickets.queue import views as queue
from paidsupport.tickets.relations import events as relation_events
from paidsupport.tickets.relations.views import links, merging
from paidsupport.tickets.report import customer_views as customer_report
from paidsupport.tickets.report import views as report
from paidsupport.tickets.saved import views as saved
from paidsupport.tickets.tags import views as tags
from paidsupport.tickets.tone import views as tone
from paidsupport.tickets.vault import customer_views as access
from paidsupport.tickets.vault import events as vault_events
from paidsupport.tickets.vault import views as vault
from paidsupport.tickets.views import customer as customer_tickets
from paidsupport.tickets.views import live, lookups, progress, steps, transitions
from paidsupport.tickets.views import ticket as tickets


def _background() -> Background:
    from paidsupport.kernel.jobs import parking  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.cli import commands  # noqa: PLC0415  # as above
    from paidsupport.tickets.contact import invariants as doctor_contacts  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.deadlines import invariants as doctor_deadlines  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.decisions import invariants as doctor_decisions  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.emails import invariants as doctor_emails  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.invariants import claims as doctor_claims  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.invariants import histories as doctor_histories  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.jobs import JOBS  # noqa: PLC0415  # as above
    from paidsupport.tickets.notices import invariants as doctor_notices  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.relations import invariants as doctor_merging  # noqa: PLC0415  # late: no page needs it
    from paidsupport.tickets.vault import invariants as doctor_vault  # noqa: PLC0415  # late: no page needs it

    invariants = (
        *(doctor_claims, doctor_histories, doctor_contacts, doctor_emails, doctor_decisions, doctor_vault),
        *(doctor_deadlines, doctor_notices, doctor_merging, parking),
    )
    return Background(JOBS, invariants, tuple(commands.commands.values()))


def _configured() -> Sequence[Any]:
    from paidsupport.tickets.tone.file import Tone  # noqa: PLC0415  # late: it needs tomlkit

    return (Tone(),)


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.tickets.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


TICKETS = Capability(
    name="tickets",
    workflows=(PAID,),
    views=(
        *(services, orders, lookups, customer_tickets, access, customer_decisions, customer_report),
        *(addresses, demonstration, health, preview),
        *(queue, mine, bulk, saved, priorities),
        *(tickets, live, transitions, writing, checklist, worklog, decisions, vault, report),
        *(links, merging, tags, boilerplate, news, outbox, profile, tokens, preferences, unsent),
        languages,
        *(search, tone),
    ),
    filters=ticket_filters.ALL,
    searchers=(searching.find,),
    navigation=(
        Entry(10, _("Tickets"), "paidsupport.queue", "q", Group.BAR, "ticket"),
        Entry(31, _("My work"), "paidsupport.my_work", "y", Group.WORK, "check"),
        Entry(60, _("News"), "paidsupport.news", "v", Group.BELL, "bell"),
        Entry(70, _("Canned replies"), "paidsupport.boilerplate", "b", Group.KNOWLEDGE, "note"),
    ),
    areas=(
        Area(
            45,
            _("Rules of tone"),
            _("Words that staff should reconsider before an email leaves."),
            "paidsupport.tone_setup",
            "warning",
        ),
        Area(
            35,
            _("Canned replies"),
            _("Texts to start messages from, for all staff."),
            "paidsupport.boilerplate",
            "note",
        ),
    ),
    guards=GUARDS,
    effects=EFFECTS,
    events=(
        *(*ticket_events.KINDS, *mail_events.KINDS, *checklist_events.KINDS, *decision_events.KINDS),
        *(*vault_events.KINDS, *relation_events.KINDS),
    ),
    hooks=HOOKS,
    subscriptions=(OPEN_UNDER.by(preview.open_tickets),),
    sections=(
        *(*tickets.SECTIONS, *merging.SECTIONS, *checklist.SECTIONS, *decisions.SECTIONS),
        *(
            *worklog.SECTIONS,
            *vault.SECTIONS,
            *tags.SECTIONS,
            *links.SECTIONS,
            *outbox.SECTIONS,
            *writing.SECTIONS,
            *preferences.SECTIONS,
        ),
        *(*customer_tickets.SECTIONS, *access.SECTIONS, *customer_decisions.SECTIONS, *languages.SECTIONS),
        *priorities.SECTIONS,
    ),
    proposals=(*access.PROPOSALS, *progress.PROPOSALS, *steps.PROPOSALS),
    configured=_configured,
    things=_things,
    background=_background,
)
