"""What the stand-ins have in common: a server in a thread, and what is to go wrong with its answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds for which an answer is held back at most: the caller has given up long before.
_HELD = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    Attributes:
        status: Is answered instead of what the stand-in would say; 0: no answer at all.
        body: The same for the body, which becomes JSON if it is not text.
        headers: Are answered as well.
        handled: Whether the stand-in does what it was asked to do before its answer gets lost.
        held: Whether the connection stays open without an answer until the server ends, or `let_go` is
            called; otherwise it breaks off.
    """

    status: int = 0
    body: object = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    handled: bool = False
    held: bool = False


#: It is done, and the answer does not come.
LATE = Fault(handled=True, held=True)
#: It is done, and the connection breaks off.
LOST = Fault(handled=True)
#: The connection breaks off before anything is done.
AWAY = Fault()


@dataclass(frozen=True, slots=True)
class Hit:
    """A request as it arrived; names of headers in small letters."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever was sent
        """What its body holds."""
        return json.loads(self.body)


class Server:
    """Serves a WSGI app in a thread on this machine, as a context manager.

    Attributes:
        hits: All requests so far, oldest first.
    """

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self.hits: list[Hit] = []
        self._app = app
        self._faults: list[tuple[str, str, Fault]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = make_server("127.0.0.1", port, self._answer, threaded=True, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def next(self, method: str, path: str, *faults: Fault) -> None:
        """Let the next requests go wrong that have this method and path (with `*` for any part of it)."""
        with self._lock:
            self._faults += [(method, path, fault) for fault in faults]

    def let_go(self) -> None:
        """End what is held."""
        self._over.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = get_input_stream(environ).read()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        fault = self._taken(environ, body)
        if fault is None:
            return self._app(environ, start)
        if fault.handled:
            # it is called to its end, whatever its answer is
            b"".join(self._app(environ, _unheard))
        if fault.held:
            self._over.wait(_HELD)
        if not fault.status:
            raise ConnectionAbortedError  # the server closes the connection
        headers = {"Content-Type": "application/json", **fault.headers}
        start(f"{fault.status} {HTTPStatus(fault.status).phrase}", list(headers.items()))
        return [(fault.body if isinstance(fault.body, str) else json.dumps(fault.body)).encode()]

    def _taken(self, environ: WSGIEnvironment, body: bytes) -> Fault | None:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        with self._lock:
            self.hits.append(Hit(method, path, environ.get("QUERY_STRING", ""), headers, body))
            for each in self._faults:
                if each[0] == method and fnmatchcase(path, each[1]):
                    self._faults.remove(each)
                    return each[2]
        return None


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401  # the names are the library's
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Close the connection, which is kept for the next request otherwise."""
        del error, environ
        self.close_connection = True


def _unheard(*_: object) -> Any:  # noqa: ANN401  # what WSGI wants
    return lambda _data: None
