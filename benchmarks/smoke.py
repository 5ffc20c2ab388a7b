"""Whether the desk is as quick as it was: a few minutes, in one process, on a busy machine too.

python -m benchmarks.smoke [--tickets 1000] [--rounds 12] [--starts 5] [--requests 1000]

Ours and the bare site of `site_bare` take turns, and the processor's time of one is divided by that of the
other: what else happens on the machine falls on both. Prints a table; exit 1 when a limit is missed. The
limits are what was measured, and 30 % more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks import cluster, measures
from benchmarks.cluster import Cluster
from benchmarks.load import Page, Request
from benchmarks.local import BareHere, BareHereOnSqlite, Local, OursHere, OursHereOnSqlite
from benchmarks.machine import ROOT
from benchmarks.ours import DESK
from benchmarks.wsgi import ask

#: Requests of one page before it is the next one's turn.
_TURN = 8
_READING = ("queue", "poll", "ticket", "search")
_ALSO_BARE = ("queue", "search")
#: What a site as ours cannot do without: the measure for what we add to its start.
_FRAMEWORKS = "flask, flask_login, flask_sqlalchemy, flask_wtf, sqlalchemy.orm, wtforms"
_REFERENCE = f"import {_FRAMEWORKS}, time; print(time.process_time())"


@dataclass(frozen=True)
class Limit:
    """What may be `most`: the cost of `what` divided by that of `against`, or a size where there is none."""

    what: str
    against: str
    most: float


#: What costs a request, with the most it may cost on SQLite and on PostgreSQL.
_PAGES = (
    ("queue", "bare queue", 4.6, 3.2),
    ("ticket", "bare queue", 9.6, 9.3),
    ("ticket", "queue", 3.6, 3.6),
    ("poll", "hello", 3.5, 7),
    ("search", "bare search", 1.5, 2.8),
    ("submit", "bare claim", 9.6, 9.8),
    ("claim", "bare claim", 7.8, 8.3),
    ("queue after a change", "bare queue", 26, 19),
    # 50 tickets each, read from the database and written out
    ("list by API", "queue after a change", 0.8, 0.8),
)
#: On SQLite the database's own work is in it.
LIMITS = (
    *(Limit(what, against, most) for what, against, most, _ in _PAGES),
    # a twelfth of all modules is about payments
    Limit("import", "frameworks", 3.9),
    Limit("first answer", "frameworks", 4.8),
    Limit("first ticket page", "frameworks", 1.7),
    # the set-up, payments and connections are a third of all modules, and every worker has them
    Limit("memory", "", 115),
    Limit("static files gzipped, KB", "", 45),
    Limit("queue page, KB", "", 40),
)
#: On PostgreSQL it is not.
LIMITS_PG = tuple(Limit(what, against, most) for what, against, _, most in _PAGES)


def main() -> int:
    """Measure, print; 1 when something takes longer than it may."""
    asked = _arguments().parse_args()
    found = measure(asked.tickets, asked.rounds, asked.starts, asked.requests)
    print(f"SQLite, {asked.tickets:,} tickets\n\n{table(found, LIMITS)}")
    faults = missed(found, LIMITS)
    if asked.database == "both" and cluster.is_installed():
        found = measure(asked.tickets, asked.rounds, starts=0, requests=0, postgres=True)
        print(f"\nPostgreSQL\n\n{table(found, LIMITS_PG)}")
        faults += missed(found, LIMITS_PG)
    return 1 if faults else 0


def measure(
    tickets: int, rounds: int, starts: int, requests: int, *, postgres: bool = False
) -> dict[str, float]:
    """Everything by its name: milliseconds of the processor, or a size.

    Args:
        tickets: How many there are.
        rounds: How often each page has its turn.
        starts: How often a fresh worker is started; 0 leaves out all that needs one.
        requests: What a fresh worker answers before its memory is looked at.
        postgres: A throw-away PostgreSQL instead of a SQLite file.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as somebody else when root starts this
        ours, bare = stack.enter_context(_contenders(folder, tickets, postgres=postgres))
        ours.stock = bare.claims = (rounds + 1) * _TURN
        ours.seed()
        bare.seed()
        stack.enter_context(ours.opened())
        stack.enter_context(bare.opened())
        mine, theirs = ours.pages(0), bare.pages(0)
        bared = {"hello": theirs["hello"], **{f"bare {name}": theirs[name] for name in _ALSO_BARE}}
        found = _in_turns({**{name: mine[name] for name in _READING}, **bared}, rounds, _TURN)
        writing = {"bare claim": theirs["claim"], "claim": mine["claim"], "submit": mine["submit"]}
        drawn = {"queue after a change": mine["queue"], "list by API": mine["list by API"]}
        found |= _in_turns({**writing, **drawn}, rounds * _TURN, 1)
        found["queue page, KB"] = len(mine["queue"].session.get(DESK).text.encode()) / 1000
        found["static files gzipped, KB"] = measures.static_bytes() / 1000
        return found | (_fresh(ours, mine, starts, requests) if starts else {})


@contextmanager
def _contenders(folder: Path, tickets: int, *, postgres: bool) -> Iterator[tuple[OursHere, BareHere]]:
    if not postgres:
        nowhere = Cluster(0, folder)
        yield OursHereOnSqlite(nowhere, tickets), BareHereOnSqlite(nowhere, tickets)
        return
    with cluster.running(folder / "postgresql") as server:
        contenders = OursHere(server, tickets), BareHere(server, tickets)
        for system in contenders:
            server.create(system.database)
        yield contenders


def _in_turns(pages: dict[str, Page], rounds: int, turn: int) -> dict[str, float]:
    """Milliseconds of the processor for one request of each page, after some that warm.

    The lower quartile: while others keep the processor's caches busy, every request takes longer, and the
    larger one more so than the smaller one.
    """
    requests = {name: cycle(page.requests()) for name, page in pages.items()}
    took: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(rounds + 1):
        for name, page in pages.items():
            for _ in range(turn):
                spent = _cost(page, next(requests[name]))
                if number:
                    took[name].append(spent)
    return {name: _quartile(each) * 1000 for name, each in took.items()}


def _quartile(values: list[float]) -> float:
    return sorted(values)[len(values) // 4]


def _cost(page: Page, request: Request) -> float:
    visitor = page.session
    assert isinstance(visitor, Local)
    headers = {"Cookie": visitor.cookie, **page.headers}
    reply = ask(visitor.app, request.path, request.method, request.body.encode(), headers)
    assert reply.status in page.expect, f"{request.path}: {reply.status}: {reply.body[:500]!r}"
    return reply.cpu


def _fresh(ours: OursHere, pages: dict[str, Page], starts: int, requests: int) -> dict[str, float]:
    """What a process of its own tells, in turns with one that only imports the frameworks."""
    visitor = pages["ticket"].session
    ticket, *others = (pages[name].requests() for name in ("ticket", "queue", "search"))
    asked: dict[str, Any] = {
        "headers": {"Cookie": visitor.cookie},
        "tickets": [one.path for one in ticket],
        "others": [one.path for several in others for one in several],
        "requests": 0,
    }
    script = ("-m", "benchmarks.fresh")
    told: dict[str, list[float]] = {}
    for number in range(starts + 1):
        found = json.loads(_python(ours, *script, said=json.dumps(asked)))
        found["frameworks"] = float(_python(ours, "-c", _REFERENCE))
        for name, seconds in found.items() if number else ():  # the first may have to compile
            told.setdefault(name, []).append(seconds * 1000)
    last = json.loads(_python(ours, *script, said=json.dumps({**asked, "requests": requests})))
    found = {name: _quartile(each) for name, each in told.items()}
    return found | {"memory": last["memory"]}


def _python(ours: OursHere, *arguments: str, said: str = "") -> str:
    # compiled modules are kept, as they are where a site is installed, whatever is set here
    kept = {"PYTHONDONTWRITEBYTECODE": ""}
    if not os.access(ROOT, os.W_OK):
        kept["PYTHONPYCACHEPREFIX"] = str(ours.cluster.home / "compiled")
    done = subprocess.run(
        [sys.executable, *arguments],
        input=said,
        env={**os.environ, **ours.environment, **kept},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def judged(found: dict[str, float], limits: tuple[Limit, ...]) -> dict[Limit, float]:
    """What is held against each limit."""
    return {
        limit: found[limit.what] / (found[limit.against] if limit.against else 1)
        for limit in limits
        if limit.what in found
    }


def table(found: dict[str, float], limits: tuple[Limit, ...]) -> str:
    """The figures beside their limits."""
    rows = [("", "ms", "against", "ms", "measured", "limit", "")]
    for limit, value in judged(found, limits).items():
        costs = (
            (f"{found[limit.what]:.2f}", limit.against, f"{found[limit.against]:.2f}")
            if limit.against
            else ("", "", "")
        )
        verdict = "OK" if value <= limit.most else "MISSED"
        rows.append((limit.what, *costs, f"{value:.2f}", f"{limit.most:g}", verdict))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def missed(found: dict[str, float], limits: tuple[Limit, ...]) -> list[Limit]:
    """Those that were not met."""
    return [limit for limit, value in judged(found, limits).items() if value > limit.most]


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "both"), default="both")
    return parser


if __name__ == "__main__":
    sys.exit(main())
