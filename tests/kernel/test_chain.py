"""The hash chain of a history: any change breaks it (P14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel import chain

AT = datetime(2034, 3, 14, 9, 0, 0, 123456, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "code": "PS-7K3F-9QXM",
    "number": 2,
    "kind": "claim",
    "at": AT,
    "actor": ("person", 1, "Ada"),
    "claim_number": 1,
    "data_digest": chain.digest("salt", {"from": "open"}),
}


@pytest.mark.row("P14")
@pytest.mark.parametrize(
    "changed",
    [
        {"code": "PS-7K3F-9QXN"},
        {"number": 3},
        {"kind": "claims"},
        {"at": AT + timedelta(microseconds=1)},
        {"actor": ("clock", 1, "Ada")},
        {"actor": ("person", 2, "Ada")},
        {"actor": ("person", None, "Ada")},
        {"actor": ("person", 1, "Ben")},
        {"claim_number": 2},
        {"data_digest": chain.digest("salt", {"from": "Open"})},
        {"data_digest": chain.digest("Salt", {"from": "open"})},
    ],
    ids=str,
)
def test_any_change_gives_another_link(changed: dict[str, Any]) -> None:
    """Who, what, when, under which claim and with which data: all of it is in the hash."""
    assert chain.link(chain.START, **EVENT | changed) != chain.link(chain.START, **EVENT)


def test_a_link_depends_on_all_links_before_it() -> None:
    """An event cannot be taken out or put elsewhere."""
    assert chain.link("1" * 64, **EVENT) != chain.link(chain.START, **EVENT)


def test_the_same_moment_in_another_zone_is_the_same_link() -> None:
    """Databases give moments back in zones of their own."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert chain.link(chain.START, **EVENT | {"at": elsewhere}) == chain.link(chain.START, **EVENT)


def test_the_order_of_keys_does_not_matter() -> None:
    """PostgreSQL keeps the keys of JSON in an order of its own."""
    assert chain.digest("s", {"a": 1, "b": [2, "ü"]}) == chain.digest("s", {"b": [2, "ü"], "a": 1})


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_fingerprints_tell_apart_where_one_part_ends(one: list[str], other: list[str]) -> None:
    """Moving a character from one field to the next is other content."""
    assert (chain.fingerprint(*one) == chain.fingerprint(*other)) == (one == other)
