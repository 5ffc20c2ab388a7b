"""Kinds of events of a ticket that any ticket may have, whatever else a desk does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from paidsupport.domain.notices import FOLLOWERS, OWNER, TEAM
from paidsupport.domain.workflow import Workflow
from paidsupport.kernel.events import OUTCOME, Kind, Line, count, one_of, transition, typed

#: Whose histories these are.
TICKET = "ticket"
event = partial(Kind, TICKET)


def other(line: Line) -> str:
    """The other ticket that an event speaks of."""
    return line.style.code(said) if (said := line.get("other")) else ""


FILES = {"files": count("files", "file")}
OTHER = {"other": other}

_HOW_RECEIVED = {"phone": "{who} took the phone call", "mail": "{customer} wrote a mail"}


def _customer(line: Line) -> str:
    return line.style.name("The customer")


def _submitted(line: Line) -> str:
    return f"{{customer}} {'ordered' if line.workflow.is_order else 'sent'} it[, with {{files}}]"


_DEADLINES = {"first-contact": "first contact", "answer": "an answer", "resolution": "the resolution"}
_DEADLINE = {"deadline": label("kind", _DEADLINES, "something")}
_OPENED = frozenset({"service", "price", "kind", "other"})

KINDS = (
    event("submitted", _submitted, FILES | {"customer": _customer}, audience=TEAM, keeps=_OPENED),
    event(
        "received",
        one_of("kind", _HOW_RECEIVED, "{customer} asked on the form"),
        {"customer": _customer},
        audience=TEAM,
        keeps=_OPENED,
    ),
    event("requested", "{who} opened it for the customer, from {other}", OTHER, audience=TEAM, keeps=_OPENED),
    event(
        "annotated",
        "{who} left an annotation[, with {files}]",
        FILES,
        audience=FOLLOWERS,
        keeps=frozenset({"mentions"}),
    ),
    event("lease-warned", "{who} warned that the claim is about to lapse", audience=OWNER, emails_owner=True),
    event(
        "deadline-warning",
        "{who} warned of the deadline for {deadline}",
        _DEADLINE,
        keeps=frozenset({"kind"}),
    ),
    event(
        "deadline-missed",
        "{who} told that the deadline was missed: {deadline}",
        _DEADLINE,
        keeps=frozenset({"kind"}),
    ),
    event("tagged", "{who} tagged it[: {tag}]", {"tag": typed("tag")}),
    event("untagged", "{who} took a tag off[: {tag}]", {"tag": typed("tag")}),
    event("erased", "{who} erased everything personal"),
)


#: What is said of transitions where that is not their label.
_DONE = {
    "claim": "claimed it",
    "start": "started work",
    "close": "closed it",
    "abandon": "abandoned it",
    "reject": "marked it invalid",
    "release": "released it",
    "hand-over": "handed it to {colleague}",
    "reopen": "opened it again",
    "point": "pointed the customer to a page",
    "helped": "said that the page helped",
    "not-helped": "said that the page did not help",
    "follow": "called it a bug that is followed elsewhere",
    "commercial": "passed it on to sales",
    "spam": "called it spam",
    "resolve": "resolved it",
    "offer": "made an offer",
    "win": "noted that the offer was accepted",
    "lose": "noted that it came to nothing",
    "dismiss": "dismissed it",
    "accept": "accepted",
    "decline": "declined",
    "agree": "noted that they agreed",
    "give": "lets them have it free of charge",
}


def transitions(workflows: Iterable[Workflow]) -> Iterator[Kind]:
    """The kinds of events that the transitions of these workflows are."""
    for name in {move.name for workflow in workflows for move in workflow.moves} | _DONE.keys():
        done = f" {_DONE[name]}" if name in _DONE else ": {label}"
        yield transition(
            TICKET,
            name,
            _lapsed if name == "release" else f"{{who}}{done}{OUTCOME}",
            audience=FOLLOWERS,
        )


def _lapsed(line: Line) -> str:
    return ("The claim lapsed" if line.event.actor_kind == "clock" else "{who} released it") + OUTCOME
