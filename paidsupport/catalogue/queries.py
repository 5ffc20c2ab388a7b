"""Queries for the catalogue: services, and what is asked and checked along the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, selectinload

from paidsupport.catalogue.rules.checklists import Template
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.catalogue.tables import (
    Boilerplate,
    ChecklistItem,
    DeadlineRules,
    Service,
    ServiceVersion,
    Trait,
)
from paidsupport.catalogue.wording import BOILERPLATE, TRAIT, template_of, templates_of, terms_of
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.kernel.db.wording import in_languages
from paidsupport.kernel.errors import NotFoundError, existing

#: How long an order form that is open can be sent after another version was published; drafts live as long.
OPEN = timedelta(days=1)
_SERVICE, _VERSION = (Base.metadata.tables[model.__tablename__] for model in (Service, ServiceVersion))
_NEWEST = (
    select(_VERSION.c.id, _SERVICE.c.workflow)
    .select_from(_SERVICE.join(_VERSION, _VERSION.c.service_id == _SERVICE.c.id))
    .where(_SERVICE.c.active, _VERSION.c.number == _SERVICE.c.published)
    .order_by(_SERVICE.c.position)
)
_ORDERABLE = _NEWEST.where(_SERVICE.c.slug == bindparam("slug"))
_TERMS = (
    select(_VERSION.c.content, _VERSION.c.service_id, _SERVICE.c.slug, _VERSION.c.number)
    .select_from(_SERVICE.join(_VERSION, _VERSION.c.service_id == _SERVICE.c.id))
    .where(_VERSION.c.id == bindparam("id"))
)
_SUCCESSOR = _VERSION.alias()
_REPLACED = select(_SUCCESSOR.c.published_at).where(
    _VERSION.c.id == bindparam("id"),
    _VERSION.c.service_id == bindparam("service_id"),
    _SUCCESSOR.c.service_id == _VERSION.c.service_id,
    _SUCCESSOR.c.number == _VERSION.c.number + 1,
)
_CHECKLIST = select(_VERSION.c.checklist).where(_VERSION.c.id == bindparam("id"))


def orderable(ctx: Context, slug: str, opened_under: int = 0) -> Terms:
    """The newest version of the active service called `slug`.

    A service whose workflow is not mounted cannot be ordered.

    Args:
        ctx: Who asks, and when.
        slug: The name of the service in addresses.
        opened_under: The version that an order form was opened under, if there is one: its terms hold for a
            day after it was replaced, so that what is published under way changes no order.

    Raises:
        NotFoundError: There is no such service, or it is retired.
    """
    ctx.session.flush()
    found = existing(fetch_one(ctx.session.connection(), _ORDERABLE, {"slug": slug}))
    if found.workflow not in ctx.services.workflows:
        existing(None)
    newest = terms_under(ctx, found.id)
    if opened_under in {0, newest.version_id}:
        return newest
    asked = {"id": opened_under, "service_id": newest.service_id}
    replaced = fetch_one(ctx.session.connection(), _REPLACED, asked)
    if replaced is None or ctx.now - replaced.published_at >= OPEN:
        return newest
    return terms_under(ctx, opened_under)


def agreement_under(ctx: Context, service_id: int, version_id: int) -> str:
    """What a customer agrees to under a version of this service; empty if it has no such version."""
    try:
        terms = terms_under(ctx, version_id)
    except NotFoundError:
        return ""
    return terms.agreement if terms.service_id == service_id else ""


def services(ctx: Context) -> list[Terms]:
    """The newest versions of all services that can be ordered, in order."""
    ctx.session.flush()
    found = fetch(ctx.session.connection(), _NEWEST, {})
    return [terms_under(ctx, row.id) for row in found if row.workflow in ctx.services.workflows]


def terms_under(ctx: Context, version_id: int) -> Terms:
    """The terms of a published version; they never change, and are read once by each process."""
    known: dict[Any, Terms] = ctx.services.known
    key = ("terms", version_id)
    if key not in known:
        row = existing(fetch_one(ctx.session.connection(), _TERMS, {"id": version_id}))
        known[key] = terms_of(
            row.content, service_id=row.service_id, slug=row.slug, version_id=version_id, number=row.number
        )
    return known[key]


def checklist_under(ctx: Context, version_id: int) -> list[Template]:
    """The templates of the checklist of a published version, in order."""
    row = existing(fetch_one(ctx.session.connection(), _CHECKLIST, {"id": version_id}))
    return templates_of(row.checklist)


def traits(session: Session) -> list[tuple[str, str]]:
    """Every trait with its label, in order."""
    return [(row.name, row.label) for row in in_languages(every_trait(session), TRAIT)]


def every_trait(session: Session) -> list[Trait]:
    """All traits, in order."""
    return list(session.scalars(select(Trait).order_by(Trait.position)))


def checklist(session: Session) -> list[Template]:
    """The draft of every item that a checklist can have, in order."""
    return list(map(template_of, items_of(session)))


def items_of(session: Session) -> Sequence[ChecklistItem]:
    """The rows of that draft, in order."""
    return session.scalars(select(ChecklistItem).order_by(ChecklistItem.position)).all()


def every_service(session: Session) -> list[Service]:
    """All services with their requirements and questions, retired ones last."""
    wanted = select(Service).options(selectinload(Service.requirements), selectinload(Service.questions))
    return list(session.scalars(wanted.order_by(Service.active.desc(), Service.position)))


def find(session: Session, slug: str) -> Service:
    """The service called `slug` as it is now, its draft. Raises NotFoundError."""
    whole = (selectinload(Service.requirements), selectinload(Service.questions))
    wanted = select(Service).where(Service.slug == slug).options(*whole)
    # what was read before the configuration was locked may be out of date
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def versions(session: Session, service: Service) -> Sequence[ServiceVersion]:
    """All versions of a service, newest first."""
    theirs = select(ServiceVersion).where(ServiceVersion.service_id == service.id)
    return session.scalars(theirs.order_by(ServiceVersion.number.desc())).all()


def version(session: Session, service: Service, number: int) -> ServiceVersion | None:
    """The version of a service with this number, if there is one."""
    theirs = select(ServiceVersion).where(ServiceVersion.service_id == service.id)
    return session.scalar(theirs.where(ServiceVersion.number == number))


def newest_versions(session: Session) -> dict[int, ServiceVersion]:
    """The newest version of each service that has one, by the id of the service."""
    wanted = select(ServiceVersion).join(Service, ServiceVersion.service_id == Service.id)
    rows = session.scalars(wanted.where(ServiceVersion.number == Service.published))
    return {row.service_id: row for row in rows}


def deadline_rules(session: Session) -> dict[str, dict[str, Any]]:
    """The deadline rules by workflow."""
    rows = session.scalars(select(DeadlineRules).order_by(DeadlineRules.workflow))
    return {row.workflow: row.rules for row in rows}


def deadlines_of(session: Session, workflow: str) -> DeadlineRules | None:
    """The deadline rules of a workflow as they are now, if it has any."""
    wanted = select(DeadlineRules).where(DeadlineRules.workflow == workflow)
    return session.scalar(wanted, execution_options={"populate_existing": True})


def boilerplate(session: Session, person_id: int | None = None) -> list[Boilerplate]:
    """The shared canned replies and those of a person, by title."""
    usable = or_(Boilerplate.owner_id.is_(None), Boilerplate.owner_id == person_id)
    rows = session.scalars(select(Boilerplate).where(usable).order_by(Boilerplate.title))
    return in_languages(rows, BOILERPLATE)


def shared_boilerplate(session: Session) -> Sequence[Boilerplate]:
    """The shared canned replies by title, not translated, for editing."""
    wanted = select(Boilerplate).where(Boilerplate.owner_id.is_(None))
    return session.scalars(wanted.order_by(Boilerplate.title, Boilerplate.id)).all()
