"""Where a run keeps its things, its virtual environments, and what the machine is."""

import os
import platform
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TMP = Path(os.environ.get("BENCH_TMP") or Path(tempfile.gettempdir()) / "paidsupport-bench")
#: Work that nobody waits for runs at this niceness, so that others on the machine are not in its way.
NICE = 15
_REQUIREMENTS = {
    "flask": ["-e", f"{ROOT}[postgres]", "gunicorn", "psycopg[binary,pool]"],
    "django": ["django-helpdesk", "gunicorn", "psycopg[binary,pool]"],
}


def free_port() -> int:
    """A TCP port of localhost that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(
    *command: str | Path, env: dict[str, str] | None = None, nice: bool = False, may_fail: bool = False
) -> str:
    """What a command prints; its last words when it fails, and those end the run unless it may fail."""
    prefix = ["nice", "-n", str(NICE)] if nice else []
    done = subprocess.run(
        [*prefix, *map(str, command)],
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-2000:]
        if may_fail:
            return words
        raise SystemExit(f"{Path(command[0]).name} {' '.join(map(str, command[1:4]))} …:\n{words}")
    return done.stdout


def program(venv: str, name: str) -> Path:
    """A program of one of our virtual environments, which is made at the first call."""
    home = TMP / f"venv-{venv}"
    mark = home / ".paidsupport-bench"
    project = (ROOT / "pyproject.toml").read_text() if venv == "flask" else ""
    wanted = "\n".join([*_REQUIREMENTS[venv], project])
    if not mark.exists() or mark.read_text() != wanted:
        TMP.mkdir(parents=True, exist_ok=True)
        if not (home / "bin/python").exists():
            call(sys.executable, "-m", "venv", home, nice=True)
        call(home / "bin/pip", "install", "-q", *_REQUIREMENTS[venv], nice=True)
        mark.write_text(wanted)
    return home / "bin" / name


def versions(venv: str) -> dict[str, str]:
    """The packages of a virtual environment that matter to a figure."""
    listed = call(program(venv, "pip"), "freeze", "--exclude-editable")
    pairs = [line.split("==") for line in listed.splitlines() if "==" in line]
    wanted = {"django", "django-helpdesk", "flask", "gunicorn", "jinja2", "psycopg", "sqlalchemy"}
    return {name: version for name, version in pairs if name.lower() in wanted}


def description() -> dict[str, str | int | float]:
    """The machine in a few facts that name nobody."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    models = [
        line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }
