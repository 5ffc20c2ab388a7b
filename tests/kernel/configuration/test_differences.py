"""What two states of a service differ in (P10)."""

from __future__ import annotations

from typing import Any

import pytest

from paidsupport.kernel.configuration.differences import differences

pytestmark = pytest.mark.row("P10")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"name": "a"}, {"name": "a"}, []),
        (
            {"name": "a", "gone": 1},
            {"name": "b", "new": [1]},
            [("name", "a", "b"), ("new", None, [1]), ("gone", 1, None)],
        ),
        ({"say": {"de": {"name": "x"}}}, {"say": {"de": {"name": "y"}}}, [("say de name", "x", "y")]),
        (["a", "b", "c"], ["a", "x", "c", "d"], [("2", "b", "x"), ("4", None, "d")]),
        (["a", "b", "c"], ["c"], [("1", "a", None), ("2", "b", None)]),
        (["a", "b"], ["b", "a"], [("", ["a", "b"], ["b", "a"])]),
        (
            [{"name": "php", "help": ""}, {"name": "disk"}],
            [{"name": "size"}, {"name": "php", "help": "See"}],
            [("size", None, {"name": "size"}), ("php help", "", "See"), ("disk", {"name": "disk"}, None)],
        ),
        (
            [{"name": "a"}, {"name": "b"}],
            [{"name": "b"}, {"name": "a"}],
            [("", ["a", "b"], ["b", "a"])],
        ),
        (None, {"name": "a"}, [("", None, {"name": "a"})]),
    ],
)
def test_each_piece_that_differs_is_told_once(before: Any, after: Any, told: list[Any]) -> None:  # noqa: ANN401
    """By its path, with what was there and what is; what is the same is left out."""
    assert [(" ".join(path), was, now) for path, was, now in differences(before, after)] == told
