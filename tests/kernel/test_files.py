"""Files of a ticket: limited, named harmlessly, and swept up when their transaction failed (P5)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from paidsupport.kernel import files
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.files import MEGABYTE, Upload
from paidsupport.kernel.text import BadTextError
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.operations import files as operations_files
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.queries import pages
from tests.memory import MemoryFiles
from tests.people import Desk

pytestmark = pytest.mark.row("P5")


def upload(name: str, size: int = 1) -> Upload:
    """A file with this name that says it has this size."""
    return Upload(name, size, io.BytesIO(b"x"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\jane\\a.txt", "a.txt"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        (" .htaccess ", "htaccess"),
        ("<script>alert(1)</script>.svg", "script>.svg"),
        ("ü\u0308.txt", "ü\u0308.txt"),
        ("Фото.jpg", "Фото.jpg"),
    ],
)
def test_a_name_is_the_last_part_of_a_path_and_never_a_path(name: str, kept: str) -> None:
    """Neither of Unix nor of Windows, and never hidden."""
    assert files.tidy_name(name) == kept


@pytest.mark.parametrize("name", ["a\nb.txt", "a\r\nX-Other: header", "x\0.jpg", "\u202egpj.exe", "x" * 121])
def test_a_name_that_could_do_harm_is_refused(desk: Desk, name: str) -> None:
    """No line ends, no hidden direction, nothing endless; the sentence stands at the field."""
    with pytest.raises(BadTextError):
        files.tidy_name(name)
    code = desk.order()
    with pytest.raises(InvalidInputError) as refused:
        desk.annotate(code, desk.ada, uploads=[upload(name)])
    assert set(refused.value.problems) == {"files"}


def test_a_refused_name_says_which_file(lite_desk: Desk) -> None:
    """The end of its name, where it differs from others, in characters that do no harm."""
    code = lite_desk.order()
    sent = [upload("plan.pdf"), upload("x" * 200 + "-minutes.pdf"), upload("\u202egpj.exe")]
    with pytest.raises(InvalidInputError) as refused:
        lite_desk.annotate(code, lite_desk.ada, uploads=sent)
    long, turned = refused.value.problems["files"]
    assert long.startswith("Rename “x")
    assert "-minutes.pdf” and choose it again" in long
    assert turned.startswith("Rename “?gpj.exe” and choose it again")


def test_a_file_is_kept_with_its_row_and_in_history(desk: Desk) -> None:
    """Under another name on disk; its content is what came."""
    code, another = desk.order(), desk.order()
    desk.annotate(code, desk.ada, uploads=[upload("a.txt"), upload("a.txt")])
    ticket = desk.ticket(code)
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(File)).all()
        (event,) = [e for e in pages.history(ctx, ticket) if e.kind == "annotated"]
        assert [row.name for row in rows] == ["a.txt", "a.txt"]
        assert event.data["files"] == [{"size": 1, "sha256": row.sha256} for row in rows]
        with ctx.services.files.open(rows[0].storage_key) as content:
            assert content.read() == b"x"
        assert pages.file_for_desk(ctx.session, code, rows[0].reference).id == rows[0].id
        for other, reference in ((another, rows[0].reference), (code, "made-up")):
            with pytest.raises(NotFoundError):
                pages.file_for_desk(ctx.session, other, reference)
    assert desk.broken() == {}


@pytest.mark.parametrize(
    ("uploads", "sentence"),
    [
        ([upload("a")] * 6, "up to 5 files"),
        ([upload("big.zip", 10 * MEGABYTE + 1)], "“big.zip” is too large. A file can have up to 10 MB."),
        ([upload("a", 10 * MEGABYTE)] * 5, "together can have up to 50 MB"),
    ],
)
def test_limits_are_said_in_numbers_and_nothing_is_kept(
    lite_desk: Desk, uploads: list[Upload], sentence: str
) -> None:
    """Too many at once, too large, too much for one ticket."""
    desk = lite_desk
    store = MemoryFiles()
    with desk.ctx() as ctx:
        mount_of(desk.app).services = replace(ctx.services, files=store)
    code = desk.order()
    desk.annotate(code, desk.ada, "One already.", uploads=[upload("first")])
    with pytest.raises(InvalidInputError, match=sentence):
        desk.annotate(code, desk.ada, "More.", uploads=uploads)
    assert len(store._kept) == 1
    assert desk.happened(code) == ["submitted", "annotated"]


def test_the_sweep_takes_what_no_row_knows_and_nothing_else(desk: Desk) -> None:
    """A file whose transaction failed stays for a day, then goes."""
    code = desk.order()
    desk.annotate(code, desk.ada, uploads=[upload("kept.txt")])
    store = mount_of(desk.app).services.files

    ticket = desk.ticket(code)

    def fail() -> None:
        with desk.ctx(desk.ada) as ctx:
            operations_files.attach(ctx, ticket, [upload("lost.txt")], audience="desk")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    now = datetime.now(desk.clock.now.tzinfo)
    assert len(list(store.keys_before(now + timedelta(hours=1)))) == 2
    with desk.ctx() as ctx:
        assert operations_files.sweep(ctx, now - timedelta(hours=1)) == 0
        assert operations_files.sweep(ctx, now + timedelta(hours=1)) == 1
        assert operations_files.sweep(ctx, now + timedelta(hours=1)) == 0
    assert desk.broken() == {}


class Crowded(MemoryFiles):
    """A store with more files than a statement may have parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0

    def keys_before(self, moment: datetime) -> Iterator[str]:  # noqa: ARG002  # as the protocol has it
        """Very many keys."""
        return (f"{number:040}" for number in range(70_000))

    def drop(self, key: str) -> None:  # noqa: ARG002  # likewise
        """Count."""
        self.dropped += 1


def test_a_store_of_any_size_can_be_swept(desk: Desk) -> None:
    """Otherwise the worker would stop at its sweep and send no mail any more."""
    store = Crowded()
    with desk.ctx() as ctx:
        crowded = Context(replace(ctx.services, files=store), ctx.session, ctx.by, ctx.now)
        assert operations_files.sweep(crowded, ctx.now) == 70_000
    assert store.dropped == 70_000


def test_a_file_that_is_gone_is_found_by_the_doctor(lite_desk: Desk) -> None:
    """Rows without content are no files."""
    code = lite_desk.order()
    lite_desk.annotate(code, lite_desk.ada, uploads=[upload("a")])
    with lite_desk.ctx() as ctx:
        ctx.services.files.drop(ctx.session.scalars(select(File.storage_key)).one())
    assert set(lite_desk.broken()) == {"files exist"}
