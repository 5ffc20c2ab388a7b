"""A desk in which something of everything has happened, and ways to break it."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Hashable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from paidsupport.demo.users import db
from paidsupport.intake.gaps.operations import documented
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import estimates, reviewing, tasks
from paidsupport.issues.operations import tags as issue_tags
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.queries.contents import tasks_of
from paidsupport.issues.rules.kinds import CUSTOMER_TAG
from paidsupport.issues.tables import Follower
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.files import Upload
from paidsupport.kernel.ledger.tables import LedgerMark
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.worker import Worker
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.relations.operations import merging
from tests.intake.mail.incoming import answer, deliver, mail
from tests.leading import OFFER, contact, decide, lead, organisation, wish
from tests.memory import MemoryReceiver
from tests.paying import set_up_taler
from tests.people import Desk
from tests.postgres import Postgres
from tests.sales.invoices.test_invoices import deed, drafted, issued
from tests.sales.payments.bank.statements import Sent, ordered, rf, statement, take
from tests.sales.payments.bank.statements import set_up as set_up_bank

#: Tickets that were claimed, by what came of it.
CLAIMED = ("working", "contacted", "passed", "released")
FRIDAY = 4


class Lived:
    """The desk, and the ids of tickets by what has become of them."""

    def __init__(self, desk: Desk, folder: Path, server: Postgres | None = None) -> None:
        self.desk = desk
        self.folder = folder
        self._server = server
        self.ids: dict[str, int] = {}
        self._copied = 0
        names = (
            *CLAIMED,
            "closed",
            "open",
            "merged",
            "trusting",
            "decided",
            "refused",
            "erased",
            "asked",
            "forgotten",
        )
        for name in names:
            desk.clock.forward(hours=1)
            code = self._make(name)
            self._bill(name, code)
            self.ids[name] = desk.ticket(code).id
        self._solve()
        self._sell()
        self._climb()
        set_up_taler(desk)
        set_up_bank(desk)
        paid = Sent("45.00", reference=rf(ordered(desk)), bank="1")
        take(desk, statement(paid, Sent("9.00", text="no code", bank="2")))

    def _sell(self) -> None:
        """An organisation with a lead that gets something free of charge, and another organisation."""
        contact(self.desk, organisation(self.desk), email="jane@shop.example")
        organisation(self.desk, "Other Shop")
        code = lead(self.desk)
        decide(self.desk, code, wish(self.desk, code), replace(OFFER, decision="gratis"))

    def _solve(self) -> None:
        """An issue that a customer waits for, and one that is solved."""
        desk = self.desk
        with desk.ctx(desk.ada) as ctx:
            waiting = tickets.by_id(ctx.session, self.ids["open"]).code
        desk.open_issue(desk.ada, waiting)
        solved = desk.open_issue(desk.ada)
        desk.issue_move(solved, "grab", desk.ada)
        with desk.ctx(desk.mia) as ctx:
            said = Said("4h", "2036-03-14", "The first look.")
            estimates.say(ctx, solved, said, key=new_key())
        desk.change_issue(solved, author_id=desk.ada.id, reviewed_by_id=desk.mia.id, approved_at=desk.clock())
        desk.change_issue(solved, target_release="2.1")
        reviewed = desk.open_issue(desk.ada)
        desk.change_issue(reviewed, state="assigned", owner_id=desk.ben.id)
        desk.issue_move(reviewed, "submit", desk.ben)
        with desk.ctx(desk.ada) as ctx:
            tasks.add(ctx, reviewed, "Package it", key=new_key())
            (step,) = tasks_of(ctx.session, issues.see(ctx.session, reviewed, ctx.by))
            tasks.tick(ctx, reviewed, step.id, done=True, key=new_key())
            version = issues.see(ctx.session, reviewed, ctx.by).version
            reviewing.decide(ctx, reviewed, "approve", "Tried.", version=version, key=new_key())
        with desk.ctx(desk.mia) as ctx:
            over = issues.see(ctx.session, reviewed, ctx.by)
            issue_tags.put(ctx, over, CUSTOMER_TAG)
            knows = Follower(issue_id=over.id, ticket_id=self.ids["closed"], followed_at=ctx.now, ending="")
            knows.told_at, knows.told_by_id, knows.stage = ctx.now, desk.ben.id, "git"
            ctx.session.add(knows)

    def _climb(self) -> None:
        """Nobody takes the open ones: somebody on duty is told, then the managers, and a webhook too."""
        desk = self.desk
        with desk.ctx(desk.mia) as ctx:
            settings = ctx.services.settings
            always = [str(day) for day in range(7)]
            roster.add_shift(ctx, NewShift(str(desk.ben.id), always, "", "00:00", "00:00", "1"))
            for name, value in (("cascade", "paid"), ("webhook_url", "https://hooks.example/")):
                object.__setattr__(settings, name, value)  # they are frozen
        mount, receiver = mount_of(desk.app), MemoryReceiver()
        told: dict[Hashable, Any] = {"receivers": lambda _settings: receiver}
        worker = Worker(mount.services, mount.database, mount.transport, desk.clock, kept=told)
        for _ in range(3):
            desk.clock.forward(days=1)
            while desk.clock.now.weekday() > FRIDAY or not 9 <= desk.clock.now.hour < 17:
                desk.clock.forward(hours=1)
            worker.once()

    def _make(self, name: str) -> str:
        desk = self.desk
        ways = {
            "erased": self._erase,
            "merged": self._merge,
            "asked": self._ask_back,
            "forgotten": self._forget,
            "decided": self._decide,
            "refused": self._decide,
        }
        if name in ways:
            return ways[name](name)
        if name in {"working", "closed", "trusting"}:
            code = desk.in_progress(desk.ben if name == "closed" else desk.ada)
        else:
            code = desk.order()
        if name == "working":
            desk.receive(code, "How is it going?")
            desk.write(code, desk.ada, "Well.")
            desk.annotate(code, desk.mia, "Seen.", uploads=[Upload("a.txt", 1, io.BytesIO(b"x"))])
        if name == "trusting":
            desk.destroy(code, desk.give(code, "gone soon"), desk.ada)
            desk.look(code, desk.give(code, "kept for now"), desk.ada)
        if name == "closed":
            desk.write(code, desk.ben, "Is it all right?")
            deliver(desk, answer(desk.work()[-1], "By mail."))
            deliver(desk, mail("About something else.", Auto_Submitted="auto-replied"))
            desk.finish(code, desk.ben)
        if name in {"contacted", "passed", "released"}:
            desk.claim(code, desk.ada)
        if name in {"contacted", "passed"}:
            desk.write(code, desk.ada)
            desk.work()
        if name in {"passed", "released"}:
            desk.transition(code, "release", desk.ada, note="No time.")
        if name == "passed":
            desk.claim(code, desk.ben)
            desk.write(code, desk.ben)
            desk.write(code, desk.ben, "One more thing.")
        desk.work()
        return code

    def _bill(self, name: str, code: str) -> None:
        """An invoice that was taken back and written anew, and a draft."""
        if name == "closed":
            deed(self.desk, "cancel", issued(self.desk, code))
            issued(self.desk, code)
        if name == "contacted":
            drafted(self.desk, code)

    def _ask_back(self, _name: str) -> str:
        """A request by mail whose customer was pointed to a page."""
        code = deliver(self.desk, mail("It does not upload.")).ticket or ""
        with self.desk.ctx(self.desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, code)
            page = documented.chosen(ctx, "", "https://example.com/x")
            email = Draft(documented.draft(ctx, ticket, page).body, 0, ticket.thread, new_key())
            documented.point(ctx, code, page, email, version=ticket.version)
        self.desk.work()
        return code

    def _forget(self, name: str) -> str:
        """A request by mail that has ended, and of which nothing personal is left."""
        code = deliver(self.desk, mail("Buy this.", From=f"{name}@example.com")).ticket or ""
        self.desk.transition(code, "spam", self.desk.ada)
        self.desk.work()
        with self.desk.ctx(self.desk.mia) as ctx:
            erasure.erase(ctx, f"{name}@example.com")
        return code

    def _merge(self, name: str) -> str:
        """A duplicate of the ticket that is open."""
        code = self.desk.order(details=name)
        with self.desk.ctx(self.desk.ben) as ctx:
            other = tickets.by_id(ctx.session, self.ids["open"]).code
            merging.merge(ctx, code, other, version=1, other_version=1, key=new_key())
        return code

    def _decide(self, name: str) -> str:
        desk = self.desk
        code = desk.risky(desk.ada)
        asked = [desk.ask(code, desk.ada, "configuration"), desk.offer(code, desk.ada)]
        desk.work()
        if name == "refused":
            desk.answer(code, asked[0], "declined")
            desk.answer(code, asked[1], "declined")
        else:
            desk.answer(code, asked[0], "approved", word="At night.")
            desk.answer(code, asked[1], "approved")
            desk.tick(code, desk.ada, "configuration", done="Restarted.")
            desk.ask(code, desk.ada)
            desk.offer(code, desk.ada)
        desk.work()
        return code

    def _erase(self, name: str) -> str:
        """Work of every kind that has ended, and of which nothing personal is left."""
        desk = self.desk
        code = desk.risky(desk.ada, email=f"{name}@example.com")
        asked = [desk.ask(code, desk.ada, "configuration"), desk.offer(code, desk.ada)]
        desk.look(code, desk.give(code, "kept for now"), desk.ada)
        desk.work()
        desk.answer(code, asked[0], "approved", word="At night, please.")
        desk.answer(code, asked[1], "approved")
        desk.annotate(code, desk.ben, "Seen.", uploads=[Upload("b.txt", 1, io.BytesIO(b"x"))])
        desk.finish(code, desk.ada)
        desk.work()
        with desk.ctx(desk.mia) as ctx:
            erasure.erase(ctx, f"{name}@example.com")
        return code

    @property
    def is_on_postgresql(self) -> bool:
        """Which of the two databases it is on."""
        return mount_of(self.desk.app).database.engine.dialect.name == "postgresql"

    @contextmanager
    def without_constraints(self) -> Iterator[Context]:
        """A transaction in which the database refuses nothing; all of it is taken back at the end."""
        connection = self._bare_copy(mount_of(self.desk.app).database.engine).connect()
        try:
            with self.desk.ctx() as ctx, Session(connection, expire_on_commit=False) as session:
                yield Context(ctx.services, session, ctx.by, ctx.now)
        finally:
            connection.rollback()
            connection.close()

    def _bare_copy(self, engine: Engine) -> Engine:
        """A database without constraints; the same one until the desk writes something."""
        with engine.connect() as connection:
            written = connection.scalar(text("SELECT max(id) FROM paidsupport_ledger_line"))
        if self._copied != written:
            self.forget()
            lite = not self.is_on_postgresql
            self._bare = self._copied_file(engine, written) if lite else self._cloned(engine, written)
            self._copied = written
        return self._bare

    def _copied_file(self, engine: Engine, written: int) -> Engine:
        path = self.folder / f"bare-{written}.sqlite3"
        with engine.connect() as connection, closing(sqlite3.connect(path)) as copied:
            raw: Any = connection.connection.driver_connection
            raw.backup(copied)
        made = Database(create_engine(f"sqlite:///{path}")).engine
        with made.connect() as bare:
            bare.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            _bare_sqlite(bare)
            bare.commit()
        return made

    def _cloned(self, engine: Engine, written: int) -> Engine:
        assert self._server
        engine.dispose()  # whoever is connected to what is cloned is cut off
        with self.desk.app.app_context():
            db.engine.dispose()
        name = f"bare_{written}"
        self._server.drop_database(name)
        made = create_engine(self._server.create_database(name, template=str(engine.url.database)))
        with made.begin() as bare:
            _bare_postgresql(bare)
        return made

    def forget(self) -> None:
        """Keep no connection to a copy."""
        if self._copied:
            self._bare.dispose()


def _bare_sqlite(connection: Connection) -> None:
    """Every table as a copy that knows no constraint, except that which the ledger writes by its key."""
    for name in Base.metadata.tables.keys() - {LedgerMark.__tablename__}:
        connection.execute(text(f"CREATE TABLE bare AS SELECT * FROM {name}"))  # noqa: S608  # our names
        connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text(f"ALTER TABLE bare RENAME TO {name}"))


def _bare_postgresql(connection: Connection) -> None:
    """Every table without its checks, foreign keys and unique keys."""
    wanted = text(
        "SELECT conrelid::regclass::text AS name, conname FROM pg_constraint"
        " WHERE conname LIKE '%paidsupport%' AND contype IN ('c', 'f', 'u') ORDER BY contype <> 'f'"
    )
    for row in connection.execute(wanted).all():
        connection.execute(text(f"ALTER TABLE {row.name} DROP CONSTRAINT {row.conname}"))
    for name in ("event_key", "issue_event_key", "cascade_step_last"):
        connection.execute(text(f"DROP INDEX uq_paidsupport_{name}"))
