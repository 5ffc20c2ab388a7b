"""The pages of the desk that its bar leads to, as each capability registers its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel.i18n.messages import Message, _

#: What is pressed before the key of a page: letters alone belong to the page that is open.
GO = "g"


class Group(StrEnum):
    """Where in the bar an entry stands."""

    #: On the bar itself: at most four have room.
    BAR = "bar"
    #: Beside the search, with the count of what is unread.
    BELL = "bell"
    #: Under “More”, in this order.
    WORK = "work"
    KNOWLEDGE = "knowledge"
    DESK = "desk"
    MANAGEMENT = "management"


#: The headings under “More”.
HEADINGS: Mapping[Group, Message] = {
    Group.WORK: _("Work"),
    Group.KNOWLEDGE: _("Knowledge"),
    Group.DESK: _("Desk"),
    Group.MANAGEMENT: _("Management"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A link in the navigation for staff."""

    #: Where it stands among those of all capabilities: lower places come first.
    place: int
    label: str
    endpoint: str
    #: The letter that leads there, after `GO`.
    letter: str
    group: Group
    icon: str
    for_managers: bool = False

    @property
    def key(self) -> str:
        """What is pressed to go there."""
        return f"{GO} {self.letter}"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the desk that managers set up: a link on the page “Set up”, with what is found there."""

    #: Where it stands among those of all capabilities: lower places come first.
    place: int
    label: str
    hint: str
    endpoint: str
    icon: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """The entries for a person, by their place."""

    bar: Sequence[Entry]
    bell: Sequence[Entry]
    #: What is under “More”: headings with their entries; none is empty.
    more: Sequence[tuple[Message, Sequence[Entry]]]

    @property
    def all(self) -> list[Entry]:
        """Every entry, as they stand from left to right and from top to bottom."""
        return [*self.bar, *(entry for _heading, entries in self.more for entry in entries), *self.bell]


def navigation_of(entries: Iterable[Entry], *, manages: bool) -> Navigation:
    """What the bar of a developer has, or that of a manager."""
    theirs = sorted(
        (each for each in entries if manages or not each.for_managers), key=lambda each: each.place
    )
    of = {group: [each for each in theirs if each.group is group] for group in Group}
    return Navigation(
        bar=of[Group.BAR],
        bell=of[Group.BELL],
        more=[(heading, of[group]) for group, heading in HEADINGS.items() if of[group]],
    )
