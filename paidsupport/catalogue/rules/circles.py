"""What waits for itself, over however many others: found with the whole way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def circle(start: str, leads_to: Mapping[str, Iterable[str]]) -> list[str]:
    """The shortest way from a thing back to itself, with the thing at both ends; empty if there is none.

    Args:
        start: The name of the thing.
        leads_to: By name, the names of what each leads to; others lead nowhere.
    """
    came_from: dict[str, str] = {}
    fresh = [start]
    while fresh:
        reached = []
        for name in fresh:
            for other in leads_to.get(name, ()):
                if other == start:
                    return [*_way(came_from, start, name), start]
                if other not in came_from:
                    came_from[other] = name
                    reached.append(other)
        fresh = reached
    return []


def _way(came_from: Mapping[str, str], start: str, end: str) -> list[str]:
    way = [end]
    while way[0] != start:
        way.insert(0, came_from[way[0]])
    return way
