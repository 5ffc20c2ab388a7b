"""A store of files and a receiver of webhooks that forget."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.files import StoredFile


class MemoryFiles:
    """A `FileStore` whose content is gone when the process ends."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, datetime]] = {}
        self._journal: list[str] = []
        self._logs: dict[str, list[str]] = {}

    def keep(self, source: IO[bytes]) -> StoredFile:
        """Keep the content until the process ends."""
        content, key = source.read(), secrets.token_hex(20)
        self._kept[key] = (content, datetime.now(UTC))
        return StoredFile(key, len(content), hashlib.sha256(content).hexdigest())

    def open(self, key: str) -> IO[bytes]:
        """The content under `key`. Raises NotFoundError."""
        if key not in self._kept:
            raise NotFoundError
        return io.BytesIO(self._kept[key][0])

    def drop(self, key: str) -> None:
        """Forget what is under `key`, if it is there."""
        self._kept.pop(key, None)

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """The keys of what was kept before `moment`."""
        yield from [key for key, (_, at) in self._kept.items() if at < moment]

    def remember(self, line: str) -> None:
        """Add a line to the journal until the process ends."""
        self._journal.append(line)

    def remembered(self) -> Iterator[str]:
        """Every line of the journal, oldest first."""
        yield from self._journal

    def log(self, stream: str, line: str) -> None:
        """Add a line to this journal until the process ends."""
        self._logs.setdefault(stream, []).append(line)

    def logged(self, stream: str) -> Iterator[str]:
        """Every line of this journal."""
        yield from self._logs.get(stream, [])


@dataclass(frozen=True, slots=True)
class Posted:
    """A delivery as `MemoryReceiver` has it."""

    reference: str
    body: bytes
    at: datetime


class MemoryReceiver:
    """A `Receiver` of webhooks that remembers."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Keep it until the process ends."""
        self.posted.append(Posted(reference, body, at))
