"""Real programs of others, for `make test-peers`: each test has its own, with a copy of what was prepared."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.conftest import guard
from tests.peers import request_tracker as trackers
from tests.peers import tryton as trytons
from tests.peers.between import Between
from tests.peers.request_tracker import RequestTracker
from tests.peers.running import NoPeerError
from tests.peers.tryton import Tryton


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that is in this folder, so that `make test` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("peers")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the programs wrote into their logs when a test fails."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for name, peer in item.funcargs.items():
            if isinstance(peer, Tryton | RequestTracker):
                report.sections.append((f"log of {name}", peer.tail()))
    return report


@pytest.fixture(scope="session")
def tryton_prepared() -> Path:
    """A folder with the database of a Tryton and the key to it."""
    try:
        return trytons.prepared()
    except NoPeerError as error:
        guard("tryton", str(error))


@pytest.fixture
def tryton(tryton_prepared: Path, tmp_path: Path) -> Iterator[Tryton]:
    """A Tryton with a company, accounts and an employee, in which nothing has happened yet."""
    folder = tmp_path / "tryton"
    folder.mkdir()
    with Tryton(folder, tryton_prepared) as found:
        yield found


@pytest.fixture
def to_tryton(tryton: Tryton) -> Iterator[Between]:
    """The way to it, which can be cut."""
    with Between(tryton.url) as found:
        yield found


@pytest.fixture(scope="session")
def request_tracker_prepared() -> Path:
    """A folder with the database of a Request Tracker."""
    try:
        return trackers.prepared()
    except NoPeerError as error:
        guard("request-tracker", str(error))


@pytest.fixture
def request_tracker(request_tracker_prepared: Path, tmp_path: Path) -> Iterator[RequestTracker]:
    """A Request Tracker with the tickets of `moved_in`."""
    folder = tmp_path / "request_tracker"
    folder.mkdir()
    with RequestTracker(folder, request_tracker_prepared) as found:
        yield found
