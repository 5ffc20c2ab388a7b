"""Leads: potential customers, and their way to an order (rows T2, T9). Source: Taler's Support Process."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
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
    "lead",
    pgettext("state", "Lead"),
    _("A possible sale. No developer is talking to them yet."),
    Part.UNASSIGNED,
)
QUALIFYING = State(
    "qualifying",
    pgettext("state", "Qualifying"),
    _("A developer is finding out what they need and what is blocking them."),
    Part.PENDING,
)
OFFERED = State(
    "offered",
    pgettext("state", "Offered"),
    _("They have an offer and are considering it."),
    Part.PENDING,
    patient=True,
    rests=Rest.OFFERED,
)
DELIVERING = State(
    "delivering",
    pgettext("state", "Delivering"),
    _("They accepted, or get it free of charge. We're building it."),
    Part.PENDING,
    patient=True,
    lasting=True,
    rests=Rest.DELIVERING,
    effects=("decisions-withdrawn", "wishes-opened", "lead-accepted"),
)
WON = State(
    "won",
    pgettext("state", "Won"),
    _("Delivered, and the customer knows."),
    Part.CLOSED,
    fulfilled=True,
    effects=("lead-won",),
)
LOST = State(
    "lost",
    pgettext("state", "Lost"),
    _("No sale. The reason says why."),
    Part.CLOSED,
    effects=("lead-lost",),
)

WIN_REASONS = (
    Reason("paid", _("Delivered and paid for")),
    Reason("gratis", _("Delivered free of charge")),
    Reason("contract", _("Ongoing contract")),
    Reason("other", _("Another reason")),
)
LOSE_REASONS = (
    Reason("declined", _("They declined")),
    Reason("no-response", _("No response")),
    Reason("missing-feature", _("A feature they need is missing")),
    Reason("refused", _("We won't do it")),
    Reason("not-a-lead", _("Not a lead")),
    Reason("duplicate", _("Duplicate"), fixed=True),
    Reason("other", _("Another reason")),
)

WISHES_DECIDED = Guard(
    "wishes-decided",
    _("A manager hasn't decided about a feature request yet."),
    _("Every feature request is decided."),
)
PRICED = Guard(
    "priced",
    _("Make an offer, or enter what you offered and for how much."),
    _("They have an offer, or an annotation says what was offered."),
    field="note",
)
ANSWERED = Guard(
    "answered",
    _("An offer on their page is waiting for an answer. If they agreed another way, withdraw it first."),
    _("No offer is waiting for an answer."),
)
DELIVERED = Guard(
    "delivered",
    _("An issue they're waiting for isn't solved, or they haven't been told yet."),
    _("Every issue they're waiting for is solved, and they've been told."),
)
GRANTED = Guard(
    "granted",
    _("No manager has decided to build anything free of charge."),
    _("A manager has decided to build something free of charge."),
)

_CUSTOMER = frozenset({Role.CUSTOMER})

CLAIM = claim("lead", "qualifying")
OFFER = Transition(
    "offer",
    _("Mark as offered"),
    ("qualifying",),
    "offered",
    OWNER,
    (WISHES_DECIDED, PRICED),
    note_label=_("What you offered, and for how much"),
    steps=("call", "heard"),
    done=_("{who} made an offer"),
    said=_("Lead marked as offered. They decide next."),
)
ACCEPT = Transition(
    "accept",
    _("Accept offer"),
    ("qualifying", "offered"),
    "delivering",
    _CUSTOMER,
    done=_("{who} accepted the offer"),
    said=_("Offer accepted. The lead goes on to delivery."),
)
DECLINE = Transition(
    "decline",
    _("Decline offer"),
    ("qualifying", "offered"),
    "qualifying",
    _CUSTOMER,
    done=_("{who} declined the offer"),
    said=_("Offer declined. The lead is back in qualifying."),
)
AGREE = Transition(
    "agree",
    _("Mark as accepted"),
    ("offered",),
    "delivering",
    OWNER,
    (WISHES_DECIDED, ANSWERED, NOTE),
    note_label=_("How they accepted"),
    steps=("call", "offered"),
    done=_("{who} marked the offer as accepted"),
    said=_("Offer marked as accepted. Deliver it next."),
)
GIVE = Transition(
    "give",
    _("Deliver free of charge"),
    ("qualifying", "offered"),
    "delivering",
    OWNER_OR_MANAGER,
    (GRANTED,),
    steps=("call", "heard", "offered"),
    done=_("{who} gave it away free of charge"),
    said=_("Free of charge. Deliver it next."),
)
WIN = Transition(
    "win",
    _("Mark as won"),
    ("delivering",),
    "won",
    OWNER,
    (DELIVERED, REASON, NOTE, LETTERS_SETTLED),
    reasons=WIN_REASONS,
    note_label=_("What was delivered, and how they know"),
    steps=("call", "delivering"),
    done=_("{who} marked the lead as won"),
    said=_("Lead marked as won."),
)
LOSE = Transition(
    "lose",
    _("Mark as lost"),
    ("lead", "qualifying", "offered", "delivering"),
    "lost",
    DEVELOPER,
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=LOSE_REASONS,
    note_label=_("What happened"),
    steps=("call", "offered", "refused"),
    done=_("{who} marked the lead as lost"),
    said=_("Lead marked as lost."),
)
RELEASE = release(("qualifying", "offered"), "lead", _("What the next colleague should know"))
HAND_OVER = hand_over(("qualifying", "offered", "delivering"), OWNER_MANAGER_OR_CLOCK)
REOPEN = reopen(("won", "lost"), "lead")

SALES = Workflow(
    "sales",
    _("Sales"),
    LEAD.name,
    (LEAD, QUALIFYING, OFFERED, DELIVERING, WON, LOST),
    (CLAIM, OFFER, ACCEPT, DECLINE, AGREE, GIVE, WIN, LOSE, RELEASE, HAND_OVER, REOPEN),
    word="inquiry",
)
