"""Who is told of what happened to a ticket, and how: rules without a database (P8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from paidsupport.domain.letters import TO_PEOPLE


class Concern(StrEnum):
    """Why something concerns somebody, strongest first: a notice is given for one reason alone."""

    MENTION = "mention"
    MINE = "mine"
    WATCHING = "watching"
    UNASSIGNED = "unassigned"


class Way(StrEnum):
    """How somebody wants to be told."""

    NOW = "now"
    DIGEST = "digest"
    PAGE = "page"
    OFF = "off"


#: What holds until somebody says otherwise.
DEFAULTS: Mapping[Concern, Way] = {
    Concern.MENTION: Way.NOW,
    Concern.MINE: Way.NOW,
    Concern.WATCHING: Way.PAGE,
    Concern.UNASSIGNED: Way.PAGE,
}
#: The hour at which the digest is written until somebody says otherwise.
DIGEST_HOUR = 8

#: What is worth telling those who hold or watch a ticket, besides every move.
_TOLD = {
    *("message-in", "message-out", "annotated"),
    *("consent-approved", "consent-declined", "offer-accepted", "offer-declined"),
    *("secret-given", "secret-destroyed", "secret-changed"),
    *("mail-held", "mail-bounce", "letter-failed", "letter-uncertain", "letter-restored"),
    *("linked", "request-opened", "merged-here"),
    *("wish-noted", "wish-decided", "blocker-solved"),
}
#: What only concerns the one who holds the ticket.
_TOLD_TO_OWNERS = _TOLD | {"lease-warned"}
#: A ticket comes into being that nobody holds.
_OPENED = {"submitted", "requested", "received"}
#: Its owner has a letter of its own about it, always and whatever they chose.
_HAS_LETTER = {"lease-warned", "mail-held", "mail-bounce"}


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a history, as far as it decides who is told of it."""

    kind: str
    #: `person`, `customer`, `clock` …, and the id of the person.
    actor_kind: str
    actor_id: int | None = None
    #: The kind of the letter it is about.
    letter: str = ""
    is_move: bool = False
    #: Whether nobody holds the ticket after this move.
    frees: bool = False
    #: Who held the ticket then, before or after it.
    owners: frozenset[int] = field(default_factory=frozenset)
    watchers: frozenset[int] = field(default_factory=frozenset)
    mentions: frozenset[int] = field(default_factory=frozenset)

    @property
    def takes(self) -> bool:
        """Whether the ticket waits for nobody's claim any more."""
        return self.is_move and not self.frees


@dataclass(frozen=True, slots=True)
class Told:
    """That a person is told of something: why, and how."""

    person_id: int
    concern: Concern
    way: Way


def told(happening: Happening, wishes: Mapping[int, Mapping[Concern, Way]]) -> Iterator[Told]:
    """Everybody among those with `wishes` whom it concerns and who wants to hear of it.

    The strongest concern that is not switched off decides. Nobody is told of their own deeds, nor by mail
    what a letter of its own tells them.
    """
    for person_id, ways in wishes.items():
        if happening.actor_kind == "person" and person_id == happening.actor_id:
            continue
        wanted = [concern for concern in _concerns(happening, person_id) if ways[concern] is not Way.OFF]
        if wanted:
            silent = _is_about_mail(happening) or (person_id in happening.owners and _has_letter(happening))
            yield Told(person_id, wanted[0], Way.PAGE if silent else ways[wanted[0]])


def wishes(said: Mapping[str, str | None]) -> dict[Concern, Way]:
    """What a person said about each concern, with what holds where they said nothing."""
    return {concern: Way(said.get(concern) or way) for concern, way in DEFAULTS.items()}


def _concerns(happening: Happening, person_id: int) -> Iterable[Concern]:
    """Strongest first."""
    if person_id in happening.mentions:
        yield Concern.MENTION
    if person_id in happening.owners and _is_told(happening, _TOLD_TO_OWNERS):
        yield Concern.MINE
    if person_id in happening.watchers and _is_told(happening, _TOLD):
        yield Concern.WATCHING
    if happening.frees or happening.kind in _OPENED:
        yield Concern.UNASSIGNED


def _is_told(happening: Happening, kinds: set[str]) -> bool:
    if _is_about_mail(happening) and happening.letter in TO_PEOPLE:
        return False  # a mail to one of us that did not leave is no news of the ticket
    if happening.kind == "secret-destroyed" and happening.actor_kind != "customer":
        return False  # that goes with the end of the work
    return happening.is_move or happening.kind in kinds


def _is_about_mail(happening: Happening) -> bool:
    """That mail did not leave is not told by mail; the queue shows stuck letters as well."""
    return happening.kind.startswith("letter-")


def _has_letter(happening: Happening) -> bool:
    lapsed = happening.is_move and happening.actor_kind == "clock"
    return lapsed or happening.kind in _HAS_LETTER
