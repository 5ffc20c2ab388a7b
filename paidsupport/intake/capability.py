"""Requests that come in by mail and phone, as a capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.intake.calls import views as calls
from paidsupport.intake.duty import views as roster
from paidsupport.intake.filing import views as filing
from paidsupport.intake.gaps import customer_views as asked
from paidsupport.intake.gaps import section as gaps_of_issues
from paidsupport.intake.gaps.operations.documented import EFFECTS
from paidsupport.intake.gaps.views import documented, gaps
from paidsupport.intake.guides import customer_views as help_pages
from paidsupport.intake.guides import searching
from paidsupport.intake.guides import views as guides
from paidsupport.intake.mail import views as inbox
from paidsupport.intake.mailboxes import views as mailboxes
from paidsupport.intake.subscribers import SUBSCRIPTIONS
from paidsupport.intake.triage import next_steps
from paidsupport.intake.triage import views as triage
from paidsupport.intake.triage.events import KINDS
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group


def _background() -> Background:
    from paidsupport.intake.calls import invariants as doctor_calls  # noqa: PLC0415  # late: no page needs it
    from paidsupport.intake.cli import commands  # noqa: PLC0415  # as above
    from paidsupport.intake.duty import invariants as doctor_duty  # noqa: PLC0415  # late: no page needs it
    from paidsupport.intake.gaps import invariants as doctor_gaps  # noqa: PLC0415  # late: no page needs it
    from paidsupport.intake.jobs import JOBS  # noqa: PLC0415  # as above
    from paidsupport.intake.requests import invariants as doctor_requests  # noqa: PLC0415  # late: no page needs it

    invariants = (doctor_requests, doctor_calls, doctor_gaps, doctor_duty)
    return Background(JOBS, invariants, tuple(commands.commands.values()))


def _configured() -> Sequence[Any]:
    from paidsupport.intake.guides.file import Guides  # noqa: PLC0415  # late: it needs tomlkit
    from paidsupport.intake.mailboxes.file import Mailboxes  # noqa: PLC0415  # as above

    return (Guides(), Mailboxes())


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.intake.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


INTAKE = Capability(
    name="intake",
    requires=("tickets", "issues"),
    workflows=(REQUEST,),
    views=(
        triage,
        calls,
        inbox,
        documented,
        gaps,
        guides,
        roster,
        filing,
        gaps_of_issues,
        help_pages,
        asked,
        mailboxes,
    ),
    searchers=(searching.find,),
    navigation=(
        Entry(20, _("Triage"), "paidsupport.triage", "t", Group.BAR, "state-triage"),
        Entry(40, _("Record a call"), "paidsupport.call", "l", Group.WORK, "phone"),
        Entry(80, _("Guides"), "paidsupport.guides", "g", Group.KNOWLEDGE, "book"),
        Entry(81, _("Unmatched email"), "paidsupport.inbox", "m", Group.DESK, "email"),
        Entry(82, _("Roster"), "paidsupport.roster", "r", Group.DESK, "calendar"),
    ),
    areas=(
        Area(
            37,
            _("Guides"),
            _("What to do, step by step, for staff and for customers."),
            "paidsupport.guides",
            "book",
        ),
        Area(52, _("Roster"), _("Who is on duty when, and who is away."), "paidsupport.roster", "calendar"),
        Area(
            60,
            _("Mailboxes"),
            _("Where emails to the desk are fetched from."),
            "paidsupport.mailboxes_setup",
            "email",
        ),
    ),
    effects=EFFECTS,
    events=KINDS,
    subscriptions=SUBSCRIPTIONS,
    sections=(*calls.SECTIONS, *gaps.SECTIONS, *filing.SECTIONS, *gaps_of_issues.SECTIONS, *asked.SECTIONS),
    proposals=(*asked.PROPOSALS, *next_steps.PROPOSALS),
    configured=_configured,
    things=_things,
    background=_background,
)
