"""A program of others that serves while tests run, in a process of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.postgres import free_port

#: Seconds until a server answers, or something is wrong with it: machines are busy.
PATIENCE = 120
#: How much of a log is shown.
_SHOWN = 6000
# When the tests end, however they do, their end of the pipe is closed, and all of the group is killed.
_DIES_WITH_US = '{ "$@"; kill -KILL 0; } </dev/null & cat >/dev/null; kill -KILL 0'


#: What a program answers, which its tests know better than their types.
Json = Any


class NoPeerError(Exception):
    """A program cannot be had here; the text says why."""


class Served:
    """A server on a port of its own. It dies with the process that started it, also if that is killed.

    Args:
        name: What it is called in messages.
        folder: Where its log is written.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.log, self.port = name, folder / "log", free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        """Start it and wait until its port is open. Raises RuntimeError with its log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _DIES_WITH_US, "sh", *command],  # noqa: S607 - of any system
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        until = time.monotonic() + PATIENCE
        while not self._is_open():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"{self.name} does not serve: {self.tail()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while self._is_open():  # the rest of the group dies a moment later
            time.sleep(0.01)
        if process.stdin:
            process.stdin.close()

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-_SHOWN:] if self.log.exists() else ""

    def _is_open(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False


def cache() -> Path:
    """Where what takes minutes to make is kept from one run to the next."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("PAIDSUPPORT_PEERS") or Path(home, "paidsupport", "peers"))


def kept(name: str, make: Callable[[Path], object]) -> Path:
    """A folder in the cache, which the first process that asks for it makes, where it stays."""
    folder = cache() / name
    with _locked(folder):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / "done").touch()
    return folder


def run(command: Sequence[str | Path], *, seconds: int, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end. Raises RuntimeError with what it said."""
    try:
        subprocess.run(
            command,
            check=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.output or b"").decode(errors="replace")[-_SHOWN:]
        raise RuntimeError(f"{Path(command[0]).name} failed: {error}\n{said}") from error


def copied(source: Path, target: Path) -> None:
    """Copy an SQLite database, as of its last commit."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
