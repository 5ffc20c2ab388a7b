"""The issue tracker as a capability."""

from __future__ import annotations

from paidsupport.issues import filters as issue_filters
from paidsupport.issues.events import KINDS
from paidsupport.issues.hooks import HOOKS
from paidsupport.issues.operations import leaving
from paidsupport.issues.operations.effects import EFFECTS
from paidsupport.issues.operations.guards import GUARDS
from paidsupport.issues.operations.transitions import IssueEngine
from paidsupport.issues.subscribers import SUBSCRIPTIONS
from paidsupport.issues.views import (
    analysis,
    drafting,
    investigating,
    lists,
    next_steps,
    pages,
    releases,
    resolution,
    reviewing,
    searching,
    steps,
    work,
)
from paidsupport.issues.views import public as public_issues
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Entry, Group


def _background() -> Background:
    from paidsupport.issues.invariants import analysis as doctor_analysis  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.invariants import estimates as doctor_estimates  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.invariants import issues as doctor_issues  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.invariants import privacy as doctor_privacy  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.invariants import resolution as doctor_resolution  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.invariants import reviews as doctor_reviews  # noqa: PLC0415  # late: no page needs it
    from paidsupport.issues.jobs import JOBS  # noqa: PLC0415  # as above

    invariants = (
        *(doctor_issues, doctor_privacy, doctor_resolution, doctor_analysis),
        *(doctor_estimates, doctor_reviews),
    )
    return Background(JOBS, invariants)


ISSUES = Capability(
    name="issues",
    requires=("tickets",),
    views=(
        *(lists, pages, work, steps, analysis, drafting, reviewing, resolution, releases),
        *(investigating, public_issues),
    ),
    filters=issue_filters.ALL,
    searchers=(searching.find,),
    navigation=(Entry(30, _("Issues"), "paidsupport.issues", "i", Group.BAR, "issue"),),
    guards=leaving.GUARDS,
    effects=leaving.EFFECTS,
    engines=((ISSUE, IssueEngine(GUARDS, EFFECTS)),),
    events=KINDS,
    hooks=HOOKS,
    subscriptions=SUBSCRIPTIONS,
    sections=(
        *(*investigating.SECTIONS, *pages.SECTIONS, *analysis.SECTIONS, *work.SECTIONS),
        *(*steps.SECTIONS, *drafting.SECTIONS, *reviewing.SECTIONS, *resolution.SECTIONS),
    ),
    proposals=next_steps.PROPOSALS,
    background=_background,
)
