"""A real Request Tracker 5: Debian's programs with a database of ours, asked over REST 2.

What Debian set up for the whole machine is neither used nor changed: no configuration, no database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests

from tests.peers import moved_in
from tests.peers.running import Json, NoPeerError, Served, copied, kept, run

SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SET_UP = Path("/usr/sbin/rt-setup-database-5")
LIBRARY = "/usr/share/request-tracker5/lib"
LOGIN, PASSWORD = "root", "open-sesame-and-co"

# MailCommand: its mails go into a file that is thrown away
_CONFIGURATION = """
Set($rtname, 'tracker.example');
Set($Organization, 'tracker.example');
Set($Timezone, 'UTC');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.sqlite');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebPath, '');
Set($MailCommand, 'testfile');
Set($InitialdataFormatHandlers, ['perl', 'RT::Initialdata::JSON']);
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
$RT::MasonDataDir = '{folder}/pages';
$RT::MasonSessionDir = '{folder}/sessions';
$RT::VarPath = '{folder}';
1;
"""
_SET_PASSWORD = """
use RT; RT::LoadConfig(); RT::Init();
my $user = RT::User->new(RT->SystemUser); $user->Load($ARGV[0]);
my ($done, $said) = $user->SetPassword($ARGV[1]); die $said unless $done;
"""


class RequestTracker:
    """One Request Tracker with a copy of the prepared database.

    Attributes:
        login: The name of its administrator; the password is `password`.
    """

    login, password = LOGIN, PASSWORD

    def __init__(self, folder: Path, prepared: Path | None = None) -> None:
        """Lay it out in `folder`; without `prepared`, it has no database yet."""
        if not SERVER.exists():
            raise NoPeerError("sh scripts/ensure_tools.sh peers")
        self._served = Served("Request Tracker", folder)
        for name in ("pages", "sessions", "more"):
            (folder / name).mkdir()
        configuration = folder / "configuration.pm"
        configuration.write_text(_CONFIGURATION.format(folder=folder, port=self._served.port))
        self._env = {"RT_SITE_CONFIG": str(configuration), "RT_SITE_CONFIG_DIR": str(folder / "more")}
        self._session = requests.Session()
        self._session.auth = LOGIN, PASSWORD
        self.file = folder / "rt.sqlite"
        if prepared:
            copied(prepared / self.file.name, self.file)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self.kill()

    @property
    def url(self) -> str:
        """Its address; `/REST/2.0` comes after it."""
        return f"http://127.0.0.1:{self._served.port}"

    def start(self) -> None:
        """Serve, at the same address each time."""
        where = ("--host", "127.0.0.1", "--port", str(self._served.port))
        self._served.start([SERVER, *where, "--max-workers", "2"], self._env)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._served.kill()

    def tail(self) -> str:
        """The end of its log."""
        return self._served.tail()

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """What it answers to a question, as its administrator; `path` is what follows `/REST/2.0`."""
        found: dict[str, Any] = self._ask("GET", path, query)
        return found

    def post(self, path: str, content: Mapping[str, object], who: str = "") -> None:
        """Make something, as its administrator or as `who` of the team."""
        self._ask("POST", path, {}, content, who)

    def put(self, path: str, content: Mapping[str, object], who: str = "") -> None:
        """Change something."""
        self._ask("PUT", path, {}, content, who)

    def mail(self, queue: str, message: bytes) -> None:
        """Hand over a mail of a customer, as a mail server does: a new ticket, or more for one."""
        content = {"queue": queue, "action": "correspond", "SessionType": "REST", "message": message}
        answer = requests.post(f"{self.url}/REST/1.0/NoAuth/mail-gateway", content, timeout=120)
        if answer.text.strip() != "ok":
            raise RuntimeError(f"mail: {answer.text}")

    def set_up(self) -> None:
        """Make the database, with the password of its administrator."""
        run([SET_UP, "--action", "init", "--skip-create", "--dba-password", ""], seconds=240, env=self._env)
        command = ["perl", f"-I{LIBRARY}", "-e", _SET_PASSWORD, LOGIN, PASSWORD]
        run(command, seconds=120, env=self._env)
        furnishing = self.file.with_name("furnishing.json")
        furnishing.write_text(moved_in.furnishing())
        data = ("--datafile", furnishing, "--dba-password", "")
        run([SET_UP, "--action", "insert", *data], seconds=120, env=self._env)

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        content: object | None = None,
        who: str = "",
    ) -> Json:
        answer = self._session.request(
            method,
            f"{self.url}/REST/2.0{path}",
            params={name: str(value) for name, value in query.items()},
            json=content,
            auth=(who, who * 2) if who else None,
            timeout=120,
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def prepared() -> Path:
    """A folder with a database full of tickets, to be copied. Raises NoPeerError."""
    sources = "".join(Path(str(name)).read_text() for name in (__file__, moved_in.__file__))
    return kept(f"request-tracker-{hashlib.sha256(sources.encode()).hexdigest()[:12]}", _prepare)


def _prepare(folder: Path) -> None:
    tracker = RequestTracker(folder)
    tracker.set_up()
    with tracker:
        moved_in.fill(tracker)
