"""The demonstration site as `make run` starts it: one process, a worker inside, on either database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
import requests
from flask import Flask
from flask.cli import cli as flask
from sqlalchemy import func, select, text

from paidsupport.demo import content
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.jobs.queries import parked
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.testing import mount_of
from paidsupport.tickets.notices.operations import digests, watching
from paidsupport.tickets.notices.tables import WAITING, Notice
from paidsupport.tickets.paid import PAID
from paidsupport.tickets.tables import Ticket
from tests import nursery
from tests.concurrency.processes import wait_until
from tests.demo import clicks
from tests.people import Desk, field
from tests.postgres import free_port
from tests.sites import VAULT_KEY

#: What `python -m paidsupport.site` runs.
_SITE = "from paidsupport.demo.__main__ import main; main()"
#: The same without tickets.
_BARE = """
from paidsupport.demo import __main__ as site
made = site.demo.prepare
site.demo.prepare = lambda **given: made(0, **given)
site.main()
"""


@contextmanager
def running(
    uri: str, folder: Path, *, code: str = _SITE, apart: bool = False
) -> Iterator[tuple[str, IO[str], int]]:
    """`python -m paidsupport.site`; gives its address once it answers, what it prints, and its id.

    `apart`: whether it shares nothing with other processes, for those who look at its memory.
    """
    port = free_port()
    environment = {
        "PORT": str(port),
        "FLASK_SECRET_KEY": "a secret of the tests",
        "FLASK_PAIDSUPPORT_VAULT_KEYS": VAULT_KEY,
        "FLASK_SQLALCHEMY_DATABASE_URI": uri,
        "FLASK_PAIDSUPPORT_FILES": str(folder / "files"),
        "FLASK_PAIDSUPPORT_RELAXED_DURABILITY": "true",
    }
    printed, prints = os.pipe()
    with os.fdopen(prints, "wb") as stream:
        program = [sys.executable, "-c", code]
        process = (
            subprocess.Popen(program, env=os.environ | environment, stdout=stream)
            if apart
            else nursery.start(code=code, env=os.environ | environment, stdout=stream)
        )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{address}/support/healthz", timeout=60).ok
        return False

    try:
        wait_until(answers, "the site")
        with os.fdopen(printed) as lines:
            yield address, lines, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.slow
@pytest.mark.row("P8")
def test_its_worker_mails_every_kind_of_news(lite_app: Flask, tmp_path: Path) -> None:
    """The worker has no application around it: each notice becomes a mail, and nothing is parked."""
    desk = Desk(lite_app, mount_of(lite_app).clock, MemoryTransport())  # type: ignore[arg-type]  # the real clock
    for person in (desk.ada, desk.ben, desk.mia):
        with desk.ctx(person) as ctx:
            digests.prefer(ctx, dict.fromkeys(Concern, Way.NOW), 8)
    untold = select(func.count()).select_from(Notice).where(text(WAITING), Notice.way == Way.NOW)

    def done() -> bool:
        with desk.ctx() as ctx:
            told = ctx.session.scalar(select(Notice.letter_id).where(Notice.kind == "release").limit(1))
            rows = [*parked(ctx.session)]
            assert not rows, rows[0].reason
            return bool(told) and not ctx.session.scalar(untold)

    with running(lite_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path, code=_BARE):
        code = desk.order()
        with desk.ctx(desk.mia) as ctx:
            watching.watch(ctx, code)
        desk.claim(code, desk.ada)
        desk.write(code, desk.ada)
        desk.receive(code, "When do you start?")
        desk.annotate(code, desk.ben, "@ada, look.")
        desk.transition(code, "release", desk.ada, note="On leave.")
        wait_until(done, "mails of all notices")


@pytest.mark.slow
@pytest.mark.row("P2", "P3", "G2")
def test_it_starts_with_everything_in_place(database_uri: str, tmp_path: Path) -> None:
    """Tables, people, a catalogue, tickets; an order is confirmed by mail within seconds."""
    # a second start finds what the first one left, and works as well
    for number in (1, 2) if database_uri.startswith("sqlite") else (1,):
        _order_and_look(database_uri, tmp_path, f"jane{number}@example.com")


def _order_and_look(uri: str, folder: Path, email: str) -> None:
    with running(uri, folder) as (address, lines, _):
        printed = [lines.readline() for _ in range(6)]
        assert address in "".join(printed)
        with requests.Session() as browser:
            services = browser.get(f"{address}/support/", timeout=60).text
            for name in ("Installation", "Upgrade", "Customization"):
                assert name in services
            form = browser.get(f"{address}/support/order/customization", timeout=60).text
            sent = {name: field(form, name) for name in ("csrf_token", "key", "terms")} | {
                "place": "1",
                "requirement_0": "y",
                "requirement_1": "y",
                "requirement_2": "y",
                "answer_wish": "A clock.",
                "name": "Jane Doe",
                "email": email,
                "host_url": "gallery.example.com",
            }
            done = browser.post(f"{address}/support/order/customization", data=sent, timeout=60)
            assert done.ok, done.text
            found = re.search(r"PS-\w{4}-\w{4}", done.text)
            assert found
            code = found[0]

            def mailed() -> bool:
                return code in browser.get(f"{address}/support/dev/mail", timeout=60).text

            wait_until(mailed, "the confirmation")
            links = re.findall(
                r"http://[^\s\"<]+/support/t/", browser.get(f"{address}/support/dev/mail", timeout=60).text
            )
            assert {*links} == {f"{address}/support/t/"}
            login = browser.get(f"{address}/login", timeout=60).text
            who = {"email": "mia@example.org", "password": "demo", "csrf_token": field(login, "csrf_token")}
            queue = browser.post(f"{address}/login", data=who, timeout=60)
            assert code in queue.text


@pytest.mark.row("P2")
@pytest.mark.parametrize("options", [["--port", "8123"], []], ids=["option", "usual"])
def test_links_in_emails_lead_to_the_port_of_flask_run(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flask run` takes its port as an option, and PORT says nothing about it."""
    served: list[tuple[int, Flask]] = []
    monkeypatch.setattr("flask.cli.run_simple", lambda _, port, app, **__: served.append((port, app)))
    monkeypatch.setenv("PORT", "9999")
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path / 'desk.sqlite'}")
    flask.main(["--app", "paidsupport.site", "run", *options], standalone_mode=False)
    [(port, app)] = served
    assert mount_of(app).settings.base_url == f"http://127.0.0.1:{port}"


@pytest.mark.row("P2")
def test_pages_of_its_own_carry_the_headers_of_a_careful_site(lite_app: Flask) -> None:
    """Home, log-in and what is not there: a policy, no guessing of types, no frames."""
    for path in ("/", "/login", "/nothing"):
        headers = lite_app.test_client().get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'"), path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.row("P2")
def test_a_wrong_password_is_said(lite_app: Flask) -> None:
    """The page of signing in says so, and keeps the address."""
    client = lite_app.test_client()
    token = field(client.get("/login").text, "csrf_token")
    who = {"email": "mia@example.org", "password": "Demo", "csrf_token": token}
    page = client.post("/login", data=who)
    assert page.status_code == 422
    assert "The email address or the password is wrong." in page.text
    assert 'value="mia@example.org"' in page.text


@pytest.mark.row("P2", "P15")
def test_it_has_something_to_look_at_on_every_page_at_once(lite_app: Flask) -> None:
    """A ticket in every state of an order and a question, leads, an organisation, an invoice to be paid.

    A click is answered within 100 ms.
    """
    desk = Desk(lite_app, mount_of(lite_app).clock, MemoryTransport())  # type: ignore[arg-type]  # the real clock
    with lite_app.app_context():
        content.prepare(12)
    with desk.ctx() as ctx:
        states = {(flow, state) for flow, state in ctx.session.execute(select(Ticket.workflow, Ticket.state))}
        organisations = ctx.session.scalar(select(func.count()).select_from(Organisation))
        invoices = list(ctx.session.scalars(select(Invoice.state)))
    assert {("paid", state.name) for state in PAID.states} <= states
    assert {("request", state.name) for state in REQUEST.states} <= states
    assert {("sales", "lead"), ("sales", "offered")} <= states
    assert (organisations, invoices) == (1, ["issued"])
    assert not desk.broken()
    assert clicks.slow(lite_app, desk) == {}
