"""Kinds of events of leads: what stands in the way, and technical wishes."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Kind, label
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_OBSTACLES = {
    "feature": "a missing feature",
    "contract": "the contract",
    "onboarding": "getting started",
    "legal": "law or regulation",
}
_DECIDED = {"offer": "offer it", "gratis": "free of charge", "refuse": "refuse it"}
_blocker = partial(
    event,
    fields={"obstacle": label("kind", _OBSTACLES, "something else")},
    keeps=frozenset({"kind"}),
)

_announced = partial(Kind, "", webhook=True)

KINDS = (
    _announced("lead-accepted", "A lead came to Delivering"),
    _announced("lead-won", "A lead came to Won"),
    _announced("lead-lost", "A lead came to Lost"),
    _blocker("blocker-noted", "{who} noted something in the way: {obstacle}"),
    _blocker("blocker-solved", "{who} solved what stood in the way: {obstacle}", audience=FOLLOWERS),
    _blocker("blocker-back", "{who} said that it stands in the way again: {obstacle}"),
    event("wish-noted", "{who} noted a technical wish", audience=FOLLOWERS),
    event(
        "wish-decided",
        "{who} decided about a technical wish[: {decided}]",
        {"decided": label("kind", _DECIDED)},
        FOLLOWERS,
        keeps=frozenset({"kind", "decision"}),
    ),
)
