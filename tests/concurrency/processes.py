"""Real processes for the proofs: servers and workers to be killed, and a mail server that counts."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller
from flask import Flask

from paidsupport.demo.users import db
from paidsupport.testing import mount_of
from tests import nursery
from tests.postgres import free_port

_SERVER = """
import sys
from waitress import serve
from paidsupport.demo import create_app
serve(create_app(), host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=1000, ident=None)
"""


@dataclass
class Mailbox:
    """An aiosmtpd handler that remembers every mail it has acknowledged."""

    subjects: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    message_ids: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.message_ids[str(mail["Message-ID"]).strip("<>").split("@")[0]] += 1
        self.subjects[str(mail["X-Paidsupport-Code"]), str(mail["Subject"]).split("] ", 1)[-1]] += 1
        self.kinds[str(mail["X-Paidsupport-Code"]), str(mail["X-Paidsupport-Kind"])] += 1
        return "250 kept"


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[str]:
    """A real SMTP server on a free port; gives its `PAIDSUPPORT_MAIL_URL`."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def letting_go(app: Flask) -> Iterator[None]:
    """End with no connection of this process open: a server that was stopped has closed them unasked."""
    try:
        yield
    finally:
        mount_of(app).database.engine.dispose()
        with app.app_context():
            db.engine.dispose()


class Fleet:
    """Web servers on fixed ports and workers, all of which come back after they were killed."""

    def __init__(self, environment: dict[str, str], log: Path, *, servers: int, workers: int) -> None:
        self._environment = os.environ | environment
        self._log = log.open("ab")
        self.ports = [free_port() for _ in range(servers)]
        #: What each runs, and with which arguments.
        self._commands: list[tuple[str, tuple[str, ...]]] = [(_SERVER, (str(port),)) for port in self.ports]
        self._commands += [(nursery.FLASK, (*nursery.OURS, "worker"))] * workers
        self._running: list[nursery.Child] = []
        self.kills = 0

    def start(self) -> None:
        """Start everything and wait until every server answers."""
        self._running = [self._start(command) for command in self._commands]
        for port in self.ports:
            wait_until(lambda port=port: _answers(port), f"the server on port {port}")

    def kill(self, position: int) -> None:
        """SIGKILL one process, without a word of warning, and start another in its place."""
        victim = self._running[position % len(self._running)]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self._running[position % len(self._running)] = self._start(
            self._commands[position % len(self._running)]
        )
        self.kills += 1

    def is_worker(self, position: int) -> bool:
        """Whether it is a worker that `kill` would kill, and not a server."""
        return position % len(self._commands) >= len(self.ports)

    def stop(self) -> None:
        """End everything at once."""
        for process in self._running:
            process.kill()
            process.wait()
        self._log.close()

    def last_words(self, lines: int = 40) -> str:
        """What they wrote last that tells of a fault."""
        written = Path(self._log.name).read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line for line in written if "parked" in line or "Error" in line or "unavailable" in line]
        return "\n".join(told[-lines:])

    def __len__(self) -> int:
        return len(self._commands)

    def _start(self, command: tuple[str, tuple[str, ...]]) -> nursery.Child:
        code, arguments = command
        return nursery.start(*arguments, code=code, env=self._environment, stdout=self._log, stderr=self._log)


def wait_until(true: Any, what: str, seconds: float = 240) -> None:  # noqa: ANN401  # any callable
    """Wait until `true()` is. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


def in_threads(work: Any, number: int) -> None:  # noqa: ANN401  # any callable of a number
    """Run `work(0)` … `work(number - 1)` at once; the first exception of any is raised."""
    failures: list[BaseException] = []

    def run(position: int) -> None:
        try:
            work(position)
        except BaseException as error:  # noqa: BLE001  # it is raised again below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(position,)) for position in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _answers(port: int) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/support/healthz", timeout=60).ok
    return False
