"""What every transition of every workflow writes, and in which order: emails, decisions, vault and so on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from paidsupport.desk import moves, worklog
from paidsupport.desk.issues import moves as issue_moves
from paidsupport.desk.visit import Visit
from paidsupport.desk.worklog import Stretch
from paidsupport.domain.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.domain.codes import new_key
from paidsupport.domain.workflow import Move, Part, Workflow
from paidsupport.domain.workflows import SHIPPED
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.store import issues, tickets
from paidsupport.store.deadlines import Deadline
from paidsupport.store.issues import Follower
from paidsupport.store.post import Reminder
from paidsupport.store.requests import Pointer
from paidsupport.store.tickets import Claim, Ticket
from paidsupport.testing import mount_of
from tests.leading import decide, lead, wish
from tests.people import Desk

#: What is expected. To write it anew, run this with PAIDSUPPORT_WRITE_EFFECTS=1, and read what has changed.
EXPECTED = Path(__file__).with_name("effects.txt")
#: Columns whose value tells what happened; of all others only the name is noted.
TELLING = ("kind", "state", "part", "workflow", "ending", "outcome", "answer", "event", "occasion")


class TakenBackError(Exception):
    """Ends a transaction of which nothing is to stay."""


def furnished(desk: Desk, workflow: str) -> str:
    """A ticket that Ada holds, with something of everything that a transition can touch."""
    if workflow == "paid":
        code = desk.risky(desk.ada)
        desk.give(code, "s3cret-enough")
    elif workflow == "sales":
        code = lead(desk)
        decide(desk, code, wish(desk, code))
    else:
        code = desk.order(service="question")
        desk.claim(code, desk.ada)
    desk.write(code, desk.ada, None if workflow != "paid" else "Shall we?")
    desk.work()
    desk.ask(code, desk.ada)
    desk.work()
    if workflow == "paid":
        desk.ask(code, desk.ada, "configuration")
    letter = desk.write(code, desk.ada, "One more thing, which has not left.")
    solved = desk.open_issue(desk.ada, code, summary="Solved already")
    desk.change_issue(solved, state="closed", ended_at=desk.clock())
    desk.open_issue(desk.ada, code)
    with desk.visit(desk.ada) as visit:
        ticket = tickets.lock(visit.session, code)
        if workflow == "paid":
            worklog.start(visit, code, Stretch("Looking at it."), key=new_key())
        visit.session.add(Reminder(ticket_id=ticket.id, kind="backup", due_at=visit.now))
        visit.session.add(
            Pointer(
                ticket_id=ticket.id,
                message_id=letter.message_id,
                url="https://x.example/",
                asked_at=visit.now,
            )
        )
    return code


def put(visit: Visit, ticket: Ticket, flow: Workflow, name: str, owner: int | None) -> Ticket:
    """Let the ticket be in a state, whatever came before."""
    state = flow.state(name)
    held = state.part is not Part.UNASSIGNED
    values: dict[str, Any] = {"state": name, "part": state.part, "owner_id": owner if held else None}
    if not held or state.part is Part.CLOSED:
        values["lease_until"] = None
        over = update(Claim).where(Claim.ticket_id == ticket.id, Claim.ended_at.is_(None))
        visit.session.execute(over.values(ended_at=visit.now, ending="dropped"))
    if state.part is Part.CLOSED:
        values["ended_at"] = visit.now
        due = update(Deadline).where(Deadline.ticket_id == ticket.id, Deadline.done_at.is_(None))
        visit.session.execute(due.values(done_at=visit.now, look_at=None, outcome="dropped"))
        waits = update(Follower).where(Follower.ticket_id == ticket.id)
        visit.session.execute(waits.values(ended_at=visit.now, ending="close"))
    tickets.change(visit.session, ticket, **values)
    return ticket


@contextmanager
def unguarded(visit: Visit) -> Iterator[None]:
    """Whatever a transition needs holds meanwhile, and a webhook is told."""
    settings = visit.house.settings
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Move, "missing", lambda _self, _facts: ())
        object.__setattr__(settings, "webhook_url", "https://hooks.example/")  # they are frozen
        try:
            yield
        finally:
            object.__setattr__(settings, "webhook_url", "")


@contextmanager
def written(desk: Desk) -> Iterator[list[str]]:
    """A line for every INSERT, UPDATE and DELETE meanwhile."""
    lines: list[str] = []

    def note(_c: Any, _u: Any, statement: str, _p: Any, context: Any, _m: bool) -> None:  # noqa: ANN401, FBT001
        verb, *words = statement.split()
        if verb not in {"INSERT", "UPDATE", "DELETE"}:
            return
        table = words[0 if verb == "UPDATE" else 1].removeprefix("paidsupport_").strip('"')
        given = (context.compiled_parameters if context.compiled else []) or [{}]
        lines.extend(f"{verb.lower()} {table}{told(verb, row)}" for row in given)

    engine = mount_of(desk.app).database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield lines
    finally:
        event.remove(engine, "before_cursor_execute", note)


def told(verb: str, row: dict[str, Any]) -> str:
    """The columns that are written, with the values of those that tell something."""
    wanted = sorted(name for name in row if not name.startswith(("read_", "param_")) and "_1" not in name)
    if verb == "INSERT":
        wanted = [name for name in wanted if name in TELLING and row[name]]
    said = [
        f"{name}={row[name]}" if name in TELLING and len(str(row[name])) < 30 else name for name in wanted
    ]
    return f" {' '.join(said)}" if said else ""


def actor(desk: Desk, move: Move, *, held: bool = True) -> Actor:
    """Somebody who may make the move; Ada, if she may."""
    if Role.DEVELOPER in move.who or (Role.OWNER in move.who and held):
        return desk.ada
    return desk.mia if Role.MANAGER in move.who else CUSTOMER if Role.CUSTOMER in move.who else CLOCK


def of_tickets(desk: Desk) -> Iterator[str]:
    """What the transitions of tickets write."""
    for flow in SHIPPED.values():
        code = furnished(desk, flow.name)
        for move in flow.moves:
            reason = move.reasons[0].name if move.reasons else ""
            colleague = desk.ben.id if move.takes("colleague") else None
            filled = moves.Filled(reason, "Because." if move.note_label else "", colleague, destroy=True)
            for source in move.sources:
                with suppress(TakenBackError), desk.visit(actor(desk, move)) as visit:
                    ticket = tickets.lock(visit.session, code)
                    put(visit, ticket, flow, source, desk.ada.id)
                    with unguarded(visit), written(desk) as lines:
                        moves.apply(visit, ticket, move.name, version=ticket.version, key="k", filled=filled)
                        visit.session.flush()
                    raise TakenBackError
                yield from (f"{flow.name}: {move.name} from {source}", *(f"  {line}" for line in lines))


def of_issues(desk: Desk) -> Iterator[str]:
    """What the transitions of issues write."""
    codes = [desk.order(service="question"), desk.order(service="question")]
    for ticket in codes:
        desk.claim(ticket, desk.ada)
        desk.write(ticket, desk.ada, "We look into it.")
    desk.work()
    code = desk.open_issue(desk.ben, *codes)
    for move in ISSUE.moves:
        filled = issue_moves.Filled(
            move.reasons[0].name if move.reasons else "",
            "Because." if move.note_label else "",
            desk.ben.id if move.takes("colleague") or move.name == "submit" else None,
            "2.1",
        )
        for source in move.sources:
            held = ISSUE.state(source).part is Part.PENDING
            by = actor(desk, move, held=held)
            with suppress(TakenBackError), desk.visit(by) as visit:
                issue = issues.lock(visit.session, code, CLOCK)
                given: dict[str, Any] = {"owner_id": desk.ada.id if held else None, "author_id": desk.mia.id}
                asked = {"slip_asked_at": visit.now, "fixed_where": "git"}
                if source == "closed":
                    given["ended_at"] = visit.now
                issues.change(visit.session, issue, state=source, **given, **asked)
                with unguarded(visit), written(desk) as lines:
                    issue_moves.apply(visit, issue, move.name, version=issue.version, key="k", filled=filled)
                    visit.session.flush()
                raise TakenBackError
            yield from (f"issue: {move.name} from {source}", *(f"  {line}" for line in lines))


def test_every_transition_writes_the_same_in_the_same_order(lite_desk: Desk) -> None:
    """Events, emails, decisions, checklist, deadlines, vault, reminders, claims, followers, notices."""
    lines = "\n".join((*of_tickets(lite_desk), *of_issues(lite_desk), ""))
    if os.environ.get("PAIDSUPPORT_WRITE_EFFECTS"):
        EXPECTED.write_text(lines)
    assert lines == EXPECTED.read_text()
