"""Routes are declared beside their views; an application gets those of the capabilities that it mounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from flask import Blueprint

#: Where a view has its routes.
_ATTRIBUTE = "paidsupport_routes"


@dataclass(frozen=True, slots=True)
class Route:
    """An address below the prefix of a blueprint, and what answers there."""

    rule: str
    endpoint: str
    answer: Callable[..., Any]
    methods: Sequence[str]


def declare(view: Callable[..., Any], route: Route) -> None:
    """Note a route of a view, to be found by `routes_of` the view's module."""
    vars(view).setdefault(_ATTRIBUTE, []).append(route)


def routes_of(modules: Iterable[ModuleType]) -> Iterator[Route]:
    """The routes that `modules` declare, in their order."""
    for module in modules:
        for name, view in vars(module).items():
            # a view that was imported from elsewhere is that module's
            if getattr(view, "__module__", "") == module.__name__ and getattr(view, "__name__", "") == name:
                yield from getattr(view, _ATTRIBUTE, ())


def add_routes(blueprint: Blueprint, modules: Iterable[ModuleType]) -> None:
    """Let `blueprint` answer at every route of `modules`."""
    for route in routes_of(modules):
        blueprint.add_url_rule(route.rule, route.endpoint, route.answer, methods=route.methods)
