"""What every transition of every workflow writes, and in which order: emails, decisions, vault and so on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from paidsupport.intake.requests.tables import Pointer
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import transitions as issue_transitions
from paidsupport.issues.tables import Follower
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.workflow import Part, Transition, Workflow
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.emails.tables import Reminder
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.tables import Claim, Ticket
from paidsupport.workflows import SHIPPED
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
    email = desk.write(code, desk.ada, "One more thing, which has not left.")
    solved = desk.open_issue(desk.ada, code, summary="Already solved")
    desk.change_issue(solved, state="closed", ended_at=desk.clock())
    desk.open_issue(desk.ada, code)
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        if workflow == "paid":
            worklog.start(ctx, code, Stretch("Looking at it."), key=new_key())
        ctx.session.add(Reminder(ticket_id=ticket.id, kind="backup", due_at=ctx.now))
        ctx.session.add(
            Pointer(
                ticket_id=ticket.id,
                message_id=email.message_id,
                url="https://x.example/",
                asked_at=ctx.now,
            )
        )
    return code


def put(ctx: Context, ticket: Ticket, flow: Workflow, name: str, owner: int | None) -> Ticket:
    """Let the ticket be in a state, whatever came before."""
    state = flow.state(name)
    held = state.part is not Part.UNASSIGNED
    values: dict[str, Any] = {"state": name, "part": state.part, "owner_id": owner if held else None}
    if not held or state.part is Part.CLOSED:
        values["lease_until"] = None
        over = update(Claim).where(Claim.ticket_id == ticket.id, Claim.ended_at.is_(None))
        ctx.session.execute(over.values(ended_at=ctx.now, ending="dropped"))
    if state.part is Part.CLOSED:
        values["ended_at"] = ctx.now
        due = update(Deadline).where(Deadline.ticket_id == ticket.id, Deadline.done_at.is_(None))
        ctx.session.execute(due.values(done_at=ctx.now, look_at=None, outcome="dropped"))
        waits = update(Follower).where(Follower.ticket_id == ticket.id)
        ctx.session.execute(waits.values(ended_at=ctx.now, ending="close"))
    tickets.change(ctx.session, ticket, **values)
    return ticket


@contextmanager
def unguarded(ctx: Context) -> Iterator[None]:
    """Whatever a transition needs holds meanwhile, and a webhook is told."""
    settings = ctx.services.settings
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Transition, "missing", lambda _self, _facts: ())
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


def actor(desk: Desk, transition: Transition, *, held: bool = True) -> Actor:
    """A person who may make the transition; Ada, if she may."""
    if Role.DEVELOPER in transition.who or (Role.OWNER in transition.who and held):
        return desk.ada
    return (
        desk.mia if Role.MANAGER in transition.who else CUSTOMER if Role.CUSTOMER in transition.who else CLOCK
    )


def of_tickets(desk: Desk) -> Iterator[str]:
    """What the transitions of tickets write."""
    for flow in SHIPPED.values():
        code = furnished(desk, flow.name)
        for transition in flow.transitions:
            reason = transition.reasons[0].name if transition.reasons else ""
            colleague = desk.ben.id if transition.takes("colleague") else None
            filled = transitions.Filled(
                reason, "Because." if transition.note_label else "", colleague, destroy=True
            )
            for source in transition.sources:
                with suppress(TakenBackError), desk.ctx(actor(desk, transition)) as ctx:
                    ticket = tickets.lock(ctx.session, code)
                    put(ctx, ticket, flow, source, desk.ada.id)
                    with unguarded(ctx), written(desk) as lines:
                        transitions.apply(
                            ctx, ticket, transition.name, version=ticket.version, key="k", filled=filled
                        )
                        ctx.session.flush()
                    raise TakenBackError
                yield from (f"{flow.name}: {transition.name} from {source}", *(f"  {line}" for line in lines))


def of_issues(desk: Desk) -> Iterator[str]:
    """What the transitions of issues write."""
    codes = [desk.order(service="question"), desk.order(service="question")]
    for ticket in codes:
        desk.claim(ticket, desk.ada)
        desk.write(ticket, desk.ada, "We look into it.")
    desk.work()
    code = desk.open_issue(desk.ben, *codes)
    for transition in ISSUE.transitions:
        filled = issue_transitions.Filled(
            transition.reasons[0].name if transition.reasons else "",
            "Because." if transition.note_label else "",
            desk.ben.id if transition.takes("colleague") or transition.name == "submit" else None,
            "2.1",
        )
        for source in transition.sources:
            held = ISSUE.state(source).part is Part.PENDING
            by = actor(desk, transition, held=held)
            with suppress(TakenBackError), desk.ctx(by) as ctx:
                issue = issues.lock(ctx.session, code, CLOCK)
                given: dict[str, Any] = {"owner_id": desk.ada.id if held else None, "author_id": desk.mia.id}
                asked = {"slip_asked_at": ctx.now, "fixed_where": "git"}
                if source == "closed":
                    given["ended_at"] = ctx.now
                issues.change(ctx.session, issue, state=source, **given, **asked)
                with unguarded(ctx), written(desk) as lines:
                    issue_transitions.apply(
                        ctx, issue, transition.name, version=issue.version, key="k", filled=filled
                    )
                    ctx.session.flush()
                raise TakenBackError
            yield from (f"issue: {transition.name} from {source}", *(f"  {line}" for line in lines))


def test_every_transition_writes_the_same_in_the_same_order(lite_desk: Desk) -> None:
    """Events, emails, decisions, checklist, deadlines, vault, reminders, claims, followers, notices."""
    lines = "\n".join((*of_tickets(lite_desk), *of_issues(lite_desk), ""))
    if os.environ.get("PAIDSUPPORT_WRITE_EFFECTS"):
        EXPECTED.write_text(lines)
    assert lines == EXPECTED.read_text()
