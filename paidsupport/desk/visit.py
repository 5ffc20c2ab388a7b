"""What every verb is given: the house it stands in, a session, who acts, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from paidsupport.desk.files import FileStore
from paidsupport.desk.keyring import Keyring
from paidsupport.desk.links import Links
from paidsupport.domain.actors import Actor
from paidsupport.domain.hours import Hours
from paidsupport.domain.tone import Language
from paidsupport.domain.workflow import Workflow
from paidsupport.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """What one mounted desk has; made once per application."""

    settings: Settings
    workflows: Mapping[str, Workflow]
    links: Links
    files: FileStore
    #: The master keys of the vault.
    vault: Keyring
    #: When the desk works.
    hours: Hours
    #: By which rules letters are judged before they leave; asked for once one is judged.
    tone: Callable[[], tuple[Language, ...]]
    #: Renders a template of ours, or the host's version of it, to text.
    render: Callable[[str, Mapping[str, object]], str]


class Compared:
    """What was compared with secrets before: nothing, for whoever acts without an edge that remembers."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, command or job: `by` acts at `now` (UTC) in `session`.

    `compared`: what an edge found out outside of this transaction (see `comparing`).
    """

    house: House
    session: Session
    by: Actor
    now: datetime
    compared: Compared = field(default_factory=Compared)

    @property
    def today(self) -> date:
        """The day it is in the desk's time zone."""
        return self.house.hours.local(self.now).date()
