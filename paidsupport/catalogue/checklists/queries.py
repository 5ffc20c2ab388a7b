"""Queries for the items and traits of the draft, and for what was published of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.tables import ChecklistItem, Service, ServiceVersion, Trait
from paidsupport.kernel.errors import existing


def items(session: Session) -> list[ChecklistItem]:
    """All items as they are now, in order."""
    wanted = select(ChecklistItem).order_by(ChecklistItem.position, ChecklistItem.id)
    return list(session.scalars(wanted, execution_options={"populate_existing": True}))


def item(session: Session, name: str) -> ChecklistItem:
    """The item of this name, as it is now. Raises NotFoundError."""
    wanted = select(ChecklistItem).where(ChecklistItem.name == name)
    return existing(session.scalar(wanted, execution_options={"populate_existing": True}))


def traits(session: Session) -> list[Trait]:
    """All traits as they are now, in order."""
    wanted = select(Trait).order_by(Trait.position, Trait.id)
    return list(session.scalars(wanted, execution_options={"populate_existing": True}))


def published(session: Session) -> dict[str, set[str]]:
    """The items that any version of a service has had: their names, each with the names of its evidence."""
    found: dict[str, set[str]] = {}
    for rows in session.scalars(select(ServiceVersion.checklist)):
        for row in rows:
            found.setdefault(row["name"], set()).update(each["name"] for each in row["evidence"])
    return found


def services(session: Session) -> list[tuple[str, str]]:
    """The slugs of all services with their names, retired ones last."""
    wanted = select(Service.slug, Service.name).order_by(Service.active.desc(), Service.position)
    return [(row.slug, row.name) for row in session.execute(wanted)]


def users_of_trait(session: Session, name: str) -> Iterator[tuple[str, str]]:
    """What needs a trait, by kind (`service`, `question`, `item`, `version`) and what it is called."""
    for service in catalogue.every_service(session):
        if name in service.traits:
            yield "service", service.name
        for question in service.questions:
            if question.trait == name:
                yield "question", question.label
    for row in items(session):
        if name in (*row.traits, *row.unless):
            yield "item", row.text
    for version in catalogue.newest_versions(session).values():
        asked = {question["trait"] for question in version.content["questions"]}
        checked = {each for row in version.checklist for each in (*row["traits"], *row["unless"])}
        if name in {*version.content["traits"], *asked, *checked}:
            yield "version", version.name
