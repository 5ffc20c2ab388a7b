"""Hosts, each with a database of its own, and all their connections closed at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.grounds import Ground


@pytest.fixture(scope="session")
def templates() -> dict[tuple[str, str], Path | str]:
    """Databases of hosts with all tables, to be copied."""
    return {}


@pytest.fixture
def ground(
    request: pytest.FixtureRequest, tmp_path: Path, templates: dict[tuple[str, str], Path | str]
) -> Iterator[Ground]:
    """The ground that `grounds` asked for."""
    case, kind = request.param
    made = Ground(case, kind, tmp_path, request, templates=templates)
    yield made
    made.clear()
