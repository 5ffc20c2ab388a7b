"""Prints the rows of docs/requirements.md that are called done and that no test is marked with.

A test says `@pytest.mark.row("G6")`, or `pytestmark = pytest.mark.row("G6", "N1")` for its whole module.
With --all, the rows for later are printed too. Fails if a done row has no test, or a test names no row.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TABLE_ROW = re.compile(r"^\| *([GTPN]\d+) *\| *(.+?) *\| *(done|later) *\|$", re.MULTILINE)


class Row(NamedTuple):
    """One line of the table."""

    id: str
    text: str
    state: str


def marked_ids(path: Path) -> Iterator[str]:
    """The ids in the row marks of one test module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path.name)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.mark.row", "mark.row"}:
            for argument in node.args:
                if not isinstance(argument, ast.Constant):
                    sys.exit(f"{path}:{argument.lineno}: write the ids of a row mark as plain strings")
                yield str(argument.value)


def main() -> int:
    """Compare the table with the tests; the number returned is the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--all", action="store_true", help="print the rows for later as well")
    options = parser.parse_args()

    table = (ROOT / "docs/requirements.md").read_text(encoding="utf-8")
    rows = [Row(*found) for found in TABLE_ROW.findall(table)]
    tested = {row_id for path in (ROOT / "tests").rglob("*.py") for row_id in marked_ids(path)}

    untested = [row for row in rows if row.id not in tested]
    failing = [row for row in untested if row.state == "done"]
    unknown = sorted(tested - {row.id for row in rows})
    for row in untested if options.all else failing:
        print(f"{row.id:4} {row.state:6} {row.text}")
    for row_id in unknown:
        print(f"{row_id:4} is named by a test, but not in the table")
    done = sum(row.state == "done" for row in rows)
    print(f"{done} of {len(rows)} rows are done, {done - len(failing)} of these have a test")
    return 1 if failing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
