"""What several tests of the desk share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsupport.testing import take_over
from tests.ops.living import Lived
from tests.people import Desk
from tests.postgres import Postgres
from tests.sites import site


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A desk in which something of everything has happened, once on either kind of database."""
    folder = tmp_path_factory.mktemp("lived")
    server: Postgres | None = None
    if request.param == "sqlite":
        uri = f"sqlite:///{folder / 'lived.sqlite3'}"
    else:
        server = request.getfixturevalue("postgres")
        assert server
        # with another kind between, the same one is made twice in a session
        server.drop_database("lived_in")
        uri = server.create_database("lived_in")
    for app in site(uri, folder):
        lived = Lived(Desk(app, *take_over(app)), folder, server)
        yield lived
        lived.forget()
        # what a test has broken is whole again
        assert lived.desk.broken() == {}
