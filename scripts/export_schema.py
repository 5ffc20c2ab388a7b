"""Keeps docs/export.schema.json: run it after any table has changed. With --check, nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import paidsupport.tables  # noqa: F401  # every table there is
from paidsupport.ops.export import lines

PATH = Path(__file__).resolve().parent.parent / "docs" / "export.schema.json"


def text() -> str:
    """The schema as it is kept."""
    return json.dumps(lines.schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it, or say whether it is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        PATH.write_text(text(), encoding="utf-8")
    elif not PATH.is_file() or PATH.read_text(encoding="utf-8") != text():
        sys.exit("docs/export.schema.json is not what the tables say: run make schema")


if __name__ == "__main__":
    main()
