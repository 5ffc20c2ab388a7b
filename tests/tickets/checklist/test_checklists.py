"""Working through the checklist: what applies, what holds back, who ticked, on both databases."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from paidsupport.catalogue.tables import ChecklistItem
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    PaidSupportError,
    StaleItemError,
    TransitionRefusedError,
)
from paidsupport.kernel.files import Upload
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.tables import File
from tests.people import Desk

pytestmark = pytest.mark.row("G12", "N3")

BACKUP = {"where": "/home/jane/backup", "size": "2 GB", "verified": "tar -t"}


def working(desk: Desk, service: str = "upgrade", **answers: list[str]) -> str:
    """A ticket on which Ada's work has started."""
    given = {"from_version": ["1.5"], "disk": ["yes"]} if service == "upgrade" else {}
    wish = {"wish": ["Dates."]} if service == "customization" else {}
    installing = {"php": ["8"], "database": ["PostgreSQL"]} if service == "installation" else {}
    code = desk.order(service=service, answers={**given, **wish, **installing, **answers})
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.transition(code, "start", desk.ada, note="On the phone.")
    return code


def traits(desk: Desk, code: str, *names: str) -> None:
    """Say what applies."""
    with desk.ctx(desk.ada) as ctx:
        checklists.set_traits(ctx, code, names, key=new_key())


def test_items_follow_from_service_answers_and_traits(desk: Desk) -> None:
    """An installation with zip upload, as root: no backup, but a safe rm and a tested zip."""
    code = working(desk, "installation", features=["Zip upload", "Comments"])
    assert {"installed", "test-zip", "test-photo", "report"} <= set(desk.items(code))
    assert not {"backup", "new-version", "root-alias", "configuration"} & set(desk.items(code))
    traits(desk, code, "root", "compiling")
    assert {"root-alias", "compiler", "compiled", "test-zip"} <= set(desk.items(code))
    traits(desk, code)
    assert not {"root-alias", "compiler"} & set(desk.items(code))
    assert "test-zip" in desk.items(code), "what the order says cannot be taken back"
    assert desk.broken() == {}


def test_what_was_touched_stays_when_its_trait_goes(lite_desk: Desk) -> None:
    """A line that was ticked tells what was done, whatever is said later."""
    desk = lite_desk
    code = working(desk)
    traits(desk, code, "root")
    desk.tick(code, desk.ada, "root-alias")
    traits(desk, code)
    assert desk.items(code)["root-alias"].state == "done"


@pytest.mark.row("G13")
def test_no_upgrade_before_the_backup(desk: Desk) -> None:
    """The line waits, says for what, and is free once it is ticked with where, how big and how verified."""
    code = working(desk)
    with pytest.raises(TransitionRefusedError, match="First: Back up the old gallery and all albums"):
        desk.tick(code, desk.ada, "new-version", version="1.5 to 2.3")
    with pytest.raises(InvalidInputError) as missing:
        desk.tick(code, desk.ada, "backup", where="/home/jane/backup")
    assert set(missing.value.problems) == {"size", "verified"}
    assert desk.items(code)["backup"].state == "open"
    item = desk.tick(code, desk.ada, "backup", **BACKUP)
    assert (item.state, item.by_name, item.at) == ("done", "Ada", desk.clock.now)
    assert [answer["value"] for answer in item.answers] == list(BACKUP.values())
    desk.tick(code, desk.ada, "new-version", version="1.5 to 2.3")
    with pytest.raises(TransitionRefusedError, match="was done because of this"):
        untick(desk, code, "backup")
    assert desk.broken() == {}


@pytest.mark.row("G13")
def test_without_space_the_critical_data_is_saved_first(lite_desk: Desk) -> None:
    """The customer's answer brings another line in the place of the backup, and it holds back as well."""
    code = working(lite_desk, disk=["no"], other_space=["My computer."])
    assert "backup" not in lite_desk.items(code)
    with pytest.raises(TransitionRefusedError, match="copy the critical data"):
        lite_desk.tick(code, lite_desk.ada, "new-version", version="2")


@pytest.mark.row("G13")
def test_the_backup_cannot_be_left_out(lite_desk: Desk) -> None:
    """No exceptions: not with the best of reasons."""
    desk = lite_desk
    code = working(desk)
    with pytest.raises(TransitionRefusedError, match=r"can't be left out\. No customer may lose a photo"):
        skip(desk, code, "backup", "It is only a small gallery.")


@pytest.mark.row("G13")
@pytest.mark.parametrize("version", ["gcc 2.96", "3.0.4"])
def test_nothing_is_compiled_with_a_bad_compiler(lite_desk: Desk, version: str) -> None:
    """The line of the compiler is not ticked, and so neither is the one of what is compiled."""
    desk = lite_desk
    code = working(desk)
    traits(desk, code, "compiling")
    with pytest.raises(InvalidInputError, match="Don't compile with GCC"):
        desk.tick(code, desk.ada, "compiler", version=version)
    with pytest.raises(TransitionRefusedError, match="Check the version of the compiler"):
        desk.tick(code, desk.ada, "compiled", what="NetPBM")


@pytest.mark.row("G13")
@pytest.mark.parametrize("missing", ["test-photo", "test-rotate", "test-zip", "own-records", "installed"])
def test_nothing_is_closed_before_it_was_tested(lite_desk: Desk, missing: str) -> None:
    """A photo over HTTP, its rotation, the zip: each of them stands against closing."""
    desk = lite_desk
    code = working(desk, "installation", features=["Zip upload"])
    desk.tick_all(code, desk.ada)
    desk.report(code, desk.ada)
    desk.work()
    for resting in ("test-rotate", "test-photo") if missing in {"installed", "test-photo"} else ():
        untick(desk, code, resting)
    if desk.items(code)[missing].state == "done":
        untick(desk, code, missing)
    with pytest.raises(TransitionRefusedError, match="The checklist has open items"):
        desk.transition(code, "close", desk.ada)


def test_a_line_can_be_left_out_with_a_reason_if_it_says_so(desk: Desk) -> None:
    """The reason is asked for and kept; opening it again forgets it, and the history does not."""
    code = working(desk)
    with pytest.raises(InvalidInputError, match="Say why it does not apply"):
        skip(desk, code, "look-around", "  ")
    item = skip(desk, code, "look-around", "I set this machine up last week.")
    assert (item.state, item.because) == ("skipped", "I set this machine up last week.")
    untick(desk, code, "look-around")
    assert (desk.items(code)["look-around"].state, desk.items(code)["look-around"].because) == ("open", "")
    assert desk.happened(code)[-2:] == ["item-skipped", "item-opened"]


def test_evidence_can_be_a_file(lite_desk: Desk) -> None:
    """Kept under the limits of every file, at its line, and never for the customer's eyes."""
    desk = lite_desk
    code = working(desk)
    shot = {
        "name": "shot",
        "label": "A screenshot",
        "kind": "file",
        "required": True,
        "refuse": [],
        "refusal": "",
    }
    with desk.ctx() as ctx:
        ctx.session.execute(update(Item).where(Item.name == "look-around").values(evidence=[shot]))
    item = desk.items(code)["look-around"]
    with desk.ctx(desk.ada) as ctx:
        upload = Upload("shot.png", 3, io.BytesIO(b"png"))
        tick = Tick("look-around", item.version, new_key())
        checklists.tick(ctx, code, tick, {}, [upload])
    with desk.ctx() as ctx:
        file = ctx.session.scalars(select(File).where(File.item_id == item.id)).one()
    assert (file.name, file.audience) == ("shot.png", "desk")
    assert desk.broken() == {}


def test_a_later_change_of_the_catalogue_changes_no_work_under_way(lite_desk: Desk) -> None:
    """A ticket has copies of its lines."""
    desk = lite_desk
    code = working(desk)
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(ChecklistItem).values(text="Changed", gates=[]))
    assert desk.items(code)["backup"].text == "Back up the old gallery and all albums"


def test_colleagues_help_and_customers_do_not(lite_desk: Desk) -> None:
    """All staff can tick, under their own name."""
    desk = lite_desk
    code = working(desk)
    assert desk.tick(code, desk.ben, "backup", **BACKUP).by_name == "Ben"
    with pytest.raises(NotFoundError):
        desk.tick(code, CUSTOMER, "own-records")


def test_ticking_is_for_work_under_way(lite_desk: Desk) -> None:
    """Not after a release; a new owner starts the work again, and finds what was done."""
    desk = lite_desk
    code = working(desk)
    desk.tick(code, desk.ada, "backup", **BACKUP)
    desk.transition(code, "release", desk.ada, note="No time.")
    with pytest.raises(TransitionRefusedError, match="Start the work first"):
        desk.tick(code, desk.ada, "own-records")
    desk.claim(code, desk.ben)
    desk.write(code, desk.ben)
    desk.work()
    desk.transition(code, "start", desk.ben, note="On the phone.")
    assert desk.items(code)["backup"].by_name == "Ada"
    assert desk.items(code)["own-records"].state == "open"


def test_a_new_round_of_work_asks_for_the_tests_again(desk: Desk) -> None:
    """What was tested before the ticket was opened again proves nothing; the backup stays where it is."""
    code = working(desk)
    desk.finish(code, desk.ada)
    desk.clock.forward(days=2)
    desk.transition(code, "reopen", desk.ben, note="Rotation fails.")
    desk.claim(code, desk.ben)
    desk.write(code, desk.ben)
    desk.work()
    desk.transition(code, "start", desk.ben, note="On the phone.")
    states = {name: item.state for name, item in desk.items(code).items()}
    assert (states["backup"], states["test-rotate"], states["report"]) == ("done", "open", "open")
    with pytest.raises(TransitionRefusedError, match="The closing report has not been sent"):
        desk.transition(code, "close", desk.ben)
    desk.finish(code, desk.ben)
    assert desk.broken() == {}


def test_a_resent_form_does_nothing_more(desk: Desk) -> None:
    """Nor does a key that comes back with other content."""
    code = working(desk)
    tick = Tick("own-records", desk.items(code)["own-records"].version, "k" * 32)
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            assert checklists.tick(ctx, code, tick, {}).state == "done"
    assert desk.happened(code).count("item-done") == 1
    with pytest.raises(KeyReusedError), desk.ctx(desk.ada) as ctx:
        checklists.untick(ctx, code, tick)


@pytest.mark.postgres
@pytest.mark.parametrize("same", [True, False], ids=["the same line", "two lines"])
def test_two_people_tick_at_once(pg_desk: Desk, same: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Different lines: both succeed. The same line: one does, and the other reads who was faster."""
    desk = pg_desk
    code = working(desk)
    names = ["own-records", "own-records" if same else "password-reminder"]
    versions = {name: item.version for name, item in desk.items(code).items()}
    ready, ends = threading.Barrier(2), list[object]()

    def click(number: int) -> None:
        tick = Tick(names[number], versions[names[number]], new_key())
        try:
            with desk.ctx((desk.ada, desk.ben)[number]) as ctx:
                ready.wait()
                checklists.tick(ctx, code, tick, {})
            ends.append("done")
        except PaidSupportError as error:
            ends.append(error)

    threads = [threading.Thread(target=click, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stale = [end for end in ends if isinstance(end, StaleItemError)]
    assert (len(stale), ends.count("done")) == ((1, 1) if same else (0, 2)), ends
    if same:
        assert "has changed" in str(stale[0])
    assert desk.broken() == {}


def test_a_tick_costs_no_colleague_their_move(lite_desk: Desk) -> None:
    """The version of the ticket stays; the owner's claim begins its time anew (G11)."""
    desk = lite_desk
    code = working(desk)
    before = desk.ticket(code)
    desk.clock.forward(days=10)
    desk.tick(code, desk.ben, "password-reminder")
    assert desk.ticket(code).lease_until == before.lease_until
    desk.tick(code, desk.ada, "own-records")
    after = desk.ticket(code)
    assert after.version == before.version
    assert after.lease_until == desk.clock.now + timedelta(days=14)


def test_work_from_before_the_checklist_is_given_one(lite_desk: Desk) -> None:
    """It cannot be closed without; laying it out takes one click."""
    desk = lite_desk
    code = working(desk)
    with desk.ctx() as ctx:
        ctx.session.query(Item).delete()
    with pytest.raises(TransitionRefusedError, match="The checklist has open items"):
        desk.transition(code, "close", desk.ada)
    traits(desk, code)
    assert "backup" in desk.items(code)


def test_notes_and_ticks_do_not_meet(lite_desk: Desk) -> None:
    """An annotation leaves the lines alone."""
    desk = lite_desk
    code = working(desk)
    before = {name: item.version for name, item in desk.items(code).items()}
    with desk.ctx(desk.ben) as ctx:
        annotation.annotate(ctx, code, "Seen.", key=new_key())
    assert {name: item.version for name, item in desk.items(code).items()} == before


def skip(desk: Desk, code: str, name: str, because: str) -> Item:
    """Leave a line out."""
    with desk.ctx(desk.ada) as ctx:
        item = lines.item(ctx.session, tickets.lock(ctx.session, code), name)
        return checklists.skip(ctx, code, Tick(name, item.version, new_key()), because)


def untick(desk: Desk, code: str, name: str) -> Item:
    """Open a line again."""
    with desk.ctx(desk.ada) as ctx:
        item = lines.item(ctx.session, tickets.lock(ctx.session, code), name)
        return checklists.untick(ctx, code, Tick(name, item.version, new_key()))
