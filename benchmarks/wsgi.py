"""Asking a WSGI application with neither a server nor a test client in between: nothing else is measured."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Reply(NamedTuple):
    """What came back, and the seconds of the processor that it took."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cpu: float


def ask(
    application: WSGIApplication,
    path: str,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request, to its last byte."""
    environ = _environ(path, method, body, headers or {})
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:  # noqa: ANN401
        told[:] = status, headers

    began = time.process_time()
    chunks: Iterable[bytes] = application(environ, start)
    text = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    spent = time.process_time() - began
    return Reply(int(told[0].split()[0]), told[1], text, spent)


def _environ(path: str, method: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    place, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_REFERER": "http://127.0.0.1/",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
