"""Moving one of several things in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def moved(things: Sequence[T], thing: T, to: str) -> list[T]:
    """The things in their new order.

    Args:
        things: All of them, in order.
        thing: The one that is moved.
        to: `up`, `down`, or the number of its new place, from 1; a number beyond the end is the end.

    Raises:
        ValueError: `to` is none of these, or the thing is not among them.
    """
    place = things.index(thing)
    wanted = {"up": place - 1, "down": place + 1}.get(to)
    wanted = int(to) - 1 if wanted is None else wanted
    others = [each for number, each in enumerate(things) if number != place]
    others.insert(min(max(wanted, 0), len(others)), thing)
    return others
