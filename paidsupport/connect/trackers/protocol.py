"""What every bug tracker can be asked, in words that all of them share (P17).

A tracker is asked by workers alone, outside of any transaction. Each call either says what is there now, or
raises: NotSentError (nothing was done), UnclearError (it may have been done: look before asking again),
StaleError (somebody was faster), GoneError (there is no such issue).

Nothing personal comes in: implementations copy the fields that they know one by one, and no field of these
values has a place for who reported something, except whether it was the account of the desk itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from paidsupport.kernel.mail.transports import NotSentError


class Stage(StrEnum):
    """How far an issue has come, in the order in which it goes on."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    CLOSED = "closed"


_ORDER = list(Stage)


class Resolution(StrEnum):
    """What came of an issue in the end; the names of our reasons for dismissing one, and `fixed`."""

    OPEN = "open"
    FIXED = "fixed"
    DUPLICATE = "duplicate"
    NO_FAULT = "no-fault"
    NOT_REPEATABLE = "not-repeatable"
    WILL_NOT_BE_DONE = "will-not-be-done"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a tracker can do.

    Attributes:
        private_issue: Whether an issue can be kept from the public there.
        private_note: Whether a note can be.
        etag: Whether it refuses a change of what somebody else has changed meanwhile.
        stages: The stages that it tells apart.
        priority: Whether its issues have a priority.
        release: Whether they name the release that they are planned for.
        one_release: Whether the release that they shipped in stands in the same place.
    """

    private_issue: bool = False
    private_note: bool = False
    etag: bool = False
    stages: frozenset[Stage] = frozenset(Stage)
    priority: bool = True
    release: bool = True
    one_release: bool = False

    def nearest(self, stage: Stage) -> Stage:
        """The last stage that it knows on the way to `stage`: an open issue never becomes a resolved one.

        A tracker without `CLOSED` shows closed issues as resolved.
        """
        way = _ORDER[: _ORDER.index(stage) + 1]
        return next((each for each in reversed(way) if each in self.stages), Stage.NEW)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A new issue as it leaves the desk; its stage and release follow by `set`. None of this is personal.

    Attributes:
        reference: Its code here, by which it is searched there.
        kind: `bug`, `feature` or `documentation`.
        private: Whether nobody else may see it there.
        priority: 1 urgent, 2 high, 3 normal, 4 low.
    """

    reference: str
    kind: str
    summary: str
    details: str
    private: bool = False
    priority: int = 3
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """What is to be changed of an issue there; None: stays as it is.

    Attributes:
        stage: With RESOLVED and CLOSED, `resolution` and `fixed_in` are set as well.
        priority: As in Outgoing.
        release: The release that it is planned for; empty: none.
        resolution: What came of it.
        fixed_in: The release that it shipped in.
        private: Whether it is kept from the public.
    """

    stage: Stage | None = None
    priority: int | None = None
    release: str | None = None
    resolution: Resolution = Resolution.OPEN
    fixed_in: str = ""
    private: bool | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note on an issue there; `ours`: whether the account of the desk wrote it."""

    id: str
    text: str
    private: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class There:
    """An issue as it is there now.

    Attributes:
        id: What it is called there.
        link: Where people see it.
        version: What marks its version; empty if the tracker has nothing of the kind.
        ours: Whether the account of the desk filed it.
        reference: Our code, if it names one where `file` has put it.
        state: What the tracker calls its state.
        resolution: What the tracker calls what came of it; empty while it is open.
        priority: As in Outgoing; 0 if it has none.
        fixed_in: The release that it shipped in.
        notes: All of them, oldest first; none after `file` and `set`, which need not ask for them.
    """

    id: str
    link: str
    version: str
    stage: Stage
    ours: bool = False
    reference: str = ""
    summary: str = ""
    details: str = ""
    private: bool = False
    state: str = ""
    resolution: str = ""
    priority: int = 0
    release: str = ""
    fixed_in: str = ""
    tags: Sequence[str] = ()
    notes: Sequence[Note] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Change:
    """An issue there that is new or has changed: it is looked at next.

    Attributes:
        fresh: Whether it was filed since reading began: what is older never comes in as a new issue here.
    """

    id: str
    fresh: bool = False


class StaleError(NotSentError):
    """Somebody has changed the issue since it was looked at: nothing was done."""

    def __init__(self, why: str) -> None:
        super().__init__(why, permanent=False)


class GoneError(NotSentError):
    """There is no such issue, or the account of the desk may not see it."""

    def __init__(self, why: str) -> None:
        super().__init__(why, permanent=True)


class Tracker(Protocol):
    """A bug tracker, by one account; may be used by several threads."""

    @property
    def abilities(self) -> Abilities:
        """What it can do."""

    def check(self) -> str:
        """Call it, and return what is wrong, in a sentence; empty if it works."""

    def file(self, issue: Outgoing) -> There | None:
        """File an issue; None: it was taken, but appears only once somebody there has approved it."""

    def find(self, reference: str) -> There | None:
        """The issue that the account of the desk filed with our `reference`, newest first; None: none."""

    def look(self, id_: str) -> There:
        """One issue with its notes."""

    def note(self, id_: str, text: str, *, private: bool) -> str:
        """Add a note; returns its id."""

    def set(self, id_: str, fields: Fields, version: str) -> There:
        """Change an issue that still has this version, where the tracker can tell."""

    def changed_since(self, watermark: Mapping[str, Any]) -> tuple[Sequence[Change], Mapping[str, Any]]:
        """What is new or has changed, oldest first, and the watermark to go on from.

        An empty watermark begins: nothing has changed yet. The same change may be told of twice.
        """
