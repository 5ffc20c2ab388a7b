"""Mail servers of all kinds of temper, in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.postgres import free_port


class Mailbox:
    """An aiosmtpd handler that keeps what arrives; `answers` are given to DATA first, one each."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Refuse as long as there are answers, then keep."""
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(envelope)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        """What has arrived, parsed."""
        return [
            message_from_bytes(cast("bytes", envelope.content), policy=POLICY) for envelope in self.envelopes
        ]


@contextmanager
def serving(
    mailbox: Mailbox,
    port: int | None = None,
    *,
    utf8: bool = True,
    **more: Any,  # noqa: ANN401  # of aiosmtpd
) -> Iterator[str]:
    """A real mail server in a thread; gives its address for PAIDSUPPORT_MAIL_URL.

    `utf8`: whether it takes addresses in any letters (SMTPUTF8). `more`: what aiosmtpd takes.
    """
    there = port or free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=there, enable_SMTPUTF8=utf8, **more)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


class RawServer:
    """A mail server that behaves until a certain step, and then does as told.

    `step` is `greeting`, or the verb after which it goes wrong (`DATA` is the end of the mail);
    it then either hangs up, or says nothing for ever (`silent`).
    """

    def __init__(self, step: str, *, silent: bool = False) -> None:
        self.taken: list[bytes] = []
        self.reached = threading.Event()
        self._step = step
        self._silent = silent
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        # wakes the thread that waits for a connection
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as lines:
                if not self._over.is_set():
                    self._talk(connection, iter(lines.readline, b""))

    def _talk(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        if self._goes_wrong("greeting"):
            return
        connection.sendall(b"220 hello\r\n")
        for line in lines:
            verb = line.split(b" ", 1)[0].strip().upper().decode("ascii", "replace")
            if verb == "DATA":
                connection.sendall(b"354 go on\r\n")
                self.taken.append(b"".join(iter(lambda: next(lines), b".\r\n")))
            if self._goes_wrong(verb):
                return
            connection.sendall(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")

    def _goes_wrong(self, step: str) -> bool:
        if step != self._step:
            return False
        self.reached.set()
        if self._silent:
            self._over.wait(60)
        return True
