"""What a web worker imports before its first answer: every start waits for it, and every worker keeps it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import paidsupport

#: Used by some requests, by commands or by a worker for mails: imported when it is used.
LATE = (
    "alembic",
    "cryptography",
    "dns",
    "drafthorse",
    "email_validator",
    "holidays",
    "imap_tools",
    "imaplib",
    "lxml",
    "markdown_it",
    "nh3",
    "pycountry",
    "pydantic",
    "requests",
    "segno",
    "stdnum",
    "tomlkit",
    "typst",
)
#: Likewise, of ours.
OURS = (
    "paidsupport.kernel.cli",
    "paidsupport.connect.api.models",
    "paidsupport.connect.api.openapi",
    "paidsupport.connect.api.reference",
    "paidsupport.catalogue.operations.file",
    "paidsupport.ops.doctor.doctor",
    "paidsupport.ops.erasure.erasure",
    "paidsupport.privacy.personal.names",
    "paidsupport.kernel.worker",
    "paidsupport.intake.mail.inbound",
    "paidsupport.intake.mail.parse",
    "paidsupport.demo.content",
)
_START = """
import sys
from sqlalchemy import event
from sqlalchemy.orm import Mapper

event.listen(Mapper, "before_configured", lambda: print("MAPPERS"))
import paidsupport.site
print(*sys.modules)
"""
_AND_WORKERS = """
from paidsupport.capabilities import ALL

for each in ALL:
    each.background()
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules of a process that has imported the demonstration, and `MAPPERS` if it set up its tables."""
    done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_few_requests_use_is_imported_late(imported: set[str]) -> None:
    """Neither large libraries nor commands, doctor and mail are there after the import."""
    assert not imported.intersection(LATE)
    assert all(find_spec(name) for name in OURS)
    assert not imported.intersection(OURS)


def test_pages_can_come_to_know_every_sentence_that_is_stored() -> None:
    """Modules that declare one are there from the start, or among what workers do: others nobody imports."""
    script = f"{_START}{_AND_WORKERS}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    root = Path(paidsupport.__file__).parent
    declaring = {
        ".".join(("paidsupport", *file.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        for file in root.rglob("*.py")
        if " storable(" in file.read_text()
    }
    assert len(declaring) > 20
    assert declaring - {"paidsupport.kernel.i18n.stored"} <= set(done.stdout.split())


def test_tables_are_set_up_at_their_first_use(imported: set[str]) -> None:
    """SQLAlchemy sets up all classes of tables together, so nothing at the top of a module may ask for it."""
    assert "sqlalchemy.orm" in imported
    assert "MAPPERS" not in imported
