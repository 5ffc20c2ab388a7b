"""Kinds of events of a ticket that any ticket may have, whatever else a desk does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from paidsupport.domain.actors import Role
from paidsupport.domain.notices import FOLLOWERS, OWNER, TEAM
from paidsupport.domain.workflow import Holder, Move, Workflow
from paidsupport.kernel.events import OUTCOME, UNNAMED, Kind, Line, count, label, one_of, transition, typed

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


def transitions(workflows: Iterable[Workflow]) -> Iterator[Kind]:
    """The kinds of events that the transitions of these workflows are."""
    for workflow in workflows:
        for move in workflow.moves:
            yield transition(TICKET, move.name, _sentence(move), FOLLOWERS)


def _sentence(move: Move) -> str | Callable[[Line], str]:
    said = f"{{who}} {move.done}{OUTCOME}" if move.done else UNNAMED
    if not (move.holder is Holder.DROPS and Role.CLOCK in move.who):
        return said
    return lambda line: f"The claim lapsed{OUTCOME}" if line.event.actor_kind == "clock" else said
