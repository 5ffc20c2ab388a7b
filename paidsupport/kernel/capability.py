"""Capabilities: what a desk consists of, each registering in one object what it adds to the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import ModuleType
from typing import Any

from click import Command

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.parts import Part
from paidsupport.kernel.engine import Engine
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.events import Kind
from paidsupport.kernel.hooks import Hook, Subscription
from paidsupport.kernel.jobs import Job
from paidsupport.kernel.navigation import Area, Entry, Navigation, navigation_of
from paidsupport.kernel.search import Searcher
from paidsupport.kernel.transitions import Effect, Fact
from paidsupport.kernel.web.proposals import Proposal
from paidsupport.kernel.web.sections import Section
from paidsupport.kernel.workflow import Workflow
from paidsupport.settings import Settings


@dataclass(frozen=True, slots=True)
class Background:
    """What a capability does where no page is asked for; web workers never import it."""

    jobs: Sequence[Job] = ()
    #: The modules that define its invariants.
    invariants: Sequence[ModuleType] = ()
    #: What it adds to `flask paidsupport`.
    commands: Sequence[Command] = ()


@dataclass(frozen=True, slots=True)
class Capability:
    """A part of the desk that a site mounts or leaves out, with everything that it adds."""

    name: str
    #: The names of the capabilities that it cannot be without.
    requires: Sequence[str] = ()
    #: The workflows of its tickets, with what they need and bring about.
    workflows: Sequence[Workflow] = ()
    guards: Mapping[str, Fact] = field(default_factory=dict)
    effects: Sequence[Effect] = ()
    #: Workflows of records of its own, each with what makes their transitions.
    engines: Sequence[tuple[Workflow, Engine[Any, Any, Any]]] = ()
    #: The kinds of events that it adds to histories; the transitions of tickets are kinds by themselves.
    events: Sequence[Kind] = ()
    #: What words in the data of events are called, such as the names of providers.
    words: Mapping[str, str] = field(default_factory=dict)
    #: The modules that declare its pages.
    views: Sequence[ModuleType] = ()
    #: Imports the modules that declare its operations of the JSON API; called with the names of all mounted
    #: capabilities when the API is asked for something first.
    api: Callable[[frozenset[str]], Sequence[ModuleType]] | None = None
    #: Filters of its templates, each under its name without `paidsupport_`.
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    navigation: Sequence[Entry] = ()
    #: What of it managers set up in the browser.
    areas: Sequence[Area] = ()
    #: What the search of the desk finds of it.
    searchers: Sequence[Searcher] = ()
    #: What it shows on the pages of tickets and issues.
    sections: Sequence[Section] = ()
    #: What may come next, on top of the pages of staff and of customers.
    proposals: Sequence[Proposal] = ()
    #: Where others take part in what happens here, and where it takes part itself.
    hooks: Sequence[Hook[..., Any]] = ()
    subscriptions: Sequence[Subscription] = ()
    #: Imports what of it stands in the file of the whole configuration; see `kernel.configuration.file`.
    configured: Callable[[], Sequence[Any]] = tuple
    #: Imports the fields of its things that managers set up; see `kernel.configuration.telling`.
    things: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    #: Imports what it does for workers and on the command line.
    background: Callable[[], Background] = Background
    #: Raise ConfigurationError when they are given settings that it cannot work with.
    checks: Sequence[Callable[[Settings], object]] = ()


class Capabilities:
    """The capabilities of one mounted desk, in their order.

    Args:
        mounted: those that a site has chosen.

    Raises:
        ConfigurationError: one is there twice, or without one that it requires.
    """

    def __init__(self, mounted: Iterable[Capability]) -> None:
        self._mounted = tuple(mounted)
        self.names = frozenset(each.name for each in self._mounted)
        if unmarked := marks.unmarked(metadata):
            raise ConfigurationError(
                f"The column {unmarked[0]} does not say whose data it holds. Give it a mark."
            )
        _once("capability", (each.name for each in self._mounted))
        for each in self._mounted:
            if missing := [name for name in each.requires if name not in self.names]:
                raise ConfigurationError(
                    f"The capability “{each.name}” needs “{missing[0]}”, which is not mounted."
                    " Mount both or neither."
                )
        _once("workflow", (workflow.name for workflow in self.all("workflows")))
        _once("guard", (name for each in self._mounted for name in each.guards))
        _once("section", (f"{each.page} {each.key}" for each in self.all("sections")))
        self._sections: defaultdict[str, list[Section]] = defaultdict(list)
        for each in sorted(self.all("sections"), key=lambda section: section.place):
            self._sections[each.page].append(each)
        self._proposals: defaultdict[str, list[Proposal]] = defaultdict(list)
        for proposal in sorted(self.all("proposals"), key=lambda proposal: proposal.rank):
            self._proposals[proposal.page].append(proposal)
        self._parts = {
            page: _parts([*self._sections[page], *self._proposals[page]])
            for page in {*self._sections, *self._proposals}
        }
        entries: tuple[Entry, ...] = self.all("navigation")
        _once("key", (entry.key for entry in entries))
        self._navigation = {manages: navigation_of(entries, manages=manages) for manages in (False, True)}

    def __iter__(self) -> Iterator[Capability]:
        return iter(self._mounted)

    def all(self, kind: str) -> tuple[Any, ...]:
        """What all of them register under the name of this field."""
        return tuple(chain.from_iterable(getattr(each, kind) for each in self._mounted))

    @cached_property
    def api(self) -> tuple[ModuleType, ...]:
        """The modules that declare the operations of the JSON API."""
        if not self.has_api:
            return ()
        found = (each.api(self.names) for each in self._mounted if each.api is not None)
        return tuple(chain.from_iterable(found))

    @property
    def has_api(self) -> bool:
        """Whether the desk has a JSON API: other capabilities add to that of `connect`."""
        return "connect" in self.names

    def navigation(self, *, manages: bool) -> Navigation:
        """The links for staff: those for developers, or those for managers."""
        return self._navigation[manages]

    @cached_property
    def areas(self) -> list[Area]:
        """What managers set up, in its places."""
        return sorted(self.all("areas"), key=lambda area: area.place)

    @cached_property
    def configured(self) -> list[Any]:
        """What stands in the file of the whole configuration, in its places."""
        found = [part for each in self._mounted for part in each.configured()]
        _once("part of the configuration", (part.key for part in found))
        return sorted(found, key=lambda part: part.place)

    @cached_property
    def things(self) -> dict[str, Mapping[str, Any]]:
        """The fields of all things that managers set up, by their kinds."""
        found = [(kind, fields) for each in self._mounted for kind, fields in each.things().items()]
        _once("kind of thing", (kind for kind, _fields in found))
        return dict(found)

    def sections(self, page: str) -> list[Section]:
        """The sections of a page, in their places."""
        return self._sections[page]

    def proposals(self, page: str) -> list[Proposal]:
        """What may come next on a page, in the order in which it is asked."""
        return self._proposals[page]

    def parts(self, page: str) -> tuple[Part[Any], ...]:
        """What hangs on the record of a page, as its sections and proposals declare it."""
        return self._parts.get(page, ())

    def merged(self, kind: str) -> dict[str, Any]:
        """The same of a field that is a mapping."""
        return {name: part for each in self._mounted for name, part in getattr(each, kind).items()}

    @cached_property
    def background(self) -> Background:
        """What all of them do for workers and on the command line."""
        found = [each.background() for each in self._mounted]
        together = Background(
            jobs=tuple(chain.from_iterable(each.jobs for each in found)),
            invariants=tuple(chain.from_iterable(each.invariants for each in found)),
            commands=tuple(chain.from_iterable(each.commands for each in found)),
        )
        _once("job", (job.name for job in together.jobs))
        _once("command", (command.name for command in together.commands))
        return together


def _parts(shown: Iterable[Section | Proposal]) -> tuple[Part[Any], ...]:
    found = tuple(dict.fromkeys(part for each in shown for part in each.parts))
    _once("part", (part.key for part in found))
    return found


def _once(kind: str, names: Iterable[str | None]) -> None:
    """Raise ConfigurationError if something is registered twice."""
    if doubled := [name for name, number in Counter(names).items() if number > 1]:
        raise ConfigurationError(f"The {kind} “{doubled[0]}” is declared twice.")
