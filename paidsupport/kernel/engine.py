"""The one engine behind all workflows: a record goes from a state to a state, in one transaction.

Under the record's lock the version is compared, the guards are checked, the effects run in three phases:
`before` the event is appended, then with the `write` of the row, then `after` it. The row is written by one
UPDATE that compares the version once more. Capabilities give their guards and effects in tables, by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from paidsupport.domain.actors import Actor
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.workflow import Holder, Move, Need, Part, State, Workflow
from paidsupport.errors import ConfigurationError, MoveRefusedError, NotFoundError

Columns = Mapping[str, object]
#: The columns of a record that go on with every event.
_HEAD = ("event_count", "event_hash", "changed_at")


class Context(Protocol):
    """Who acts, and when."""

    @property
    def by(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled into the form of a transition."""

    reason: str = ""
    note: str = ""
    colleague: int | None = None


C = TypeVar("C", bound=Context)
#: A row with `code`, `state`, `version`, `owner_id` and a history; mapped columns fit no protocol here.
R = TypeVar("R", bound=Any)
F = TypeVar("F", bound=Filled)


@dataclass
class Attempt(Generic[C, R, F]):
    """A transition of a record that somebody looks at or makes: all that guards and effects are given.

    Attributes:
        source, target: the states that it leads from and to.
        page: what a page has read of the record already; guards read the rest themselves.
        values: the columns that are written with it.
        unsent: the references of emails that it withdrew.
    """

    ctx: C
    record: R
    move: Move
    filled: F
    source: State
    target: State
    page: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    unsent: list[str] = field(default_factory=list)


#: Whether a fact holds; None if it does not apply to the record.
Guard = Callable[[Any], bool | None]


class Phase(StrEnum):
    """When an effect runs, in this order."""

    #: Before the event is appended.
    BEFORE = "before"
    #: After the event, before the record's row is written.
    WRITE = "write"
    #: After the row is written.
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a transition brings about; `run` returns columns to be written with the record, if any.

    Attributes:
        on: by which transitions it is set off, besides those that name it or lead to a state that does.
        ahead_of: the effect right before which it runs; without, it runs at the end of its phase.
    """

    name: str
    run: Callable[[Any], Columns | None]
    phase: Phase = Phase.WRITE
    on: Callable[[Any], bool] | None = None
    ahead_of: str = ""

    def is_due(self, at: Attempt[Any, Any, Any]) -> bool:
        """Whether this transition sets it off."""
        named = self.name in at.move.effects or (
            at.move.target is not None and self.name in at.target.effects
        )
        return named or (self.on is not None and self.on(at))


def in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The effects as they run, one after another. Raises ConfigurationError for one twice or out of place."""
    found: list[Effect] = []
    for effect in effects:
        names = [other.name for other in found]
        if effect.name in names:
            raise ConfigurationError(f"There are two effects called “{effect.name}”.")
        if effect.ahead_of and effect.ahead_of not in names:
            raise ConfigurationError(
                f"The effect “{effect.name}” runs ahead of “{effect.ahead_of}”, which is not there."
            )
        found.insert(names.index(effect.ahead_of) if effect.ahead_of else len(found), effect)
    phases = list(Phase)
    return tuple(sorted(found, key=lambda effect: phases.index(effect.phase)))


def ends(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the transition leads to an end."""
    return at.target.part is Part.CLOSED


def frees(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the transition leads to where nobody holds the record."""
    return at.target.part is Part.UNASSIGNED


def reopens(at: Attempt[Any, Any, Any]) -> bool:
    """Whether the transition leads out of an end."""
    return at.source.part is Part.CLOSED and at.target.part is not Part.CLOSED


def ends_claim(at: Attempt[Any, Any, Any]) -> bool:
    """Whether whoever holds the record holds it no more afterwards."""
    leaves = at.move.holder in {Holder.DROPS, Holder.PASSES} or at.target.part is Part.CLOSED
    return leaves and at.record.owner_id is not None


def begins_work(at: Attempt[Any, Any, Any]) -> bool:
    """Whether work begins with the transition."""
    return at.target.working and not at.source.working


@dataclass(frozen=True, slots=True)
class Possible:
    """A transition somebody may try, with the needs that do not hold yet."""

    move: Move
    blocked: tuple[Need, ...]


class Engine(ABC, Generic[C, R, F]):
    """Makes the transitions of one kind of record.

    Args:
        guards: the fact behind each need, by name.
        effects: all effects, in the order in which they run within a phase.
    """

    #: What the record is called in sentences, and what begins the digest of a request.
    word: ClassVar[str]
    tag: ClassVar[str]
    #: What roles towards the record are called, where it is something else.
    roles: ClassVar[Mapping[str, str]] = {}
    #: What guards and effects are given.
    attempts: ClassVar[type[Attempt[Any, Any, Any]]] = Attempt

    def __init__(self, guards: Mapping[str, Guard], effects: Iterable[Effect]) -> None:
        self.guards = dict(guards)
        self.effects = in_order(effects)

    def check(self, workflow: Workflow) -> None:
        """Raises ConfigurationError when `workflow` names a guard or an effect that is not there."""
        if unknown := {need.name for move in workflow.moves for need in move.needs} - self.guards.keys():
            raise ConfigurationError(
                f"Workflow {workflow.name}: nobody knows whether “{min(unknown)}” holds."
                " Give its guard to PaidSupport(guards={…})."
            )
        named = {name for move in workflow.moves for name in move.effects}
        named |= {name for state in workflow.states for name in state.effects}
        if unknown := named - {effect.name for effect in self.effects}:
            raise ConfigurationError(
                f"Workflow {workflow.name}: there is no effect “{min(unknown)}”."
                " Give it to PaidSupport(effects=[…])."
            )

    def make(self, ctx: C, record: R, name: str, filled: F, *, version: int, key: str | None) -> R:
        """Make the transition `name` on a record whose lock is held, as it was seen at `version`.

        A resent `key` does nothing more.

        Raises:
            what `stale` returns: somebody was faster.
            NotFoundError: there is no such transition.
            MoveRefusedError: not from this state, not for this role, or a guard does not hold.
            KeyReusedError: `key` came with other content before.
        """
        digest = fingerprint(self.tag, record.code, name, ctx.by.id, filled)
        if record.version != version:
            if key and self.done_before(ctx, record, key, digest):
                return record
            raise self.stale(ctx, record)
        at = self.attempt(ctx, record, self._allowed(ctx, record, name), filled)
        if missing := at.move.missing(self.facts(at)):
            raise MoveRefusedError(record.code, [need.unmet for need in missing])
        self._carry_out(at, key, digest)
        return record

    def possible(self, ctx: C, record: R, blank: F, page: object = None) -> list[Possible]:
        """The transitions this person may try now, each with what still stands against it."""
        if self.settled(record):
            return []
        found = []
        for move in self.flow(ctx, record).moves_for(record.state, ctx.by.roles(record.owner_id)):
            at = self.attempt(ctx, record, move, blank, page)
            found.append(Possible(move, move.blocked(self.facts(at, asked_for=False))))
        return found

    def facts(self, at: Attempt[C, R, F], *, asked_for: bool = True) -> dict[str, bool | None]:
        """The facts of a transition's needs; without those its form asks for, if `asked_for` is false."""
        needs = at.move.needs
        return {need.name: self.guards[need.name](at) for need in needs if asked_for or not need.field}

    def attempt(self, ctx: C, record: R, move: Move, filled: F, page: object = None) -> Attempt[C, R, F]:
        """All that guards and effects are given."""
        source = self.flow(ctx, record).state(record.state)
        return self.attempts(ctx, record, move, filled, source, self.target(ctx, record, move), page)

    def target(self, ctx: C, record: R, move: Move) -> State:
        """The state that a transition leads to."""
        return self.flow(ctx, record).state(move.target or record.state)

    def settled(self, record: R) -> str:
        """Why the record stays as it is whatever its state, as a sentence; nothing if it does not."""
        del record
        return ""

    @abstractmethod
    def flow(self, ctx: C, record: R) -> Workflow:
        """The workflow that the record is in."""

    @abstractmethod
    def stale(self, ctx: C, record: R) -> Exception:
        """What is raised when somebody was faster."""

    @abstractmethod
    def done_before(self, ctx: C, record: R, key: str, digest: str) -> bool:
        """Whether this request has been dealt with already. Raises KeyReusedError."""

    @abstractmethod
    def said(self, at: Attempt[C, R, F]) -> dict[str, object]:
        """What the event says besides states, reason and note."""

    @abstractmethod
    def append(self, at: Attempt[C, R, F], data: Columns, key: str | None, digest: str) -> None:
        """Append the event to the record's history."""

    @abstractmethod
    def change(self, at: Attempt[C, R, F]) -> None:
        """Write the values of the attempt, if the record's version is still the one that was read."""

    def _allowed(self, ctx: C, record: R, name: str) -> Move:
        flow = self.flow(ctx, record)
        try:
            move = flow.move(name)
        except KeyError:
            raise NotFoundError from None
        if sentence := self.settled(record):
            raise MoveRefusedError(record.code, [sentence])
        if record.state not in move.sources:
            label = flow.state(record.state).label
            sentence = f"“{move.label}” is not possible: the {self.word} is {label}."
            raise MoveRefusedError(record.code, [sentence])
        if not move.who & ctx.by.roles(record.owner_id):
            who = " or ".join(sorted(self.roles.get(role, role.value) for role in move.who))
            sentence = f"“{move.label}” is for the {who} of this {self.word}."
            raise MoveRefusedError(record.code, [sentence], move.who)
        return move

    def _carry_out(self, at: Attempt[C, R, F], key: str | None, digest: str) -> None:
        due = [effect for effect in self.effects if effect.is_due(at)]
        at.values |= {"state": at.target.name, "version": at.record.version + 1}
        _run(due, Phase.BEFORE, at)
        self.append(at, self._data(at), key, digest)
        _run(due, Phase.WRITE, at)
        at.values |= {name: getattr(at.record, name) for name in _HEAD}
        self.change(at)
        _run(due, Phase.AFTER, at)

    def _data(self, at: Attempt[C, R, F]) -> Columns:
        data: dict[str, object] = {"from": at.source.name, "to": at.target.name}
        if at.move.takes("reason"):
            data["reason"] = at.filled.reason
        if at.filled.note:
            data["note"] = fingerprint(at.filled.note)
        return data | self.said(at)


def _run(effects: Iterable[Effect], phase: Phase, at: Attempt[Any, Any, Any]) -> None:
    for effect in effects:
        if effect.phase is phase:
            at.values |= effect.run(at) or {}
