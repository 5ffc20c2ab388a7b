"""What an export of everything costs: time, and the most memory that its process ever had.

python -m benchmarks.export URL    exports a database, migrated and filled by seed_ours, by the command and
                                   as a worker does it
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.machine import ROOT

_COMMAND = ("-m", "flask", "--app", "paidsupport.site", "paidsupport", "export", "all")
#: Makes an export as a worker does after a manager has asked for it, and deletes it.
_WORKER = """
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.worker import Worker
from paidsupport.ops.export import ending, making
from paidsupport.ops.export.queries import exports
from paidsupport.ops.export.tables import ALL, Export
from paidsupport.site import create_app
from paidsupport.testing import mount_of

app = create_app()
with app.app_context():
    mount = mount_of(app)
    asked = {"kind": ALL, "asked_by_id": 1, "asked_by_name": "Agent 0", "asked_at": mount.clock()}
    with mount.database.writing() as session:
        session.add(Export(reference=new_reference(), **asked))
    assert making.make_next(Worker(mount.services, mount.database, mount.transport, mount.clock))
    with mount.database.writing() as session:
        made = exports.newest(session)[0]
        assert made.state == "ready", made.problem
        print(made.size)
        ending.expire(Context(mount.services, session, CLOCK, made.expires_at), made.id)
"""


def measure(python: str | Path, environment: Mapping[str, str], folder: Path) -> dict[str, dict[str, float]]:
    """Export everything by the command, and as a worker does it, each in a process of its own.

    Args:
        python: The interpreter that has paidsupport.
        environment: How the site is told about its database.
        folder: Where a zip and a store of files can be.
    """
    target = folder / "desk.zip"
    own = {**environment, "FLASK_PAIDSUPPORT_FILES": str(folder / "files")}
    command, _ = _measured([str(python), *_COMMAND, str(target)], own)
    size = target.stat().st_size
    target.unlink()
    worker, told = _measured([str(python), "-c", _WORKER], own)
    return {"command": {**command, "zip_mb": _mb(size)}, "worker": {**worker, "zip_mb": _mb(int(told))}}


def _measured(command: list[str], environment: Mapping[str, str]) -> tuple[dict[str, float], str]:
    """What a process costs, and what it prints last."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.read().split()
    _, status, used = os.wait4(process.pid, 0)  # of this process alone, not of all that ran before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the export failed: {' '.join(told)[-2000:]}")
    figures = {
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
    }
    return figures, told[-1] if told else ""


def _mb(size: int) -> float:
    return round(size / 1_000_000, 1)


def main(url: str) -> None:
    """Print the figures of one database."""
    site = {
        "FLASK_SQLALCHEMY_DATABASE_URI": url,
        "FLASK_SECRET_KEY": "bench-only-not-a-secret-but-long-enough",
    }
    with tempfile.TemporaryDirectory() as own:
        for way, figures in measure(sys.executable, site, Path(own)).items():
            print(way, *(f"{name}: {figure}" for name, figure in figures.items()), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1])
