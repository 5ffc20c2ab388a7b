"""Events: what happened at the desk, in the order in which it was committed, and which types there are."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import get
from paidsupport.connect.api.models import Answer, Page, Query
from paidsupport.connect.log import catalogue, queries
from paidsupport.connect.log.envelopes import envelopes
from paidsupport.kernel.context import Context

TAG = "Events"


class EventQuery(Query):
    """Which events."""

    after: Annotated[
        int,
        Field(ge=0, le=2**62, description="Where you ended the last time: its `position`; 0: at the start."),
    ] = 0
    limit: Annotated[int, Field(ge=1, le=1000, description="How many at most.")] = 100
    type: Annotated[
        str,
        Field(pattern=r"^[a-z0-9_.*]{0,80}$", description="One type, or several with `*`: `ticket.*`."),
    ] = ""


class Event(Answer):
    """Something that happened, as webhooks are told it as well."""

    type: Annotated[str, Field(description="Its type: one of `list_event_types`.")]
    timestamp: Annotated[str, Field(description="When, in UTC.", json_schema_extra={"format": "date-time"})]
    data: Annotated[dict[str, Any], Field(description="What its type says. `id` is the same in webhooks.")]


class Events(Page[Event]):
    """Events, oldest first."""

    position: Annotated[
        int, Field(description="What to send as `after` the next time, also where nothing follows yet.")
    ]


class EventType(Answer):
    """A type of event."""

    name: str
    says: Annotated[str, Field(description="How it reads in the history.")]
    of: Annotated[str, Field(description="`ticket` or `issue`.")]
    json_schema: Annotated[dict[str, Any], Field(description="The JSON Schema of the whole event.")]


class EventTypes(Page[EventType]):
    """All types of events."""


@get("/events")
def list_events(ctx: Context, query: EventQuery) -> Events:
    """List events.

    Oldest first, in the order in which they were committed. Keep `position`, and send it as `after`: nothing
    ever appears before it later. Events are kept for 90 days. Nothing personal is in them, and nothing of
    private issues that you may not see.
    """
    rows = queries.feed(ctx.session, ctx.by, query.after, query.limit, query.type)
    last = rows[-1].position if rows else query.after
    items = envelopes(ctx.services, ctx.session, ctx.by, rows)
    return Events.model_construct(
        items=[Event.model_construct(**each) for each in items],
        next=str(last) if len(rows) == query.limit else None,
        position=last,
    )


@get("/event-types")
def list_event_types(ctx: Context) -> EventTypes:
    """List the types of events.

    Each with the JSON Schema of what the feed and webhooks say.
    """
    return EventTypes(
        items=[
            EventType(name=each.name, says=each.says, of=each.of, json_schema=each.schema)
            for each in catalogue.types(ctx.services)
        ]
    )
