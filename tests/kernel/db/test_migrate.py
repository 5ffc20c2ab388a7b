"""Our chain of migrations: up, down and up again, beside the host's tables, by many processes at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select, text, update

from paidsupport.catalogue.tables import Service
from paidsupport.demo import content as demo
from paidsupport.kernel.db import migrate
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.contact.tables import ContactLine
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket
from tests.intake.mail.incoming import answer, contacted, deliver, mail
from tests.people import Desk
from tests.postgres import Postgres
from tests.tickets.contact.test_contact_paths import begun, first_of, walk

PROCESSES = 4
#: Longer than that, and a process hangs.
PATIENCE = 240


def test_tables_go_up_down_and_up_again_with_data_in_them(desk: Desk) -> None:
    """Downgrading takes all that is ours and nothing of the host's; upgrading gives a working desk again."""
    from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

    desk.annotate(desk.in_progress(desk.ada), desk.ben)
    with desk.app.app_context():
        engine = db.engine
        assert migrate.current(engine) == migrate.newest()
        migrate.downgrade(engine)
        left = set(inspect(engine).get_table_names())
        assert "site_user" in left
        assert not {name for name in left if name.startswith("paidsupport_")}
        assert migrate.current(engine) is None
        migrate.upgrade(engine)
        assert migrate.differences(engine) == []
        demo.prepare(2)
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Service)) == 7
    assert desk.broken() == {}


@pytest.mark.row("G15")
def test_messages_of_older_editions_are_masked(desk: Desk) -> None:
    """What customers wrote before there was a masked copy gets one; the others need none."""
    from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

    code = desk.in_progress(desk.ada)
    desk.receive(code, "The password: tulip-Field-9")
    desk.receive(code, "Nothing secret.")
    with desk.app.app_context():
        migrate.downgrade(db.engine, "0014")
        migrate.upgrade(db.engine)
    with desk.ctx() as ctx:
        said = ctx.session.scalars(select(Message).where(Message.direction == "in").order_by(Message.id))
        assert [(message.shown, message.holds_login) for message in said][-2:] == [
            ("The password: ••••••", True),
            (None, False),
        ]


@pytest.mark.row("N1")
def test_the_log_of_contacts_is_filled_from_what_histories_prove(desk: Desk) -> None:
    """An older edition gave the place of an uncertain first contact away: the next one is not the first."""
    from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",), ("send", "refused"), ("send", "unclear"))
    walk(path, ("settle", first_of(path), "again"), ("release",))
    other = begun(desk)
    walk(other, ("claim", "ada"), ("write",), ("release",), ("claim", "ben"), ("write",), ("send", "arrives"))
    with desk.ctx() as ctx:
        ctx.session.execute(update(Email).where(Email.state == "withdrawn").values(contact=None))
    with desk.app.app_context():
        migrate.downgrade(db.engine, "0016")
        assert desk.app.test_cli_runner().invoke(args=["paidsupport", "db", "upgrade"]).exit_code == 0
    logged: dict[tuple[str, str], list[str]] = {}
    with desk.ctx() as ctx:
        for line in ctx.session.scalars(select(ContactLine).order_by(ContactLine.id)):
            logged.setdefault((line.letter, line.slot), []).append(line.what)
    uncertain = [email.reference for email in desk.emails(path.code) if email.claim_number]
    withdrawn, sent = [email.reference for email in desk.emails(other.code) if email.claim_number]
    assert logged == {
        (*uncertain, "first"): ["written", "taken", "uncertain", "again", "withdrawn"],
        (withdrawn, "first"): ["written", "withdrawn"],
        (sent, "first"): ["written", "taken", "sent"],
    }
    assert desk.broken() == {}
    walk(path, ("claim", "ben"), ("write",))
    assert desk.emails(path.code)[-1].kind == "handover"


@pytest.mark.row("T8")
def test_addresses_of_older_editions_are_compared_and_proven(desk: Desk) -> None:
    """Filled from what was typed; answers prove; who shares an address keeps it if they are the first."""
    from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

    ordered = desk.order(email="Jane@bücher.example")
    answered, email = contacted(desk)
    deliver(desk, answer(email))
    deliver(desk, mail("New.", From="new@example.com"))
    with desk.app.app_context():
        migrate.downgrade(db.engine, "0017")
        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE paidsupport_person SET email = 'ADA@example.org' WHERE name = 'Ben'")
            )
        migrate.upgrade(db.engine)
        assert migrate.differences(db.engine) == []
    assert desk.ticket(ordered).customer_address == "jane@xn--bcher-kva.example"
    assert desk.ticket(ordered).address_proven_at is None
    assert desk.ticket(answered).address_proven_at is not None
    with desk.ctx() as ctx:
        rows = ctx.session.execute(select(Person.name, Person.address))
        staff = {row.name: row.address for row in rows}
        unproven = select(func.count()).where(Ticket.address_proven_at.is_(None))
        assert ctx.session.scalar(unproven) == 2
    assert (staff["Ada"], staff["Ben"]) == ("ada@example.org", "")


def test_the_tables_are_those_of_the_code(database_uri: str) -> None:
    """What the migrations make is what the classes say, and a difference is seen."""
    engine = create_engine(database_uri)
    assert migrate.differences(engine) == []
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_paidsupport_ticket_lease_until"))
    assert "lease_until" in str(migrate.differences(engine))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, once of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    yield server.create_database("empty_for_many")
    server.drop_database("empty_for_many")


def upgrade_together(uri: str, barrier: Barrier) -> None:
    """What each of the processes does; its exit code tells whether it worked."""
    engine = create_engine(uri)
    barrier.wait(PATIENCE)
    migrate.upgrade(engine)


@pytest.mark.row("P3")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_many_processes_may_upgrade_at_once(empty_uri: str) -> None:
    """One of them does it, the others find it done, and none fails."""
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(PROCESSES)
    processes = [fork.Process(target=upgrade_together, args=(empty_uri, barrier)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    engine = create_engine(empty_uri)
    assert migrate.differences(engine) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "kind", "looked_at"),
    [
        ("paidsupport_ticket", "table", False),
        ("site_user", "table", True),
        ("paidsupport", "schema", True),
        (None, "schema", True),
    ],
)
def test_the_hosts_migrations_are_kept_off_our_tables(
    name: str | None, kind: str, *, looked_at: bool
) -> None:
    """The filter that a host gives to Alembic hides our tables and nothing else."""
    assert migrate.keep_out(name, kind, {}) is looked_at
