"""The bare site: what Flask can do at best on this machine."""

from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import corpus
from benchmarks.client import Session
from benchmarks.load import Page, Request, get
from benchmarks.machine import TMP, call, program
from benchmarks.server import Server, serving
from benchmarks.site_bare import TOKEN
from benchmarks.system import System

#: Takes every claim back.
_RESET = "UPDATE claim SET version = 1, state = 'unassigned', agent = NULL WHERE version > 1"


class Bare(System):
    """The pages of `site_bare`."""

    name, title, venv = "bare", "bare Flask", "flask"
    #: Rows of the table that only claims touch; a run takes each at most once.
    claims = 200_000

    @property
    def file(self) -> Path:
        """Its rows once more, in SQLite."""
        return TMP / f"bare_{self.size}.sqlite3"

    def seed(self) -> None:
        """Fill both engines."""
        python = program(self.venv, "python")
        self.file.unlink(missing_ok=True)
        environment = {**self.cluster.environment, "PGDATABASE": self.database}
        for file in ([], [str(self.file)]):
            many = str(self.size), str(self.claims)
            call(python, "-m", "benchmarks.seed_bare", *many, *file, env=environment, nice=True)

    def serve(self) -> AbstractContextManager[Server]:
        """Start it."""
        environment = {**self.cluster.environment, "PGDATABASE": self.database, "BARE_SQLITE": str(self.file)}
        return serving(self.venv, "benchmarks.site_bare:application()", environment)

    def sign_in(self, port: int, agent: int) -> Session:
        """A session, which is always agent 1's."""
        del agent
        session = self.visitor(port)
        session.get("/login")
        return session

    def pages(self, port: int) -> dict[str, Page]:
        """The pages that ours are held against."""
        session = self.sign_in(port, 0)
        return {
            "queue": get(session, "/queue"),
            "search": get(session, f"/search?q={corpus.TOPICS[0]}"),
            "claim": Page(self._claims, session, writes=True),
            "hello": get(session, "/"),
            "lite queue": get(session, "/lite/queue"),
        }

    def _claims(self) -> list[Request]:
        self.reset()
        forms = ({"csrf": TOKEN, "id": str(number), "version": "1"} for number in range(1, self.claims + 1))
        return [Request("/claim", "POST", urlencode(form)) for form in forms]

    def reset(self) -> None:
        """Let nobody hold a ticket."""
        self.cluster.sql(self.database, _RESET, "TRUNCATE claim_audit", "VACUUM claim")
