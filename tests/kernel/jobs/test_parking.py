"""A job of the worker that fails is parked with its reason, shown, tried again later, and stops no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.jobs.queries import parked
from paidsupport.testing import mount_of, worker_of
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.operations import claims
from tests.people import Desk, field, sign_in

DOCTOR = "no job of a worker is parked"


def spoil(desk: Desk, part: str) -> Callable[[], None]:
    """Let emails whose template's name has `part` in it fail; call what is returned to mend them."""
    mount = mount_of(desk.app)
    good: Services = mount.services

    def render(name: str, context: Mapping[str, object]) -> str:
        if part in name:
            raise RuntimeError("Working outside of “Karla” application context.\n\nA long story.")
        return good.render(name, context)

    def mend() -> None:
        mount.services = good

    mount.services = replace(good, render=render)
    return mend


def warned_twice(desk: Desk) -> tuple[str, str]:
    """Two claims whose end has to be warned of, and time has come."""
    codes = desk.order(), desk.order()
    for code in codes:
        desk.claim(code, desk.ada)
    desk.work()
    desk.clock.forward(hours=44)
    return codes


def test_a_job_that_fails_waits_longer_each_time_and_is_gone_once_it_succeeds(desk: Desk) -> None:
    """It is not tried again before its time; its reason is one line; the doctor knows it."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.clock.forward(hours=44)
    mend = spoil(desk, f"emails/{EmailKind.LEASE_WARNING}/")
    worker, tried = worker_of(desk.app), []
    worker.round()
    (name,) = {name for name, _ in worker._parked}
    (job,) = (job for job in worker._jobs if job.name == name)
    for _ in range(200):  # minutes
        worker._look_what_is_parked()
        worker._turn(job)
        with desk.ctx() as ctx:
            (row,) = parked(ctx.session)
        tried.append(row.attempts)
        desk.clock.forward(minutes=1)
    assert tried[-1] == 7, "after 1, 2, 5, 10, 30 and 60 minutes"
    assert row.reason == "RuntimeError: Working outside of … application context."
    assert "failed 7 times in a row" in desk.broken()[DOCTOR][0]
    mend()
    desk.clock.forward(minutes=30)
    worker_of(desk.app).round()
    assert desk.broken() == {}
    assert "lease-warned" in desk.happened(code)


def test_one_that_fails_stops_neither_its_kind_nor_others(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another row of the same job, other jobs and emails go on, also where the database refuses it."""
    bad, good = warned_twice(lite_desk)
    bad_id, tend = lite_desk.ticket(bad).id, claims.tend

    def fail(ctx: Context, ticket_id: int) -> str:
        if ticket_id == bad_id:
            ctx.session.connection().exec_driver_sql("INSERT INTO paidsupport_tag (id) VALUES (NULL)")
        return tend(ctx, ticket_id)

    monkeypatch.setattr(claims, "tend", fail)
    late = lite_desk.order()
    mails = lite_desk.work()
    assert "lease-warned" in lite_desk.happened(good)
    assert "lease-warned" not in lite_desk.happened(bad)
    assert late in " ".join(str(mail["X-Paidsupport-Code"]) for mail in mails)
    (line,) = lite_desk.broken()[DOCTOR]
    assert "the database refused it: " in line
    assert "INSERT" not in line


def test_a_step_that_fails_stops_no_other_step(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever cannot even find out what is due keeps nothing else from being done."""

    def fail(*_: object) -> bool:
        raise ZeroDivisionError

    for name in (
        "tickets.notices.operations.notices.is_behind",
        "tickets.notices.operations.digests.due",
        "tickets.operations.claims.due",
        "tickets.deadlines.operations.escalations.due",
        "issues.operations.closing.due_issues",
    ):
        monkeypatch.setattr(f"paidsupport.{name}", fail)
    lite_desk.order()
    assert len(lite_desk.work()) == 1
    assert len(lite_desk.broken()[DOCTOR]) == 5


@pytest.mark.postgres
def test_a_database_that_was_away_for_a_moment_parks_nothing(
    pg_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be there again before a failed job would be noted: that job was not at fault."""
    worker, nowhere = worker_of(pg_desk.app), create_engine("postgresql+psycopg://ps@/ps?host=/nowhere")
    (job,) = (job for job in worker._jobs if job.name == Emails.job)
    with monkeypatch.context() as away:
        away.setattr(Database, "reading", lambda _: nowhere.connect())
        with pytest.raises(OperationalError):
            worker._turn(job)
    assert pg_desk.broken() == {}


def test_managers_see_what_is_parked_and_have_it_tried(lite_desk: Desk, lite_app: Flask) -> None:
    """The page for what is stuck, and the address that monitors ask; others of the desk see nothing of it."""
    warned_twice(lite_desk)
    visitor = lite_app.test_client()
    mend = spoil(lite_desk, f"emails/{EmailKind.LEASE_WARNING}/")
    lite_desk.work()
    assert visitor.get("/support/healthz").json == {"status": "ok", "parked": 2}
    assert "failed:" not in sign_in(lite_app, "ada").get("/support/desk/outbox").text
    mend()
    manager = sign_in(lite_app, "mia")
    page = manager.get("/support/desk/outbox").text
    said = BeautifulSoup(page, "html.parser").get_text()
    assert "“end a claim” failed:" in said
    assert "Working outside of … application context." in said
    with lite_desk.ctx() as ctx:
        ids = [row.id for row in parked(ctx.session)]
    for job_id in ids:
        sent = {name: field(page, name) for name in ("csrf_token", "key")}
        assert manager.post(f"/support/desk/outbox/parked/{job_id}", data=sent).status_code == 303
    lite_desk.work()
    assert visitor.get("/support/healthz").json == {"status": "ok"}
    assert manager.post(f"/support/desk/outbox/parked/{ids[0]}", data=sent).status_code == 404
