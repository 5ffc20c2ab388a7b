"""Requests that come in by mail and phone, as a capability."""

from __future__ import annotations

from paidsupport.desk.documented import EFFECTS
from paidsupport.desk.intake_subscribers import SUBSCRIPTIONS
from paidsupport.desk.triage_events import KINDS
from paidsupport.domain.workflows.request import REQUEST
from paidsupport.kernel.capability import Background, Capability, Entry
from paidsupport.web.customer import help_pages
from paidsupport.web.staff import calls, documented, gaps, guides, inbox, roster, triage
from paidsupport.web.staff.issues import filing
from paidsupport.web.staff.issues import gaps as gaps_of_issues


def _background() -> Background:
    from paidsupport.desk import (  # noqa: PLC0415  # late: no page needs it
        doctor_calls,
        doctor_duty,
        doctor_gaps,
        doctor_requests,
    )
    from paidsupport.intake.cli import commands  # noqa: PLC0415  # as above
    from paidsupport.intake.jobs import JOBS  # noqa: PLC0415  # as above

    invariants = (doctor_requests, doctor_calls, doctor_gaps, doctor_duty)
    return Background(JOBS, invariants, tuple(commands.commands.values()))


INTAKE = Capability(
    name="intake",
    requires=("tickets", "issues"),
    workflows=(REQUEST,),
    views=(triage, calls, inbox, documented, gaps, guides, roster, filing, gaps_of_issues, help_pages),
    navigation=(
        Entry(20, "Triage", "paidsupport.triage", "t"),
        Entry(40, "Record a call", "paidsupport.call", "l", meaning="Record a phone call"),
        Entry(80, "Guides", "paidsupport.guides", "g"),
        Entry(81, "Mail", "paidsupport.inbox", "m"),
        Entry(82, "Roster", "paidsupport.roster"),
    ),
    effects=EFFECTS,
    events=KINDS,
    subscriptions=SUBSCRIPTIONS,
    sections=(*calls.SECTIONS, *gaps.SECTIONS, *filing.SECTIONS, *gaps_of_issues.SECTIONS),
    background=_background,
)
