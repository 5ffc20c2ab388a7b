"""Kinds of events of a ticket that any ticket may have, whatever else a desk does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from paidsupport.kernel.actors import Role
from paidsupport.kernel.events import OUTCOME, UNNAMED, Kind, Line, count, label, one_of, transition, typed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Holder, Transition, Workflow
from paidsupport.tickets.notices.rules import FOLLOWERS, OWNER, TEAM

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
    event(
        "language-chosen",
        _("{who} chose the customer's language[: {language}]"),
        keeps=frozenset({"language"}),
    ),
    event("erased", "{who} erased everything personal"),
)


def transitions(workflows: Iterable[Workflow]) -> Iterator[Kind]:
    """The kinds of events that the transitions of these workflows are."""
    for workflow in workflows:
        for each in workflow.transitions:
            yield transition(TICKET, each.name, _sentence(each), FOLLOWERS)


def _sentence(each: Transition) -> str | Callable[[Line], str]:
    said = f"{{who}} {each.done}{OUTCOME}" if each.done else UNNAMED
    if not (each.holder is Holder.DROPS and Role.CLOCK in each.who):
        return said
    return lambda line: f"The claim lapsed{OUTCOME}" if line.event.actor_kind == "clock" else said
