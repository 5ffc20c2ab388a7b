"""Kinds of events of issues, and of tickets that wait for issues."""

from __future__ import annotations

from functools import partial

from paidsupport.issues.rules.kinds import STAGES, lasting
from paidsupport.issues.workflow import ISSUE as WORKFLOW
from paidsupport.kernel.events import Kind, Line, colleague, label, transition
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event

#: The record that these histories belong to.
ISSUE = "issue"
_issue = partial(Kind, ISSUE)


def _ticket(line: Line) -> str:
    return line.style.text(line.get("ticket") or translate(_("a ticket")))


def _estimate(line: Line) -> str:
    """Work left and deadline as they are now: “4h left, until 2034-03-14”."""
    left, until = line.get("left"), line.get("deadline")
    work = lasting(left) if left is not None else "–"
    if until:
        return line.style.text(translate(_("%(work)s left, due %(day)s", work=work, day=until)))
    return line.style.text(translate(_("%(work)s left, no deadline", work=work)))


_waits = partial(
    _issue,
    fields={
        "ticket": _ticket,
        "colleague": colleague(),
        "substituted": colleague("for"),
        "stage": label("stage", STAGES),
    },
)
_stage = {"stage": label("stage", STAGES)}

#: The sentences for transitions.
_MOVES = {
    "ask": _("{who} asked for feedback[ from {colleague}][ {states}]"),
    "ask-part": _("{who} asked for feedback on the sub-issue[ from {colleague}][ {states}]"),
    "grab": _("{who} claimed the issue[ {states}]"),
    "answer": _("{who}: feedback complete[ {states}]"),
    "give-back": _("{who} returned the issue[ {states}]"),
    "confirm": _("{who} confirmed the issue[ {states}]"),
    "start": _("{who} started work[ {states}]"),
    "stop": _("{who} stopped work[ {states}]"),
    "hand-over": _("{who} assigned the issue[ to {colleague}][ {states}]"),
    "submit": _("{who} asked for a review[ {states}]"),
    "retract": _("{who} withdrew the solution[ {states}]"),
    "rework": _("{who} sent the issue back[ {states}]"),
    "approve": _("{who} approved the solution[, {colleague} is next][ {states}]"),
    "settle": _("{who} approved the solution and resolved the issue[ {states}]"),
    "resolve": _("{who} resolved the issue[ {states}]"),
    "close": _("{who} closed the issue[ {states}]"),
    "dismiss": _("{who} dismissed the issue[: {reason}][ {states}]"),
    "not-fixed": _("{who} reported that it isn't fixed[ {states}]"),
    "reopen": _("{who} reopened the issue[ {states}]"),
}

KINDS = (
    _issue("opened", _("{who} opened the issue")),
    _issue("noted", _("{who} added a note")),
    _issue("made-private", _("{who} made the issue private")),
    _issue("made-public", _("{who} made the issue public")),
    _issue("personal-kept", _("{who} kept something flagged as personal")),
    _issue("prioritised", _("{who} changed the priority")),
    _issue("feedback-given", _("{who} gave feedback")),
    _issue("feedback-overdue", _("{who} marked the feedback as overdue")),
    _issue("parts-opened", _("{who} opened sub-issues")),
    _issue("timeline-set", _("{who} set the timeline")),
    _issue("estimate-changed", _("{who} changed the estimate: {estimate}"), {"estimate": _estimate}),
    _issue("fits-again", _("{who} noticed that there is enough time again")),
    _issue("slip-asked", _("{who} asked whether the deadline can be met")),
    _issue("slip", _("{who} announced a delay[, now expected on {expected}]")),
    _issue("task-added", _("{who} added a task")),
    _issue("task-done", _("{who} completed a task")),
    _issue("task-opened", _("{who} reopened a task")),
    _issue("step-added", _("{who} added a step")),
    _issue("step-done", _("{who} completed a step")),
    _issue("step-consent-asked", _("{who} asked the customer to approve a step")),
    _issue("drafted", _("{who} drafted the answer")),
    _issue("tone-kept", _("{who} gave reasons for keeping marked sentences")),
    _issue("tried", _("{who} tested the solution")),
    _issue("reached", _("{who} updated the stage[: {stage}]"), _stage),
    _issue("taken-back", _("{who} moved the stage back[: {stage}]"), _stage),
    _issue("release-noted", _("{who} wrote the release note")),
    _issue("investigating-told", _("{who} told a customer that we're investigating")),
    _issue("followed", _("{who} let a ticket wait for the issue")),
    _waits("unfollowed", _("{who} stopped {ticket} from waiting")),
    _waits("teller", _("{who} chose who tells {ticket}[: {colleague}][ instead of {substituted}]")),
    _waits("teller-named", _("{who} chose who tells {ticket}[: {colleague}]")),
    _waits("stage-set", _("{who} changed the stage {ticket} is waiting for[: {stage}]")),
    _waits("solved-written", _("{who} wrote to {ticket} that it's solved")),
    _waits("told", _("{who} recorded that {ticket} has been told")),
    _waits("told-otherwise", _("{who} told {ticket} that it's solved")),
    _waits("let-go", _("{who} stopped {ticket} from waiting")),
    _waits("waits-again", _("{who} noted that {ticket} is waiting again")),
    event("issue-followed", _("{who} let the ticket wait for an issue")),
    event("issue-left", _("{who} stopped waiting for an issue"), keeps=frozenset({"kind"})),
    event("issue-told", _("{who} told the customer that an issue is solved")),
    event("issues-solved", _("Every issue of this ticket is solved, and the customer knows")),
    event("told-by-phone", _("{who} told the customer by phone that we're investigating")),
    *(transition(ISSUE, each.name, _MOVES[each.name]) for each in WORKFLOW.transitions),
)
