"""Why something concerns a member of staff, and how they want to be told of it (P8)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Concern(StrEnum):
    """Why something concerns a person, strongest first: a notice has only one reason."""

    MENTION = "mention"
    MINE = "mine"
    WATCHING = "watching"
    UNASSIGNED = "unassigned"


class Way(StrEnum):
    """How a person wants to be notified."""

    NOW = "now"
    DIGEST = "digest"
    PAGE = "page"
    OFF = "off"


#: The default until a person chooses.
DEFAULTS: Mapping[Concern, Way] = {
    Concern.MENTION: Way.NOW,
    Concern.MINE: Way.NOW,
    Concern.WATCHING: Way.PAGE,
    Concern.UNASSIGNED: Way.PAGE,
}
#: The hour of the daily email until a person chooses another.
DIGEST_HOUR = 8


def wishes(said: Mapping[str, str | None]) -> dict[Concern, Way]:
    """What a person said about each concern, with what holds where they said nothing."""
    return {concern: Way(said.get(concern) or way) for concern, way in DEFAULTS.items()}
