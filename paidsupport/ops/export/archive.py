"""Where an export goes: a zip that is made while it is read, or a folder. Neither needs much memory."""

from __future__ import annotations

import io
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

#: Bytes of a file copied at once.
CHUNK = 256 * 1024
#: Behind the name of what is not finished yet.
_UNFINISHED = ".part"
#: What a zip can say about when a file was made.
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
_MODE = 0o600 << 16


class Archive(Protocol):
    """A place for files, written one after the other."""

    def file(self, name: str, *, packed: bool = True) -> AbstractContextManager[IO[bytes]]:
        """Begin a file, whose folders are made where they are missing."""


#: Writes an export step by step; says after each how many lines there are.
Filling = Callable[[Archive], Iterator[int]]


class Zip:
    """A zip, written to anything that takes bytes."""

    def __init__(self, target: Any, made_at: datetime) -> None:  # noqa: ANN401  # it need not be a whole file
        self.zip = ZipFile(target, "w", allowZip64=True)
        year = min(max(made_at.year, _FIRST_YEAR), _LAST_YEAR)
        self._moment = (year, *made_at.timetuple()[1:6])

    @contextmanager
    def file(self, name: str, *, packed: bool = True) -> Iterator[IO[bytes]]:
        """Begin a file; of any size, for its size is known only at its end."""
        entry = ZipInfo(name, self._moment)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED if packed else ZIP_STORED, _MODE
        with self.zip.open(entry, "w", force_zip64=True) as target:
            yield target


@contextmanager
def _zip(target: Any, made_at: datetime) -> Iterator[Zip]:  # noqa: ANN401  # as above
    archive = Zip(target, made_at)
    try:
        yield archive
        archive.zip.close()
    finally:
        # one that was broken off must not write its end later, when it is collected
        archive.zip.fp = None


class Folder:
    """A folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def file(self, name: str, *, packed: bool = True) -> Iterator[IO[bytes]]:
        """Begin a file."""
        del packed
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as target:
            yield target


class _Chunks:
    """What a zip has written and no reader has taken yet."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def take(self, most: int) -> bytes:
        taken, missing = [], most
        while self._waiting and missing > 0:
            chunk = self._waiting.popleft()
            if len(chunk) > missing:
                self._waiting.appendleft(chunk[missing:])
                chunk = chunk[:missing]
            taken.append(chunk)
            missing -= len(chunk)
        self.size -= most - missing
        return b"".join(taken)


class ZipStream(io.RawIOBase):
    """A zip that is made as it is read: so much of it is in memory as was asked for."""

    def __init__(self, fill: Filling, made_at: datetime, told: Callable[[int], None]) -> None:
        """Args: what writes it; when it is made; who hears how many lines there are."""
        self._chunks = _Chunks()
        self.lines = 0
        self._steps = self._filled(fill, made_at)
        self._told = told

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """As much as there is to read, at most `size` bytes."""
        while size < 0 or self._chunks.size < size:
            lines = next(self._steps, None)
            if lines is None:
                break
            self.lines = lines
            self._told(lines)
        return self._chunks.take(self._chunks.size if size < 0 else size)

    def close(self) -> None:
        """Break it off, if it is not at its end."""
        self._steps.close()
        super().close()

    def _filled(self, fill: Filling, made_at: datetime) -> Generator[int, None, None]:
        with _zip(self._chunks, made_at) as archive:
            yield from fill(archive)


def write_zip(path: Path, fill: Filling, made_at: datetime) -> int:
    """Write a zip at `path`, which appears there once it is whole; returns how many lines there are.

    Raises:
        FileExistsError: There is something already.
        OSError: There is no room. Nothing is left behind.
    """

    def write(unfinished: Path) -> int:
        with unfinished.open("xb") as target, _zip(target, made_at) as archive:
            return _last(fill(archive))

    return _whole(path, write, lambda unfinished: unfinished.unlink(missing_ok=True))


def write_folder(path: Path, fill: Filling) -> int:
    """Write into a new folder at `path`; as `write_zip`."""

    def write(unfinished: Path) -> int:
        unfinished.mkdir(mode=0o700)
        return _last(fill(Folder(unfinished)))

    return _whole(path, write, lambda unfinished: shutil.rmtree(unfinished, ignore_errors=True))


def copied(source: IO[bytes], target: IO[bytes]) -> Iterator[None]:
    """Copy a file, step by step."""
    while chunk := source.read(CHUNK):
        target.write(chunk)
        yield


def _whole(path: Path, write: Callable[[Path], int], drop: Callable[[Path], object]) -> int:
    unfinished = path.with_name(f"{path.name}{_UNFINISHED}")
    for there in (path, unfinished):
        if there.exists():
            raise FileExistsError(str(there))
    try:
        lines = write(unfinished)
        unfinished.rename(path)
    except BaseException:
        drop(unfinished)
        raise
    return lines


def _last(steps: Iterator[int]) -> int:
    lines = 0
    for lines in steps:  # noqa: B007  # the last one counts
        pass
    return lines
