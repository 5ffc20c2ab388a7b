"""A fresh worker: what its start costs, its first pages, and its memory once it has answered many.

Started as a process of its own by `benchmarks.smoke`, with the site's environment. Reads {"headers": {…},
"tickets": [path, …], "others": [path, …], "requests": 0} from standard input and prints one JSON object:
seconds of the processor, and megabytes.
"""

import json
import sys
import time
from itertools import cycle, islice
from pathlib import Path

from benchmarks.wsgi import ask


def main() -> None:
    """Start, ask, tell."""
    asked = json.load(sys.stdin)
    began = time.process_time()
    # what is measured
    from paidsupport.demo import create_app  # noqa: PLC0415

    imported = time.process_time()
    app = create_app()
    assert ask(app, "/support/healthz").status == 200
    answered = time.process_time()
    first = ask(app, asked["tickets"][0], headers=asked["headers"])
    assert first.status == 200, first
    for path in islice(cycle([*asked["tickets"], *asked["others"]]), asked["requests"]):
        assert ask(app, path, headers=asked["headers"]).status == 200, path
    told = {
        "import": imported - began,
        "first answer": answered,
        "first ticket page": first.cpu,
        "memory": _resident_mb(),
    }
    json.dump(told, sys.stdout)


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


if __name__ == "__main__":
    main()
