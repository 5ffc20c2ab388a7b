"""What is measured of paidsupport alone: searches, memory, weights."""

import gzip
import re
import statistics
import time
from urllib.parse import quote

from benchmarks import corpus, load
from benchmarks.machine import ROOT
from benchmarks.ours import DESK, Ours
from benchmarks.server import WORKERS, Server

_REQUESTS = 10_000
_REPEATS = 9


def searches(system: Ours, server: Server) -> dict[str, float]:
    """Milliseconds of one search, asked alone: the median, after one that warms."""
    session = system.sign_in(server.port, 0)
    found = {}
    for kind, words in corpus.QUERIES.items():
        took = []
        for _ in range(_REPEATS + 1):
            began = time.monotonic()
            assert session.get(f"{DESK}?q={quote(words)}").status == 200
            took.append((time.monotonic() - began) * 1000)
        found[kind] = round(statistics.median(took[1:]), 1)
    return found


def weights(system: Ours, server: Server) -> dict[str, float]:
    """Sizes: of a worker that has answered thousands, of the queue page, of everything static."""
    session = system.sign_in(server.port, 0)
    queue = session.get(DESK).text
    return {
        "worker_mb": round(_memory_after(system, server), 1),
        "requests_per_worker": _REQUESTS,
        "queue_kb": round(len(queue.encode()) / 1000, 1),
        "queue_rows": len(set(re.findall(rf"{DESK}tickets/(PS-[^/\"?]+)", queue))),
        "static_kb_gzipped": round(static_bytes() / 1000, 1),
    }


def _memory_after(system: Ours, server: Server) -> float:
    """The largest worker's megabytes once every worker has had its share of reading requests."""
    pages = system.pages(server.port)
    paths = [page.requests() for name, page in pages.items() if name in {"queue", "ticket", "search"}]
    mixed = load.get(pages["queue"].session, *(one.path for requests in paths for one in requests))
    answered = 0.0
    while answered < _REQUESTS * WORKERS:
        answered += load.run(mixed, server, system.cluster, 10).views
    return server.worker_memory_mb()


def static_bytes() -> int:
    """What all static files that are sent as text weigh together, gzipped."""
    files = (ROOT / "paidsupport/static").rglob("*")
    return sum(
        len(gzip.compress(path.read_bytes())) for path in files if path.suffix in {".css", ".js", ".svg"}
    )
