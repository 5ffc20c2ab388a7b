"""What must hold of the providers of payments as they are set up."""

from __future__ import annotations

from collections.abc import Iterator

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.invariants import invariant
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.operations import configured


@invariant("secrets of providers of payments can be opened")
def secrets_open(ctx: Context) -> Iterator[str]:
    """Each is sealed under a key that the site has, and for the values that are entered."""
    known = configured.kinds(ctx.services)
    for row in queries.providers(ctx.session):
        if kind := known.get(row.kind):
            try:
                configured.opened(ctx.services, kind, row)
            except ConfigurationError as error:
                yield f"provider {row.kind}: its secrets can't be opened: {error}"
