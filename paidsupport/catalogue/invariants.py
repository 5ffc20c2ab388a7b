"""Invariants of services: their versions are numbered without gaps, and the newest one is on offer."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant


@invariant("each service has all its versions")
def versions_complete(ctx: Context) -> Iterator[str]:
    """The newest version has the number that the service says, and none before it is missing."""
    newest = func.coalesce(func.max(ServiceVersion.number), 0)
    wrong = (
        select(Service.slug)
        .outerjoin(ServiceVersion, ServiceVersion.service_id == Service.id)
        .group_by(Service.id, Service.slug, Service.published)
        .having((newest != Service.published) | (func.count(ServiceVersion.id) != Service.published))
    )
    yield from faults(ctx, wrong, "a version of this service is missing")
