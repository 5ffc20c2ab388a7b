"""Invariants of services: their versions are numbered without gaps, and what they refer to is there."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules import checklists, questions
from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.catalogue.wording import question_of
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


#: The keys of questions and items that name others.
_NAMING = frozenset({"shown_by", "services", "traits", "unless", "gates"})


@invariant("what the set-up refers to is there")
def references_hold(ctx: Context) -> Iterator[str]:
    """No service, question or item names a service, question, trait, item or transition that is gone."""
    services = catalogue.every_service(ctx.session)
    traits = {"", *(row.name for row in catalogue.every_trait(ctx.session))}
    flows = ctx.services.workflows.values()
    for service in services:
        where = f"service {service.slug}"
        for fault in questions.declaration_faults([question_of(row) for row in service.questions]):
            if fault.key in _NAMING:
                yield f"{where}: question {fault.said}"
        # a retired service keeps the traits that it had
        used = [*service.traits, *(row.trait for row in service.questions)] if service.active else []
        yield from (f"{where}: there is no trait “{name}”" for name in used if name not in traits)
    for fault in checklists.declaration_faults(
        catalogue.checklist(ctx.session),
        transitions={move.name for flow in flows for move in flow.transitions},
        services={service.slug for service in services},
        traits=traits,
    ):
        if fault.key in _NAMING:
            yield f"item {fault.said}"
