"""Connections as managers have set them up: their kinds, and clients with their secrets opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from paidsupport.connect.connections.kinds import CONNECTION_KINDS, PRIVATE, Kind
from paidsupport.connect.connections.tables import Connection
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.context import Services


def kinds(services: Services) -> dict[str, Kind]:
    """All kinds of connections there are on this desk, by name."""
    mounted = services.capabilities.names
    return {kind.name: kind for kind in services.hooks.gather(CONNECTION_KINDS) if kind.needs <= mounted}


def is_complete(kind: Kind, connection: Connection) -> bool:
    """Whether all secrets that it needs were entered: a file of the configuration has none."""
    return all(each.name in connection.sealed for each in kind.values if each.secret and each.required)


def client_of(services: Services, kind: Kind, connection: Connection) -> Any:  # noqa: ANN401  # the kind's own
    """What makes the requests.

    Raises:
        ConfigurationError: A secret was sealed under a key that the site does not have any more.
    """
    return made(kind.make, {**connection.values, **opened(services, kind, connection), **unentered(services)})


def unentered(services: Services) -> dict[str, str]:
    """The values that no one enters, because the site decides them."""
    return {PRIVATE: "yes" if services.settings.connections_private else ""}


def made(make: Callable[[Values], Any], values: Values) -> Any:  # noqa: ANN401  # as above
    """A client from its values: the same one for the same values, because it keeps what it was given."""
    return _made(make, tuple(sorted(values.items())))


@lru_cache(maxsize=64)
def _made(make: Callable[[Values], Any], values: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401
    return make(dict(values))


def bound_to(kind: Kind, reference: str, values: Values, secret: str) -> str:
    """What a secret is bound to: with other values, as for another server, it cannot be opened."""
    return ":".join(("connection", reference, secret, *(values.get(name, "") for name in kind.binding)))


def opened(services: Services, kind: Kind, connection: Connection) -> dict[str, str]:
    """The secrets of a connection by name. Raises ConfigurationError."""
    return {
        name: sealing.open_text(
            services.links, bound_to(kind, connection.reference, connection.values, name), content
        )
        for name, content in connection.sealed.items()
    }
