"""Nothing that managers set up changes without a line in the history of the configuration (P10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

import paidsupport
from paidsupport.catalogue.tables import Boilerplate, Service, Trait
from paidsupport.kernel.configuration import file, history
from paidsupport.kernel.configuration.tables import Setting
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base, metadata
from paidsupport.kernel.db.configured import UntoldConfigurationError, configures, set_aside
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.staff.roster.tables import Shift
from paidsupport.kernel.staff.tables import Person, Token
from paidsupport.manage.audit.views import ABOUT
from paidsupport.testing import mount_of
from tests.people import Desk

pytestmark = pytest.mark.row("P10")

#: Every other table, by why it is not configuration. A new one has to be put somewhere.
_NOT_CONFIGURATION = {
    "the configuration's own record, its history, and files that were handed in": (
        "configuration configuration_event configuration_snapshot"
    ),
    "work on tickets and issues, with histories of its own": (
        "annotation asked blocker bulk cascade_step claim contact_log deadline decision draft entry estimate"
        " event file follower form_file gap intake issue issue_event issue_note issue_notice issue_reader"
        " issue_tag issue_word item letter link look message notice notice_progress payment pointer presence"
        " rating raw_mail reminder secret step tag ticket topic watcher wish workload"
    ),
    "customers, with histories of their own": (
        "bank_line contact departed invoice invoice_counter invoice_line organisation organisation_change"
        " organisation_ticket payment_event payment_refund payment_task payout"
    ),
    "what the desk notes by itself": (
        "announcement api_request attempt connection_state connection_task delivery"
        " export heartbeat import imported ledger_form ledger_line ledger_mark mailbox overview parked_job"
        " remote unsent"
    ),
    "how a person wants to be told, which is theirs": "preference",
}
_TRAIT = {"name": "shop", "position": 99, "label": "Has a shop", "translations": {}}
_INSERT = insert(Base.metadata.tables[Trait.__tablename__])


def test_every_table_is_configuration_or_is_known_not_to_be() -> None:
    """A new table fails here until that is decided; one that is gone, too."""
    others = {f"paidsupport_{name}" for names in _NOT_CONFIGURATION.values() for name in names.split()}
    marked = {table.name for table in metadata.sorted_tables if configures(table)}
    ours = {table.name for table in metadata.sorted_tables if table.name.startswith("paidsupport_")}
    assert ours - marked == others
    assert not marked & others


def test_whatever_the_file_holds_is_marked_and_the_page_knows_what_it_is_called(lite_desk: Desk) -> None:
    """Each part of the file tells of its tables under one of the names that these want."""
    marks = {table.name: configures(table) for table in metadata.sorted_tables}
    with lite_desk.ctx() as ctx:
        for part in file.parts_of(ctx):
            for held in part.tables:
                mark = marks[held.__tablename__]
                assert mark
                assert part.about in mark.about, held
    assert {about for mark in marks.values() if mark for about in mark.about} <= set(ABOUT)


def test_no_statement_in_plain_text_writes_them() -> None:
    """The gate sees statements of SQLAlchemy: a text that says UPDATE would go past it."""
    tables = [table.name for table in metadata.sorted_tables if configures(table)]
    folder = Path(paidsupport.__file__).parent
    for path in folder.rglob("*.py"):
        source = path.read_text()
        for verb in ("INSERT INTO", "UPDATE", "DELETE FROM"):
            assert not [name for name in tables if f"{verb} {name} " in source], path


def _flushed(ctx: Context) -> None:
    ctx.session.add(Trait(**_TRAIT))


def _changed(ctx: Context) -> None:
    ctx.session.query(Service).filter_by(slug="upgrade").one().price_minor += 1


def _deleted(ctx: Context) -> None:
    ctx.session.delete(ctx.session.query(Boilerplate).filter_by(owner_id=None).first())


def _past_the_orm(ctx: Context) -> None:
    write(ctx.session, _INSERT, _TRAIT)


def _many(ctx: Context) -> None:
    ctx.session.execute(_INSERT, [{**_TRAIT, "name": name} for name in ("a", "b")])


_WAYS: list[tuple[Callable[[Context], Any], str]] = [
    (_flushed, "trait:shop"),
    (_changed, "service:upgrade"),
    (_deleted, "reply:1"),
    (_past_the_orm, "trait:shop"),
    (_many, "trait:a"),
    (lambda ctx: ctx.session.execute(update(Trait).values(position=1)), "trait:shop"),
    (lambda ctx: ctx.session.query(Trait).update({"position": 1}), "trait:shop"),
    (lambda ctx: ctx.session.execute(delete(Boilerplate)), "reply:1"),
    (lambda ctx: ctx.session.execute(update(Person).values(role="manager")), "person:1"),
]


@contextmanager
def telling(desk: Desk, about: str) -> Iterator[Context]:
    """A transaction that tells of a change of something before it does anything else."""
    with desk.ctx(desk.mia) as ctx:
        with history.edit(ctx) as change:
            history.tell(change, "changed", about, "Something", {"value": 1}, {"value": 2})
        yield ctx


def _told_in_vain(ctx: Context) -> None:
    _past_the_orm(ctx)
    savepoint = ctx.session.begin_nested()
    with history.edit(ctx) as change:
        history.tell(change, "added", "trait:shop", "Has a shop")
    savepoint.rollback()


@pytest.mark.parametrize(("deed", "about"), _WAYS)
def test_no_change_is_committed_without_its_line(
    desk: Desk, deed: Callable[[Context], Any], about: str
) -> None:
    """However it is written; a line about something else does not do, and one about it does."""
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.mia) as ctx:
        deed(ctx)
    with pytest.raises(UntoldConfigurationError), telling(desk, "setting:name") as ctx:
        deed(ctx)
    with telling(desk, about) as ctx:
        deed(ctx)
    # the line of one transaction is none for the next
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.mia) as ctx:
        ctx.session.execute(update(Setting).values(version=7))


def test_what_a_savepoint_takes_back_has_not_happened(desk: Desk) -> None:
    """A change that is gone needs no line, and a line that is gone tells nothing."""
    with desk.ctx(desk.mia) as ctx:
        savepoint = ctx.session.begin_nested()
        _past_the_orm(ctx)
        savepoint.rollback()
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.mia) as ctx:
        _told_in_vain(ctx)
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.mia) as ctx, ctx.session.begin_nested():
        _past_the_orm(ctx)
    with desk.ctx(desk.mia) as ctx:
        _past_the_orm(ctx)
        ctx.session.rollback()
        assert ctx.session.query(Trait).filter_by(name="shop").count() == 0


def test_what_is_a_persons_own_needs_no_line(desk: Desk) -> None:
    """Rows that are theirs, and columns that are; both only as long as they stay so."""
    own = Boilerplate(owner_id=desk.ada.id, title="Mine", body="Hello.", translations={})
    with desk.ctx(desk.ada) as ctx:
        own.changed_at = ctx.now
        ctx.session.add(own)
    with desk.ctx(desk.ada) as ctx:
        ctx.session.execute(update(Boilerplate).where(Boilerplate.id == own.id).values(title="Mine, too"))
        ctx.session.get_one(Person, desk.ada.id).language = "de"
        ctx.session.execute(update(Token).values(last_used_at=ctx.now))
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.ada) as ctx:
        ctx.session.get_one(Boilerplate, own.id).owner_id = None
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.ada) as ctx:
        ctx.session.execute(update(Boilerplate).values(title="All of them"))
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.ada) as ctx:
        ctx.session.get_one(Person, desk.ada.id).email = "ada@example.net"
    with desk.ctx(desk.ada) as ctx:
        ctx.session.delete(ctx.session.get_one(Boilerplate, own.id))


def test_only_a_session_that_looks_may_write(desk: Desk) -> None:
    """One that commits nothing would not ask for the line; and whoever needs none says so."""
    reading = mount_of(desk.app).database.reading
    with pytest.raises(UntoldConfigurationError), reading() as session:
        session.execute(update(Shift).values(position=2))
    with desk.ctx(desk.mia) as ctx, set_aside(ctx.session):
        _flushed(ctx)
    with pytest.raises(UntoldConfigurationError), desk.ctx(desk.mia) as ctx:
        ctx.session.execute(update(Trait).values(position=3))
