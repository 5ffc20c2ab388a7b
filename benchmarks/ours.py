"""paidsupport on its demo site: pages and forms as its own pages write them."""

import hashlib
import json
import re
import sqlite3
import tempfile
import uuid
from contextlib import AbstractContextManager, closing
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import corpus, export
from benchmarks.client import Answer, Session, attribute, field, form_with
from benchmarks.load import Page, Request, get
from benchmarks.machine import ROOT, TMP, call, program
from benchmarks.server import Server, serving
from benchmarks.system import Claimable
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.ledger.tables import is_covered, short

DESK = "/support/desk/"
_ORDER = "/support/order/support"


class Ours(Claimable):
    """The desk on PostgreSQL."""

    name, title, venv = "ours", "paidsupport", "flask"
    #: Fresh tickets and orders for one run; more than two workers can take in its seconds.
    stock = 4000

    @property
    def url(self) -> str:
        """What the site is told about its database."""
        return self.cluster.url(self.database)

    @property
    def environment(self) -> dict[str, str]:
        """How the site is told about its database, and that one machine orders everything."""
        return {
            "FLASK_SQLALCHEMY_DATABASE_URI": self.url,
            "FLASK_SECRET_KEY": "bench-only-not-a-secret-but-long-enough",
            "FLASK_PAIDSUPPORT_ORDERS_PER_HOUR": "1000000",
            "FLASK_PAIDSUPPORT_AUTOMATIC_MAILS_PER_HOUR": "1000000",
            "FLASK_PAIDSUPPORT_FILES": str(TMP / "files"),
        }

    def stamp(self) -> str:
        """Tables or seeds that have changed ask for new rows."""
        sources = [*(ROOT / "migrations/versions").glob("*.py"), Path(__file__).with_name("seed_ours.py")]
        digest = hashlib.sha256(b"".join(source.read_bytes() for source in sorted(sources))).hexdigest()
        return f"{super().stamp()} {digest[:16]}"

    def seed(self) -> None:
        """Migrate, fill."""
        self._command("db", "upgrade")
        self._seed()

    def _seed(self, *arguments: str) -> str:
        seed = ("-m", "benchmarks.seed_ours", self.url, str(self.size), *arguments)
        return call(program(self.venv, "python"), *seed, env=self.environment, nice=not arguments)

    def _command(self, *words: str, may_fail: bool = False) -> str:
        flask = program(self.venv, "flask")
        site = ("--app", "paidsupport.site", "paidsupport")
        return call(flask, *site, *words, env=self.environment, nice=True, may_fail=may_fail)

    def serve(self) -> AbstractContextManager[Server]:
        """Start it."""
        return serving(self.venv, "paidsupport.site:create_app()", self.environment, "/support/healthz")

    def doctor(self) -> str:
        """What the desk's own check of every invariant says of the rows."""
        return self._command("doctor", may_fail=True)

    def exports(self) -> dict[str, dict[str, float]]:
        """What an export of everything costs, by the command and by a worker."""
        with tempfile.TemporaryDirectory(dir=TMP) as folder:
            return export.measure(program(self.venv, "python"), self.environment, Path(folder))

    def sign_in(self, port: int, agent: int) -> Session:
        """Fill in the demo site's log-in form."""
        session = self.visitor(port)
        token = field(session.get("/login").text, "csrf_token")
        known = {"email": corpus.agent_email(agent), "password": corpus.PASSWORD}
        answer = session.post("/login", {**known, "csrf_token": token})
        if answer.status not in {302, 303}:
            raise SystemExit(f"log-in at paidsupport: {answer.status}: {answer.text[:500]}")
        session.token = form_with(session.get(DESK).text, "key")["csrf_token"]
        return session

    def pages(self, port: int) -> dict[str, Page]:
        """Queue, its poll, ticket, search, submit, claim."""
        session = self.sign_in(port, 0)
        queue = session.get(DESK).text
        poll, headers = polled(queue)
        return {
            "queue": get(session, DESK),
            "poll": get(session, poll, headers=headers, expect=(204,)),
            "ticket": get(session, *(f"{DESK}tickets/{code}" for code in self._some_codes())),
            "search": get(session, f"{DESK}?q={corpus.TOPICS[0]}"),
            "submit": self._submit(port),
            "claim": Page(lambda: self._claims(session), session, expect=(303,), writes=True, tidy=self.tidy),
        }

    def _some_codes(self) -> list[str]:
        step = max(self.size // 500, 1)
        some = f"id % {step} = 0 AND id <= {self.size}"
        return self._select(f"SELECT code FROM paidsupport_ticket WHERE {some}")

    def _submit(self, port: int) -> Page:
        customer = self.visitor(port)
        form = form_with(customer.get(_ORDER).text, "key")
        form |= {
            "place": "1",
            "name": "Alex Customer",
            "email": "customer@example.org",
            "host_url": "https://example.org/",
            "details": "Printer does not print. " + "It stopped after the upgrade. " * 8,
        }

        def orders() -> list[Request]:
            forms = (form | {"key": uuid.uuid4().hex} for _ in range(self.stock))
            return [Request(_ORDER, "POST", urlencode(one)) for one in forms]

        return Page(orders, customer, expect=(303,), writes=True, tidy=self.tidy)

    def _claims(self, session: Session) -> list[Request]:
        codes = self.restock(self.stock)
        return [Request(_claim_path(code), "POST", urlencode(_click(session))) for code in codes]

    def restock(self, count: int) -> list[str]:
        """Add fresh tickets after the corpus's."""
        return self._seed("--stock", str(count)).split()

    def tidy(self) -> None:
        """Take away every ticket after the corpus's."""
        # no foreign key is looked at for rows that all go
        self._run("SET session_replication_role = replica", *after(self.size), "VACUUM")

    def is_free(self, session: Session, ticket: str) -> bool:
        """Its page offers the claim."""
        return _claim_path(ticket) in session.get(f"{DESK}tickets/{ticket}").text

    def claim(self, session: Session, ticket: str) -> Answer:
        """Send the form of a page that showed the ticket as new."""
        return session.post(_claim_path(ticket), _click(session))

    def _select(self, query: str) -> list[str]:
        return self.cluster.sql(self.database, query).split()

    def _run(self, *statements: str) -> None:
        self.cluster.sql(self.database, *statements)


class OursOnSqlite(Ours):
    """The desk on SQLite; its file is stamped by a second one."""

    name, title = "lite", "paidsupport on SQLite"

    @property
    def file(self) -> Path:
        """Where its rows are."""
        return TMP / f"ours_{self.size}.sqlite3"

    @property
    def url(self) -> str:
        """What the site is told about its database."""
        return f"sqlite:///{self.file}"

    def prepare(self) -> bool:
        """Make and seed the file, unless it is there; whether it had to."""
        mark = self.file.with_suffix(".stamp")
        if mark.exists() and mark.read_text() == self.stamp():
            self.tidy()
            return False
        for old in self.file.parent.glob(f"{self.file.name}*"):
            old.unlink()
        self._run("PRAGMA journal_mode = WAL")
        self.seed()
        self._run("ANALYZE")
        mark.write_text(self.stamp())
        return True

    def tidy(self) -> None:
        """Take away every ticket after the corpus's."""
        self._run(*after(self.size, search_key="rowid"))

    def _select(self, query: str) -> list[str]:
        with closing(sqlite3.connect(self.file)) as connection:
            return [str(row[0]) for row in connection.execute(query)]

    def _run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.file, isolation_level=None, timeout=60)) as connection:
            for statement in statements:
                connection.execute(statement)


def after(size: int, *, search_key: str = "ticket_id") -> list[str]:
    """Statements that delete every ticket behind the first `size` with all that belongs to it.

    Read from the tables themselves, deepest first, so that one that is added is not forgotten.
    """
    statements = [f"DELETE FROM paidsupport_search WHERE {search_key} > {size}"]
    for column, noun, sign in (("chain", "ledger_line", ""), ("key", "ledger_mark", "@")):
        which = f"SELECT '{sign}ticket:' || id FROM paidsupport_ticket WHERE id > {size}"
        statements.append(f"DELETE FROM paidsupport_{noun} WHERE {column} IN ({which})")
    for table in reversed(metadata.sorted_tables):
        owner = "id" if short(table) == "ticket" else "ticket_id"
        if owner in table.columns and is_covered(table.name):
            which = f"SELECT '{short(table)}:' || id FROM {table.name} WHERE {owner} > {size}"
            statements.append(f"DELETE FROM paidsupport_ledger_mark WHERE key IN ({which})")
        if owner in table.columns:
            statements.append(f"DELETE FROM {table.name} WHERE {owner} > {size}")
    return [*statements, "DELETE FROM paidsupport_attempt"]


def polled(html: str) -> tuple[str, dict[str, str]]:
    """What the queue page asks for again and again: address and headers."""
    tags = re.findall(r"<[a-z][^>]*>", html)
    tag = next(tag for tag in tags if "every" in (attribute(tag, "hx-trigger") or ""))
    return attribute(tag, "hx-get") or "", json.loads(attribute(tag, "hx-headers") or "{}")


def _click(session: Session) -> dict[str, str]:
    """The form of a fresh ticket, each with a key of its own."""
    return {"csrf_token": session.token, "version": "1", "key": uuid.uuid4().hex}


def _claim_path(code: str) -> str:
    return f"{DESK}tickets/{code}/claim"
