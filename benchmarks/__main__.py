"""The whole run: prepare, serve all contenders at all sizes, load them in turns, judge, write, print.

Read from the environment: SIZES, ROUNDS, SECONDS_EACH, SYSTEMS (a part of "djh bare ours"), BENCH_TMP.
`python -m benchmarks prepare` only makes and seeds what a run needs.
"""

import json
import os
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cluster, load, machine, measures, report
from benchmarks.bare import Bare
from benchmarks.cluster import Cluster
from benchmarks.contention import contest
from benchmarks.djh import Djh
from benchmarks.ours import Ours, OursOnSqlite
from benchmarks.server import Server
from benchmarks.system import Claimable, System

SIZES = sorted(int(size) for size in os.environ.get("SIZES", "1000 100000 1000000").split())
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = float(os.environ.get("SECONDS_EACH", "5"))
SYSTEMS = os.environ.get("SYSTEMS", "djh bare ours").split()
RESULTS = Path(__file__).with_name("results")
_CONTENDERS: dict[str, type[System]] = {"djh": Djh, "bare": Bare, "ours": Ours}


def main(arguments: list[str]) -> None:
    """Run everything, or only `prepare`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # every server is stopped on the way out
    machine.TMP.mkdir(parents=True, exist_ok=True)
    with cluster.running() as postgresql:
        contenders = _contenders(postgresql)
        for system in contenders:
            if system.prepare():
                _say(f"seeded {system.title} with {system.size:,} tickets")
        if "prepare" in arguments:
            return
        found = _measure(postgresql, contenders)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.json"
    path.write_text(json.dumps(found, indent=1) + "\n")
    _say(f"wrote {path.relative_to(machine.ROOT)}")
    print(report.markdown(found))


def _contenders(postgresql: Cluster) -> list[System]:
    """All systems at all sizes; SQLite at the middle one only."""
    found = [_CONTENDERS[name](postgresql, size) for size in SIZES for name in SYSTEMS]
    return [*found, OursOnSqlite(postgresql, SIZES[len(SIZES) // 2])] if "ours" in SYSTEMS else found


def _measure(postgresql: Cluster, contenders: list[System]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine.description(),
        "versions": {
            "PostgreSQL": postgresql.sql("postgres", "SHOW server_version"),
            **{venv: machine.versions(venv) for venv in dict.fromkeys(system.venv for system in contenders)},
        },
        "rounds": ROUNDS,
        "seconds": SECONDS,
    }
    with ExitStack() as stack:
        served = [(system, stack.enter_context(system.serve())) for system in contenders]
        found["first_answer_s"] = {_label(system): round(server.first_answer, 2) for system, server in served}
        found["pages"] = _rounds(postgresql, served)
        found["contention"] = _contention(served)
        ours = [(system, server) for system, server in served if isinstance(system, Ours)]
        largest = [pair for pair in ours if pair[0].size == SIZES[-1] or isinstance(pair[0], OursOnSqlite)]
        found["search_ms"] = {_label(system): measures.searches(system, server) for system, server in largest}
        found["weights"] = measures.weights(*largest[0]) if largest else {}
    # of the smallest and the middle size, and on SQLite: whether the memory grows
    exported = [system for system, _ in ours if system.size <= SIZES[len(SIZES) // 2]]
    found["exports"] = {_label(system): system.exports() for system in exported}
    found["doctor"] = {_label(system): system.doctor() for system, _ in ours[:1]}
    return found


def _rounds(postgresql: Cluster, served: list[tuple[System, Server]]) -> dict[str, dict[str, Any]]:
    """Every page once a round, so that what else happens on the machine falls on all alike."""
    runs: dict[tuple[str, str], list[load.Figures]] = {}
    pages = [(s, server, name, page) for s, server in served for name, page in s.pages(server.port).items()]
    for system, server, name, page in pages:
        if not page.writes:
            load.run(page, server, postgresql, 1)  # warm
        runs[_label(system), name] = []
    for turn in range(ROUNDS):
        for system, server, name, page in pages:
            figures = load.run(page, server, postgresql, SECONDS)
            runs[_label(system), name].append(figures)
            told = f"{figures.views_per_second:.1f}/s, {figures.wrong:.0f} wrong"
            _say(f"round {turn + 1}: {_label(system)} {name}: {told}")
    medians: dict[str, dict[str, Any]] = {}
    for (label, name), figures_of in runs.items():
        medians.setdefault(label, {})[name] = vars(load.median(figures_of))
    return medians


def _contention(served: list[tuple[System, Server]]) -> dict[str, dict[str, Any]]:
    """At the middle size, and on SQLite."""
    middle = SIZES[len(SIZES) // 2]
    found: dict[str, dict[str, Any]] = {}
    for system, server in served:
        if isinstance(system, Claimable) and (system.size == middle or isinstance(system, OursOnSqlite)):
            found[_label(system)] = {
                "stale list": contest(system, server.port),
                "after looking": contest(system, server.port, looking=True),
            }
            _say(f"{_label(system)}: {found[_label(system)]}")
    return found


def _label(system: System) -> str:
    return f"{system.name} {system.size}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
