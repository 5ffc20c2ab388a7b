"""The issue tracker as a capability."""

from __future__ import annotations

from paidsupport.desk.issues import leaving
from paidsupport.desk.issues.effects import EFFECTS
from paidsupport.desk.issues.events import KINDS
from paidsupport.desk.issues.guards import GUARDS
from paidsupport.desk.issues.hooks import HOOKS
from paidsupport.desk.issues.moves import IssueEngine
from paidsupport.desk.issues.subscribers import SUBSCRIPTIONS
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.kernel.capability import Background, Capability, Entry
from paidsupport.web import issue_filters
from paidsupport.web.customer import issues as public_issues
from paidsupport.web.staff import investigating
from paidsupport.web.staff.issues import (
    analysis,
    drafting,
    lists,
    pages,
    releases,
    resolution,
    reviewing,
    steps,
    work,
)


def _background() -> Background:
    from paidsupport.desk import (  # noqa: PLC0415  # late: no page needs it
        doctor_analysis,
        doctor_estimates,
        doctor_issues,
        doctor_privacy,
        doctor_resolution,
        doctor_reviews,
    )
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
    navigation=(
        Entry(30, "Issues", "paidsupport.issues", "i"),
        Entry(31, "My work", "paidsupport.my_issues", "y"),
    ),
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
    background=_background,
)
