"""Leads: who wants to buy, and what stands in the way (rows T2, T9). Source: Taler's Support Process."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Guard, Part, Reason, Rest, State, Transition, Workflow
from paidsupport.tickets.rules import (
    DEVELOPER,
    LETTERS_SETTLED,
    NOT_ANOTHERS,
    NOTE,
    OWNER,
    OWNER_MANAGER_OR_CLOCK,
    OWNER_OR_MANAGER,
    REASON,
    claim,
    hand_over,
    release,
    reopen,
)

LEAD = State(
    "lead", "Lead", "Somebody wants something that costs; nobody talks with them yet.", Part.UNASSIGNED
)
QUALIFYING = State(
    "qualifying", "Qualifying", "Somebody talks with them: what do they need, what blocks them?", Part.PENDING
)
OFFERED = State(
    "offered",
    "Offered",
    "They know what it costs and think about it.",
    Part.PENDING,
    patient=True,
    rests=Rest.OFFERED,
)
DELIVERING = State(
    "delivering",
    "Delivering",
    "They have accepted, or get it free of charge: it is built, and they hear from us when it is there.",
    Part.PENDING,
    patient=True,
    lasting=True,
    rests=Rest.DELIVERING,
    effects=("decisions-withdrawn", "wishes-opened", "lead-accepted"),
)
WON = State(
    "won",
    "Won",
    "What was agreed on is delivered, and they know it.",
    Part.CLOSED,
    fulfilled=True,
    effects=("lead-won",),
)
LOST = State("lost", "Lost", "It came to nothing; the reason says why.", Part.CLOSED, effects=("lead-lost",))

WIN_REASONS = (
    Reason("paid", "Delivered, for money"),
    Reason("gratis", "Delivered, free of charge"),
    Reason("contract", "A contract that runs on"),
    Reason("other", "Another reason"),
)
LOSE_REASONS = (
    Reason("declined", "They declined"),
    Reason("no-response", "No response"),
    Reason("missing-feature", "Something they need is missing"),
    Reason("refused", "We will not do it"),
    Reason("not-a-lead", "It was no lead"),
    Reason("duplicate", "A duplicate"),
    Reason("other", "Another reason"),
)

WISHES_DECIDED = Guard(
    "wishes-decided",
    "Management has not decided about a technical wish of theirs yet.",
    "Management has decided about every technical wish.",
)
PRICED = Guard(
    "priced",
    "Make them an offer, or note what was offered and for how much.",
    "They have an offer, or an annotation says what was offered.",
    field="note",
)
ANSWERED = Guard(
    "answered",
    "An offer waits for their answer on their page. If they agreed otherwise, take it back first.",
    "No offer is waiting for their answer.",
)
DELIVERED = Guard(
    "delivered",
    "It is not solved yet what they wait for, or nobody has told them: write to them first.",
    "Everything they wait for is solved, and they have been told.",
)
GRANTED = Guard(
    "granted",
    "Management has not decided to give anything free of charge.",
    "Management has decided to give something free of charge.",
)

_CUSTOMER = frozenset({Role.CUSTOMER})

CLAIM = claim("lead", "qualifying")
OFFER = Transition(
    "offer",
    "Offered",
    ("qualifying",),
    "offered",
    OWNER,
    (WISHES_DECIDED, PRICED),
    note_label="What was offered, and for how much?",
    steps=("call", "heard"),
    done=_("{who} made an offer"),
)
ACCEPT = Transition(
    "accept", "Accepted", ("qualifying", "offered"), "delivering", _CUSTOMER, done=_("{who} accepted")
)
DECLINE = Transition(
    "decline", "Declined", ("qualifying", "offered"), "qualifying", _CUSTOMER, done=_("{who} declined")
)
AGREE = Transition(
    "agree",
    "They agreed",
    ("offered",),
    "delivering",
    OWNER,
    (WISHES_DECIDED, ANSWERED, NOTE),
    note_label="How did they accept?",
    steps=("call", "offered"),
    done=_("{who} noted that they agreed"),
)
GIVE = Transition(
    "give",
    "Free of charge",
    ("qualifying", "offered"),
    "delivering",
    OWNER_OR_MANAGER,
    (GRANTED,),
    steps=("call", "heard", "offered"),
    done=_("{who} lets them have it free of charge"),
)
WIN = Transition(
    "win",
    "Won",
    ("delivering",),
    "won",
    OWNER,
    (DELIVERED, REASON, NOTE, LETTERS_SETTLED),
    reasons=WIN_REASONS,
    note_label="What was delivered, and how do they know?",
    steps=("call", "delivering"),
    done=_("{who} noted that the offer was accepted"),
)
LOSE = Transition(
    "lose",
    "Lost",
    ("lead", "qualifying", "offered", "delivering"),
    "lost",
    DEVELOPER,
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=LOSE_REASONS,
    note_label="What happened?",
    steps=("call", "offered", "refused"),
    done=_("{who} noted that it came to nothing"),
)
RELEASE = release(("qualifying", "offered"), "lead", "What should the next one know?")
HAND_OVER = hand_over(("qualifying", "offered", "delivering"), OWNER_MANAGER_OR_CLOCK)
REOPEN = reopen(("won", "lost"), "lead")

SALES = Workflow(
    "sales",
    "Sales",
    LEAD.name,
    (LEAD, QUALIFYING, OFFERED, DELIVERING, WON, LOST),
    (CLAIM, OFFER, ACCEPT, DECLINE, AGREE, GIVE, WIN, LOSE, RELEASE, HAND_OVER, REOPEN),
    word="inquiry",
)
