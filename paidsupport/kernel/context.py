"""What every operation is given: the services of its desk, a session, who acts, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy.orm import Session

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.db import gate
from paidsupport.kernel.db.gate import Written
from paidsupport.kernel.engine import Engine
from paidsupport.kernel.events import Events
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.hooks import Hooks
from paidsupport.kernel.hours import Hours
from paidsupport.kernel.i18n.languages import Language, language_among, offered
from paidsupport.kernel.keyring import Keyring
from paidsupport.kernel.links import Links
from paidsupport.kernel.ways.rules import WayToPay
from paidsupport.kernel.workflow import Workflow
from paidsupport.settings import Settings

#: Where a session knows the context whose texts are looked at.
_LATEST = "paidsupport_visit"


class Present(Protocol):
    """What managers have set up by now; see `paidsupport.kernel.configuration.present`."""

    @property
    def configured(self) -> Settings:
        """What the deployment has configured, without any change of a manager."""

    @property
    def declared(self) -> Mapping[str, Workflow]:
        """The workflows of all records, without what managers made of their reasons."""

    @property
    def workflows(self) -> Mapping[str, Workflow]:
        """The workflows of all records, with the reasons as managers have them."""

    @property
    def ways(self) -> Sequence[WayToPay]:
        """The ways to pay as managers have them."""

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to look what managers have changed."""

    def of(self, services: Services, session: Session, now: datetime) -> Services:
        """The services with the settings as they are at `now`; the same ones if nothing has changed."""

    def taken_over(self, services: Services) -> Services:
        """The services with what managers had changed when it was looked at last."""

    def expire(self, session: Session) -> None:
        """Look again before the next operation, and once `session` commits: it has just changed a setting."""


@dataclass(frozen=True, slots=True)
class Services:
    """What one mounted desk has; made once per application."""

    settings: Settings
    #: Those of tickets; `present` has those of other records as well.
    workflows: Mapping[str, Workflow]
    #: What makes the transitions of each kind of record, by its name: `ticket`, `issue`.
    engines: Mapping[str, Engine[Any, Any, Any]]
    links: Links
    files: FileStore
    #: The master keys of the vault.
    vault: Keyring
    #: When the desk works.
    hours: Hours
    #: By which rules emails are judged before they leave (see `paidsupport.privacy.tone.Language`); asked
    #: for once one is judged.
    tone: Callable[[], tuple[Any, ...]]
    #: Renders a template of ours, or the host's version of it, to text.
    render: Callable[[str, Mapping[str, object]], str]
    #: Looks at whatever a context is about to write in words of staff (see
    #: `paidsupport.tickets.vault.operations.gate`).
    gate: Callable[[Context, list[Written]], None]
    #: What other capabilities do when something happens to a record.
    hooks: Hooks
    #: What it consists of.
    capabilities: Capabilities
    #: What is to be known about the kinds of events.
    events: Events
    #: What managers have set up by now.
    present: Present
    #: As of which change of theirs the settings and hours here are.
    edition: int = 0
    #: What never changes once it is stored, by a key of its capability: read once by each process.
    known: dict[Any, Any] = field(default_factory=dict)

    def language(self, *wanted: str) -> Language:
        """The first of these languages that the desk speaks; else its usual one."""
        return language_among(offered(self.settings.languages), *wanted)


class Compared:
    """What was compared with secrets before: nothing, for whoever acts without an edge that remembers."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Context:
    """One request, command or job: `by` acts at `now` (UTC) in `session`.

    `compared`: what an edge found out outside of this transaction (see `comparing`).
    """

    services: Services
    session: Session
    by: Actor
    now: datetime
    compared: Compared = field(default_factory=Compared)

    def __post_init__(self) -> None:
        """What is written in the session passes the gate from now on, a person’s even if others act then.

        Settings that a manager has changed since are taken over.
        """
        present = self.services.present.of(self.services, self.session, self.now)
        if present is not self.services:
            object.__setattr__(self, "services", present)  # frozen for everyone else
        before: Context | None = self.session.info.get(_LATEST)
        if before is None or self.by.is_person or not before.by.is_person:
            self.session.info[_LATEST] = self
            gate.keep(self.session, partial(self.services.gate, self))

    @property
    def events(self) -> Events:
        """What is to be known about the kinds of events."""
        return self.services.events

    @property
    def today(self) -> date:
        """The day it is in the desk's time zone."""
        return self.services.hours.local(self.now).date()
