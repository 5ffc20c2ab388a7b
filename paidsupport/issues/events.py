"""Kinds of events of issues, and those of tickets that wait for issues."""

from __future__ import annotations

from functools import partial

from paidsupport.issues.rules.kinds import lasting
from paidsupport.issues.workflow import ISSUE as WORKFLOW
from paidsupport.kernel.events import Kind, Line, colleague, transition
from paidsupport.tickets.events import event

#: Whose histories these are.
ISSUE = "issue"
_issue = partial(Kind, ISSUE)


def _ticket(line: Line) -> str:
    return line.style.text(line.get("ticket") or "a ticket")


def _estimate(line: Line) -> str:
    """Time left and deadline as they are now: “4h left, until 2034-03-14”."""
    left, until = line.get("left"), line.get("deadline")
    said = f"{lasting(left)} left" if left is not None else "time left is not known"
    return line.style.text(f"{said}, {f'until {until}' if until else 'no deadline'}")


_waits = partial(
    _issue,
    fields={"ticket": _ticket, "colleague": colleague(), "substituted": colleague("for")},
)

KINDS = (
    _issue("opened", "{who} opened it"),
    _issue("noted", "{who} left a note"),
    _issue("made-private", "{who} made it private"),
    _issue("made-public", "{who} made it public"),
    _issue("personal-kept", "{who}: personal kept"),
    _issue("prioritised", "{who} changed its priority"),
    _issue("feedback-given", "{who} gave feedback"),
    _issue("feedback-overdue", "{who} notes that the feedback is overdue"),
    _issue("parts-opened", "{who} opened sub-issues"),
    _issue("timeline-set", "{who} set the timeline"),
    _issue("estimate-changed", "{who}: {estimate}", {"estimate": _estimate}),
    _issue("fits-again", "{who} sees that it fits again"),
    _issue("slip-asked", "{who} asks whether the deadline slips"),
    _issue("slip", "{who} announced that the deadline slips[; expected {expected}]"),
    _issue("task-added", "{who} added a task"),
    _issue("task-done", "{who} did a task"),
    _issue("task-opened", "{who} opened a task again"),
    _issue("step-added", "{who} added a step"),
    _issue("step-done", "{who} did a step"),
    _issue("step-consent-asked", "{who} asked the customer whether a step may be done"),
    _issue("drafted", "{who} drafted the answer"),
    _issue("tone-kept", "{who} said why marked places stay"),
    _issue("tried", "{who} tried whether it is solved"),
    _issue("reached", "{who} noted how far it has come[: {stage}]"),
    _issue("taken-back", "{who} noted that it was taken back[: {stage}]"),
    _issue("release-noted", "{who} wrote what release notes say"),
    _issue("investigating-told", "{who} told a customer that we are investigating"),
    _issue("followed", "{who}: a ticket follows it"),
    _waits("unfollowed", "{who}: {ticket} waits no more"),
    _waits("teller", "{who}: {ticket} is told by[ {colleague}][ in the place of {substituted}]"),
    _waits("teller-named", "{who}: who tells {ticket} is now[ {colleague}]"),
    _waits("stage-set", "{who}: {ticket} waits for the stage[ {stage}]"),
    _waits("solved-written", "{who}: wrote to {ticket} that it is solved"),
    _waits("told", "{who}: {ticket} knows that it is solved"),
    _waits("told-otherwise", "{who}: told {ticket} that it is solved"),
    _waits("let-go", "{who}: let {ticket} wait no more"),
    _waits("waits-again", "{who}: {ticket} waits again"),
    event("issue-followed", "{who} let it follow an issue"),
    event("issue-left", "{who}: it waits no more for an issue", keeps=frozenset({"kind"})),
    event("issue-told", "{who} told the customer that an issue is solved"),
    event("issues-solved", "All that it waited for is solved, and the customer knows"),
    event("told-by-phone", "{who} told the customer on the phone that we are investigating"),
    *(
        transition(ISSUE, each.name, "{who}: {label}[ {colleague}][ {states}]")
        for each in WORKFLOW.transitions
    ),
)
