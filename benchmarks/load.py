"""One timed load of one page: wrk where a page is quick, a few threads where it is slow."""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.client import Session
from benchmarks.cluster import Cluster
from benchmarks.machine import TMP
from benchmarks.server import WORKERS, Server, tree_cpu_ms

CONNECTIONS = 8
#: A page slower than this is not given to wrk, whose runs end while such a page is still awaited.
SLOW_SECONDS = 0.5


class Request(NamedTuple):
    """One request of a load; the body is an encoded form."""

    path: str
    method: str = "GET"
    body: str = ""


@dataclass(frozen=True)
class Page:
    """What is asked, as whom, and which answers are right.

    `requests` is called before every run; what changes rows brings its own fresh ones, and `tidy`
    takes them away afterwards, so that each run finds the tables as they were.
    """

    requests: Callable[[], list[Request]]
    session: Session
    expect: tuple[int, ...] = (200,)
    headers: dict[str, str] = field(default_factory=dict)
    requests_per_view: int = 1
    writes: bool = False
    tidy: Callable[[], None] = lambda: None


def get(session: Session, *paths: str, **options: object) -> Page:
    """A page that only reads; several paths are asked in turn."""
    return Page(lambda: [Request(path) for path in paths], session, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Figures:
    """What one run, or the medians of several, found; CPU is per view, over all processes."""

    views_per_second: float
    p50_ms: float
    p95_ms: float
    app_cpu_ms: float
    db_cpu_ms: float
    view_bytes: float
    views: float
    wrong: float


def median(runs: Iterable[Figures]) -> Figures:
    """The median of every figure."""
    rows = [vars(run) for run in runs]
    return Figures(**{name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]})


def run(page: Page, server: Server, cluster: Cluster, seconds: float) -> Figures:
    """Load a page for some seconds."""
    requests = page.requests()
    took = 0.0 if page.writes else _probe(page, requests)
    app, database = server.cpu_ms(), sum(tree_cpu_ms(cluster.master()).values())
    if took > SLOW_SECONDS:
        found = _by_threads(page, requests, max(1, min(10, int(10 / took))))
    else:
        found = _by_wrk(page, requests, server.port, seconds)
    views = max(found["requests"] / page.requests_per_view, 1)
    app, database = server.cpu_ms() - app, sum(tree_cpu_ms(cluster.master()).values()) - database
    _drain(server)
    page.tidy()
    return Figures(
        views_per_second=found["wanted"] / page.requests_per_view / found["seconds"],
        p50_ms=found["p50"],
        p95_ms=found["p95"],
        app_cpu_ms=app / views,
        db_cpu_ms=database / views,
        view_bytes=found["bytes"] / views,
        views=views,
        wrong=found["unwanted"] + found["failed"],
    )


def _by_wrk(page: Page, requests: list[Request], port: int, seconds: float) -> dict[str, float]:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    lines = (f"{one.method}\t{one.path}\t{one.body}\n" for one in requests)
    script = TMP / "load.txt"
    script.write_text("".join(lines))
    known = {
        "Cookie": page.session.cookie,
        "Referer": f"http://127.0.0.1:{port}/",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    environment = {
        "LOAD_FILE": str(script),
        "LOAD_HEADERS": "\n".join(f"{name}\t{value}" for name, value in {**known, **page.headers}.items()),
        "LOAD_EXPECT": ",".join(map(str, page.expect)),
    }
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "60s"]
    done = subprocess.run(
        [*command, "-s", str(Path(__file__).with_name("load.lua")), f"http://127.0.0.1:{port}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    _, mark, found = done.stdout.partition("JSON")
    if not mark:
        raise SystemExit(f"wrk: {done.stdout}{done.stderr}")
    figures: dict[str, float] = json.loads(found)
    return figures


def _by_threads(page: Page, requests: list[Request], views: int) -> dict[str, float]:
    """Each of `WORKERS` visitors takes some views, one after the other."""

    def ctx(_: int) -> list[tuple[float, int, bool]]:
        return [_timed(page, requests) for _ in range(views)]

    began = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        timings = [timing for visitor in pool.map(ctx, range(WORKERS)) for timing in visitor]
    seconds = time.monotonic() - began
    latencies = sorted(took * 1000 / page.requests_per_view for took, _, _ in timings)
    right = sum(page.requests_per_view for _, _, is_right in timings if is_right)
    asked = len(timings) * page.requests_per_view
    return {
        "seconds": seconds,
        "requests": asked,
        "bytes": sum(size for _, size, _ in timings),
        "wanted": right,
        "unwanted": asked - right,
        "failed": 0,
        "p50": statistics.median(latencies),
        "p95": latencies[int(len(latencies) * 0.95)],
    }


def _timed(page: Page, requests: list[Request]) -> tuple[float, int, bool]:
    """One view: its seconds, its bytes, whether every answer was right."""
    began = time.monotonic()
    answers = [page.session.get(one.path, page.headers) for one in requests[: page.requests_per_view]]
    right = all(answer.status in page.expect for answer in answers)
    return time.monotonic() - began, sum(len(answer.text) for answer in answers), right


def _probe(page: Page, requests: list[Request]) -> float:
    """Seconds of one view; an answer that is not right ends the whole run, with its first words."""
    began = time.monotonic()
    for one in requests[: page.requests_per_view]:
        answer = page.session.get(one.path, page.headers)
        if answer.status not in page.expect:
            raise SystemExit(f"{one.path}: {answer.status}, not {page.expect}: {answer.text[:500]}")
    return time.monotonic() - began


def _drain(server: Server, limit: float = 60) -> None:
    """Wait until the server has worked off what wrk left behind."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        before = server.cpu_ms()
        time.sleep(0.25)
        if server.cpu_ms() - before < 20:
            return
