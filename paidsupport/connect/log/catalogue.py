"""Which events there are, and what each of them says: for feed, webhooks and documentation (P12).

All of it follows from what capabilities declare. An event of a site's own workflow is here as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from paidsupport.connect.log.facts import KEPT, OTHER
from paidsupport.issues.events import ISSUE
from paidsupport.kernel.context import Services
from paidsupport.kernel.events import Fact, Kind, Remaining
from paidsupport.tickets.events import TICKET

#: Whose histories are told; the empty one: what is only announced.
_TOLD = (TICKET, ISSUE, "")
#: A pattern for types: `ticket.*`, `lead.won`, `*`.
PATTERN = re.compile(r"[a-z0-9_.*]{1,80}")
#: What the data of every event holds.
ALWAYS: Mapping[str, Fact] = {
    "id": Fact("The id of the event. By it you know what you have had"),
    "ticket": Fact("The code of the ticket; an event is about a ticket or an issue"),
    "issue": Fact("The code of the issue"),
    "workflow": Fact("The workflow of the ticket, or `issue`"),
    "state": Fact("The state of the ticket or issue after it"),
    "actor": Fact("Who did it: `person` (staff), `customer`, `clock` (the desk itself) or another kind"),
    "link": Fact("The page for staff"),
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event.

    Attributes:
        name: `ticket.claim`.
        says: How it reads in the history, with words for what is unknown.
        of: `ticket` or `issue`.
        facts: What its `data` holds besides what all have, and whether that is always there.
        always: Whether all facts are always there.
    """

    name: str
    says: str
    of: str
    facts: Mapping[str, Fact]
    always: bool

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the whole event."""
        own = {name: fact for name, fact in ALWAYS.items() if name not in {TICKET, ISSUE} or name == self.of}
        properties = {name: _schema(fact) for name, fact in {**self.facts, **own}.items()}
        return {
            "type": "object",
            "description": self.says,
            "properties": {
                "type": {"const": self.name, "description": "What happened"},
                "timestamp": {"type": "string", "format": "date-time", "description": "When, in UTC"},
                "data": {
                    "type": "object",
                    "properties": properties,
                    "required": [*own, *(self.facts if self.always else ())],
                },
            },
            "required": ["type", "timestamp", "data"],
        }


def types(services: Services) -> Sequence[EventType]:
    """All types of events of a desk, by name."""
    found = {kind.type: _type(services, kind) for kind in services.events if kind.history in _TOLD}
    return [found[name] for name in sorted(found)]


def webhooks(services: Services) -> dict[str, Any]:
    """All types of events as the section `webhooks` of an OpenAPI 3.1 document."""
    return {each.name: {"post": _operation(each)} for each in types(services)}


def fits(type_: str, patterns: Sequence[str]) -> bool:
    """Whether an event of this type is among those that patterns choose."""
    return any(fnmatchcase(type_, pattern) for pattern in patterns)


def chosen(services: Services, pattern: str) -> bool:
    """Whether a pattern is well-formed and chooses any type at all."""
    return bool(PATTERN.fullmatch(pattern)) and any(fits(each.name, [pattern]) for each in types(services))


def _type(services: Services, kind: Kind) -> EventType:
    kept = {name: KEPT.get(name, OTHER) for name in sorted(kind.keeps)}
    return EventType(
        kind.type,
        _said(services, kind),
        kind.history or TICKET,
        kind.facts or kept,
        always=kind.is_announced,
    )


def _said(services: Services, kind: Kind) -> str:
    """How it reads, under the first workflow that knows it."""
    history = kind.history or TICKET
    declared = services.present.declared.values()
    flows = [flow for flow in declared if (flow.name == ISSUE) == (history == ISSUE)]
    knows = [flow for flow in flows if any(each.name == kind.name for each in flow.transitions)]
    event = Remaining(kind.name, "person", "Someone", {})
    return " ".join(services.events.say(kind.history, event, (knows or flows)[0], {}).split()).rstrip(":")


def _operation(of: EventType) -> dict[str, Any]:
    return {
        "operationId": of.name.replace(".", "_"),
        "summary": of.says,
        "tags": ["Events"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": of.schema}}},
        "responses": {
            "2XX": {"description": "You have it."},
            "410": {"description": "You want no more events: the endpoint is stopped."},
        },
    }


def _schema(fact: Fact) -> dict[str, Any]:
    kinds = ["array" if each == "integers" else each for each in fact.types]
    found: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds, "description": fact.says}
    if "array" in kinds:
        found["items"] = {"type": "integer"}
    return found
