"""Sites that mount some capabilities only: what is left works, and nothing of the others is there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Table, Text, select
from sqlalchemy.orm import Session

import paidsupport.demo
from paidsupport import PaidSupport
from paidsupport.capabilities import (
    ALL,
    BASIS,
    CONNECT,
    ERP,
    IMPORTING,
    INTAKE,
    ISSUES,
    OPS,
    PROVIDERS,
    SALES,
    TICKETS,
    TRACKERS,
)
from paidsupport.catalogue.tables import Service
from paidsupport.demo.users import db
from paidsupport.kernel.capability import Background, Capabilities, Capability
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.testing import mount_of, take_over
from paidsupport.tickets.hooks import HAPPENED, QUEUE_COLUMNS
from paidsupport.tickets.tables import Ticket
from tests.people import Desk, press, sign_in
from tests.sites import site

Mounting = Callable[..., Desk]

#: What a site can leave out, each with what cannot be without it.
LEFT_OUT = {
    "issues": (ISSUES, INTAKE, SALES, PROVIDERS, TRACKERS, ERP),
    "intake": (INTAKE, SALES, PROVIDERS, ERP),
    "sales": (SALES, PROVIDERS, ERP),
    "providers": (PROVIDERS,),
    "connect": (CONNECT, TRACKERS, ERP),
    "importing": (IMPORTING,),
    "ops": (OPS,),
    "all but tickets": (ISSUES, INTAKE, SALES, CONNECT, TRACKERS, ERP, PROVIDERS, IMPORTING, OPS),
}


@pytest.fixture
def mounting(sqlite_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mounting]:
    """Makes a demonstration site with these capabilities."""

    @contextmanager
    def mounted(capabilities: tuple[Capability, ...]) -> Iterator[Flask]:
        support = PaidSupport(db=db, capabilities=capabilities)
        monkeypatch.setattr(paidsupport.demo, "support", support)
        copy = shutil.copy(sqlite_site, tmp_path / "site.sqlite3")
        yield from site(f"sqlite:///{copy}", tmp_path, prepare=False)

    with ExitStack() as stack:

        def make(*capabilities: Capability) -> Desk:
            app = stack.enter_context(mounted(capabilities))
            return Desk(app, *take_over(app))

        yield make


@pytest.mark.row("P1")
def test_the_paid_desk_alone_takes_an_order_to_its_end(mounting: Mounting) -> None:
    """Order, claim, first contact and closing, with the pages of each step."""
    desk = mounting(TICKETS)
    code = desk.order()
    ada = sign_in(desk.app, "ada")
    page = f"/support/desk/tickets/{code}"
    assert ada.get(page).status_code == 200
    assert press(ada, page, f"{page}/claim").status_code == 303
    desk.write(code, desk.ada)
    assert [mail["To"] for mail in desk.work() if "PS-" in mail["Subject"]]
    desk.transition(code, "start", desk.ada, note="On the phone.")
    assert ada.get(page).status_code == 200
    desk.finish(code, desk.ada)
    assert desk.ticket(code).state == "closed"
    assert ada.get(page).status_code == 200
    assert desk.app.test_client().get(f"/support/t/{desk.token(code)}").status_code == 200
    assert desk.broken() == {}


@pytest.mark.row("P1")
@pytest.mark.parametrize("gone", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_left_answers_on_every_page(mounting: Mounting, gone: tuple[Capability, ...]) -> None:
    """No page of the map breaks for want of another one, with an order on each kind of page."""
    desk = mounting(*(each for each in ALL if each not in gone))
    code = desk.in_progress(desk.ada)
    mia, found = sign_in(desk.app, "mia"), []
    known = {
        "code": code,
        "token": desk.token(code),
        "service": "installation",
        "slug": "none",
        "deed": "paid",
    }
    adapter = desk.app.url_map.bind("localhost")
    for rule in desk.app.url_map.iter_rules():
        readable = rule.endpoint.startswith("paidsupport.") and "GET" in (rule.methods or ())
        if readable and "filename" not in rule.arguments:
            found.append(
                adapter.build(rule.endpoint, {name: known.get(name, "1") for name in rule.arguments})
            )
    with desk.ctx() as ctx:
        found += [f"/support/order/{slug}" for slug in ctx.session.scalars(select(Service.slug))]
    statuses = {url: mia.get(url).status_code for url in found}
    assert {url: status for url, status in statuses.items() if status >= 500} == {}
    assert statuses["/support/desk/"] == statuses[f"/support/desk/tickets/{code}"] == 200
    desk.work()
    assert desk.broken() == {}


@pytest.mark.row("P1")
def test_nothing_of_what_is_left_out_is_there(mounting: Mounting) -> None:
    """In routes, navigation, jobs, doctor, commands and on the ticket's page."""
    desk = mounting(TICKETS)
    code = desk.order()
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}
    strange = {
        "triage",
        "call",
        "issues",
        "sales",
        "organisations",
        "invoices",
        "guides",
        "overview",
        "roster",
    }
    assert not endpoints & {f"paidsupport.{name}" for name in strange}
    assert "paidsupport_api" not in desk.app.blueprints
    background = mount_of(desk.app).capabilities.background
    assert not {"fetch mail", "climb the roster", "resolve what all were told", "count the overview"} & {
        job.name for job in background.jobs
    }
    assert background == Capabilities([*BASIS, TICKETS]).background
    mia = sign_in(desk.app, "mia")
    for page in ("/support/desk/", f"/support/desk/tickets/{code}"):
        for word in ("Triage", "Issues", "Sales", "Organisations", "Invoices", "Roster", "file an issue"):
            assert word not in mia.get(page).text, (page, word)


@pytest.mark.row("P1")
def test_a_capability_that_cannot_work_is_named_at_the_start() -> None:
    """One without what it needs, one that is there twice, and one that registers what another has."""
    with pytest.raises(ConfigurationError, match="“issues” needs “tickets”"):
        PaidSupport(capabilities=[ISSUES])
    with pytest.raises(ConfigurationError, match="capability “tickets” is declared twice"):
        PaidSupport(capabilities=[TICKETS, TICKETS])
    with pytest.raises(ConfigurationError, match="workflow “paid” is declared twice"):
        PaidSupport(capabilities=[TICKETS, Capability("own", workflows=TICKETS.workflows)])
    doubled = Capability("own", background=lambda: Background(jobs=TICKETS.background().jobs[:1]))
    with pytest.raises(ConfigurationError, match="job “send letters” is declared twice"):
        _ = Capabilities([TICKETS, doubled]).background


@pytest.mark.row("P1")
def test_a_site_hears_what_happens_to_tickets(mounting: Mounting) -> None:
    """A capability of its own is told of each line of a history, in the transaction that writes it."""
    heard: list[tuple[str, str, object]] = []

    def listen(_ctx: Context, ticket: Ticket, kind: str, data: Mapping[str, object]) -> None:
        heard.append((ticket.code, kind, data.get("kind")))

    desk = mounting(
        *ALL, Capability("listening", requires=("tickets",), subscriptions=(HAPPENED.by(listen),))
    )
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.annotate(code, desk.ada)
    desk.clock.forward(days=60)
    desk.work()
    assert heard[:3] == [(code, "submitted", None), (code, "claim", None), (code, "annotated", None)]
    assert (code, "deadline-missed", "resolution") in heard
    assert [kind for _, kind, _ in heard] == desk.happened(code)


@pytest.mark.row("P13")
def test_no_desk_starts_with_a_column_of_which_nobody_says_whose_it_is() -> None:
    """Erasure, export and the doctor could not know what to make of it."""
    table = Table("own_notes", metadata, Column("body", Text))
    try:
        with pytest.raises(ConfigurationError, match=r"own_notes\.body does not say whose data it holds"):
            PaidSupport()
    finally:
        metadata.remove(table)


@pytest.mark.row("P1")
def test_the_documented_capability_tells_of_missed_deadlines(mounting: Mounting) -> None:
    """The example of docs/extending.md, run as it stands."""
    page = (Path(__file__).parents[2] / "docs/extending.md").read_text(encoding="utf-8")
    example = next(code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "HAPPENED" in code)
    told: list[str] = []
    names: dict[str, Any] = {"db": db, "tell_slack": told.append}
    exec(example, names)  # noqa: S102  # our own documentation
    desk = mounting(*ALL, names["SLACK"])
    code = desk.order()
    desk.clock.forward(days=60)
    desk.work()
    assert f"{code}: the deadline “resolution” was missed." in told
    assert len(told) == desk.happened(code).count("deadline-missed")


@pytest.mark.row("P1")
def test_a_site_adds_a_column_to_the_queue(mounting: Mounting) -> None:
    """It is asked once for a page, and escaped like all else."""
    asked: list[list[int]] = []

    def column(_session: Session, tickets: Sequence[int]) -> tuple[str, Mapping[int, str]]:
        asked.append(list(tickets))
        return "Branch", {tickets[0]: "Bremen <1>"}

    own = Capability("branches", requires=("tickets",), subscriptions=(QUEUE_COLUMNS.by(column),))
    desk = mounting(*ALL, own)
    ids = [desk.ticket(desk.order()).id for _ in range(2)]
    page = sign_in(desk.app, "ada").get("/support/desk/").text
    assert '<th scope="col">Due<th scope="col">Branch<th scope="col">' in page
    assert page.count("<td>Bremen &lt;1&gt;<td>") == 1
    assert asked == [ids]
