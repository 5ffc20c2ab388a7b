"""Receivers of webhooks of all kinds of temper, in this process."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

#: What the tests sign with.
SECRET = "whsec_" + base64.b64encode(b"a key of the tests, 32 bytes long").decode()


@dataclass(frozen=True, slots=True)
class Hit:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_signed(self) -> bool:
        """Whether the signature is what the Standard Webhooks say it must be, worked out anew."""
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(self.headers["webhook-signature"], f"v1,{right}")


class Site:
    """An HTTP server in a thread that answers with `status`, or holds every request until `let_go`."""

    def __init__(
        self, *, status: int = 204, location: str = "", holds: bool = False, retry_after: str = ""
    ) -> None:
        self.hits: list[Hit] = []
        self.status = status
        self.reached = threading.Event()
        self._over = threading.Event()
        if not holds:
            self._over.set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            """Keeps what arrives."""

            def do_POST(self) -> None:  # the name is the library's
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.hits.append(Hit(self.path, headers, body))
                site.reached.set()
                site._over.wait(60)
                self.send_response(site.status)
                if location:
                    self.send_header("Location", location)
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.end_headers()

            do_GET = do_POST  # noqa: N815  # likewise

            def log_message(self, *_: Any) -> None:  # noqa: ANN401  # whatever is logged
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook?channel=desk"

    def secure(self, certificate: str, key: str) -> Self:
        """Speak TLS with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        return self

    def let_go(self) -> None:
        """Answer what was held."""
        self._over.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
