"""Issues: what is wrong or missing in what we make (rows T10-T20). Source: Taler's Support Process.

Issues are not tickets and know no customer: requests and leads *follow* them. Their owner is the assignee.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.workflow import Guard, Holder, Part, Reason, State, Transition, Workflow
from paidsupport.tickets.rules import COLLEAGUE, NOTE, REASON, WHY


@dataclass(frozen=True, slots=True)
class IssueState(State):
    """A state of an issue, with further facts about it."""

    #: Whether management decides what comes next.
    sorted_next: bool = False
    #: Whether a developer owes feedback on how to solve it.
    asked: bool = False
    #: Whether it fills the assignee's time.
    fills_time: bool = False
    #: Whether it is being worked on.
    worked_on: bool = False
    #: Whether a reviewer is testing the solution.
    tried: bool = False
    #: Whether a solution is being made, tested, or done.
    solving: bool = False
    #: The section that comes first on its page.
    first: str = ""


NEW = IssueState(
    "new",
    pgettext("state", "New"),
    _("A manager decides next: who should look into it, or when it will be done."),
    Part.UNASSIGNED,
    sorted_next=True,
)
FEEDBACK = IssueState(
    "feedback",
    pgettext("state", "Feedback"),
    _("A developer has been asked how to solve it and how long that takes. Others are waiting for this."),
    Part.PENDING,
    asked=True,
)
CONFIRMED = IssueState(
    "confirmed",
    pgettext("state", "Confirmed"),
    _("It has a timeline, and waiting customers know that we're investigating. Work can begin."),
    Part.UNASSIGNED,
    fills_time=True,
)
ASSIGNED = IssueState(
    "assigned",
    pgettext("state", "Assigned"),
    _("A developer is working on it."),
    Part.PENDING,
    fills_time=True,
    worked_on=True,
    solving=True,
)
REVIEW = IssueState(
    "review",
    pgettext("state", "Review"),
    _("A solution has been submitted. A colleague tests it."),
    Part.PENDING,
    tried=True,
    solving=True,
    first="review",
)
RESOLVED = IssueState(
    "resolved",
    pgettext("state", "Resolved"),
    _("It's solved, and every waiting customer has been told."),
    Part.CLOSED,
    solving=True,
    first="resolution",
)
CLOSED = IssueState(
    "closed",
    pgettext("state", "Closed"),
    _("It shipped with a release, or nothing will be done about it."),
    Part.CLOSED,
)
STATES = {state.name: state for state in (NEW, FEEDBACK, CONFIRMED, ASSIGNED, REVIEW, RESOLVED, CLOSED)}

UNHELD = Guard(
    "unheld",
    _("A colleague is already looking into this issue."),
    _("No colleague is looking into this issue."),
)
NOT_ANOTHERS = Guard(
    "not-anothers",
    _("A colleague has this issue. Ask them, or a manager."),
    _("No colleague has this issue."),
)
OWN_PART = Guard(
    "own-part",
    _("Only the person asked about the parent issue can ask for this."),
    _("You were asked about the parent issue."),
)
ANSWERED = Guard(
    "answered",
    _("Enter an estimate and a solution, or where it's already solved."),
    _("The estimate and the solution are known, or where it's already solved."),
)
SUBS_ANSWERED = Guard(
    "subs-answered", _("Feedback on a sub-issue is still missing."), _("Feedback on all sub-issues is in.")
)
FEEDBACK_IN = Guard(
    "feedback-in",
    _("There's no estimate yet. Ask for feedback first."),
    _("The feedback is in."),
)
TIMELINE = Guard(
    "timeline", _("Set a deadline or a planned release first."), _("It has a deadline or a planned release.")
)
REPORTERS_TOLD = Guard(
    "reporters-told",
    _("A customer hasn't been told yet that we're investigating, or the email hasn't left."),
    _("Every waiting customer has been told that we're investigating."),
)
DRAFTED = Guard(
    "drafted",
    _("A customer is waiting for this. Draft the answer first."),
    _("The answer to the customer is drafted."),
)
TONE = Guard(
    "tone",
    _("The draft has marked sentences. Change them, or give a reason for keeping them."),
    _("Every marked sentence of the draft is changed or explained."),
)
NOT_AUTHOR = Guard(
    "not-author",
    _("You solved it, so a colleague has to review it."),
    _("A colleague solved it."),
)
TRIED = Guard(
    "tried",
    _("Enter your test result first."),
    _("Your test result is recorded."),
)
GONE = Guard(
    "gone",
    _("The fault still occurred in the last test."),
    _("The fault no longer occurred in the last test."),
)
TASKS_DONE = Guard("tasks-done", _("Some tasks of this issue are still open."), _("All tasks are done."))
CUSTOMER_WAITS = Guard(
    "customer-waits",
    _("No customer is waiting for this, so it can be resolved at once."),
    _("A customer is waiting for this."),
)
NO_CUSTOMER_WAITS = Guard(
    "no-customer-waits",
    _("A customer is waiting for this. Approve it, so that they're told."),
    _("No customer is waiting for this."),
)
UNAPPROVED = Guard(
    "unapproved", _("It's already approved. Its customers are told next."), _("It isn't approved yet.")
)
UNANSWERED = Guard(
    "unanswered",
    _("The feedback is already in. A manager sets the timeline next."),
    _("There's no feedback yet."),
)
APPROVED = Guard("approved", _("It hasn't been approved in a review yet."), _("It was approved in a review."))
CUSTOMERS_TOLD = Guard(
    "customers-told",
    _("A waiting customer hasn't been told yet that it's solved."),
    _("Every waiting customer has been told that it's solved."),
)
RELEASE = Guard(
    "release", _("Enter the release that it shipped in."), _("The release is named."), field="release"
)

DISMISS_REASONS = (
    Reason("duplicate", _("Duplicate")),
    Reason("no-fault", _("Works as intended")),
    Reason("not-repeatable", _("Can't be reproduced")),
    Reason("will-not-be-done", _("Won't be done")),
    Reason("other", _("Another reason")),
)

_DEVELOPER = frozenset({Role.DEVELOPER})
_MANAGER = frozenset({Role.MANAGER})
_OWNER = frozenset({Role.OWNER})
_OWNER_OR_MANAGER = frozenset({Role.OWNER, Role.MANAGER})

ASK = Transition(
    "ask",
    _("Ask for feedback"),
    ("new",),
    "feedback",
    _MANAGER,
    (COLLEAGUE,),
    holder=Holder.PASSES,
    note_label=_("What to look at"),
    effects=("feedback-asked", "owner-told-of-question"),
)
#: The person who is asked can ask colleagues about parts of it; everything else is for managers to ask.
ASK_PART = replace(
    ASK, name="ask-part", label=_("Ask about sub-issue"), who=_DEVELOPER, guards=(OWN_PART, COLLEAGUE)
)
GRAB = Transition(
    "grab",
    _("Claim issue"),
    ("new",),
    "feedback",
    _DEVELOPER,
    (UNHELD, UNANSWERED),
    holder=Holder.TAKES,
    effects=("feedback-asked",),
)
#: By the person who was asked, or by the clock once the last sub-issue has feedback.
ANSWER = Transition(
    "answer",
    _("Give feedback"),
    ("feedback",),
    "new",
    frozenset({Role.OWNER, Role.CLOCK}),
    (ANSWERED, SUBS_ANSWERED),
    effects=("feedback-due-no-more", "managers-told-of-answer"),
)
GIVE_BACK = Transition(
    "give-back",
    _("Return issue"),
    ("feedback",),
    "new",
    _OWNER_OR_MANAGER,
    (NOTE,),
    holder=Holder.DROPS,
    note_label=_("Reason for returning it"),
    effects=("feedback-due-no-more", "feedback-asked-no-more"),
)
CONFIRM = Transition(
    "confirm",
    _("Confirm issue"),
    ("new",),
    "confirmed",
    frozenset({Role.MANAGER, Role.CLOCK}),
    (FEEDBACK_IN, TIMELINE, REPORTERS_TOLD),
)
START = Transition(
    "start", _("Start work"), ("confirmed",), "assigned", _DEVELOPER, (NOT_ANOTHERS,), holder=Holder.TAKES
)
STOP = Transition(
    "stop",
    _("Stop work"),
    ("assigned",),
    "confirmed",
    _OWNER_OR_MANAGER,
    (UNAPPROVED, NOTE),
    holder=Holder.DROPS,
    note_label=_("What is done, and what is left"),
)
#: The clock does it for a person who was removed by a command.
HAND_OVER = Transition(
    "hand-over",
    _("Assign issue"),
    ("new", "feedback", "confirmed", "assigned"),
    None,
    frozenset({*_OWNER_OR_MANAGER, Role.CLOCK}),
    (COLLEAGUE,),
    holder=Holder.PASSES,
    note_label=_("What your colleague should know"),
    effects=("owner-told-of-assignment",),
)
SUBMIT = Transition(
    "submit",
    _("Ask for review"),
    ("assigned",),
    "review",
    _OWNER,
    (UNAPPROVED, DRAFTED, TONE),
    note_label=_("How to test it"),
    effects=("submitted", "reviewer-told"),
)
RETRACT = Transition(
    "retract",
    _("Withdraw solution"),
    ("review",),
    "assigned",
    _OWNER,
    (NOTE,),
    note_label=_("Reason for withdrawing it"),
)
REWORK = Transition(
    "rework",
    _("Send back"),
    ("review",),
    "assigned",
    _DEVELOPER,
    (NOT_AUTHOR, NOTE),
    note_label=_("What is still wrong"),
    effects=("returned", "review-kept", "author-told-of-return"),
)
#: The colleague who first answered the customer becomes its owner.
APPROVE = Transition(
    "approve",
    _("Approve solution"),
    ("review",),
    "assigned",
    _DEVELOPER,
    (NOT_AUTHOR, TRIED, GONE, TASKS_DONE, CUSTOMER_WAITS),
    holder=Holder.PASSES,
    effects=("approved", "passed-to-teller", "tellers-appointed"),
)
SETTLE = Transition(
    "settle",
    _("Resolve issue"),
    ("review",),
    "resolved",
    _DEVELOPER,
    (NOT_AUTHOR, TRIED, GONE, TASKS_DONE, NO_CUSTOMER_WAITS),
    effects=("approved", "resolved", "author-told-of-approval"),
)
RESOLVE = Transition(
    "resolve",
    _("Resolve issue"),
    ("assigned",),
    "resolved",
    frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK}),
    (APPROVED, CUSTOMERS_TOLD),
    effects=("resolved",),
)
CLOSE = Transition(
    "close",
    _("Close issue"),
    ("resolved",),
    "closed",
    _MANAGER,
    (RELEASE,),
    holder=Holder.DROPS,
    effects=("released", "ended"),
)
DISMISS = Transition(
    "dismiss",
    _("Dismiss issue"),
    ("new", "feedback", "confirmed"),
    "closed",
    _MANAGER,
    (REASON, NOTE, CUSTOMERS_TOLD),
    holder=Holder.DROPS,
    reasons=DISMISS_REASONS,
    note_label=_("Reason for dismissing it"),
    effects=("ended", "feedback-due-no-more"),
)
#: A customer who was told says it is not solved, while others still wait to be told.
NOT_FIXED = Transition(
    "not-fixed",
    _("Report as not fixed"),
    ("assigned",),
    "new",
    _DEVELOPER,
    (APPROVED, WHY),
    holder=Holder.DROPS,
    note_label=_("What is still wrong, according to the customer"),
    effects=("begun-anew", "managers-told-of-reopening", "customers-wait-again"),
)
REOPEN = replace(
    NOT_FIXED,
    name="reopen",
    label=_("Reopen issue"),
    sources=("resolved", "closed"),
    guards=(WHY,),
    note_label=_("Reason for reopening it"),
)

ISSUE = Workflow(
    "issue",
    _("Issues"),
    NEW.name,
    tuple(STATES.values()),
    (
        *(ASK, ASK_PART, GRAB, ANSWER, GIVE_BACK, CONFIRM, START, STOP, HAND_OVER),
        *(SUBMIT, RETRACT, REWORK, APPROVE, SETTLE, RESOLVE, NOT_FIXED, CLOSE, DISMISS, REOPEN),
    ),
    word="issue",
)


def states_where(is_so: Callable[[IssueState], bool]) -> tuple[str, ...]:
    """The names of the states for which `is_so` is true."""
    return tuple(name for name, state in STATES.items() if is_so(state))
