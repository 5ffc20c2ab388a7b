"""After a restore: what has left does not leave again, and what may have left waits for a person."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from paidsupport.connect.connections.tables import ConnectionTask
from paidsupport.connect.connections.tasks import Tasks
from paidsupport.connect.jobs import JOBS
from paidsupport.connect.webhooks import operations as deliveries
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.issues.operations.news_emails import News
from paidsupport.issues.tables import IssueNotice
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.errors import StorageFullError
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of, worker_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.tables import Email
from tests.connect.connections.connecting import connected
from tests.connect.webhooks.receivers import Site
from tests.memory import MemoryReceiver
from tests.people import Desk
from tests.postgres import Postgres

pytestmark = [pytest.mark.row("N1"), pytest.mark.row("N9")]


class Backup:
    """A copy of the database of a desk, and the way back to it; the files stay as they are."""

    def __init__(self, desk: Desk, folder: Path, server: Postgres | None) -> None:
        self._desk, self._file, self._server = desk, folder / "backup.sqlite3", server

    def make(self) -> None:
        """As it is now."""
        if self._server is None:
            self._copy(self._live, self._file)
        else:
            self._disconnect()
            self._server.drop_database("backup")
            self._server.create_database("backup", template=self._live)

    def restore(self) -> str:
        """Bring it back and run the command; returns what that says."""
        if self._server is None:
            self._copy(self._file, self._live)
        else:
            self._disconnect()
            self._server.drop_database(self._live)
            self._server.create_database(self._live, template="backup")
        return self.restored()

    def restored(self) -> str:
        """What the command says."""
        done = self._desk.app.test_cli_runner().invoke(args=["paidsupport", "restored"])
        assert done.exit_code == 0, done.output
        return done.output

    @property
    def _live(self) -> str:
        return str(mount_of(self._desk.app).database.engine.url.database)

    def _disconnect(self) -> None:
        from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

        with self._desk.app.app_context():
            db.engine.dispose()
            mount_of(self._desk.app).database.engine.dispose()

    @staticmethod
    def _copy(source: Path | str, target: Path | str) -> None:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)


@pytest.fixture
def backup(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path) -> Iterator[Backup]:
    """A backup of `desk`, once on either kind of database."""
    postgres = mount_of(desk.app).database.engine.dialect.name == "postgresql"
    server: Postgres | None = request.getfixturevalue("postgres") if postgres else None
    yield Backup(desk, tmp_path, server)
    if server is not None:
        server.drop_database("backup")


def states(desk: Desk, code: str) -> dict[str, str]:
    """Every email of a ticket by its kind, and how it stands."""
    return {email.kind: email.state for email in desk.emails(code)}


def test_nothing_that_has_left_leaves_again(desk: Desk, backup: Backup) -> None:
    """Emails that waited when the backup was made, those written later, and who was erased since."""
    waits, fresh = desk.order(), desk.order()
    gone = desk.order(email="gone@example.com")
    desk.work()
    desk.claim(waits, desk.ada)
    desk.write(waits, desk.ada)
    backup.make()
    desk.clock.forward(minutes=5)
    late = desk.order()
    desk.claim(fresh, desk.ada)
    desk.write(fresh, desk.ada)
    assert len(desk.work()) > 2  # both first contacts, and the late order's confirmation
    desk.transition(gone, "reject", desk.ada, reason="spam", note="No.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "gone@example.com")
    desk.clock.forward(minutes=30)
    desk.work()

    said = backup.restore()
    assert f"{gone}: erased again." in said
    assert f"{late}: not in the backup" in said
    assert "Emails marked as sent: 1. Emails held for staff to decide: 0." in said
    assert states(desk, waits)["first-contact"] == "sent"
    assert desk.work() == []

    desk.claim(fresh, desk.ben)
    desk.write(fresh, desk.ben)
    assert not [mail for mail in desk.work() if mail["To"] and "example.com" in mail["To"]]
    (held,) = [email for email in desk.emails(fresh) if email.kind == "first-contact"]
    assert held.state == "uncertain"
    assert "An email of the same kind left on" in held.problem
    desk.clock.forward(minutes=5)
    assert desk.broken() == {}
    assert "Emails marked as sent: 0. Emails held for staff to decide: 0." in backup.restored()


def test_a_bounce_before_the_backup_is_still_one(lite_desk: Desk, tmp_path: Path) -> None:
    """The email had left, and came back: a restore makes no arrived one of it."""
    backup = Backup(lite_desk, tmp_path, None)
    code = lite_desk.order()
    lite_desk.work()
    (email,) = lite_desk.emails(code)
    with lite_desk.ctx(CLOCK) as ctx:
        emails.bounce(ctx, tickets.lock(ctx.session, code), email.reference, "No such user.")
    backup.make()
    backup.restore()
    assert states(lite_desk, code)["confirmation"] == "failed"


def test_what_failed_and_was_tried_again_since_waits_for_a_person(lite_desk: Desk, tmp_path: Path) -> None:
    """The journal saw it begin to leave once more, and not how that ended."""
    backup = Backup(lite_desk, tmp_path, None)
    code = lite_desk.order()
    lite_desk.work()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    (email,) = [each for each in lite_desk.emails(code) if each.kind == "first-contact"]
    with lite_desk.ctx() as ctx:
        found = ctx.session.get_one(Email, email.id)
        found.state, found.problem = "failed", "The mailbox is full."
    backup.make()
    services, ticket = mount_of(lite_desk.app).services, lite_desk.ticket(code)
    facts = departures.facts_of(services, email, ticket)
    departures.log(services.files, [departures.of_email(email)], Step.LEAVING, lite_desk.clock(), facts)
    backup.restore()
    assert states(lite_desk, code)["first-contact"] == "uncertain"


def test_without_the_journal_everything_that_waits_is_held(desk: Desk, backup: Backup) -> None:
    """Nobody knows what has left; a person says of each email whether it is sent again."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    backup.make()
    desk.work()
    shutil.rmtree(Path(desk.app.config["PAIDSUPPORT_FILES"]) / "journal")
    assert "Emails held for staff to decide: 2." in backup.restore()
    assert desk.work() == []
    assert states(desk, code)["first-contact"] == "uncertain"
    desk.settle(code, desk.ada, "again")
    assert len(desk.work()) == 1
    assert states(desk, code)["first-contact"] == "sent"


def test_the_webhook_and_news_of_issues_are_not_told_twice(desk: Desk, backup: Backup) -> None:
    """What was delivered is so again; the rest is held where a person can send it."""
    mount, codes = mount_of(desk.app), [desk.order(), desk.order()]
    with desk.ctx() as ctx:
        # they are frozen, and made anew for every test
        object.__setattr__(ctx.services.settings, "webhook_url", "https://hooks.example/")
        for code in codes:
            deliveries.tell(ctx, tickets.lock(ctx.session, code), "cascade", {})
    for colleague in (desk.ben.id, desk.ada.id):
        desk.issue_move(desk.open_issue(desk.ada), "ask", desk.mia, colleague=colleague)
    backup.make()
    assert Deliveries(mount.services, mount.database, MemoryReceiver(), desk.clock).send_next()
    with desk.app.app_context():
        News(mount.services, mount.database, desk.transport, desk.clock).send_all()
    backup.restore()
    with desk.ctx() as ctx:
        sent = ctx.session.scalars(select(Delivery.state).order_by(Delivery.id)).all()
        told = ctx.session.scalars(select(IssueNotice.mail).order_by(IssueNotice.id)).all()
    assert sorted(sent) == ["delivered", "failed"]
    # who learns of it by the page alone has no email
    assert {state for state in told if state} == {"sent"}
    desk.clock.forward(minutes=5)
    assert desk.broken() == {}


def test_nothing_leaves_while_the_journal_cannot_be_written(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An email waits for it; nothing would be known of it after a restore."""
    desk = lite_desk
    code = desk.order()
    files = mount_of(desk.app).services.files

    def full(_stream: str, _line: str) -> None:
        raise StorageFullError

    with monkeypatch.context() as broken:
        broken.setattr(files, "log", full)
        assert desk.work() == []
    (email,) = desk.emails(code)
    assert (email.state, "journal" in email.problem) == ("queued", True)
    desk.clock.forward(minutes=2)
    assert len(desk.work()) == 1


def test_what_other_programs_were_asked_is_not_asked_twice(desk: Desk, backup: Backup) -> None:
    """What was delivered to an endpoint is so again; the rest is held where a manager can send it."""
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "connections_private", True)
    with Site() as site:
        connected(desk, "webhook", {"url": site.url, "events": "ticket.submitted"})
        worker = worker_of(desk.app)
        tasks = Tasks(worker.services, worker.database, desk.clock)
        for _ in range(2):
            desk.order()
        for job in JOBS:
            if str(job.name) == "let connections hear what happened":
                job.act(worker)
        backup.make()
        assert tasks.send_next()
        backup.restore()
        assert len(site.hits) == 1
    with desk.ctx() as ctx:
        states = ctx.session.scalars(select(ConnectionTask.state).order_by(ConnectionTask.id)).all()
    assert states == ["sent", "failed"]
