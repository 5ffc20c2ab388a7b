"""Where files are: a local folder, which several machines can share."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from paidsupport.kernel.errors import NotFoundError, StorageFullError
from paidsupport.kernel.files import StoredFile

_CHUNK = 256 * 1024
#: Content of at most so many bytes is overwritten before it is deleted.
_SMALL = 4096
_KEY = re.compile(r"[0-9a-f]{40}")
#: The folder of the journal: longer than the two letters that files are under.
_JOURNAL = "journal"


class LocalFiles:
    """A `FileStore` in a folder that is never served: random names, two letters of fan-out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: Where this process writes each journal.
        self._logs: dict[tuple[int, str], Path] = {}

    def keep(self, source: IO[bytes]) -> StoredFile:
        """Write and fsync before anything is acknowledged. Raises StorageFullError."""
        key = _new_key()
        path = self._path(key)
        digest, size = hashlib.sha256(), 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("xb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            _sync_folder(path.parent)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StorageFullError from error
        except BaseException:
            # what is read may be made as it is read
            path.unlink(missing_ok=True)
            raise
        return StoredFile(key, size, digest.hexdigest())

    def open(self, key: str) -> IO[bytes]:
        """The content under `key`. Raises NotFoundError."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFoundError from None

    def drop(self, key: str) -> None:
        """Delete what is under `key`, if it is there. Small content is overwritten first: it may be a key."""
        path = self._path(key)
        try:
            with path.open("r+b") as target:
                if (size := os.fstat(target.fileno()).st_size) <= _SMALL:
                    target.write(os.urandom(size))
                    target.flush()
                    os.fsync(target.fileno())
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)
        except FileNotFoundError:
            return

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """The keys of files last written before `moment`."""
        for path in self._folder.glob("??/*"):
            try:
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue  # another worker sweeps as well
            if written < moment:
                yield path.name

    def remember(self, line: str) -> None:
        """One file for each line: several machines can share the folder. Raises StorageFullError."""
        folder = self._folder / _JOURNAL
        path = folder / f"{time.time_ns():020}-{secrets.token_hex(4)}"
        unfinished = path.with_suffix(".new")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with unfinished.open("x", encoding="utf-8") as target:
                target.write(line)
                target.flush()
                os.fsync(target.fileno())
            unfinished.rename(path)
            _sync_folder(folder)
            _sync_folder(self._folder)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise StorageFullError from error

    def remembered(self) -> Iterator[str]:
        """Every line of the journal, oldest first; one that was being written when it crashed is none."""
        for path in sorted((self._folder / _JOURNAL).glob("*[0-9a-f]")):
            yield path.read_text(encoding="utf-8")

    def log(self, stream: str, line: str) -> None:
        """Append to a file of this process alone: several machines can share the folder."""
        folder = self._folder / _JOURNAL / stream
        mine = (os.getpid(), stream)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._logs.setdefault(mine, folder / f"{time.time_ns():020}-{secrets.token_hex(4)}")
            is_new = not path.exists()
            with path.open("ab") as target:
                target.write(line.encode() + b"\n")
                target.flush()
                os.fsync(target.fileno())
            if is_new:
                _sync_folder(folder)
                _sync_folder(folder.parent)
        except OSError as error:
            # behind half a line nothing can be read: the next one begins another file
            self._logs.pop(mine, None)
            raise StorageFullError from error

    def logged(self, stream: str) -> Iterator[str]:
        """Every whole line; one that was being written when its process crashed is none."""
        for path in sorted((self._folder / _JOURNAL / stream).glob("*")):
            with path.open(encoding="utf-8") as lines:
                yield from (line[:-1] for line in lines if line.endswith("\n"))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFoundError
        return self._folder / key[:2] / key


def _new_key() -> str:
    return secrets.token_hex(20)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
