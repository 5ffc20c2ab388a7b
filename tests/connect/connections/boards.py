"""The other side of the connections of tests: a real server that keeps what it was asked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class Board:
    """A board on a socket of its own.

    Attributes:
        status: What it answers.
        headers: What it says besides.
        put: How often it was asked to put each line, by the reference of its task, and in which order.
        lines: What others put there, which the desk reads.
        reached: Whether something has arrived.
    """

    def __init__(self, *, holds: bool = False) -> None:
        self.status = 200
        self.headers: Mapping[str, str] = {}
        self.put: Counter[str] = Counter()
        self.bodies: list[str] = []
        self.lines: list[str] = []
        self.readings = 0
        self.reached = threading.Event()
        self.go_on = threading.Event()
        if not holds:
            self.go_on.set()
        board, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            """Keeps what arrives."""

            def do_POST(self) -> None:  # the name is the library's
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                with lock:
                    board.put[self.path.rpartition("/")[2]] += 1
                    board.bodies.append(body)
                board.reached.set()
                board.go_on.wait(60)
                self._say("line")

            def do_GET(self) -> None:  # as above
                found = ""
                if self.path.startswith("/since/"):
                    with lock:
                        board.readings += 1
                    board.reached.set()
                    board.go_on.wait(60)
                    found = " ".join(board.lines[int(self.path.rpartition("/")[2]) :])
                self._say(found)

            def _say(self, text: str) -> None:
                self.send_response(board.status)
                for name, value in board.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:  # it says nothing
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
