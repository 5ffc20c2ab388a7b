"""The documentation says what the code does: its tables, commands, map and pictures are held against it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from inspect import signature
from pathlib import Path

import click
import pytest

from paidsupport import PaidSupport
from paidsupport.capabilities import ALL
from paidsupport.catalogue import hooks as catalogue_hooks
from paidsupport.connect.connections import kinds
from paidsupport.demo import content as demo
from paidsupport.engines import engines
from paidsupport.issues import hooks as issue_hooks
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.capability import Capabilities, Capability
from paidsupport.kernel.cli import commands_of
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.transitions import Phase
from paidsupport.ops.cli import described
from paidsupport.sales.bookkeeping import hooks as bookkeeping_hooks
from paidsupport.sales.payments import hooks as payment_hooks
from paidsupport.tickets import hooks as ticket_hooks
from paidsupport.workflows import SHIPPED

ROOT = Path(__file__).resolve().parent.parent


def read(name: str) -> str:
    """A file of the documentation."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_workflow_tables_are_those_of_the_code() -> None:
    """docs/workflows.md holds every table that `workflow show` prints, as it prints it."""
    page = read("docs/workflows.md")
    for workflow in (*SHIPPED.values(), ISSUE):
        for line in described(workflow).splitlines():
            if line.startswith("|"):
                assert line in page, line


def test_guards_and_effects_are_listed_in_their_order() -> None:
    """docs/workflows.md has the tables that a site's own workflow chooses from."""
    page, tickets = read("docs/workflows.md"), engines(Capabilities(ALL))["ticket"]
    assert ", ".join(f"`{name}`" for name in sorted(tickets.guards)) in page
    for phase in Phase:
        names = [f"`{effect.name}`" for effect in tickets.effects if effect.phase is phase]
        assert f"| {phase} | {', '.join(names)} |" in page


def test_every_command_is_explained() -> None:
    """docs/running.md has every command in a heading."""
    headings = " ".join(re.findall(r"^### (.*)$", read("docs/running.md"), re.MULTILINE))
    for name in [*_names(commands_of(Capabilities(ALL))), demo.command.name or ""]:
        assert name in headings, name


def _table(page: str, heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    part = read(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {
        name
        for cell in re.findall(r"^\|([^|]*)\|", part, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }


def test_every_hook_is_on_the_page_about_extending() -> None:
    """It lists each hook that a capability declares, and no others."""
    modules = (catalogue_hooks, ticket_hooks, issue_hooks, payment_hooks, bookkeeping_hooks, kinds)
    found = {name: hook for module in modules for name, hook in vars(module).items()}
    hooks = {name: hook for name, hook in found.items() if isinstance(hook, Hook)}
    assert set(hooks.values()) == {hook for each in ALL for hook in each.hooks}
    assert _table("docs/extending.md", "Hooks") == set(hooks)


def test_everything_a_capability_registers_is_on_the_page_about_extending() -> None:
    """It lists each field of a capability."""
    assert _table("docs/extending.md", "What a capability registers") == {
        each.name for each in fields(Capability)
    }


def test_everything_a_site_may_give_is_on_the_page_about_extending() -> None:
    """It lists each argument of PaidSupport but the application."""
    given = set(signature(PaidSupport).parameters) - {"app"}
    assert _table("docs/extending.md", "What a site gives to `PaidSupport`") == given


def test_the_architecture_page_names_what_is_there() -> None:
    """Every module and folder that it names exists, and every layer is on it."""
    page = read("docs/architecture.md")
    for name in re.findall(r"`(kernel/[\w/]+\.py)`", page):
        assert (ROOT / "paidsupport" / name).exists(), name
    for name in ("kernel", "privacy", *(each.name for each in ALL), "extension", "demo"):
        assert re.search(rf"^{name} ", page, re.MULTILINE), name


def _names(commands: Mapping[str, click.Command], before: str = "") -> list[str]:
    found = []
    for name, command in commands.items():
        if isinstance(command, click.Group):
            found += _names(command.commands, f"{before}{name} ")
        else:
            found.append(before + name)
    return found


def test_the_map_of_the_package_matches_the_tree() -> None:
    """Each folder and module on the map exists, and each one of the package is on the map."""
    plan = re.search(r"## The map of the package.*?```(.*?)```", read("README.md"), re.DOTALL)
    assert plan
    inside = plan[1].split("paidsupport/\n", 1)[1].split("\ntests/", 1)[0]
    named = {name for line in inside.splitlines() for name in re.findall(r"[\w./]+", line[:36])}
    package = ROOT / "paidsupport"
    for name in named:
        assert (package / name).exists(), name
    there = {path.name for path in package.iterdir() if path.name not in {"__pycache__", "py.typed"}}
    assert there <= {name.split("/")[0] for name in named} | {"templates", "static", "translations"}


@pytest.mark.parametrize(
    "page", sorted(["README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))])
)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link and picture in the documentation is there."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page)):
        assert ((ROOT / page).parent / target).exists(), target
