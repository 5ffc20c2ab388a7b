"""A site under gunicorn with two workers, and what /proc says of its processes."""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import ROOT, TMP, free_port, program

WORKERS = 2
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


class Server:
    """A running gunicorn."""

    def __init__(self, port: int, process: int, first_answer: float) -> None:
        """Remember where it listens, its master, and how long it took to answer."""
        self.port, self.process, self.first_answer = port, process, first_answer

    def cpu_ms(self) -> float:
        """CPU time of the master and its workers so far."""
        return sum(tree_cpu_ms(self.process).values())

    def worker_memory_mb(self) -> float:
        """The resident size of the largest worker."""
        sizes = [_resident_kb(process) for process in tree_cpu_ms(self.process) if process != self.process]
        return max(sizes, default=0) / 1024


@contextmanager
def serving(venv: str, application: str, environment: dict[str, str], path: str = "/") -> Iterator[Server]:
    """Serve a WSGI application for the length of a block; it starts once `path` is answered."""
    port = free_port()
    gunicorn = [program(venv, "gunicorn"), application, "-b", f"127.0.0.1:{port}", "-w", str(WORKERS)]
    quiet = ["--log-level", "warning", "--no-control-socket"]
    began = time.monotonic()
    words = TMP / f"gunicorn-{port}.log"
    with words.open("wb") as log:
        process = subprocess.Popen(
            [*map(str, gunicorn), *quiet],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    try:
        if not _answers(port, path, process):
            raise SystemExit(f"no answer from {path}: {words.read_text()[-3000:]}")
        yield Server(port, process.pid, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(30)
        words.unlink()


def _answers(port: int, path: str, process: "subprocess.Popen[bytes]", limit: float = 60) -> bool:
    """Whether `path` is answered before the process ends or the limit is reached."""
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.01)
    return False


def tree_cpu_ms(master: int) -> dict[int, float]:
    """CPU milliseconds by process of a master and its children; ended children count for the master."""
    spent = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        process, parent = int(folder.name), int(fields[1])
        if process == master:
            spent[process] = sum(map(int, fields[11:15])) * _TICK_MS
        elif parent == master:
            spent[process] = sum(map(int, fields[11:13])) * _TICK_MS
    return spent


def _resident_kb(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
