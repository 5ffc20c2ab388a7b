"""Making a move: one transaction of lock, compare, check, conditional update, history (design §5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select, update

from paidsupport.desk import (
    annotation,
    checklists,
    deadlines,
    decisions,
    deliveries,
    history,
    letters,
    people,
    reminders,
    report,
    requirements,
    vault,
    worklog,
)
from paidsupport.desk.issues import leaving
from paidsupport.desk.sales import building
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.letters import LetterKind, LetterState
from paidsupport.domain.text import BadTextError, many_lines
from paidsupport.domain.workflow import Holder, Move, Need, Part, State, Workflow
from paidsupport.domain.workflows.sales import DELIVERING, LOST, WON
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, StaleTicketError
from paidsupport.store import requests as asked
from paidsupport.store import tickets
from paidsupport.store.conversation import Message
from paidsupport.store.hostwork import Item
from paidsupport.store.issues import Follower
from paidsupport.store.pages import DeskPage
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.sales import Wish
from paidsupport.store.tickets import Claim, Ticket
from paidsupport.store.vault import Secret


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled into the form of a move."""

    reason: str = ""
    note: str = ""
    colleague: int | None = None
    #: Whether what the customer gave of their access is destroyed with this move (G16).
    destroy: bool = False


@dataclass(frozen=True, slots=True)
class Possible:
    """A move somebody may try, with the needs that do not hold yet."""

    move: Move
    blocked: tuple[Need, ...]


def make(
    visit: Visit, code: str, name: str, *, version: int, key: str, filled: Filled | None = None
) -> Ticket:
    """Make the move `name` on ticket `code` as it was seen at `version`.

    Raises NotFoundError (no such ticket or move), StaleTicketError (somebody was faster), MoveRefusedError
    (not from this state, not for this role, or a need does not hold), InvalidInputError, KeyReusedError.
    A resent `key` does nothing more.
    """
    return apply(visit, tickets.lock(visit.session, code), name, version=version, key=key, filled=filled)


def apply(
    visit: Visit,
    ticket: Ticket,
    name: str,
    *,
    version: int,
    key: str | None = None,
    filled: Filled | None = None,
) -> Ticket:
    """As `make`, for a ticket whose lock is held already."""
    filled = _tidy(filled or Filled())
    print_ = fingerprint("move", ticket.code, name, visit.by.id, filled)
    if ticket.version != version:
        if key and history.done_before(visit, history.once(visit, ticket, key), print_):
            return ticket
        raise StaleTicketError(ticket.code, people.holder_name(visit, ticket))
    workflow = visit.house.workflows[ticket.workflow]
    move = _find(visit, workflow, ticket, name)
    if missing := move.missing(facts(Standing(visit, ticket, move, filled))):
        raise MoveRefusedError(ticket.code, [need.sentence for need in missing])
    _carry_out(visit, ticket, workflow, move, filled, key, print_)
    return ticket


def facts(at: Standing, *, asked_for: bool = True) -> dict[str, bool]:
    """The facts a move needs; without those that its form asks for, if `asked_for` is false."""
    return {need.name: _FACTS[need.name](at) for need in at.move.needs if asked_for or not need.field}


def possible(visit: Visit, ticket: Ticket, page: DeskPage | None = None) -> list[Possible]:
    """The moves this person may try now, each with what still stands against it (shown before the click).

    `page`: what has been read of the ticket already.
    """
    workflow = visit.house.workflows[ticket.workflow]
    found: list[Possible] = []
    if _is_over(ticket) or ticket.merged_into_id is not None:
        return found
    for move in workflow.moves_for(ticket.state, visit.by.roles(ticket.owner_id)):
        at = Standing(visit, ticket, move, Filled(), page)
        found.append(Possible(move, move.blocked(facts(at, asked_for=False))))
    return found


def _tidy(filled: Filled) -> Filled:
    try:
        return replace(filled, note=many_lines(filled.note).strip())
    except BadTextError as error:
        raise InvalidInputError({"note": [str(error)]}) from None


def _find(visit: Visit, workflow: Workflow, ticket: Ticket, name: str) -> Move:
    try:
        move = workflow.move(name)
    except KeyError:
        raise NotFoundError from None
    if _is_over(ticket):
        raise MoveRefusedError(ticket.code, ["Everything personal was erased: this ticket stays as it is."])
    if ticket.merged_into_id is not None:
        raise MoveRefusedError(ticket.code, ["It was merged into another ticket: take the two apart first."])
    if ticket.state not in move.sources:
        state = workflow.state(ticket.state).label
        raise MoveRefusedError(ticket.code, [f"“{move.label}” is not possible: the ticket is {state}."])
    if not move.who & visit.by.roles(ticket.owner_id):
        who = " or ".join(sorted(role.value for role in move.who))
        raise MoveRefusedError(ticket.code, [f"“{move.label}” is for the {who} of this ticket."], move.who)
    return move


def _is_over(ticket: Ticket) -> bool:
    """Nobody can be asked or paid about an erased ticket: once it has ended, it stays so (P13)."""
    return ticket.erased_at is not None and ticket.part == Part.CLOSED


def _carry_out(
    visit: Visit, ticket: Ticket, workflow: Workflow, move: Move, filled: Filled, key: str | None, print_: str
) -> None:
    before = ticket.state
    after = visit.house.workflows[move.into] if move.into else workflow
    target = after.state(move.target or ticket.state)
    old_number = ticket.claim_number
    values: dict[str, object] = {"state": target.name, "part": target.part, "version": ticket.version + 1}
    values |= _HOLDER[move.holder](visit, ticket, filled)
    if move.into:
        values["workflow"] = after.name
    values |= _timing(visit, ticket, move, target)
    number = int(str(values.get("claim_number", old_number)))
    data: dict[str, object] = {"from": before, "to": target.name, "claim": number}
    if move.takes("reason"):
        values["end_reason"] = data["reason"] = filled.reason
    if move.takes("colleague"):
        data["colleague"] = filled.colleague
    if filled.note:
        annotation.keep(visit, ticket, filled.note, about=move.name)
        data["note"] = fingerprint(filled.note)
        if called := people.mentioned(visit, filled.note):
            data["mentions"] = called
    if "agreed" in {need.name for need in move.needs}:
        values["agreed"] = filled.note or "The customer replied."
        values |= requirements.confirmed(visit, ticket)
    values |= history.append(
        visit,
        ticket,
        move.name,
        data,
        key=history.once(visit, ticket, key) if key else None,
        fingerprint=print_ if key else None,
        claim_number=old_number if move.holder is Holder.DROPS else number,
    )
    values |= _follow_up(visit, ticket, move, target.part)
    values |= {"event_count": ticket.event_count, "event_hash": ticket.event_hash}
    tickets.change(visit.session, ticket, **values)
    if event := _TOLD_OF_LEADS.get(move.target or ""):
        # the site's own records of customers and invoices go on from here
        deliveries.tell(visit, ticket, event, building.facts(visit, ticket))


def _follow_up(visit: Visit, ticket: Ticket, move: Move, part: Part) -> Mapping[str, object]:
    """What a move brings about besides itself; each of these tells the history.

    Returns the columns of the ticket that change with it.
    """
    unsent: list[str] = []
    if ticket.owner_id is not None and _ends_claim(move, part):
        # what has not left under a claim does not leave after it (G6)
        why = f"The claim ended: {move.label.lower()}."
        unsent = letters.withdraw_queued(visit, ticket, ticket.claim_number, why)
        decisions.withdraw_unsent(visit, ticket)
        worklog.stop_all(visit, ticket)
    if move.name in asked.ANSWERS:
        asked.answer_pointers(visit.session, ticket.id, move.name, visit.now)
    if _begins_work(move):
        checklists.ask_again(visit, ticket)
        checklists.lay_out(visit, ticket)
    if ticket.part == Part.CLOSED and part is not Part.CLOSED:
        leaving.opened(visit, ticket)
    if move.target == DELIVERING.name:
        decisions.withdraw_open(visit, ticket)
        building.open_all(visit, ticket)
    if part is Part.CLOSED:
        leaving.ended(visit, ticket, move.name)
        decisions.withdraw_open(visit, ticket)
        vault.destroy_all(visit, ticket)
        reminders.plan(visit, ticket)
    if part is Part.UNASSIGNED:
        reminders.drop(visit, ticket)
    # a claim changes nothing about what is due, and asks nothing of the database
    if not unsent and part is Part.PENDING:
        return {}
    return deadlines.moved(visit, ticket, part, unsent, into=move.into)


#: What the webhook hears of leads, by the state that they come to.
_TOLD_OF_LEADS = {DELIVERING.name: "lead-accepted", WON.name: "lead-won", LOST.name: "lead-lost"}


def _begins_work(move: Move) -> bool:
    return move.target == "in-progress"


def _ends_claim(move: Move, part: Part) -> bool:
    return move.holder in {Holder.DROPS, Holder.PASSES} or part is Part.CLOSED


def _timing(visit: Visit, ticket: Ticket, move: Move, target: State) -> dict[str, object]:
    if target.part is Part.CLOSED:
        _end_claim(visit, ticket, move.name)
        return {"ended_at": visit.now, "lease_until": None, "awaits": ""}
    if target.part is Part.UNASSIGNED:
        freed = {"ended_at": None, "lease_until": None, "started_at": None}
        return freed | {"end_reason": "", "agreed": "", "awaits": "desk"}
    until = None if target.lasting else visit.now + visit.house.settings.lease(patient=target.patient)
    lease: dict[str, object] = {"lease_until": until, "lease_warned": False}
    return lease | ({"started_at": visit.now} if _begins_work(move) else {})


def _keeps(visit: Visit, ticket: Ticket, filled: Filled) -> dict[str, object]:
    del visit, ticket, filled
    return {}


def _takes(visit: Visit, ticket: Ticket, filled: Filled) -> dict[str, object]:
    del filled
    if visit.by.id is None:
        raise NotFoundError
    return _begin_claim(visit, ticket, visit.by.id)


def _drops(visit: Visit, ticket: Ticket, filled: Filled) -> dict[str, object]:
    del filled
    _end_claim(visit, ticket, "dropped")
    return {"owner_id": None, "claimed_at": None, "claim_number": ticket.claim_number + 1}


def _passes(visit: Visit, ticket: Ticket, filled: Filled) -> dict[str, object]:
    _end_claim(visit, ticket, "handed-over")
    assert filled.colleague is not None  # noqa: S101  # the need `colleague` held
    return _begin_claim(visit, ticket, filled.colleague)


_HOLDER = {Holder.KEEPS: _keeps, Holder.TAKES: _takes, Holder.DROPS: _drops, Holder.PASSES: _passes}


def _begin_claim(visit: Visit, ticket: Ticket, person_id: int) -> dict[str, object]:
    number = ticket.claim_number + 1
    tickets.add(
        visit.session,
        Claim,
        ticket_id=ticket.id,
        number=number,
        person_id=person_id,
        taken_at=visit.now,
        ending="",
    )
    return {"owner_id": person_id, "claimed_at": visit.now, "claim_number": number}


def _end_claim(visit: Visit, ticket: Ticket, ending: str) -> None:
    visit.session.execute(
        update(Claim)
        .where(Claim.ticket_id == ticket.id, Claim.number == ticket.claim_number, Claim.ended_at.is_(None))
        .values(ended_at=visit.now, ending=ending)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class Standing:
    """How a ticket stands when a move is looked at; what is not on the `page` is read once, if asked for."""

    visit: Visit
    ticket: Ticket
    move: Move
    filled: Filled
    page: DeskPage | None = None

    @cached_property
    def letters(self) -> Sequence[Letter]:
        """The ticket's letters that carry a message."""
        if self.page is not None:
            return self.page.letters
        wanted = select(Letter).where(Letter.ticket_id == self.ticket.id, Letter.message_id.is_not(None))
        wanted = wanted.order_by(Letter.id)
        return self.visit.session.scalars(wanted, execution_options={"populate_existing": True}).all()

    @cached_property
    def items(self) -> Sequence[Item]:
        """The ticket's checklist."""
        return self.page.items if self.page is not None else checklists.of(self.visit, self.ticket)

    @cached_property
    def kept(self) -> Sequence[Secret]:
        """What the customer gave of their access and nobody has destroyed."""
        if self.page is not None:
            return [given.secret for given in self.page.given if given.secret.destroyed_at is None]
        return vault.kept(self.visit, self.ticket)

    @cached_property
    def wishes(self) -> Sequence[Wish]:
        """What a lead asks for that management decides about."""
        if self.page is not None:
            return self.page.wishes
        wanted = select(Wish).where(Wish.ticket_id == self.ticket.id).order_by(Wish.id)
        return self.visit.session.scalars(wanted, execution_options={"populate_existing": True}).all()

    @cached_property
    def following(self) -> Sequence[Follower]:
        """The issues that the ticket follows."""
        if self.page is not None:
            return self.page.following
        wanted = select(Follower).where(Follower.ticket_id == self.ticket.id)
        return self.visit.session.scalars(wanted, execution_options={"populate_existing": True}).all()

    def delivered(self) -> bool:
        """The customer waits for no issue any more: whoever waited has been told that it is solved."""
        left = {letter.message_id for letter in self.letters if letter.state == LetterState.SENT}
        return all(row.ended_at or row.told_at or row.solved_id in left for row in self.following)

    def priced(self) -> bool:
        """A note, or an offer that waits on the customer's page."""
        asked = decisions.open_ones(self.visit, self.ticket) if not self.filled.note else []
        return bool(self.filled.note) or any(decision.kind == "offer" for decision in asked)

    def answered(self) -> bool:
        """Nothing that the customer was asked waits for their answer."""
        if self.page is not None:
            return not any(decisions.is_open(asked, self.visit.now) for asked in self.page.decisions)
        return not decisions.open_ones(self.visit, self.ticket)

    def checked(self) -> bool:
        """Nothing on the checklist holds this move back; work that never had one must be given it first."""
        if not self.items:
            return not checklists.is_missing(self.visit, self.ticket)
        return not checklists.unticked(self.items, self.move.name)

    def reported(self) -> bool:
        """The report of this round of work has reached the customer."""
        return report.is_sent(self.ticket, self.letters)

    def written(self, *states: LetterState) -> list[Letter]:
        """The letters of the present claim that are in one of `states`."""
        number = self.ticket.claim_number
        return [row for row in self.letters if row.claim_number == number and row.state in states]

    def agreed(self) -> bool:
        """A note, or a reply: a message of the customer after the contact of this claim had left.

        It must be the last word of the thread: the answer to a question for consent agrees to nothing else.
        """
        if self.filled.note:
            return True
        left = [row.sent_at for row in self.written(LetterState.SENT) if row.contact and row.sent_at]
        if not left or self.ticket.awaits != "desk":
            return False
        replied = select(Message.id).where(
            Message.ticket_id == self.ticket.id,
            Message.number == self.ticket.thread,
            Message.direction == "in",
            Message.at >= min(left),
        )
        return self.visit.session.scalar(replied) is not None

    def told(self) -> bool:
        """A note, or a letter that has reached the customer, whoever wrote it."""
        return bool(self.filled.note) or any(row.state == LetterState.SENT for row in self.letters)

    def pointed(self) -> bool:
        """The last word to the customer was a page of the documentation, written under the present claim."""
        last = self.letters[-1] if self.letters else None
        number = self.ticket.claim_number
        return last is not None and last.kind == LetterKind.POINTER and last.claim_number == number

    def explained(self) -> bool:
        """A note, unless no letter of this claim can have reached the customer."""
        return bool(self.filled.note) or not self.written(*_MAY_HAVE_ARRIVED)

    def colleague(self) -> bool:
        """An active person other than the present owner."""
        if self.filled.colleague in {None, self.ticket.owner_id}:
            return False
        person = self.visit.session.get(Person, self.filled.colleague)
        return person is not None and person.active


_MAY_HAVE_ARRIVED = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED)
_UNSETTLED = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)

Fact = Callable[[Standing], bool]
_FACTS: dict[str, Fact] = {
    "unheld": lambda at: at.ticket.owner_id is None,
    "not-anothers": lambda at: at.visit.by.is_manager or at.ticket.owner_id in {None, at.visit.by.id},
    # without an address there is no letter: what was said on the phone stands in the note
    "contacted": lambda at: (
        not at.ticket.customer_email or any(letter.contact for letter in at.written(LetterState.SENT))
    ),
    "agreed": Standing.agreed,
    "letters-settled": lambda at: all(letter.state not in _UNSETTLED for letter in at.letters),
    "answered": Standing.answered,
    "vault-empty": lambda at: at.filled.destroy or not at.kept,
    "checked": Standing.checked,
    "reported": Standing.reported,
    "explained": Standing.explained,
    "note": lambda at: bool(at.filled.note),
    "why": lambda at: bool(at.filled.note),
    "followed": lambda at: bool(at.filled.note),
    "told": Standing.told,
    "pointed": Standing.pointed,
    "reason": lambda at: at.filled.reason in {reason.name for reason in at.move.reasons},
    "colleague": Standing.colleague,
    "wishes-decided": lambda at: all(wish.decision for wish in at.wishes),
    "granted": lambda at: any(wish.decision == "gratis" for wish in at.wishes),
    "priced": Standing.priced,
    "delivered": Standing.delivered,
}


def known_facts() -> frozenset[str]:
    """The needs whose facts the desk can tell."""
    return frozenset(_FACTS)


def register_fact(name: str, fact: Fact) -> None:
    """Teach the desk the fact behind a need of a site's own workflow."""
    _FACTS[name] = fact
