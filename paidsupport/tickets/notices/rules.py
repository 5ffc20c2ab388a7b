"""Who is told of what happened to a ticket, and how: rules without a database (P8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from paidsupport.kernel.staff.concerns import Concern, Way

#: Under which concerns people are told of an event: the one who holds its ticket, those who watch it as well,
#: or all, because nobody holds it.
OWNER = frozenset({Concern.MINE})
FOLLOWERS = frozenset({Concern.MINE, Concern.WATCHING})
TEAM = frozenset({Concern.UNASSIGNED})


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a history, as far as it decides who is told of it."""

    #: Under which concerns its kind is told.
    audience: frozenset[str]
    #: `person`, `customer`, `clock` …, and the id of the person.
    actor_kind: str
    actor_id: int | None = None
    #: Whether it is told in the page alone, and whether its owner has an email of its own about it.
    quiet: bool = False
    emails_owner: bool = False
    is_transition: bool = False
    #: Whether nobody holds the ticket after this transition.
    frees: bool = False
    #: Who held the ticket then, before or after it.
    owners: frozenset[int] = field(default_factory=frozenset)
    watchers: frozenset[int] = field(default_factory=frozenset)
    mentions: frozenset[int] = field(default_factory=frozenset)

    @property
    def takes(self) -> bool:
        """Whether the ticket waits for nobody's claim any more."""
        return self.is_transition and not self.frees


@dataclass(frozen=True, slots=True)
class Told:
    """That a person is told of something: why, and how."""

    person_id: int
    concern: Concern
    way: Way


def told(happening: Happening, wishes: Mapping[int, Mapping[Concern, Way]]) -> Iterator[Told]:
    """Everybody among those with `wishes` whom it concerns and who wants to hear of it.

    The strongest concern that is not switched off decides. Nobody is told of what they did themselves, nor
    by mail what an email of its own tells them.
    """
    for person_id, ways in wishes.items():
        if happening.actor_kind == "person" and person_id == happening.actor_id:
            continue
        wanted = [concern for concern in _concerns(happening, person_id) if ways[concern] is not Way.OFF]
        if wanted:
            silent = happening.quiet or (person_id in happening.owners and _has_email(happening))
            yield Told(person_id, wanted[0], Way.PAGE if silent else ways[wanted[0]])


def _concerns(happening: Happening, person_id: int) -> Iterable[Concern]:
    """Strongest first."""
    if person_id in happening.mentions:
        yield Concern.MENTION
    if person_id in happening.owners and Concern.MINE in happening.audience:
        yield Concern.MINE
    if person_id in happening.watchers and Concern.WATCHING in happening.audience:
        yield Concern.WATCHING
    if happening.frees or Concern.UNASSIGNED in happening.audience:
        yield Concern.UNASSIGNED


def _has_email(happening: Happening) -> bool:
    lapsed = happening.is_transition and happening.actor_kind == "clock"
    return lapsed or happening.emails_owner
