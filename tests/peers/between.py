"""What lies between us and a real server: passes everything on, and can cut it off at the worst moment."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit


class When(Enum):
    """The moment at which a connection is cut."""

    #: The server has the whole request, and nobody waits for what it does with it.
    SENT = auto()
    #: It has done it and answered; we never hear of it.
    ANSWERED = auto()


@dataclass(frozen=True, slots=True)
class Hit:
    """A request that was passed on, as it was sent."""

    method: str
    path: str
    body: bytes


class Between:
    """Passes requests on to the server at `url`, from an address of its own.

    Attributes:
        hits: What was asked, in order.
    """

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url).netloc
        self.hits: list[Hit] = []
        self._cut: tuple[str, str, When, Callable[[], object]] | None = None
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    between._pass_on(self)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def cut(self, method: str, path: str, when: When, then: Callable[[], object] = lambda: None) -> None:
        """Cut the connection of the next request that has `path` in its path, once.

        Args:
            method: Its method.
            path: A part of its path.
            when: The moment.
            then: What happens just before, as `tryton.kill`.
        """
        self._cut = method, path, when, then

    def asked(self, method: str, path: str) -> int:
        """How often something was asked."""
        return sum(hit.method == method and path in hit.path for hit in self.hits)

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.hits.append(Hit(handler.command, handler.path, body))
        when, then = self._taken(handler)
        connection = http.client.HTTPConnection(self._target, timeout=120)
        try:
            headers = {**dict(handler.headers.items()), "Connection": "close"}
            connection.request(handler.command, handler.path, body or None, headers)
            if when is When.SENT:
                then()
                return
            answer = connection.getresponse()
            content = answer.read()
            if when is When.ANSWERED:
                then()
                return
        except (OSError, http.client.HTTPException):
            return  # it is away: so are we
        finally:
            connection.close()
        handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)

    def _taken(self, handler: BaseHTTPRequestHandler) -> tuple[When | None, Callable[[], object]]:
        if self._cut and self._cut[0] == handler.command and self._cut[1] in handler.path:
            _, _, when, then = self._cut
            self._cut = None
            return when, then
        return None, lambda: None
