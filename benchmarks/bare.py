"""The bare site: what Flask can do at best on this machine."""

from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import corpus
from benchmarks.client import Session
from benchmarks.load import Page, Request, get
from benchmarks.machine import TMP, call, program
from benchmarks.server import Server, serving
from benchmarks.system import System

#: Rows of the table that only claims touch; a run takes each at most once.
CLAIMS = 200_000


class Bare(System):
    """The pages of `site_bare`."""

    name, title, venv = "bare", "bare Flask", "flask"

    @property
    def file(self) -> Path:
        """Its rows once more, in SQLite."""
        return TMP / f"bare_{self.size}.sqlite3"

    def seed(self) -> None:
        """Fill both engines."""
        python = program(self.venv, "python")
        self.file.unlink(missing_ok=True)
        environment = {**self.cluster.environment, "PGDATABASE": self.database}
        for arguments in ([], [str(self.file)]):
            call(python, "-m", "benchmarks.seed_bare", str(self.size), *arguments, env=environment, nice=True)

    def serve(self) -> AbstractContextManager[Server]:
        """Start it."""
        environment = {**self.cluster.environment, "PGDATABASE": self.database, "BARE_SQLITE": str(self.file)}
        return serving(self.venv, "benchmarks.site_bare:application()", environment)

    def sign_in(self, port: int, agent: int) -> Session:
        """A session, which is always agent 1's."""
        del agent
        session = Session(port)
        session.get("/login")
        return session

    def pages(self, port: int) -> dict[str, Page]:
        """The pages that ours are held against."""
        session = self.sign_in(port, 0)
        token = session.get("/login").text

        def claims() -> list[Request]:
            reset = "UPDATE claim SET version = 1, state = 'unassigned', agent = NULL WHERE version > 1"
            self.cluster.sql(self.database, reset, "TRUNCATE claim_audit", "VACUUM claim")
            forms = ({"csrf": token, "id": str(number), "version": "1"} for number in range(1, CLAIMS + 1))
            return [Request("/claim", "POST", urlencode(form)) for form in forms]

        return {
            "queue": get(session, "/queue"),
            "search": get(session, f"/search?q={corpus.TOPICS[0]}"),
            "claim": Page(claims, session, writes=True),
            "hello": get(session, "/"),
            "lite queue": get(session, "/lite/queue"),
        }
