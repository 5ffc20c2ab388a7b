"""What comes in without a service: mails, calls, questions (rows T2, T5). Source: Taler's Support Process."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.kernel.actors import Role
from paidsupport.kernel.workflow import Guard, Holder, Part, Reason, Rest, State, Transition, Workflow
from paidsupport.tickets.rules import (
    DEVELOPER,
    EXPLAINED,
    LETTERS_SETTLED,
    NOT_ANOTHERS,
    NOTE,
    OWNER,
    OWNER_MANAGER_OR_CLOCK,
    REASON,
    claim,
    hand_over,
    release,
    reopen,
)

NEW = State(
    "new",
    "New",
    "Nobody has looked at it yet. Say what it is: a bug, commercial, answered by the documentation, or spam.",
    Part.UNASSIGNED,
)
TRIAGE = State("triage", "In triage", "Somebody has taken it and finds out what it is.", Part.PENDING)
WAITING = State(
    "waiting",
    "Waiting",
    "The customer was pointed to the documentation and asked whether that answers it.",
    Part.PENDING,
    patient=True,
    rests=Rest.ASKED,
)
FOLLOWING = State(
    "following",
    "Following",
    "It is a bug that is worked on elsewhere; the customer hears from us when it is fixed.",
    Part.PENDING,
    patient=True,
    rests=Rest.FOLLOWED,
)
RESOLVED = State("resolved", "Resolved", "The customer has their answer.", Part.CLOSED)
SPAM = State("spam", "Spam", "Nobody needs an answer.", Part.CLOSED)

POINTED = Guard(
    "pointed",
    "Choose the page that answers it: it is sent with the question whether it helps.",
    "The customer was sent a page that may answer it.",
)
FOLLOWED = Guard(
    "followed",
    "Say where the bug is followed: the number or the address of the issue.",
    "An annotation says where the bug is followed.",
    field="note",
)
TOLD = Guard(
    "told",
    "Nobody has written to the customer: say why that is all right, or how they know.",
    "The customer has heard from us, or an annotation says why not.",
    field="note",
)

DISMISS_REASONS = (
    Reason("duplicate", "A duplicate"),
    Reason("no-answer-wanted", "It wants no answer"),
    Reason("other", "Another reason"),
)

_CUSTOMER_OR_OWNER = frozenset({Role.CUSTOMER, Role.OWNER})

CLAIM = claim("new", "triage")
POINT = Transition(
    "point",
    "Documented",
    ("triage",),
    "waiting",
    OWNER,
    (POINTED,),
    steps=("sort",),
    page="paidsupport.point",
    button="Point to a page",
    done="pointed the customer to a page",
)
HELPED = Transition(
    "helped",
    "It helped",
    ("waiting",),
    "resolved",
    _CUSTOMER_OR_OWNER,
    effects=("pointers-answered",),
    steps=("asked",),
    done="said that the page helped",
)
NOT_HELPED = replace(
    HELPED,
    name="not-helped",
    label="It did not help",
    target="triage",
    done="said that the page did not help",
)
FOLLOW = Transition(
    "follow",
    "A bug",
    ("triage", "waiting"),
    "following",
    OWNER,
    (FOLLOWED,),
    note_label="Where is it followed?",
    steps=("sort", "call"),
    page="paidsupport.file_issue",
    button="A bug: file an issue",
    otherwise="followed elsewhere",
    done="called it a bug that is followed elsewhere",
)
COMMERCIAL = Transition(
    "commercial",
    "Commercial",
    ("new", "triage", "waiting"),
    "lead",
    DEVELOPER,
    (NOT_ANOTHERS, EXPLAINED),
    holder=Holder.DROPS,
    note_label="What should sales know?",
    into="sales",
    steps=("sort", "call"),
    done="passed it on to sales",
)
MARK_SPAM = Transition(
    "spam", "Spam", ("new", "triage"), "spam", DEVELOPER, (NOT_ANOTHERS,), done="called it spam"
)
DISMISS = Transition(
    "dismiss",
    "Dismiss",
    ("new", "triage", "waiting", "following"),
    "resolved",
    DEVELOPER,
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=DISMISS_REASONS,
    note_label="Why does nobody answer?",
    done="dismissed it",
)
RESOLVE = Transition(
    "resolve",
    "Resolve",
    ("triage", "waiting", "following"),
    "resolved",
    frozenset({Role.OWNER, Role.CLOCK}),
    (TOLD, LETTERS_SETTLED),
    note_label="Anything others should know",
    steps=("answer", "sort", "call", "followed", "heard"),
    done="resolved it",
    key="e",
)
RELEASE = release(("triage", "waiting", "following"), "new", "What should the next one know?")
HAND_OVER = hand_over(("triage", "waiting", "following"), OWNER_MANAGER_OR_CLOCK)
REOPEN = reopen(("resolved", "spam"), "new")

REQUEST = Workflow(
    "request",
    "Requests",
    NEW.name,
    (NEW, TRIAGE, WAITING, FOLLOWING, RESOLVED, SPAM),
    (
        CLAIM,
        POINT,
        HELPED,
        NOT_HELPED,
        FOLLOW,
        COMMERCIAL,
        MARK_SPAM,
        DISMISS,
        RESOLVE,
        RELEASE,
        HAND_OVER,
        REOPEN,
    ),
    word="question",
    sorted_first=True,
)
