"""Providers of payments as tests set them up, by what their form does."""

from __future__ import annotations

from paidsupport.kernel.codes import new_key
from paidsupport.sales.payments.setup import operations
from tests.people import Desk


def set_up(desk: Desk, name: str, *, active: bool = True, **typed: str) -> None:
    """Set a provider up as a manager does; `typed` has values and secrets by the names of the kind."""
    with desk.ctx(desk.mia) as ctx:
        kind = operations.kind_of(ctx, name)
        fields = {f"{name}_{each}": value for each, value in typed.items()}
        shown = operations.values_of(kind, None)
        values = {field: fields.get(field, value) for field, value in shown.items()}
        secrets = {field: value for field, value in fields.items() if field not in shown}
        operations.keep(ctx, kind, {**values, "active": active}, secrets, seen={}, key=new_key())


def set_up_taler(desk: Desk, address: str = "https://backend.example.org/instances/desk/") -> None:
    """A merchant backend of GNU Taler, which is never asked unless it has another address."""
    set_up(desk, "taler", address=address, currency="USD", token="secret-token:open-sesame")
