"""Where things may stand: floors in a capability, queries among queries, no arrow up, none too large."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import paidsupport

ROOT = Path(paidsupport.__file__).parent
#: The floors of a capability, by the name of the module or of the folder it lies in.
FLOORS = {
    **dict.fromkeys(("views", "customer_views", "forms", "customer_forms", "api", "cli"), 3),
    "operations": 2,
    **dict.fromkeys(("queries", "tables"), 1),
    "rules": 0,
}
#: Imports that look up all the same, each with its reason.
UPWARD: dict[str, str] = {}
#: The largest share of the lines that a capability may have.
LARGEST = 0.31
#: Where queries may be written: these floors, what proves invariants, the machinery of the database,
#: and the users of the demonstration, which are a site's own.
QUERIES = {"queries", "tables", "invariants"}
MACHINERY = ("kernel.db", "kernel.ledger", "demo.users")


def modules() -> dict[str, ast.Module]:
    """Every module of the package with its source, by its name in the package."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def floor(name: str) -> int | None:
    """The floor of a module, if it stands on one."""
    return next((FLOORS[part] for part in name.split(".") if part in FLOORS), None)


def imported(tree: ast.Module, known: dict[str, ast.Module]) -> Iterator[str]:
    """The modules of ours that a module imports, or imports something from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("paidsupport."):
            base = str(node.module).removeprefix("paidsupport.")
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base


def test_no_module_imports_a_higher_floor() -> None:
    """Views stand on operations, these on queries and tables, and all of them on rules."""
    known = modules()
    upward = set()
    for name, tree in known.items():
        for other in imported(tree, known):
            mine, theirs = floor(name), floor(other)
            if mine is not None and theirs is not None and theirs > mine:
                upward.add(f"{name} -> {other}")
    assert upward == set(UPWARD)


def test_queries_are_written_among_queries() -> None:
    """No other module selects."""
    found = set()
    for name, tree in modules().items():
        if QUERIES & set(name.split(".")) or name.startswith(MACHINERY):
            continue
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        if any(isinstance(call, ast.Name) and call.id == "select" for call in calls):
            found.add(name)
    assert found == set()


def test_no_arrow_leads_up_and_no_capability_is_most_of_it() -> None:
    """The contract between capabilities has no exceptions, and none holds more than 31 % of the lines."""
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]
    assert layers["layers"][-1].startswith("kernel")
    assert "ignore_imports" not in layers
    lines = Counter[str]()
    for path in ROOT.rglob("*.py"):
        lines[path.relative_to(ROOT).parts[0]] += len(path.read_text("utf-8").splitlines())
    shares = {name: number / lines.total() for name, number in lines.items()}
    assert {name: share for name, share in shares.items() if share > LARGEST} == {}
