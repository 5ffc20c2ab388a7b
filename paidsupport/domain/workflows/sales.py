"""Leads: who wants to buy, and what stands in the way (rows T2, T9). Source: Taler's Support Process."""

from __future__ import annotations

from paidsupport.domain.actors import Role
from paidsupport.domain.workflow import Holder, Move, Part, Reason, State, Workflow
from paidsupport.domain.workflows.common import (
    COLLEAGUE,
    CONTACTED,
    EXPLAINED,
    LETTERS_SETTLED,
    NOBODY_HOLDS_IT,
    NOT_ANOTHERS,
    NOTE,
    REASON,
    WHY,
)

LEAD = State(
    "lead", "Lead", "Somebody wants something that costs; nobody talks with them yet.", Part.UNASSIGNED
)
QUALIFYING = State(
    "qualifying", "Qualifying", "Somebody talks with them: what do they need, what blocks them?", Part.PENDING
)
OFFERED = State(
    "offered", "Offered", "They know what it costs and think about it.", Part.PENDING, patient=True
)
WON = State("won", "Won", "They have accepted.", Part.CLOSED)
LOST = State("lost", "Lost", "It came to nothing; the reason says why.", Part.CLOSED)

LOSE_REASONS = (
    Reason("declined", "They declined"),
    Reason("no-response", "No response"),
    Reason("missing-feature", "Something they need is missing"),
    Reason("refused", "We will not do it"),
    Reason("not-a-lead", "It was no lead"),
    Reason("duplicate", "A duplicate"),
    Reason("other", "Another reason"),
)

_OWNER = frozenset({Role.OWNER})

CLAIM = Move(
    "claim",
    "Claim",
    ("lead",),
    "qualifying",
    frozenset({Role.DEVELOPER}),
    (NOBODY_HOLDS_IT,),
    holder=Holder.TAKES,
)
OFFER = Move(
    "offer",
    "Offered",
    ("qualifying",),
    "offered",
    _OWNER,
    (CONTACTED, NOTE),
    note_label="What was offered, and for how much?",
)
WIN = Move(
    "win",
    "Won",
    ("offered",),
    "won",
    _OWNER,
    (NOTE, LETTERS_SETTLED),
    note_label="How did they accept?",
)
LOSE = Move(
    "lose",
    "Lost",
    ("lead", "qualifying", "offered"),
    "lost",
    frozenset({Role.DEVELOPER}),
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=LOSE_REASONS,
    note_label="What happened?",
)
RELEASE = Move(
    "release",
    "Release",
    ("qualifying", "offered"),
    "lead",
    frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK}),
    (EXPLAINED,),
    holder=Holder.DROPS,
    note_label="What should the next one know?",
)
HAND_OVER = Move(
    "hand-over",
    "Hand over",
    ("qualifying", "offered"),
    None,
    frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK}),
    (COLLEAGUE,),
    holder=Holder.PASSES,
    note_label="What should your colleague know?",
)
REOPEN = Move(
    "reopen",
    "Reopen",
    ("won", "lost"),
    "lead",
    frozenset({Role.DEVELOPER}),
    (WHY,),
    holder=Holder.DROPS,
    note_label="Why is it opened again?",
)

SALES = Workflow(
    "sales",
    "Sales",
    LEAD.name,
    (LEAD, QUALIFYING, OFFERED, WON, LOST),
    (CLAIM, OFFER, WIN, LOSE, RELEASE, HAND_OVER, REOPEN),
    word="inquiry",
)
