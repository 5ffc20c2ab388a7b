"""Paid support tickets. Source of the rules: Gallery's Paid Support Guidelines (rows G3-G18)."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
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
    _("Open"),
    _("No developer has claimed this ticket yet. You can claim it."),
    Part.UNASSIGNED,
)
PENDING = State(
    "pending",
    _("Pending"),
    _("A developer has claimed it. The work has not been agreed with the customer yet."),
    Part.PENDING,
)
IN_PROGRESS = State(
    "in-progress",
    _("In progress"),
    _("The work has been agreed with the customer and is under way."),
    Part.PENDING,
    patient=True,
    working=True,
)
CLOSED = State("closed", _("Closed"), _("The work has been completed."), Part.CLOSED, fulfilled=True)
ABANDONED = State(
    "abandoned",
    _("Abandoned"),
    _("The work was not completed: the customer backed out, the server can't do it, or there was no reply."),
    Part.CLOSED,
)
INVALID = State(
    "invalid",
    _("Invalid"),
    _("It was not a valid order: no payment, a customization no developer takes, spam, or a duplicate."),
    Part.CLOSED,
)

AGREED = Guard(
    "agreed",
    _("Wait for the customer's reply, or note how the work was agreed."),
    _("It is on record how the work was agreed."),
    field="note",
)
PAID_FIRST = Guard(
    "paid-first",
    _("Wait for the payment. This is paid before the work."),
    _("It has been paid in advance."),
)
CHECKED = Guard("checked", _("The checklist has open items."), _("Every item on the checklist is done."))
REPORTED = Guard(
    "reported",
    _("The closing report has not been sent to the customer yet."),
    _("The closing report has been sent to the customer."),
)
ANSWERED = Guard(
    "answered",
    _("The customer has not answered a request for approval or an offer yet."),
    _("The customer has answered every request for approval and every offer."),
)
VAULT_EMPTY = Guard(
    "vault-empty",
    _("The customer's login is still stored. Tick the box to delete it when you close."),
    _("No login of the customer is stored."),
    field="destroy",
)

ABANDON_REASONS = (
    Reason("backed-out", _("The customer backed out"), _("You decided not to go ahead.")),
    Reason(
        "incompatible-host", _("Their server can't do it"), _("Your server can't do what this order needs.")
    ),
    Reason("no-response", _("No reply"), _("We didn't hear back from you.")),
    Reason("other", _("Another reason")),
)
REJECT_REASONS = (
    Reason("not-willing-to-pay", _("Not willing to pay"), _("We couldn't agree on the price.")),
    Reason(
        "nobody-wants-it",
        _("A customization no developer takes"),
        _("None of our developers can take this work on."),
    ),
    Reason("spam", _("Spam"), silent=True, fixed=True),
    Reason(
        "duplicate",
        _("Duplicate"),
        _("You've ordered the same thing before."),
        silent=True,
        fixed=True,
    ),
    Reason("other", _("Another reason")),
)


CLAIM = claim("open", "pending")
START = Transition(
    "start",
    _("Start work"),
    ("pending",),
    "in-progress",
    OWNER,
    (CONTACTED, AGREED, PAID_FIRST),
    note_label=_("How was the work agreed?"),
    effects=("agreement-kept",),
    steps=("answer", "decided", "wait", "deciding"),
    done=_("{who} started work"),
    said=_("Work started. Go through the checklist next."),
    key="s",
)
CLOSE = Transition(
    "close",
    _("Close ticket"),
    ("in-progress",),
    "closed",
    OWNER,
    (CHECKED, REPORTED, LETTERS_SETTLED, ANSWERED, VAULT_EMPTY),
    note_label=_("Anything others should know"),
    effects=("end-told",),
    steps=("close",),
    done=_("{who} closed it"),
    said=_("Ticket closed."),
    key="e",
)
ABANDON = Transition(
    "abandon",
    _("Abandon ticket"),
    ("pending", "in-progress"),
    "abandoned",
    OWNER_OR_MANAGER,
    (REASON, NOTE),
    reasons=ABANDON_REASONS,
    note_label=_("What happened?"),
    effects=("end-told",),
    done=_("{who} abandoned it"),
    said=_("Ticket abandoned. The customer has been told."),
    key="x",
)
REJECT = Transition(
    "reject",
    _("Mark as invalid"),
    ("open", "pending"),
    "invalid",
    frozenset({Role.DEVELOPER, Role.OWNER, Role.MANAGER}),
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=REJECT_REASONS,
    note_label=_("What is wrong with it?"),
    spam=True,
    effects=("end-told",),
    done=_("{who} marked it invalid"),
    said=_("Ticket marked as invalid."),
    key="i",
)
WITHDRAW = Transition(
    "withdraw",
    _("Withdraw order"),
    ("open", "pending"),
    "abandoned",
    frozenset({Role.CUSTOMER}),
    effects=("withdrawn", "end-told"),
    done=_("{who} withdrew it"),
    said=_("Order withdrawn."),
)
RELEASE = release(("pending", "in-progress"), "open", _("What should the next owner know?"))
HAND_OVER = hand_over(("pending", "in-progress"), OWNER_OR_MANAGER)
REOPEN = reopen(("closed", "abandoned", "invalid"), "open")

PAID = Workflow(
    "paid",
    _("Paid support"),
    OPEN.name,
    (OPEN, PENDING, IN_PROGRESS, CLOSED, ABANDONED, INVALID),
    (CLAIM, START, CLOSE, ABANDON, REJECT, WITHDRAW, RELEASE, HAND_OVER, REOPEN),
)
