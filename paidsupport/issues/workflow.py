"""Issues: what is wrong or missing in what we make (rows T10-T20). Source: Taler's Support Process.

Issues are no tickets and know no customer: requests and leads *follow* them. Their owner is the assignee.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from paidsupport.kernel.actors import Role
from paidsupport.kernel.workflow import Guard, Holder, Part, Reason, State, Transition, Workflow
from paidsupport.tickets.rules import COLLEAGUE, NOTE, REASON, WHY


@dataclass(frozen=True, slots=True)
class IssueState(State):
    """What is true of issues in it, besides what every state says."""

    #: Whether management says what comes next.
    sorted_next: bool = False
    #: Whether somebody owes the answer how to solve it.
    asked: bool = False
    #: Whether it fills the time of whoever has it.
    fills_time: bool = False
    #: Whether somebody works on it.
    worked_on: bool = False
    #: Whether somebody tries if it is solved.
    tried: bool = False
    #: Whether a solution is being made, tried, or there.
    solving: bool = False
    #: The section that stands first on its page.
    first: str = ""


NEW = IssueState(
    "new",
    "New",
    "Management looks at it next: who should look into it, or, once that is known, when it is done.",
    Part.UNASSIGNED,
    sorted_next=True,
)
FEEDBACK = IssueState(
    "feedback",
    "Feedback",
    "Somebody is asked how to solve it and how long that takes. It is urgent: others wait for the answer.",
    Part.PENDING,
    asked=True,
)
CONFIRMED = IssueState(
    "confirmed",
    "Confirmed",
    "It has a timeline, and whoever reported it knows that we look into it. Work can begin.",
    Part.UNASSIGNED,
    fills_time=True,
)
ASSIGNED = IssueState(
    "assigned",
    "Assigned",
    "Somebody works on it.",
    Part.PENDING,
    fills_time=True,
    worked_on=True,
    solving=True,
)
REVIEW = IssueState(
    "review",
    "Review",
    "It is said to be solved. Somebody else tries whether it is.",
    Part.PENDING,
    tried=True,
    solving=True,
    first="review",
)
RESOLVED = IssueState(
    "resolved",
    "Resolved",
    "It is solved, and every customer who waited for it knows.",
    Part.CLOSED,
    solving=True,
    first="resolution",
)
CLOSED = IssueState(
    "closed", "Closed", "It is over: it shipped with a release, or nothing is done.", Part.CLOSED
)
STATES = {state.name: state for state in (NEW, FEEDBACK, CONFIRMED, ASSIGNED, REVIEW, RESOLVED, CLOSED)}

UNHELD = Guard(
    "unheld", "Somebody is looking into this issue already.", "Nobody else is looking into this issue."
)
NOT_ANOTHERS = Guard(
    "not-anothers", "Somebody else has this issue: ask them, or a manager.", "Nobody else has this issue."
)
OWN_PART = Guard(
    "own-part",
    "Only whoever is asked about the issue that it is a part of can ask for this.",
    "You are asked about the issue that it is a part of.",
)
ANSWERED = Guard(
    "answered",
    "Say how long it takes and how to solve it, or where it is solved already.",
    "It is known how to solve it and how long that takes, or where it is solved already.",
)
SUBS_ANSWERED = Guard(
    "subs-answered", "Feedback on a sub-issue is still missing.", "No sub-issue lacks its feedback."
)
FEEDBACK_IN = Guard(
    "feedback-in",
    "Nobody has said yet how long it takes: ask for feedback first.",
    "The feedback on it is in.",
)
TIMELINE = Guard(
    "timeline", "Set the deadline or the target release first.", "It has a deadline or a target release."
)
REPORTERS_TOLD = Guard(
    "reporters-told",
    "A customer has not been told yet that we are investigating, or the letter has not left.",
    "Every customer who waits knows that we are investigating.",
)
DRAFTED = Guard(
    "drafted",
    "A customer waits for this: draft the answer to them first.",
    "The answer to the customers is drafted.",
)
TONE = Guard(
    "tone",
    "The draft has marked sentences: change them, or say why they stay.",
    "Every marked sentence of the draft is changed or explained.",
)
NOT_AUTHOR = Guard(
    "not-author",
    "Whoever solved it does not review it: somebody else has to try.",
    "Somebody else solved it.",
)
TRIED = Guard(
    "tried",
    "Say first what came of trying to repeat the fault.",
    "You have said what came of trying to repeat the fault.",
)
GONE = Guard(
    "gone",
    "Only who could not repeat the fault any more approves it.",
    "The fault could not be repeated any more.",
)
TASKS_DONE = Guard(
    "tasks-done", "Tasks of this issue are still open.", "No task that the review waits for is open."
)
CUSTOMER_WAITS = Guard(
    "customer-waits", "No customer waits for this: it can be resolved at once.", "A customer waits for this."
)
NO_CUSTOMER_WAITS = Guard(
    "no-customer-waits",
    "A customer waits for this: approve it, so that they are told.",
    "No customer waits for this.",
)
UNAPPROVED = Guard(
    "unapproved", "It is approved already: its customers are told next.", "It is not approved yet."
)
UNANSWERED = Guard(
    "unanswered",
    "Feedback on it is in already: management sets its timeline.",
    "No feedback on it is in yet.",
)
APPROVED = Guard("approved", "Nobody has approved it in a review yet.", "It was approved in a review.")
CUSTOMERS_TOLD = Guard(
    "customers-told",
    "A customer who waits for this does not know yet that it is solved.",
    "Every customer who waits knows that it is solved.",
)
RELEASE = Guard("release", "Name the release that it shipped in.", "The release is named.", field="release")

DISMISS_REASONS = (
    Reason("duplicate", "A duplicate"),
    Reason("no-fault", "It works as it should"),
    Reason("not-repeatable", "Nobody can repeat it"),
    Reason("will-not-be-done", "We will not do it"),
    Reason("other", "Another reason"),
)

_DEVELOPER = frozenset({Role.DEVELOPER})
_MANAGER = frozenset({Role.MANAGER})
_OWNER = frozenset({Role.OWNER})
_OWNER_OR_MANAGER = frozenset({Role.OWNER, Role.MANAGER})

ASK = Transition(
    "ask",
    "Ask for feedback",
    ("new",),
    "feedback",
    _MANAGER,
    (COLLEAGUE,),
    holder=Holder.PASSES,
    note_label="What should they look at?",
    effects=("feedback-asked", "owner-told-of-question"),
)
#: Whoever is asked about an issue asks others about its parts; all other asking is a manager's.
ASK_PART = replace(
    ASK, name="ask-part", label="Ask about this part", who=_DEVELOPER, guards=(OWN_PART, COLLEAGUE)
)
GRAB = Transition(
    "grab",
    "Grab",
    ("new",),
    "feedback",
    _DEVELOPER,
    (UNHELD, UNANSWERED),
    holder=Holder.TAKES,
    effects=("feedback-asked",),
)
#: By whoever was asked, or by the clock once the last sub-issue is answered.
ANSWER = Transition(
    "answer",
    "Feedback given",
    ("feedback",),
    "new",
    frozenset({Role.OWNER, Role.CLOCK}),
    (ANSWERED, SUBS_ANSWERED),
    effects=("feedback-due-no-more", "managers-told-of-answer"),
)
GIVE_BACK = Transition(
    "give-back",
    "Give back",
    ("feedback",),
    "new",
    _OWNER_OR_MANAGER,
    (NOTE,),
    holder=Holder.DROPS,
    note_label="Why is somebody else to look at it?",
    effects=("feedback-due-no-more", "feedback-asked-no-more"),
)
CONFIRM = Transition(
    "confirm",
    "Confirm",
    ("new",),
    "confirmed",
    frozenset({Role.MANAGER, Role.CLOCK}),
    (FEEDBACK_IN, TIMELINE, REPORTERS_TOLD),
)
START = Transition(
    "start", "Start work", ("confirmed",), "assigned", _DEVELOPER, (NOT_ANOTHERS,), holder=Holder.TAKES
)
STOP = Transition(
    "stop",
    "Stop work",
    ("assigned",),
    "confirmed",
    _OWNER_OR_MANAGER,
    (UNAPPROVED, NOTE),
    holder=Holder.DROPS,
    note_label="How far is it, and what is left?",
)
HAND_OVER = Transition(
    "hand-over",
    "Assign to",
    ("new", "feedback", "confirmed", "assigned"),
    None,
    _OWNER_OR_MANAGER,
    (COLLEAGUE,),
    holder=Holder.PASSES,
    note_label="What should your colleague know?",
    effects=("owner-told-of-assignment",),
)
SUBMIT = Transition(
    "submit",
    "Ask for review",
    ("assigned",),
    "review",
    _OWNER,
    (UNAPPROVED, DRAFTED, TONE),
    note_label="How can the reviewer try it?",
    effects=("submitted", "reviewer-told"),
)
RETRACT = Transition(
    "retract",
    "Take back",
    ("review",),
    "assigned",
    _OWNER,
    (NOTE,),
    note_label="Why is it not to be reviewed yet?",
)
REWORK = Transition(
    "rework",
    "Back to work",
    ("review",),
    "assigned",
    _DEVELOPER,
    (NOT_AUTHOR, NOTE),
    note_label="What is still wrong?",
    effects=("returned", "review-kept", "author-told-of-return"),
)
#: Whoever first answered the customer has it from then on.
APPROVE = Transition(
    "approve",
    "Approve",
    ("review",),
    "assigned",
    _DEVELOPER,
    (NOT_AUTHOR, TRIED, GONE, TASKS_DONE, CUSTOMER_WAITS),
    holder=Holder.PASSES,
    effects=("approved", "passed-to-teller", "tellers-appointed"),
)
SETTLE = Transition(
    "settle",
    "Resolve",
    ("review",),
    "resolved",
    _DEVELOPER,
    (NOT_AUTHOR, TRIED, GONE, TASKS_DONE, NO_CUSTOMER_WAITS),
    effects=("approved", "resolved", "author-told-of-approval"),
)
RESOLVE = Transition(
    "resolve",
    "Resolve",
    ("assigned",),
    "resolved",
    frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK}),
    (APPROVED, CUSTOMERS_TOLD),
    effects=("resolved",),
)
CLOSE = Transition(
    "close",
    "Close",
    ("resolved",),
    "closed",
    _MANAGER,
    (RELEASE,),
    holder=Holder.DROPS,
    effects=("released", "ended"),
)
DISMISS = Transition(
    "dismiss",
    "Dismiss",
    ("new", "feedback", "confirmed"),
    "closed",
    _MANAGER,
    (REASON, NOTE, CUSTOMERS_TOLD),
    holder=Holder.DROPS,
    reasons=DISMISS_REASONS,
    note_label="Why is nothing done about it?",
    effects=("ended", "feedback-due-no-more"),
)
#: A customer who was told says that it is not, while others still wait to be told.
NOT_FIXED = Transition(
    "not-fixed",
    "Not fixed",
    ("assigned",),
    "new",
    _DEVELOPER,
    (APPROVED, WHY),
    holder=Holder.DROPS,
    note_label="What is still wrong, as the customer says?",
    effects=("begun-anew", "managers-told-of-reopening", "customers-wait-again"),
)
REOPEN = replace(
    NOT_FIXED,
    name="reopen",
    label="Reopen",
    sources=("resolved", "closed"),
    guards=(WHY,),
    note_label="Why is it opened again?",
)

ISSUE = Workflow(
    "issue",
    "Issues",
    NEW.name,
    tuple(STATES.values()),
    (
        *(ASK, ASK_PART, GRAB, ANSWER, GIVE_BACK, CONFIRM, START, STOP, HAND_OVER),
        *(SUBMIT, RETRACT, REWORK, APPROVE, SETTLE, RESOLVE, NOT_FIXED, CLOSE, DISMISS, REOPEN),
    ),
    word="issue",
)


def states_where(is_so: Callable[[IssueState], bool]) -> tuple[str, ...]:
    """The states of which this is so."""
    return tuple(name for name, state in STATES.items() if is_so(state))
