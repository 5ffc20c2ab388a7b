"""The one engine behind all workflows: a record goes from a state to a state, in one transaction.

Under the record's lock the version is compared, the guards are checked, the effects run in three phases:
`before` the event is appended, then with the `write` of the row, then `after` it. The row is written by one
UPDATE that compares the version once more. Capabilities give their guards and effects in tables, by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic

from paidsupport.kernel.actors import Role
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.errors import ConfigurationError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.history import History
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.transitions import Attempt, C, Columns, Effect, F, Fact, Phase, R, in_order
from paidsupport.kernel.workflow import Condition, Guard, State, Transition, Workflow


@dataclass(frozen=True, slots=True)
class Possible:
    """A transition that a person may try, with the needs that do not hold yet."""

    transition: Transition
    blocked: tuple[Guard, ...]
    #: What its needs are now, without what its form asks for.
    facts: Mapping[str, bool | None] = field(default_factory=dict)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The needs that hold or do not, in sentences."""
        return self.transition.conditions(self.facts)


class Engine(ABC, Generic[C, R, F]):
    """Makes the transitions of one kind of record.

    Args:
        guards: the fact behind each need, by name.
        effects: all effects, in the order in which they run within a phase.
    """

    #: What the record is called in sentences, and what begins the digest of a request.
    word: ClassVar[str]
    tag: ClassVar[str]
    history: ClassVar[History[Any, Any]]
    #: What roles towards the record are called, where it is something else.
    roles: ClassVar[Mapping[str, str]] = {}
    #: What guards and effects are given.
    attempts: ClassVar[type[Attempt[Any, Any, Any]]] = Attempt

    def __init__(self, guards: Mapping[str, Fact], effects: Iterable[Effect]) -> None:
        self.guards = dict(guards)
        self.effects = in_order(effects)

    def check(self, workflow: Workflow) -> None:
        """Raises ConfigurationError when `workflow` names a guard or an effect that is not there."""
        if (
            unknown := {guard.name for transition in workflow.transitions for guard in transition.guards}
            - self.guards.keys()
        ):
            raise ConfigurationError(
                f"Workflow {workflow.name}: there is no guard “{min(unknown)}”."
                " Give it to PaidSupport(guards={…})."
            )
        named = {name for transition in workflow.transitions for name in transition.effects}
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
            what `stale` returns: another request was faster.
            NotFoundError: there is no such transition.
            TransitionRefusedError: not from this state, not for this role, or a guard does not hold.
            KeyReusedError: `key` came with other content before.
        """
        digest = fingerprint(self.tag, record.code, name, ctx.by.id, filled)
        if record.version != version:
            if key and self.history.done_before(ctx, self.history.once(ctx, record, key), digest):
                return record
            raise self.stale(ctx, record)
        at = self.attempt(ctx, record, self._allowed(ctx, record, name), filled)
        if missing := at.transition.missing(self.facts(at)):
            raise TransitionRefusedError(record.code, [guard.unmet for guard in missing])
        self._carry_out(at, key, digest)
        return record

    def possible(self, ctx: C, record: R, blank: F, page: object = None) -> list[Possible]:
        """The transitions this person may try now, each with what still stands against it."""
        if self.settled(record):
            return []
        found = []
        for transition in self.flow(ctx, record).transitions_for(record.state, ctx.by.roles(record.owner_id)):
            at = self.attempt(ctx, record, transition, blank, page)
            facts = self.facts(at, asked_for=False)
            found.append(Possible(transition, transition.blocked(facts), facts))
        return found

    def facts(self, at: Attempt[C, R, F], *, asked_for: bool = True) -> dict[str, bool | None]:
        """The facts of a transition's needs; without those its form asks for, if `asked_for` is false."""
        guards = at.transition.guards
        return {guard.name: self.guards[guard.name](at) for guard in guards if asked_for or not guard.field}

    def attempt(
        self, ctx: C, record: R, transition: Transition, filled: F, page: object = None
    ) -> Attempt[C, R, F]:
        """All that guards and effects are given."""
        source = self.flow(ctx, record).state(record.state)
        return self.attempts(
            ctx, record, transition, filled, source, self.target(ctx, record, transition), page
        )

    def target(self, ctx: C, record: R, transition: Transition) -> State:
        """The state that a transition leads to."""
        return self.flow(ctx, record).state(transition.target or record.state)

    def settled(self, record: R) -> str:
        """Why the record stays as it is whatever its state, as a sentence; nothing if it does not."""
        del record
        return ""

    @abstractmethod
    def flow(self, ctx: C, record: R) -> Workflow:
        """The workflow that the record is in."""

    @abstractmethod
    def stale(self, ctx: C, record: R) -> Exception:
        """What is raised when another request was faster."""

    @abstractmethod
    def said(self, at: Attempt[C, R, F]) -> dict[str, object]:
        """What the event says besides states, reason and note."""

    def under(self, at: Attempt[C, R, F]) -> int | None:
        """The number of the claim that it happens under; None for the one before it."""
        del at
        return None

    def _allowed(self, ctx: C, record: R, name: str) -> Transition:
        flow = self.flow(ctx, record)
        try:
            transition = flow.transition(name)
        except KeyError:
            raise NotFoundError from None
        if sentence := self.settled(record):
            raise TransitionRefusedError(record.code, [sentence])
        if record.state not in transition.sources:
            label = flow.state(record.state).label
            sentence = _(
                "“%(transition)s” is not possible in the state “%(state)s”.",
                transition=transition.label,
                state=label,
            )
            raise TransitionRefusedError(record.code, [sentence])
        if not transition.who & ctx.by.roles(record.owner_id):
            sentence = _not_theirs(transition, self.roles)
            raise TransitionRefusedError(record.code, [sentence], transition.who)
        return transition

    def _carry_out(self, at: Attempt[C, R, F], key: str | None, digest: str) -> None:
        due = [effect for effect in self.effects if effect.is_due(at)]
        at.values |= {"state": at.target.name, "version": at.record.version + 1}
        _run(due, Phase.BEFORE, at)
        self.history.append(
            at.ctx,
            at.record,
            at.transition.name,
            self._data(at),
            key=self.history.once(at.ctx, at.record, key) if key else None,
            fingerprint=digest if key else None,
            claim_number=self.under(at),
        )
        _run(due, Phase.WRITE, at)
        at.values |= self.history.head(at.record)
        self.history.change(at.ctx.session, at.record, **at.values)
        _run(due, Phase.AFTER, at)

    def _data(self, at: Attempt[C, R, F]) -> Columns:
        data: dict[str, object] = {"from": at.source.name, "to": at.target.name}
        if at.transition.takes("reason"):
            data["reason"] = at.filled.reason
        if at.filled.note:
            data["note"] = fingerprint(at.filled.note)
        return data | self.said(at)


def _run(effects: Iterable[Effect], phase: Phase, at: Attempt[Any, Any, Any]) -> None:
    for effect in effects:
        if effect.phase is phase:
            at.values |= effect.run(at) or {}


#: Whom a transition is for, by the roles that may make it.
_FOR: Mapping[frozenset[str], Message] = {
    frozenset({"owner"}): _("“%(transition)s” is for the owner of the ticket."),
    frozenset({"owner", "manager"}): _("“%(transition)s” is for the owner of the ticket and for managers."),
    frozenset({"assignee"}): _("“%(transition)s” is for the assignee of the issue."),
    frozenset({"assignee", "manager"}): _(
        "“%(transition)s” is for the assignee of the issue and for managers."
    ),
    frozenset({"manager"}): _("“%(transition)s” is for managers."),
    frozenset({"developer", "manager"}): _("“%(transition)s” is for staff."),
    frozenset({"customer"}): _("“%(transition)s” is for the customer."),
}
_FOR_OTHERS = _("You can't do this: “%(transition)s”.")


def _not_theirs(transition: Transition, roles: Mapping[str, str]) -> Message:
    """Who may make a transition, in a sentence for a person who may not."""
    who = frozenset(roles.get(role, role.value) for role in transition.who if role is not Role.CLOCK)
    return filled(_FOR.get(who, _FOR_OTHERS), transition=transition.label)
