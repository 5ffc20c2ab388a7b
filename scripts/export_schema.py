"""Keeps the schemas in docs: run it after any table has changed. With --check, nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paidsupport.tables  # noqa: F401  # every table there is
from paidsupport.connect.importing import rules as importing
from paidsupport.ops.export import lines

_DOCS = Path(__file__).resolve().parent.parent / "docs"
PATH, IMPORT_PATH = _DOCS / "export.schema.json", _DOCS / "import.schema.json"


def text() -> str:
    """The schema of the lines of an export, as it is kept."""
    return _written(lines.schema())


def import_text() -> str:
    """The schema of the lines that tickets move in as."""
    return _written(importing.schema())


def _written(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it, or say whether it is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    checks = parser.parse_args().check
    for path, wanted in ((PATH, text()), (IMPORT_PATH, import_text())):
        if not checks:
            path.write_text(wanted, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            sys.exit(f"docs/{path.name} is not what the code says: run make schema")


if __name__ == "__main__":
    main()
