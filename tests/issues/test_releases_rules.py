"""Releases come in the order in which they are made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.issues.rules.releases import release_order

pytestmark = pytest.mark.row("T14")


@pytest.mark.parametrize(
    "releases",
    [
        [
            "0.9",
            "1.9",
            "1.10",
            "1.10.1",
            "1.11",
            "2.0-alpha",
            "2.0-rc1",
            "2.0-rc2",
            "2.0-rc10",
            "2.0",
            "10",
            "",
        ],
        ["v1.2", "v1.3", "v1.12"],
        ["2033-12", "2034-1", "2034-11"],
    ],
)
def test_releases_are_in_their_natural_order(releases: list[str]) -> None:
    """And what is meant for none is last."""
    shuffled = sorted(releases)
    shuffled.reverse()
    assert sorted(shuffled, key=release_order) == releases


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
    st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
)
def test_numbers_are_compared_as_numbers(one: list[int], other: list[int]) -> None:
    """However they are spelled, place by place."""
    spelled = [".".join(map(str, each)) for each in (one, other)]
    assert (release_order(spelled[0]) < release_order("v" + spelled[1])) == (one < other)


@given(st.text(max_size=40))
def test_anything_has_an_order_before_none(release: str) -> None:
    """It fits into its column, in signs that both databases order alike."""
    assert release_order(release) <= release_order("")
    assert len(release_order(release)) <= 200
