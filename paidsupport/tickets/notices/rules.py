"""Rules for notices: who is notified of an event on a ticket, and how (P8). No database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from paidsupport.kernel.staff.concerns import Concern, Way

#: The concerns under which an event is reported: to the ticket's owner; to its watchers as well; or to all
#: staff, because it has no owner.
OWNER = frozenset({Concern.MINE})
FOLLOWERS = frozenset({Concern.MINE, Concern.WATCHING})
TEAM = frozenset({Concern.UNASSIGNED})


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, as far as it decides who is notified."""

    #: The concerns under which events of this kind are reported.
    audience: frozenset[str]
    #: `person`, `customer`, `clock` …, and the id of the person.
    actor_kind: str
    actor_id: int | None = None
    #: Whether it is only reported on the page, and whether its owner gets another email about it.
    quiet: bool = False
    emails_owner: bool = False
    is_transition: bool = False
    #: Whether this transition leaves the ticket without an owner.
    frees: bool = False
    #: The owners of the ticket before and after it.
    owners: frozenset[int] = field(default_factory=frozenset)
    watchers: frozenset[int] = field(default_factory=frozenset)
    mentions: frozenset[int] = field(default_factory=frozenset)

    @property
    def takes(self) -> bool:
        """Whether after this transition the ticket is not free to claim."""
        return self.is_transition and not self.frees


@dataclass(frozen=True, slots=True)
class Told:
    """A person to notify: why, and how."""

    person_id: int
    concern: Concern
    way: Way


def told(happening: Happening, wishes: Mapping[int, Mapping[Concern, Way]]) -> Iterator[Told]:
    """Everyone in `wishes` whom the event concerns and who wants to be notified of it.

    The strongest concern that is not switched off decides. People are not notified of their own actions, nor
    by email of what another email tells them.
    """
    for person_id, ways in wishes.items():
        if happening.actor_kind == "person" and person_id == happening.actor_id:
            continue
        wanted = [concern for concern in _concerns(happening, person_id) if ways[concern] is not Way.OFF]
        if wanted:
            silent = happening.quiet or (person_id in happening.owners and _has_email(happening))
            yield Told(person_id, wanted[0], Way.PAGE if silent else ways[wanted[0]])


def _concerns(happening: Happening, person_id: int) -> Iterable[Concern]:
    """The person's concerns, strongest first."""
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
