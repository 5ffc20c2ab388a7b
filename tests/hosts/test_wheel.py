"""What is built is what was tested: a wheel, installed far from the checkout, mounts into the shop."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import paidsupport
from tests.hosts import shop, visits

pytestmark = [pytest.mark.row("P1"), pytest.mark.slow]

ROOT = Path(__file__).parents[2]
USING = """
import paidsupport, shop, visits
app = shop.create_app()
visits.run(app, "db", "upgrade")
visits.run(app, "paidsupport", "db", "upgrade")
visits.run(app, "db", "check")
assert visits.run(app, "paidsupport", "db", "check") == "The tables match the code.\\n"
visits.open_desk(app)
client = app.test_client()
code = visits.order(client, "/support")
for name in ("paidsupport.css", "paidsupport.js", "vendor/htmx.min.js"):
    with client.get(f"/support/static/{name}") as answer:
        assert answer.status_code == 200, name
print(paidsupport.__file__, code)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)])
    (built,) = folder.glob("*.whl")
    return built


def test_everything_is_inside(wheel: Path) -> None:
    """Code, migrations, templates, style, scripts, licences, catalogue and types; no tests."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "paidsupport"
    wanted = {f"paidsupport/{path.relative_to(package)}" for path in package.rglob("*") if path.is_file()}
    wanted |= {f"paidsupport/{path.relative_to(ROOT)}" for path in (ROOT / "migrations").rglob("*.*")}
    assert {name for name in wanted if "__pycache__" not in name} <= inside
    assert {
        "paidsupport/migrations/env.py",
        "paidsupport/migrations/versions/0001_the_paid_desk.py",
        "paidsupport/py.typed",
        "paidsupport/demo/catalogue.toml",
        "paidsupport/static/paidsupport/paidsupport.css",
        "paidsupport/static/paidsupport/paidsupport.js",
        "paidsupport/static/paidsupport/vendor/htmx.LICENSE",
        "paidsupport/static/paidsupport/vendor/htmx.min.js",
        "paidsupport/kernel/web/templates/_layout.html",
        "paidsupport/tickets/ordering/emails/confirmation/body.txt",
    } <= inside
    assert {name.split("/")[0] for name in inside} == {
        "paidsupport",
        f"paidsupport-{wheel.name.split('-')[1]}.dist-info",
    }


def test_a_host_mounts_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """Upgrade, check, order, downgrade, beside the shop's own migrations, with no checkout in sight."""
    python = _environment(wheel, tmp_path / "venv")
    shutil.copytree(
        Path(shop.__file__).parent, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(visits.__file__, tmp_path)
    file, code = _run([str(python), "-c", USING], tmp_path).splitlines()[-1].split()
    assert Path(file).is_relative_to(tmp_path / "venv")
    assert file != paidsupport.__file__
    flask = [str(python), "-m", "flask", "--app", "shop"]
    assert code in _run([*flask, "paidsupport", "show", code], tmp_path)
    assert "at revision none" in _run([*flask, "paidsupport", "db", "downgrade"], tmp_path)


def _environment(wheel: Path, folder: Path) -> Path:
    """A virtual environment with the wheel; for everything else it looks into ours."""
    venv.create(folder, symlinks=True)
    python = folder / "bin/python"
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--no-deps",
            "--no-index",
            str(wheel),
        ]
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    # a .pth adds its folders behind the environment's own, and reads no .pth there: no editable install
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return python


def _run(command: list[str], folder: Path | None = None) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "FLASK_SECRET_KEY": "a secret",
        "FLASK_SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/shop.sqlite3",
    }
    done = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
