"""Queries for the catalogue: services, and what is asked and checked along the way."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, selectinload

from paidsupport.catalogue.rules.checklists import Evidence, Phase, Template
from paidsupport.catalogue.rules.questions import Answer, Kind, Moment, Question, of_row
from paidsupport.catalogue.tables import (
    Boilerplate,
    ChecklistItem,
    DeadlineRules,
    Requirement,
    Service,
    ServiceQuestion,
    Trait,
)
from paidsupport.catalogue.wording import (
    BOILERPLATE,
    SERVICE,
    TRAIT,
    questions_in_languages,
    requirements_in_languages,
    service_in_languages,
)
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.db.rows import ReadOnly, parted
from paidsupport.kernel.db.wording import in_languages
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.messages import forms_of

_PARTS = tuple(map(ReadOnly, (Service, Requirement, ServiceQuestion, DeadlineRules)))
_SERVICE, _REQUIREMENT, _QUESTION, _RULES = (
    Base.metadata.tables[model.__tablename__]
    for model in (Service, Requirement, ServiceQuestion, DeadlineRules)
)
#: All in one query: this saves every order two round trips, and a service has few of either.
_ORDERABLE = (
    select(*(column for part in _PARTS for column in part.columns))
    .select_from(
        _SERVICE.outerjoin(_REQUIREMENT, _REQUIREMENT.c.service_id == _SERVICE.c.id)
        .outerjoin(_QUESTION, _QUESTION.c.service_id == _SERVICE.c.id)
        .outerjoin(_RULES, _RULES.c.workflow == _SERVICE.c.workflow)
    )
    .where(_SERVICE.c.slug == bindparam("slug"), _SERVICE.c.active)
    .order_by(_REQUIREMENT.c.position, _QUESTION.c.position)
)


def orderable(session: Session, slug: str, workflows: Collection[str]) -> Service:
    """The active service called `slug` with its questions, requirements and rules, read-only.

    A service with none of these `workflows` cannot be ordered, because its capability is not mounted.

    Raises NotFoundError.
    """
    session.flush()
    found = fetch(session.connection(), _ORDERABLE, {"slug": slug})
    services, requirements, asked, rules = parted(found, *_PARTS)
    service: Service = existing(next((each for each in services if each.workflow in workflows), None))
    if service.translations:
        requirements = requirements_in_languages(service, requirements)
        asked = questions_in_languages(service, asked)
        service = service_in_languages(service)
    service.requirements, service.questions = requirements, asked
    service.workflow_rules = next(iter(rules), None)
    return service


def services(session: Session, workflows: Collection[str]) -> list[Service]:
    """All services that can be ordered under these workflows, in order."""
    offered = session.scalars(select(Service).where(Service.active).order_by(Service.position))
    return in_languages((each for each in offered if each.workflow in workflows), SERVICE)


def terms(service: Service) -> str:
    """A hash of what a customer agrees to: it changes with the price and requirements, in any language."""
    texts = [requirement.text for requirement in service.requirements]
    others = [sorted(forms_of(text).items()) for text in texts]
    return fingerprint(service.price_minor, service.currency, texts, others)


def questions(service: Service) -> list[Question]:
    """The questions of a service, as the rules take them."""
    return [
        of_row(Question, row, kind=Kind(row.kind), moment=Moment(row.moment)) for row in service.questions
    ]


def asked_in_order(service: Service) -> list[Question]:
    """The questions on its order form, besides the fields that every order has."""
    return [question for question in questions(service) if question.moment is Moment.ORDER]


def traits_of(service: Service, answers: dict[str, Answer]) -> dict[str, str]:
    """The traits that follow from the order, each with `order` as its source (G12)."""
    answered = [
        row.trait
        for row in service.questions
        if row.trait and row.trait_value in _as_list(answers.get(row.name, ""))
    ]
    return dict.fromkeys([*service.traits, *answered], "order")


def traits(session: Session) -> list[tuple[str, str]]:
    """Every trait with its label, in order."""
    return [(row.name, row.label) for row in in_languages(every_trait(session), TRAIT)]


def every_trait(session: Session) -> list[Trait]:
    """All traits, in order."""
    return list(session.scalars(select(Trait).order_by(Trait.position)))


def checklist(session: Session) -> list[Template]:
    """Every item a checklist can have, in order."""
    rows = session.scalars(select(ChecklistItem).order_by(ChecklistItem.position))
    return [
        of_row(
            Template,
            row,
            phase=Phase(row.phase),
            evidence=tuple(Evidence.of_row(evidence) for evidence in row.evidence),
        )
        for row in rows
    ]


def every_service(session: Session) -> list[Service]:
    """All services with their requirements and questions, retired ones last."""
    wanted = select(Service).options(selectinload(Service.requirements), selectinload(Service.questions))
    return list(session.scalars(wanted.order_by(Service.active.desc(), Service.position)))


def deadline_rules(session: Session) -> dict[str, dict[str, Any]]:
    """The deadline rules by workflow."""
    rows = session.scalars(select(DeadlineRules).order_by(DeadlineRules.workflow))
    return {row.workflow: row.rules for row in rows}


def boilerplate(session: Session, person_id: int | None = None) -> list[Boilerplate]:
    """The shared canned replies and those of a person, by title."""
    usable = or_(Boilerplate.owner_id.is_(None), Boilerplate.owner_id == person_id)
    rows = session.scalars(select(Boilerplate).where(usable).order_by(Boilerplate.title))
    return in_languages(rows, BOILERPLATE)


def _as_list(answer: Answer) -> list[str]:
    return answer if isinstance(answer, list) else [answer]
