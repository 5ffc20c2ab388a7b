"""Requests: mails, calls and questions without a service (rows T2, T5). Source: Taler's Support Process."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
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
    _("New"),
    _("It has not been sorted yet: bug, commercial, answered by the documentation, or spam."),
    Part.UNASSIGNED,
)
TRIAGE = State(
    "triage", _("In triage"), _("A developer has claimed it and finds out what it is."), Part.PENDING
)
WAITING = State(
    "waiting",
    _("Waiting"),
    _("The customer was pointed to the documentation and asked whether that answers it."),
    Part.PENDING,
    patient=True,
    rests=Rest.ASKED,
)
FOLLOWING = State(
    "following",
    _("Following"),
    _("It's a bug that is worked on elsewhere. We tell the customer when it is fixed."),
    Part.PENDING,
    patient=True,
    rests=Rest.FOLLOWED,
)
RESOLVED = State("resolved", _("Resolved"), _("The customer has an answer."), Part.CLOSED)
SPAM = State("spam", _("Spam"), _("It needs no answer."), Part.CLOSED)

POINTED = Guard(
    "pointed",
    _("Choose the page that answers it. We send it and ask whether it helps."),
    _("The customer was sent a page that may answer it."),
)
FOLLOWED = Guard(
    "followed",
    _("Enter the number or the address of the issue where the bug is followed."),
    _("An annotation says where the bug is followed."),
    field="note",
)
TOLD = Guard(
    "told",
    _("The customer has not been written to. Say why not, or how they know."),
    _("The customer has heard from us, or an annotation says why not."),
    field="note",
)

DISMISS_REASONS = (
    Reason("duplicate", _("Duplicate"), fixed=True),
    Reason("no-answer-wanted", _("It needs no answer")),
    Reason("other", _("Another reason")),
)

_CUSTOMER_OR_OWNER = frozenset({Role.CUSTOMER, Role.OWNER})

CLAIM = claim("new", "triage")
POINT = Transition(
    "point",
    _("Point to a page"),
    ("triage",),
    "waiting",
    OWNER,
    (POINTED,),
    steps=("sort",),
    page="paidsupport.point",
    button=_("Point to a page"),
    done=_("{who} pointed the customer to a page"),
    said=_("Page sent. The customer is asked whether it helps."),
)
HELPED = Transition(
    "helped",
    _("Mark page as helpful"),
    ("waiting",),
    "resolved",
    _CUSTOMER_OR_OWNER,
    effects=("pointers-answered",),
    steps=("asked",),
    done=_("{who} said that the page helped"),
    said=_("Ticket resolved: the page helped."),
)
NOT_HELPED = replace(
    HELPED,
    name="not-helped",
    label=_("Mark page as not helpful"),
    target="triage",
    done=_("{who} said that the page did not help"),
    said=_("Back in triage: the page did not help."),
)
FOLLOW = Transition(
    "follow",
    _("Follow bug"),
    ("triage", "waiting"),
    "following",
    OWNER,
    (FOLLOWED,),
    note_label=_("Where is it followed?"),
    steps=("sort", "call"),
    page="paidsupport.file_issue",
    button=_("File an issue"),
    otherwise=_("Follow bug elsewhere"),
    done=_("{who} called it a bug that is followed elsewhere"),
    said=_("Ticket is following the bug."),
)
COMMERCIAL = Transition(
    "commercial",
    _("Make lead"),
    ("new", "triage", "waiting"),
    "lead",
    DEVELOPER,
    (NOT_ANOTHERS, EXPLAINED),
    holder=Holder.DROPS,
    note_label=_("What should sales know?"),
    into="sales",
    steps=("sort", "call"),
    done=_("{who} passed it on to sales"),
    said=_("Ticket passed on to sales."),
)
MARK_SPAM = Transition(
    "spam",
    _("Mark as spam"),
    ("new", "triage"),
    "spam",
    DEVELOPER,
    (NOT_ANOTHERS,),
    done=_("{who} called it spam"),
    said=_("Ticket marked as spam."),
    spam=True,
)
DISMISS = Transition(
    "dismiss",
    _("Dismiss ticket"),
    ("new", "triage", "waiting", "following"),
    "resolved",
    DEVELOPER,
    (NOT_ANOTHERS, REASON, NOTE),
    reasons=DISMISS_REASONS,
    note_label=_("Why does it need no answer?"),
    done=_("{who} dismissed it"),
    said=_("Ticket dismissed. The customer gets no answer."),
)
RESOLVE = Transition(
    "resolve",
    _("Resolve ticket"),
    ("triage", "waiting", "following"),
    "resolved",
    frozenset({Role.OWNER, Role.CLOCK}),
    (TOLD, LETTERS_SETTLED),
    note_label=_("Anything others should know"),
    steps=("answer", "sort", "call", "followed", "heard"),
    done=_("{who} resolved it"),
    said=_("Ticket resolved."),
    key="e",
)
RELEASE = release(("triage", "waiting", "following"), "new", _("What should the next owner know?"))
HAND_OVER = hand_over(("triage", "waiting", "following"), OWNER_MANAGER_OR_CLOCK)
REOPEN = reopen(("resolved", "spam"), "new")

REQUEST = Workflow(
    "request",
    _("Requests"),
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
