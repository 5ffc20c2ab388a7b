"""Whose turn it is on a ticket, and its last message: the one definition, for lists and the ticket's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.titles import opening_of
from paidsupport.kernel.workflow import Part, Rest, State, Workflow

#: The last message is shown with this many characters.
FIRST_WORDS = 90
#: In these states the work goes on elsewhere, with colleagues.
_WITH_COLLEAGUES = {Rest.FOLLOWED, Rest.DELIVERING}


class Whose(StrEnum):
    """Who has to act next."""

    #: Any developer: it has no owner, or has ended and its customer wrote again.
    DESK = "desk"
    OWNER = "owner"
    CUSTOMER = "customer"
    #: Colleagues: the work is done in an issue.
    COLLEAGUE = "colleague"
    #: It has ended.
    NONE = "none"


#: The label of each but the owner, who is called by name.
LABELS = {
    Whose.DESK: pgettext("turn", "Desk"),
    Whose.CUSTOMER: pgettext("turn", "Customer"),
    Whose.COLLEAGUE: pgettext("turn", "Colleague"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: `label` names them for the viewer, `yours` says whether it is the viewer."""

    whose: Whose
    label: str
    yours: bool = False


@dataclass(frozen=True, slots=True)
class LastWord:
    """The newest message of a ticket: who wrote it (`from_customer`, `name`), when, and its first words."""

    from_customer: bool
    name: str
    at: datetime
    words: str


def whose(ticket: Any, state: State, *, undecided: bool) -> Whose:  # noqa: ANN401  # a ticket, or a row
    """Whose turn it is on a ticket.

    While work goes on it is the owner's turn, even if they wrote last, unless the customer has to decide.

    Args:
        ticket: The ticket, or a row with its columns.
        state: Its state.
        undecided: Whether the customer was asked for a decision.
    """
    if ticket.part == Part.UNASSIGNED:
        return Whose.DESK
    if ticket.part == Part.CLOSED:
        return Whose.DESK if ticket.awaits == "desk" else Whose.NONE
    if ticket.awaits != "customer" or (state.working and not undecided):
        return Whose.OWNER
    return Whose.COLLEAGUE if state.rests in _WITH_COLLEAGUES else Whose.CUSTOMER


def turn(
    ticket: Any,  # noqa: ANN401  # as above
    state: State,
    owner_name: str | None,
    looks: int | None,
    *,
    undecided: bool,
) -> Turn:
    """Whose turn it is, for display.

    Args:
        ticket: The ticket, or a row with its columns.
        state: Its state.
        owner_name: The name of its owner.
        looks: The id of the viewer.
        undecided: Whether the customer was asked for a decision.
    """
    found = whose(ticket, state, undecided=undecided)
    if found is not Whose.OWNER:
        return Turn(found, LABELS.get(found, ""))
    if ticket.owner_id == looks:
        return Turn(found, pgettext("turn", "You"), yours=True)
    return Turn(found, owner_name or "")


def last_word(row: Any) -> LastWord | None:  # noqa: ANN401  # a row
    """The last message of a row that was read with `queries.last_word`; None if there is none."""
    if row.last_at is None:
        return None
    words = opening_of(row.last_words, limit=FIRST_WORDS)
    return LastWord(row.last_direction == "in", row.last_author, row.last_at, words)


@dataclass(frozen=True, slots=True)
class Turns:
    """The names of states that lists need to tell whose turn it is.

    Attributes:
        resting: States that wait for colleagues.
        working: States in which work goes on.
    """

    resting: Sequence[str]
    working: Sequence[str]

    @classmethod
    def of(cls, workflows: Iterable[Workflow]) -> Turns:
        """Collect them from these workflows."""
        states = [state for flow in workflows for state in flow.states]
        return cls(
            sorted({state.name for state in states if state.rests in _WITH_COLLEAGUES}),
            sorted({state.name for state in states if state.working}),
        )
