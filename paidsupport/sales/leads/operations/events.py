"""Kinds of events of leads: blockers and technical wishes."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Fact, Kind, label
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_OBSTACLES = {
    "feature": _("a missing feature"),
    "contract": _("the contract"),
    "onboarding": _("getting started"),
    "legal": _("law or regulation"),
}
_DECIDED = {"offer": _("offer it"), "gratis": _("build it free of charge"), "refuse": _("don't build it")}
_blocker = partial(
    event,
    fields={"obstacle": label("kind", _OBSTACLES, _("something else"))},
    keeps=frozenset({"kind"}),
)

_announced = partial(
    Kind,
    "",
    facts={
        "organisation": Fact("The name of its organisation in addresses, if it has one", ("string", "null")),
        "price": Fact("What was agreed on, in the smallest unit of the currency", ("integer",)),
        "currency": Fact("The currency, ISO 4217"),
    },
)

KINDS = (
    _announced("lead-accepted", _("A lead was accepted")),
    _announced("lead-won", _("A lead was won")),
    _announced("lead-lost", _("A lead was lost")),
    _blocker("blocker-noted", _("{who} added a blocker: {obstacle}")),
    _blocker("blocker-solved", _("{who} solved a blocker: {obstacle}"), audience=FOLLOWERS),
    _blocker("blocker-back", _("{who} reopened a blocker: {obstacle}")),
    event("wish-noted", _("{who} added a feature request"), audience=FOLLOWERS),
    event(
        "wish-decided",
        _("{who} decided about a feature request[: {decided}]"),
        {"decided": label("kind", _DECIDED)},
        FOLLOWERS,
        keeps=frozenset({"kind", "decision"}),
    ),
)
