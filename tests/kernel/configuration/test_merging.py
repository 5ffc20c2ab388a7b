"""Two managers on one form, and moving one of several things (P10)."""

from __future__ import annotations

import pytest

from paidsupport.kernel.configuration.merging import ChangedMeanwhileError, merged
from paidsupport.kernel.configuration.order import moved

pytestmark = pytest.mark.row("P10")


def test_what_one_of_them_changed_is_merged() -> None:
    """Each field for itself; both may have changed it to the same."""
    seen = {"name": "Upgrade", "price": "45", "help": ""}
    now = {"name": "Upgrade", "price": "50", "help": "x"}
    assert merged(now, seen, {**seen, "name": "Update", "help": "x"}) == {
        "name": "Update",
        "price": "50",
        "help": "x",
    }


def test_what_both_changed_is_asked() -> None:
    """With what it is now; sent again on top of that, it is replaced."""
    seen, now, typed = {"price": "45"}, {"price": "50"}, {"price": "60"}
    with pytest.raises(ChangedMeanwhileError) as caught:
        merged(now, seen, typed)
    assert caught.value.problems == {
        "price": ["This was changed to “50” meanwhile. Save again to replace that."]
    }
    assert merged(now, caught.value.now, typed) == typed
    with pytest.raises(ChangedMeanwhileError, match="Someone emptied this meanwhile"):
        merged({"price": ""}, seen, typed)


@pytest.mark.parametrize(
    ("to", "order"),
    [("up", "bacd"), ("down", "acbd"), ("1", "bacd"), ("4", "acdb"), ("99", "acdb"), ("-3", "bacd")],
)
def test_a_thing_is_moved(to: str, order: str) -> None:
    """Up, down, to a place, or as far as there are places."""
    assert "".join(moved("abcd", "b", to)) == order


def test_ends_stay_ends() -> None:
    """And nonsense is refused."""
    assert moved("ab", "a", "up") == ["a", "b"]
    assert moved("ab", "b", "down") == ["a", "b"]
    with pytest.raises(ValueError, match="sideways"):
        moved("ab", "a", "sideways")
