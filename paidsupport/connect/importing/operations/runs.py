"""Runs that managers start in the browser, and what every run is written down with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.connect.importing import queries
from paidsupport.connect.importing.sources.kinds import Kind, Wanted
from paidsupport.kernel.configuration import history
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _


def wanted(
    ctx: Context, kind: Kind, source: str, path: Path, options: Mapping[str, Any], secret: str = ""
) -> Wanted:
    """What a source is made of; the addresses of staff are the desk's own."""
    ours = [row.address for row in queries.staff(ctx.session)]
    more = {**options, "ours": [*options.get("ours", ()), *ours]}
    del kind
    return Wanted(source, ctx.services, path, more, secret)


def check_services(ctx: Context, slugs: Iterable[str]) -> None:
    """Raises InvalidInputError (field `service`) for a service that cannot be ordered."""
    known = {service.slug for service in catalogue.services(ctx)}
    for slug in slugs:
        if slug not in known:
            raise InvalidInputError({"service": [_("There is no service called “%(name)s”.", name=slug)]})


def note(ctx: Context, source: str) -> None:
    """Write into the history of the configuration that tickets are moved in."""
    with history.edit(ctx) as change:
        history.tell(change, "imported", f"import:{source}", source)
