"""Queries for the questions of a draft, and for what was published of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.kernel.errors import existing


def service_called(session: Session, slug: str) -> Service:
    """A service with its questions, as they are now. Raises NotFoundError."""
    wanted = select(Service).where(Service.slug == slug).options(selectinload(Service.questions))
    return existing(session.scalar(wanted, execution_options={"populate_existing": True}))


def published_kinds(session: Session, service: Service) -> dict[str, str]:
    """The questions that any version of a service has had: their names, each with its kind."""
    wanted = select(ServiceVersion.content).where(ServiceVersion.service_id == service.id)
    contents = session.scalars(wanted.order_by(ServiceVersion.number))
    return {row["name"]: row["kind"] for content in contents for row in content["questions"]}
