"""Resolution: how far a solution has come, and that every customer who waits hears of it in time (T18).

Where tickets change as well, they are locked before the issue; whoever began to follow between the two
sends the deed back, to be done on what is there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from paidsupport.desk import annotation
from paidsupport.desk import history as ticket_history
from paidsupport.desk.issues import access, followers, history, leaving, moves, news, notes, privacy, tellers
from paidsupport.desk.issues.followers import Waiting
from paidsupport.desk.issues.tellers import Teller, is_ready, teller
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import CLOCK
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.issues import STAGES, Occasion, reached
from paidsupport.domain.letters import LetterState
from paidsupport.domain.text import is_visible
from paidsupport.domain.workflows.issue import ASSIGNED, RESOLVE, RESOLVED, REVIEW
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.store import tickets
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.people import Person
from paidsupport.store.tickets import Ticket

__all__ = ["Teller", "is_ready", "teller"]

#: States in which a solution is there, or may be.
SOLVING = frozenset({ASSIGNED.name, REVIEW.name, RESOLVED.name})
#: What an annotation about a customer who was told in person is about.
ABOUT = "told"
_WRITTEN = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)


def may_reach(visit: Visit, issue: Issue) -> bool:
    """Whether this person can say how far the solution has come: whoever has or wrote it, and managers."""
    mine = visit.by.id is not None and visit.by.id in {issue.owner_id, issue.author_id}
    return issue.state in SOLVING and (mine or visit.by.is_manager)


def reach(visit: Visit, code: str, stage: str, version: str, *, key: str, why: str = "") -> Issue:
    """The solution has come to `stage`, as `version`; who tells a customer of it hears that they can.

    It only goes forward; without `why` nothing is taken back. Raises NotFoundError, MoveRefusedError (not
    yours, or nothing is solved), InvalidInputError (fields `stage`, `version`, `why`), KeyReusedError.
    """
    with history.edit(
        visit, code, key=key, content=("reach", code, stage, version, why, visit.by.id)
    ) as change:
        issue = change.record
        if change.repeated:
            return issue
        if issue.state not in SOLVING:
            raise MoveRefusedError(code, ["Nobody has solved it yet."])
        if not may_reach(visit, issue):
            raise MoveRefusedError(
                code, ["How far it has come is said by whoever has it or solved it, or a manager."]
            )
        version, why = _checked(issue, stage, version, why)
        privacy.refuse_personal(visit, issue, version, "version")
        back = bool(issue.stage) and not reached(stage, issue.stage)
        before = {each.follower.id for each in _ready(visit, issue)}
        data: dict[str, object] = {"stage": stage, "version": fingerprint(version)}
        if back:
            notes.keep(visit, issue, "note", why, about="taken-back", field="why")
            data["note"] = fingerprint(why)
        kind = "taken-back" if back else "reached"
        change.tell(kind, data, stage=stage, stage_version=version)
        for each in _ready(visit, issue):
            if each.follower.id not in before:
                _let_tell(visit, issue, each)
    return issue


def may_change(visit: Visit, issue: Issue, ticket: Ticket) -> bool:
    """Whether this person can change what a customer waits for: whoever has their ticket or the issue."""
    return visit.by.is_manager or (
        visit.by.id is not None and visit.by.id in {ticket.owner_id, issue.owner_id}
    )


def wait_for(visit: Visit, code: str, ticket_code: str, stage: str, *, key: str) -> Issue:
    """Say how far a solution must have come to be of use to one customer.

    Raises NotFoundError, MoveRefusedError (not yours, or they wait no more), InvalidInputError (field
    `stage`), KeyReusedError.
    """
    ticket, issue, each = _both(visit, code, ticket_code)
    with history.edit(visit, issue, key=key, content=("wait-for", code, ticket_code, stage)) as change:
        if change.repeated:
            return issue
        _refuse_others(visit, issue, each)
        if stage not in STAGES:
            raise InvalidInputError({"stage": ["Choose what the customer waits for."]})
        was_ready = is_ready(issue, each.follower.stage)
        each.follower.stage = stage
        data = {"ticket": ticket.code, "stage": stage}
        change.tell("stage-set", data)
        if is_ready(issue, stage) and not was_ready and each.solved is None:
            _let_tell(visit, issue, each)
    return issue


def name_teller(visit: Visit, code: str, ticket_code: str, person_id: int | None, *, key: str) -> Issue:
    """Let somebody else tell a customer; the clock hands the ticket over to them.

    Raises NotFoundError, MoveRefusedError (it is not their ticket, nothing is approved, or they wait no
    more), InvalidInputError (field `teller`), KeyReusedError.
    """
    ticket, issue, each = _both(visit, code, ticket_code)
    with history.edit(visit, issue, key=key, content=("name-teller", code, ticket_code, person_id)) as change:
        if change.repeated:
            return issue
        _refuse_others(visit, issue, each)
        if not visit.by.is_manager and visit.by.id != ticket.owner_id:
            # whoever tells a customer gets their ticket: that is given away by who has it
            raise MoveRefusedError(
                code, ["Who tells this customer is said by whoever has their ticket, or a manager."]
            )
        if issue.approved_at is None:
            raise MoveRefusedError(code, ["It is not approved yet: there is nothing to tell."])
        person = visit.session.get(Person, person_id) if person_id is not None else None
        if person is None or not person.active:
            raise InvalidInputError({"teller": ["Choose somebody who works at the desk."]})
        data = {"ticket": ticket.code, "colleague": person.id}
        change.tell("teller-named", data)
        first = tellers.first_answerer(visit, each)
        tellers.appoint(visit, issue, each, Teller(person.id, first if first != person.id else None))
    return issue


def told(visit: Visit, code: str, ticket_code: str, note: str, *, key: str) -> Issue:
    """Note that a customer was told that it is solved, by phone or in person; the note stays on their ticket.

    Under the same conditions as the letter. Raises NotFoundError, MoveRefusedError, InvalidInputError
    (field `note`), KeyReusedError.
    """
    ticket, issue, each = _both(visit, code, ticket_code)
    with history.edit(visit, issue, key=key, content=("told", code, ticket_code, note)) as change:
        if change.repeated:
            return issue
        _refuse_others(visit, issue, each)
        if sentences := against(issue, each):
            raise MoveRefusedError(ticket.code, sentences)
        note = notes.tidied(note, "note", "Say how the customer was told, and what they said.")
        annotation.keep(visit, ticket, note, about=ABOUT)
        each.follower.told_at, each.follower.told_by_id, each.follower.to_pass = visit.now, visit.by.id, False
        _keep_on_ticket(visit, ticket, "issue-told", {"issue": issue.code, "note": fingerprint(note)})
        data = {"ticket": ticket.code}
        change.tell("told-otherwise", data)
        finish(visit, issue)
    return issue


def leave(visit: Visit, code: str, ticket_code: str, note: str, *, key: str) -> Issue:
    """A customer waits no more: they were told that nothing is done, or it is of no use to them any more.

    The note stays on their ticket. Raises NotFoundError, MoveRefusedError, InvalidInputError (field
    `note`), KeyReusedError.
    """
    ticket, issue, each = _both(visit, code, ticket_code)
    with history.edit(visit, issue, key=key, content=("leave", code, ticket_code, note)) as change:
        if change.repeated:
            return issue
        _refuse_others(visit, issue, each)
        if each.solved is not None and each.solved.state in _WRITTEN:
            raise MoveRefusedError(code, ["The letter that says it is solved is on its way to them."])
        note = notes.tidied(note, "note", "Say why they wait no more, and what they were told.")
        annotation.keep(visit, ticket, note, about=ABOUT)
        data = {"ticket": ticket.code, "note": fingerprint(note)}
        change.tell("let-go", data)
        leaving.stop(visit, issue, each, leaving.TOLD_OTHERWISE)
        finish(visit, issue)
    return issue


def against(issue: Issue, waiting: Waiting) -> list[str]:
    """Why a customer cannot be told now that it is solved, in sentences; nothing if they can."""
    follower, letter = waiting.follower, waiting.solved
    if follower.ended_at is not None:
        return ["This customer does not wait for it any more."]
    if waiting.knows_it_is_solved:
        return ["The customer knows already that it is solved."]
    if letter is not None and letter.state in _WRITTEN:
        return ["The letter that says so is written already. If it is stuck, decide about it first."]
    if issue.approved_at is None or issue.state not in SOLVING:
        return ["Nobody has approved the solution in a review yet."]
    if not reached(issue.stage, follower.stage):
        return [f"This customer waits until it is {_IN_WORDS[follower.stage]}: it has not come so far yet."]
    return []


def find(visit: Visit, issue: Issue, ticket: Ticket) -> Waiting:
    """How a ticket follows an issue. Raises NotFoundError if it never did."""
    for each in followers.everybody(visit, issue):
        if each.ticket.id == ticket.id:
            return each
    raise NotFoundError


def finish(visit: Visit, issue: Issue) -> bool:
    """Resolve an approved issue once everybody who waits knows; whether that was done. Its lock is held."""
    if issue.state != ASSIGNED.name or issue.approved_at is None:
        return False
    if any(not each.knows_it_is_solved for each in followers.waiting(visit, issue)):
        return False
    moves.apply(replace(visit, by=CLOCK), issue, RESOLVE.name, version=issue.version)
    return True


def may_leave(visit: Visit, message_id: int | None) -> bool:
    """Whether the letter that tells a customer may leave now: it is approved still, and has come so far.

    The caller holds the lock of the letter's ticket.
    """
    wanted = select(Follower, Issue).join(Issue, Issue.id == Follower.issue_id)
    row = visit.session.execute(wanted.where(Follower.solved_id == message_id)).one_or_none()
    if row is None or row[0].ended_at is not None or row[1].state not in SOLVING:
        return False
    return is_ready(row[1], row[0].stage)


def _ready(visit: Visit, issue: Issue) -> list[Waiting]:
    """Who can be told now and has not been."""
    waiting = followers.waiting(visit, issue)
    return [each for each in waiting if not against(issue, each)]


def _let_tell(visit: Visit, issue: Issue, each: Waiting) -> None:
    """Tell whoever tells a customer that they can; who went away meanwhile has their substitute do it."""
    found = tellers.teller_of(visit, each)
    named = each.follower.teller_id
    chosen = named is not None and tellers.is_here(visit, named)
    if not chosen and found.person_id is not None and found.person_id != named:
        tellers.appoint(visit, issue, each, found)
    else:
        news.tell(visit, issue, Occasion.TELL, [named])


def _checked(issue: Issue, stage: str, version: str, why: str) -> tuple[str, str]:
    fields = Fields()
    missing = "Say in which version it is, or at which commit."
    version = fields.one_line("version", version, required=missing, limit=40)
    if stage not in STAGES:
        fields.refuse("stage", "Choose how far it has come.")
    why = fields.many_lines("why", why).strip()
    if not fields.problems and issue.stage and not reached(stage, issue.stage) and not is_visible(why):
        fields.refuse("why", f"It was {_IN_WORDS[issue.stage]} already: say why it was taken back.")
    fields.done()
    return version, why


#: How the stages are called within a sentence.
_IN_WORDS = {name.value: words[0].lower() + words[1:] for name, words in STAGES.items()}


def _both(visit: Visit, code: str, ticket_code: str) -> tuple[Ticket, Issue, Waiting]:
    """A ticket and the issue that it follows, both locked, the ticket first."""
    access.see(visit, code)
    ticket = tickets.lock(visit.session, ticket_code)
    issue = access.lock(visit, code)
    return ticket, issue, find(visit, issue, ticket)


def _refuse_others(visit: Visit, issue: Issue, each: Waiting) -> None:
    if not may_change(visit, issue, each.ticket):
        raise MoveRefusedError(
            issue.code, ["Only whoever has this customer’s ticket or the issue, or a manager, can do that."]
        )
    if each.follower.ended_at is not None:
        raise MoveRefusedError(issue.code, ["This customer does not wait for it any more."])
    if each.knows_it_is_solved:
        raise MoveRefusedError(issue.code, ["The customer knows already that it is solved."])


def _keep_on_ticket(visit: Visit, ticket: Ticket, kind: str, data: dict[str, object]) -> None:
    ticket_history.tell(visit, ticket, kind, data)


def to_tell(visit: Visit) -> Sequence[tuple[Follower, Issue, Ticket]]:
    """What somebody has to tell customers now, those first who have waited longest: one query."""
    wanted = (
        select(Follower, Issue, Ticket)
        .join(Issue, Issue.id == Follower.issue_id)
        .join(Ticket, Ticket.id == Follower.ticket_id)
        .where(Follower.teller_id == visit.by.id, Follower.told_at.is_(None), Follower.ended_at.is_(None))
        .where(Issue.approved_at.is_not(None), access.visible(visit))
        .order_by(Follower.id)
    )
    rows = visit.session.execute(wanted).all()
    return [(row[0], row[1], row[2]) for row in rows if is_ready(row[1], row[0].stage)]
