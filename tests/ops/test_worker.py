"""A real worker process, killed at the worst moment, and one that goes on through what fails (N1)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.outbox.operations import LOST_AFTER
from paidsupport.testing import mount_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.notices.operations import digests
from paidsupport.tickets.tables import Ticket
from tests import nursery
from tests.concurrency.processes import Mailbox, letting_go, mail_server, wait_until
from tests.conftest import guard
from tests.kernel.mail.servers import RawServer
from tests.people import Desk
from tests.postgres import Postgres, find_bindir

WORKER = (*nursery.OURS, "worker")
#: A process that has not got there after so many seconds hangs.
PATIENCE = 120
LONG_AGO, FAR_AWAY = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


def environment(desk: Desk, mail_url: str) -> dict[str, str]:
    """What configures the site of another process to be this one."""
    config = desk.app.config
    return os.environ | {
        "FLASK_SQLALCHEMY_DATABASE_URI": config["SQLALCHEMY_DATABASE_URI"],
        "FLASK_SECRET_KEY": config["SECRET_KEY"],
        "FLASK_PAIDSUPPORT_FILES": config["PAIDSUPPORT_FILES"],
        "FLASK_PAIDSUPPORT_RELAXED_DURABILITY": "true",
        "FLASK_PAIDSUPPORT_MAIL_URL": mail_url,
    }


@pytest.mark.row("N1", "P3")
def test_a_worker_killed_while_it_sends_leaves_one_delivery_and_a_question(desk: Desk) -> None:
    """SIGKILL after the server has the mail and before the worker has its answer."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.write(code, desk.ada)
    release(desk)
    with RawServer("DATA", silent=True) as server:
        process = nursery.start(*WORKER, env=environment(desk, server.url))
        try:
            assert server.reached.wait(PATIENCE)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
        email = desk.emails(code)[-1]
        assert (email.state, email.attempts) == ("sending", 1)
        assert email.taken_at
        desk.clock.now = email.taken_at + LOST_AFTER
        assert desk.work() == []
        desk.clock.forward(seconds=1)
        assert desk.work() == []
    assert desk.emails(code)[-1].state == "uncertain"
    assert len(server.taken) == 1
    assert email.reference.encode() in server.taken[0]
    assert desk.broken() == {}


def release(desk: Desk) -> None:
    """Make every email due and every lease long by the clock on the wall, too."""
    with desk.ctx() as ctx:
        ctx.session.execute(update(Email).values(due_at=LONG_AGO))
        ctx.session.execute(update(Ticket).where(Ticket.owner_id.is_not(None)).values(lease_until=FAR_AWAY))


@pytest.mark.slow
@pytest.mark.postgres
def test_a_worker_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    """Whether at its start or later: nobody has to start the worker again."""
    if find_bindir() is None:
        guard("postgres", "apt-get install postgresql, or set PG_BINDIR")
    server, mailbox = Postgres().start(), Mailbox()
    try:
        with mail_server(mailbox) as mail_url:
            settings = {"SQLALCHEMY_DATABASE_URI": server.create_database("away")}
            settings |= {"SECRET_KEY": "s", "PAIDSUPPORT_FILES": str(tmp_path)}
            app = create_app(settings | {"PAIDSUPPORT_RELAXED_DURABILITY": True})
            with letting_go(app):
                with app.app_context():
                    demo.prepare(0)
                desk = Desk(app, mount_of(app).clock, MemoryTransport())  # type: ignore[arg-type]  # the real clock
                codes = {desk.order()}
                server.stop()
                log = tmp_path / "log"
                with log.open("wb") as errors:
                    process = nursery.start(*WORKER, env=environment(desk, mail_url), stderr=errors)
                try:
                    for when in ("at the start", "later"):
                        tried = log.read_text().count("trying again")
                        wait_until(
                            lambda seen=tried: log.read_text().count("trying again") > seen,
                            f"{when}: in vain",
                        )
                        mount_of(app).database.engine.dispose()
                        server.start_again()
                        if when == "later":
                            codes.add(desk.order())
                        wait_until(
                            lambda: {code for code, _ in mailbox.subjects} == codes, f"{when}: the letter"
                        )
                        server.stop(immediate=True)
                finally:
                    process.kill()
                    process.wait(PATIENCE)
                assert process.returncode == -signal.SIGKILL
    finally:
        server.close()


@pytest.mark.row("P8")
def test_two_workers_tell_each_person_once(desk: Desk) -> None:
    """Real processes and a real mail server: one mail for each thing and person, whoever writes it."""
    with desk.ctx(desk.mia) as ctx:
        digests.prefer(ctx, digests.preference(ctx).said | {"unassigned": "now"}, 8)
    mailbox = Mailbox()
    with mail_server(mailbox) as mail_url:
        processes = [nursery.start(*WORKER, env=environment(desk, mail_url)) for _ in range(2)]
        try:
            codes = [desk.order() for _ in range(5)]
            for code in codes:
                desk.annotate(code, desk.ben, "@ada, look.")
            wanted = {(code, "New order: Installation") for code in codes}
            wanted |= {(code, "Ben left an annotation, mentioning you") for code in codes}
            wait_until(lambda: wanted <= set(mailbox.subjects), "the notices")
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(PATIENCE)
    assert {mailbox.subjects[key] for key in wanted} == {1}
    assert desk.broken() == {}


def test_the_doctor_of_another_process_agrees(lite_desk: Desk) -> None:
    """`flask paidsupport doctor --json` and `worker --once` on the same database."""
    lite_desk.in_progress(lite_desk.ada)
    lite_desk.order()
    release(lite_desk)
    ended, said = nursery.run(*WORKER, "--once", env=environment(lite_desk, "keep:"), timeout=PATIENCE)
    assert (ended, "Emails handled: 1." in said) == (0, True), said
    done = subprocess.run(
        [sys.executable, "-m", "flask", *nursery.OURS, "doctor", "--json"],
        env=environment(lite_desk, "keep:"),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert not any(json.loads(done.stdout).values())
