"""Moments are UTC in every database, and aware in Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from paidsupport.kernel.attempts import Attempt
from tests.people import Desk

INDIA = timezone(timedelta(hours=5, minutes=30))


def test_a_moment_without_a_zone_is_refused(lite_desk: Desk) -> None:
    """Nobody can tell which moment it would be."""
    naive = datetime(2034, 3, 14, 9, 0)  # noqa: DTZ001  # that is what is tested
    with pytest.raises(StatementError, match="without a time zone"), lite_desk.ctx() as ctx:
        ctx.session.execute(select(Attempt).where(Attempt.at == naive))


def test_a_moment_of_any_zone_comes_back_as_the_same_one_in_utc(desk: Desk) -> None:
    """To the microsecond, on both databases."""
    moment = datetime(2034, 3, 14, 2, 15, 0, 123456, tzinfo=INDIA)
    with desk.ctx() as ctx:
        ctx.session.add(Attempt(kind="test", who="x", at=moment))
    with desk.ctx() as ctx:
        kept = ctx.session.scalars(select(Attempt.at).where(Attempt.kind == "test")).one()
    assert kept == moment
    assert kept.tzinfo is UTC
