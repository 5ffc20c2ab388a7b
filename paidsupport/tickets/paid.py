"""Paid support tickets. Source of the rules: Gallery's Paid Support Guidelines (rows G3-G18)."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.workflow import Guard, Part, Reason, State, Transition, Workflow
from paidsupport.tickets.rules import (
    CONTACTED,
    LETTERS_SETTLED,
    NOT_ANOTHERS,
    NOTE,
    OWNER,
    OWNER_OR_MANAGER,
    REASON,
    claim,
    hand_over,
    release,
    reopen,
)

OPEN = State(
    "open",
    "Open",
    "Unassigned: nobody has taken this ticket yet. You are welcome to take it.",
    Part.UNASSIGNED,
)
PENDING = State(
    "pending",
    "Pending",
    "Somebody has taken it and is about to contact the customer, or waits for an agreement.",
    Part.PENDING,
)
IN_PROGRESS = State(
    "in-progress",
    "In progress",
    "The work has been agreed with the customer and is under way.",
    Part.PENDING,
    patient=True,
    working=True,
)
CLOSED = State("closed", "Closed", "The work has been completed.", Part.CLOSED, fulfilled=True)
ABANDONED = State(
    "abandoned",
    "Abandoned",
    "The work was not completed: the customer backed out, the host cannot do it, no response.",
    Part.CLOSED,
)
INVALID = State(
    "invalid",
    "Invalid",
    "It was no valid order: not willing to pay, nobody wants the customization, spam, a duplicate.",
    Part.CLOSED,
)

AGREED = Guard(
    "agreed",
    "Wait for the customer's reply, or note how the work was agreed.",
    "It is on record how the work was agreed.",
    field="note",
)
CHECKED = Guard("checked", "Items of the checklist are still open.", "Nothing on the checklist is open.")
REPORTED = Guard(
    "reported",
    "The closing report of this work has not reached the customer yet.",
    "The closing report has reached the customer.",
)
ANSWERED = Guard(
    "answered",
    "The customer has not answered a question for consent or an offer yet.",
    "No consent or offer is waiting for the customer's answer.",
)
VAULT_EMPTY = Guard(
    "vault-empty",
    "What the customer gave of their access is still kept: let it be destroyed with the end.",
    "No login of the customer stays behind.",
    field="destroy",
)

ABANDON_REASONS = (
    Reason("backed-out", "The customer backed out", _("You decided not to go ahead.")),
    Reason("incompatible-host", "Their host cannot do it", _("Your server can't do what this order needs.")),
    Reason("no-response", "No response", _("We didn't hear back from you.")),
    Reason("other", "Another reason"),
)
REJECT_REASONS = (
    Reason("not-willing-to-pay", "Not willing to pay", _("We couldn't agree on the price.")),
    Reason(
        "nobody-wants-it",
        "A customization nobody wants to take",
        _("None of our developers can take this work on."),
    ),
    Reason("spam", "Spam", silent=True),
    Reason("duplicate", "A duplicate", _("You've ordered the same thing before."), silent=True),
    Reason("other", "Another reason"),
)


CLAIM = claim("open", "pending")
START = Transition(
    "start",
    "Start work",
    ("pending",),
    "in-progress",
    OWNER,
    (CONTACTED, AGREED),
    note_label="How was the work agreed?",
    effects=("agreement-kept",),
    steps=("answer", "decided", "wait", "deciding"),
    done="started work",
    key="s",
)
CLOSE = Transition(
    "close",
    "Close",
    ("in-progress",),
    "closed",
    OWNER,
    (CHECKED, REPORTED, LETTERS_SETTLED, ANSWERED, VAULT_EMPTY),
    note_label="Anything others should know",
    effects=("end-told",),
    steps=("close",),
    done="closed it",
    key="e",
)
ABANDON = Transition(
    "abandon",
    "Abandon",
    ("pending", "in-progress"),
    "abandoned",
    OWNER_OR_MANAGER,
    (REASON, NOTE),
    reasons=ABANDON_REASONS,
    note_label="What happened?",
    effects=("end-told",),
    done="abandoned it",
    key="x",
)
REJECT = Transition(
    "reject",
    "Mark invalid",
    ("open", "pending"),
    "invalid",
    frozenset({Role.DEVELOPER, Role.OWNER, Role.MANAGER}),
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=REJECT_REASONS,
    note_label="What is wrong with it?",
    effects=("end-told",),
    done="marked it invalid",
    key="i",
)
WITHDRAW = Transition(
    "withdraw",
    _("Withdraw"),
    ("open", "pending"),
    "abandoned",
    frozenset({Role.CUSTOMER}),
    effects=("withdrawn", "end-told"),
    done="withdrew it",
)
RELEASE = release(("pending", "in-progress"), "open", "What should the next developer know?")
HAND_OVER = hand_over(("pending", "in-progress"), OWNER_OR_MANAGER)
REOPEN = reopen(("closed", "abandoned", "invalid"), "open")

PAID = Workflow(
    "paid",
    "Paid support",
    OPEN.name,
    (OPEN, PENDING, IN_PROGRESS, CLOSED, ABANDONED, INVALID),
    (CLAIM, START, CLOSE, ABANDON, REJECT, WITHDRAW, RELEASE, HAND_OVER, REOPEN),
)
