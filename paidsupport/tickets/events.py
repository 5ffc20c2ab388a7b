"""Kinds of events that any ticket may have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from paidsupport.kernel.actors import Role
from paidsupport.kernel.events import OUTCOME, UNNAMED, Kind, Line, count, label, one_of, transition, typed
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.workflow import Holder, Transition, Workflow
from paidsupport.tickets.notices.rules import FOLLOWERS, OWNER, TEAM
from paidsupport.tickets.priority.rules import NAMES, PRIORITIES

#: The record that these histories belong to.
TICKET = "ticket"
event = partial(Kind, TICKET)


def other(line: Line) -> str:
    """The other ticket that an event names."""
    return line.style.code(said) if (said := line.get("other")) else ""


FILES = {"files": count("files", lambda number: ngettext("%(num)s file", "%(num)s files", number))}
OTHER = {"other": other}

_HOW_RECEIVED = {"phone": _("{who} took the phone call"), "mail": _("{customer} wrote an email")}


def _customer(line: Line) -> str:
    return line.style.name(str(translate(_("The customer"))))


def _submitted(line: Line) -> str:
    if line.workflow.is_order:
        return _("{customer} ordered it[, with {files}]")
    return _("{customer} sent it[, with {files}]")


_DEADLINES = {
    "first-contact": _("first contact"),
    "answer": _("an answer"),
    "resolution": _("the resolution"),
}
_DEADLINE = {"deadline": label("kind", _DEADLINES, _("something"))}
_OPENED = frozenset({"service", "price", "kind", "other"})

KINDS = (
    event("submitted", _submitted, FILES | {"customer": _customer}, audience=TEAM, keeps=_OPENED),
    event(
        "received",
        one_of("kind", _HOW_RECEIVED, _("{customer} asked on the form")),
        {"customer": _customer},
        audience=TEAM,
        keeps=_OPENED,
    ),
    event(
        "requested", _("{who} opened it for the customer, from {other}"), OTHER, audience=TEAM, keeps=_OPENED
    ),
    event(
        "annotated",
        _("{who} left an annotation[, with {files}]"),
        FILES,
        audience=FOLLOWERS,
        keeps=frozenset({"mentions"}),
    ),
    event(
        "lease-warned", _("{who} warned that the claim is about to lapse"), audience=OWNER, emails_owner=True
    ),
    event(
        "deadline-warning",
        _("{who} warned of the deadline for {deadline}"),
        _DEADLINE,
        keeps=frozenset({"kind"}),
    ),
    event(
        "deadline-missed",
        _("{who} reported a missed deadline: {deadline}"),
        _DEADLINE,
        keeps=frozenset({"kind"}),
    ),
    event("renamed", _("{who} changed the subject")),
    event("tagged", _("{who} added a tag[: {tag}]"), {"tag": typed("tag")}),
    event("untagged", _("{who} removed a tag[: {tag}]"), {"tag": typed("tag")}),
    event(
        "language-chosen",
        _("{who} chose the customer's language[: {language}]"),
        keeps=frozenset({"language"}),
    ),
    event(
        "address-code-sent",
        _("{customer} asked to change the email address"),
        {"customer": _customer},
    ),
    event("address-corrected", _("{customer} corrected the email address"), {"customer": _customer}),
    event(
        "prioritised",
        _("{who} set the priority to {priority}"),
        {"priority": label("priority", {name: PRIORITIES[number] for number, name in NAMES.items()})},
        keeps=frozenset({"priority", "before"}),
    ),
    event("erased", _("{who} erased all personal data")),
)


def transitions(workflows: Iterable[Workflow]) -> Iterator[Kind]:
    """The kinds of events of the transitions of these workflows."""
    for workflow in workflows:
        for each in workflow.transitions:
            yield transition(TICKET, each.name, _sentence(each), FOLLOWERS)


def _sentence(each: Transition) -> str | Callable[[Line], str]:
    lapses = each.holder is Holder.DROPS and Role.CLOCK in each.who

    def said(line: Line) -> str:
        by_itself = lapses and line.event.actor_kind == "clock"
        done = _("The claim lapsed") if by_itself else each.done
        return f"{translate(done)}{OUTCOME}" if done else UNNAMED

    return said
