"""Where the bytes of files are: the same promises from a folder and from memory (P5)."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from paidsupport.kernel.errors import NotFoundError, StorageFullError
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.storage import LocalFiles
from tests.memory import MemoryFiles

CONTENT = os.urandom(600_000)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """Each of the stores."""
    return LocalFiles(tmp_path / "files") if request.param == "folder" else MemoryFiles()


class TestEveryStore:
    """What all of them promise."""

    @pytest.mark.row("P5")
    def test_content_comes_back_with_its_size_and_sum(self, store: FileStore) -> None:
        """Also nothing at all, and content in many chunks."""
        for content in (CONTENT, b""):
            kept = store.keep(io.BytesIO(content))
            assert (kept.size, kept.sha256) == (len(content), hashlib.sha256(content).hexdigest())
            with store.open(kept.key) as found:
                assert found.read() == content

    def test_the_same_content_is_kept_apart(self, store: FileStore) -> None:
        """Deleting one file never takes another away; deleting twice does nothing."""
        one, other = (store.keep(io.BytesIO(b"x")).key for _ in range(2))
        store.drop(one)
        store.drop(one)
        with store.open(other) as found:
            assert found.read() == b"x"
        with pytest.raises(NotFoundError):
            store.open(one)

    @pytest.mark.parametrize(
        "key", ["../secret", "/etc/passwd", "", "0" * 39, "0" * 40, "G" * 40, "a\0" * 20]
    )
    def test_unknown_and_made_up_keys_are_not_found(self, store: FileStore, key: str) -> None:
        """A key is no path."""
        with pytest.raises(NotFoundError):
            store.open(key)

    def test_what_was_kept_before_a_moment_is_listed(self, store: FileStore) -> None:
        """For the sweep."""
        kept = store.keep(io.BytesIO(b"x"))
        assert list(store.keys_before(datetime.now(UTC) - timedelta(hours=1))) == []
        assert list(store.keys_before(datetime.now(UTC) + timedelta(hours=1))) == [kept.key]

    @pytest.mark.row("P13")
    def test_the_journal_keeps_its_lines_in_their_order(self, store: FileStore) -> None:
        """And no sweep sees it."""
        assert list(store.remembered()) == []
        for number in range(12):
            store.remember(f"line {number} ü")
        assert list(store.remembered()) == [f"line {number} ü" for number in range(12)]
        assert list(store.keys_before(datetime.now(UTC) + timedelta(hours=1))) == []

    @pytest.mark.row("N9")
    def test_each_journal_keeps_its_own_lines(self, store: FileStore) -> None:
        """And what erasures left in theirs is not among them, nor seen by a sweep."""
        store.remember("erased")
        for number in range(3):
            store.log("heads", f"line {number} ü")
        store.log("sent", "a letter")
        assert list(store.logged("heads")) == [f"line {number} ü" for number in range(3)]
        assert list(store.logged("sent")) == ["a letter"]
        assert list(store.logged("nothing")) == []
        assert list(store.remembered()) == ["erased"]
        assert list(store.keys_before(datetime.now(UTC) + timedelta(hours=1))) == []


@pytest.mark.row("N9")
def test_half_a_line_of_a_journal_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash may leave one; what is written after a failure is in another file, and can be read."""
    store = LocalFiles(tmp_path)
    store.log("heads", "one")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(StorageFullError):
            store.log("heads", "perhaps")
    with next((tmp_path / "journal/heads").iterdir()).open("a") as torn:
        torn.write("half")
    store.log("heads", "two")
    assert list(store.logged("heads")) == ["one", "perhaps", "two"]


@pytest.mark.row("P13")
def test_a_line_of_the_journal_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on the disk under another name before it counts; without room nothing is left of it."""
    store = LocalFiles(tmp_path)
    store.remember("one")
    (tmp_path / "journal/00000000000000000000-aaaaaaaa.new").write_text("cut off in the mid")
    assert list(store.remembered()) == ["one"]

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError):
        LocalFiles(tmp_path / "other").remember("two")
    assert [path for path in (tmp_path / "other").rglob("*") if path.is_file()] == []


def test_a_file_is_on_the_disk_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The content and the folder it is in are both synchronised."""
    synchronised: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synchronised.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    kept = LocalFiles(tmp_path).keep(io.BytesIO(b"x"))
    path = tmp_path / kept.key[:2] / kept.key
    assert synchronised[:2] == [str(path), str(path.parent)]


def test_names_on_disk_are_random_and_nobody_elses_to_read(tmp_path: Path) -> None:
    """Nothing of the content or the given name is in them."""
    kept = LocalFiles(tmp_path).keep(io.BytesIO(b"x"))
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(b"x").hexdigest()[:8] not in kept.key


class FullDisk(io.BytesIO):
    """A file whose second half finds no room any more."""

    def read(self, size: int | None = -1, /) -> bytes:
        """One chunk, then an error."""
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


def test_a_full_disk_is_said_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    """Half a file is no file."""
    with pytest.raises(StorageFullError, match="no room"):
        LocalFiles(tmp_path).keep(FullDisk(CONTENT))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_two_sweeps_at_once_do_not_trip_over_each_other(tmp_path: Path) -> None:
    """A file that another process has just deleted is simply no longer listed."""
    store = LocalFiles(tmp_path)
    (tmp_path / "aa").mkdir()
    keys = [f"aa{number:038}" for number in range(3)]
    for key in keys:
        (tmp_path / "aa" / key).write_bytes(b"x")
    listed = iter(store.keys_before(datetime.now(UTC) + timedelta(hours=1)))
    first = next(listed)
    for key in keys:
        store.drop(key)
    assert [first, *listed] == [first]


def test_a_source_is_read_in_chunks(tmp_path: Path) -> None:
    """A large file is never in memory as a whole."""
    asked: list[int] = []

    class Source(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    source: IO[bytes] = Source(CONTENT)
    LocalFiles(tmp_path).keep(source)
    assert all(0 < size <= 1024 * 1024 for size in asked)
