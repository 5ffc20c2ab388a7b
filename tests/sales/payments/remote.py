"""A provider in another process: a server that counts, and a client which workers use that can be killed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from paidsupport.kernel.mail.transports import UnclearError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.providers import ConsoleProvider, Known, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep

#: A worker of its own, with the time of the test: the address of the provider, the moment, and what it does.
WORKER = """
import sys
from datetime import datetime
from paidsupport.demo import create_app
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.operations.tasks import Tasks
from paidsupport.testing import mount_of
from tests.sales.payments.remote import Client
app = create_app()
mount = mount_of(app)
configured.made = lambda _make, _values: Client(sys.argv[1])
with app.app_context():
    Tasks(mount.services, mount.database, lambda: datetime.fromisoformat(sys.argv[2])).send_all()
"""


class Bank:
    """What the server has done: payments that customers approved, captured as often as it was asked to."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.back: dict[str, int] = {}
        #: What it does and then does not answer, until it may.
        self.holds = ""
        self.is_held, self.may_answer = threading.Event(), threading.Event()
        self.lock = threading.Lock()

    def serve(self, what: str, name: str, amount: int) -> dict[str, object]:
        """Do it, and tell how all stands."""
        with self.lock:
            self.done[what] += 1
            if what == "refund":
                self.back[name] = amount
        if what == self.holds:
            self.holds = ""
            self.is_held.set()
            self.may_answer.wait(60)
        return {"captured": self.done["capture"], "back": self.back}


class Client(ConsoleProvider):
    """Asks that server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _ask(self, known: Known, what: str, name: str = "", amount: int = 0) -> Truth:
        sent = {"what": what, "name": name, "amount": amount}
        try:
            said = requests.post(self.url, json=sent, timeout=50).json()
        except requests.RequestException as error:
            raise UnclearError(str(error)) from error
        if not said["captured"]:
            return Truth(PaymentStep.APPROVED, remote="R-1")
        back = {name: Money(minor, known.amount.currency) for name, minor in said["back"].items()}
        return Truth(PaymentStep.RECEIVED, known.amount, back, remote="R-1", capture="C-1")

    def begin(self, known: Known) -> Truth:
        return self._ask(known, "begin")

    def look(self, known: Known) -> Truth:
        return self._ask(known, "look")

    def capture(self, known: Known) -> Truth:
        return self._ask(known, "capture")

    def refund(self, known: Known, refund: Refund) -> Truth:
        return self._ask(known, "refund", refund.reference, refund.amount.minor)


@contextmanager
def serving(bank: Bank) -> Iterator[str]:
    """Serve it on a free port; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(bank.serve(sent["what"], sent["name"], sent["amount"])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        bank.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()
