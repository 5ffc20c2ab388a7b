"""A site adds a state to a workflow in one value and nothing else: all that shows tickets knows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport import PaidSupport
from paidsupport.demo.users import db
from paidsupport.kernel.actors import Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.transitions import Effect, Phase
from paidsupport.kernel.workflow import Guard, Part, State, Transition, Workflow
from paidsupport.ops.overview import operations as overview
from paidsupport.testing import take_over
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.paid import PAID
from tests.people import Desk, sign_in
from tests.sites import site

TESTING = State(
    "testing", "Testing", "The customer tries out the work.", Part.PENDING, patient=True, working=True
)
READY = Guard("ready", "Say what they should try.", "It is said what they should try.", field="note")
TRY = Transition(
    "try",
    "Let them try",
    ("in-progress",),
    "testing",
    frozenset({Role.OWNER}),
    (READY,),
    note_label="What should they try?",
    effects=("clocks-stopped", "rung"),
)


def with_testing() -> Workflow:
    """The paid workflow with one more state, from which everything is possible that is from work."""
    transitions = [
        replace(transition, sources=(*transition.sources, "testing"))
        if "in-progress" in transition.sources
        else transition
        for transition in PAID.transitions
    ]
    return replace(PAID, states=(*PAID.states, TESTING), transitions=(*transitions, TRY))


@pytest.fixture
def rung() -> list[str]:
    """The tickets whose bell was rung by an effect of the site's own."""
    return []


@pytest.fixture
def own_app(
    rung: list[str], sqlite_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The demonstration site with that state."""
    support = PaidSupport(
        db=db,
        workflows=[with_testing()],
        guards={"ready": lambda at: bool(at.filled.note)},
        effects=[Effect("rung", lambda at: rung.append(at.record.state), Phase.AFTER)],
    )
    monkeypatch.setattr("paidsupport.demo.support", support)
    database = shutil.copy(sqlite_site, tmp_path / "own.sqlite3")
    yield from site(f"sqlite:///{database}", tmp_path, prepare=False)


@pytest.mark.row("G4")
def test_a_new_state_is_one_value(own_app: Flask, rung: list[str]) -> None:
    """Page, queue, JSON, customer's page and figures show it; work goes on in it, and ends from it."""
    desk = Desk(own_app, *take_over(own_app))
    code = desk.in_progress(desk.ada)
    began = desk.ticket(code).started_at
    with desk.ctx(desk.ada) as ctx:
        worklog.start(ctx, code, Stretch("Setting up."), key=new_key())
    ada = sign_in(own_app, "ada")
    there = f"/support/desk/tickets/{code}"
    asked = BeautifulSoup(ada.get(f"{there}/moves/try").text, "html.parser")
    assert "The customer tries out the work." in asked.text
    assert "Say what they should try." in asked.text

    ticket = desk.transition(code, "try", desk.ada, note="The upload.")
    assert (ticket.state, ticket.part, ticket.started_at) == ("testing", "pending", began)
    assert rung == ["testing"]
    with desk.ctx() as ctx:
        assert not any(entry.ended_at is None for entry in queries.entries(ctx.session, ticket))
        assert overview.count(ctx).figure("waits") is not None
        token = people.new_token(ctx, "ada@example.org", "test", 1, Scope.READ)

    page = BeautifulSoup(ada.get(there).text, "html.parser")
    assert "Testing" in page.text
    assert page.select(f'[href="{there}/moves/close"]')
    assert "Testing" in ada.get("/support/desk/?part=pending").text
    assert "Let them try" in ada.get(f"{there}/history").text
    headers = {"Authorization": f"Bearer {token}"}
    told: Any = own_app.test_client().get(f"/support/api/v1/tickets/{code}", headers=headers).json
    assert (told["state"], told["part"]) == ("testing", "pending")
    customers = own_app.test_client().get(f"/support/t/{desk.token(code)}").text
    assert "Ada is working on it" in customers

    assert desk.finish(code, desk.ada).state == "closed"
    assert desk.broken() == {}
    with desk.ctx() as ctx:
        assert tickets.lock(ctx.session, code).ended_at is not None
