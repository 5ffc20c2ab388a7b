"""What `make bench-smoke` measures: run small, so that it cannot rot. What it finds is not judged here."""

from __future__ import annotations

import pytest

from benchmarks import smoke
from benchmarks.smoke import LIMITS, LIMITS_PG, Limit


def test_every_figure_on_sqlite_is_measured() -> None:
    """Each limit has something that is held against it, a fresh worker and its memory included."""
    found = smoke.measure(tickets=40, rounds=1, starts=1, requests=3)
    values = smoke.judged(found, LIMITS)
    assert list(values) == list(LIMITS)
    assert min(values.values()) > 0
    assert smoke.table(found, LIMITS).count("\n") == len(LIMITS)


@pytest.mark.postgres
def test_every_figure_on_postgresql_is_measured() -> None:
    """Pages and forms are asked for on PostgreSQL as well."""
    found = smoke.measure(tickets=40, rounds=1, starts=0, requests=0, postgres=True)
    assert list(smoke.judged(found, LIMITS_PG)) == list(LIMITS_PG)


def test_what_takes_longer_than_it_may_is_told() -> None:
    """The table says which limit was missed, and the command fails."""
    limits = Limit("ticket", "queue", 3), Limit("memory", "", 100)
    found = {"ticket": 4.0, "queue": 1.0, "memory": 99.0}
    assert smoke.missed(found, limits) == [limits[0]]
    missed, met = smoke.table(found, limits).splitlines()[1:]
    assert missed.endswith("MISSED")
    assert met.endswith("OK")
