"""What can be ordered: services with their requirements and questions; checklists; canned replies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from paidsupport.catalogue.rules.terms import usual_payee
from paidsupport.kernel.db.base import Base, Id, Moment, Name, StaffName, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import CATALOGUE, STAFF, plain


def _usual_payee(context: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    return usual_payee(context.get_current_parameters()["workflow"])


class Service(Base):
    """A kind of work with its price; `slug` is its name in addresses and in the catalogue file.

    Its columns, requirements and questions are the draft, which managers edit; customers order the newest
    `ServiceVersion`.
    """

    __tablename__ = "paidsupport_service"
    __table_args__ = (
        CheckConstraint("price_minor >= 0", name="price"),
        {"info": configuration("service", "question")},
    )

    id: Mapped[Id]
    slug: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    name: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    summary: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    description: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE, STAFF))
    #: Who is paid, and when: a `terms.Payee`.
    payee: Mapped[Word] = mapped_column(default=_usual_payee, server_default="developer")
    workflow: Mapped[Word]
    #: Traits that every order of this service has: an upgrade always upgrades (G12).
    traits: Mapped[list[str]] = mapped_column(Structure, default=list, info=plain(CATALOGUE, STAFF))
    #: How customers change settings later: a part of the closing report (G18).
    settings_help: Mapped[str] = mapped_column(Text, default="", info=plain(CATALOGUE, STAFF))
    #: The purposes of mailboxes and calls that lead to this service: `support`, `sales` (T1).
    purposes: Mapped[list[str]] = mapped_column(Structure, default=list, info=plain(CATALOGUE, STAFF))
    #: Whether its order form asks which site to work on, and how to reach it.
    asks_host: Mapped[bool] = mapped_column(default=True)
    #: Its texts in other languages, by tag: columns by name, and each `question` by its name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    #: A retired service takes no orders; its tickets go on.
    active: Mapped[bool] = mapped_column(default=True)
    #: Its own deadlines; the rules of its workflow apply to the rest (P9).
    deadlines: Mapped[dict[str, Any]] = mapped_column(Structure, default=dict, info=plain(CATALOGUE, STAFF))
    #: Hours after which a claim lapses, and the same during work; null: as the desk's settings say.
    claim_hours: Mapped[int | None]
    work_hours: Mapped[int | None]
    #: The number of its newest version; 0: it was never published, and cannot be ordered.
    published: Mapped[int] = mapped_column(default=0)

    requirements: Mapped[list[Requirement]] = relationship(
        order_by="Requirement.position", cascade="all, delete-orphan"
    )
    questions: Mapped[list[ServiceQuestion]] = relationship(
        order_by="ServiceQuestion.position", cascade="all, delete-orphan"
    )


class ServiceVersion(Base):
    """A published version of a service, never changed: the terms of the orders placed under it."""

    __tablename__ = "paidsupport_service_version"
    __table_args__ = (UniqueConstraint("service_id", "number"), {"info": configuration("service")})

    id: Mapped[Id]
    service_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_service.id"))
    number: Mapped[int]
    #: The name of the service in it, for lists.
    name: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    published_at: Mapped[Moment]
    #: Null if a command or a migration published it.
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    published_by: Mapped[StaffName]
    #: What was changed, and why.
    word: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    #: The terms, as `wording.terms_of` reads them.
    content: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: The templates of its checklist, in order: apart, because only work under way reads them.
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: Whether tickets under earlier versions are offered its checklist.
    offers_checklist: Mapped[bool] = mapped_column(default=False)


class DeadlineRules(Base):
    """The deadlines of all services of a workflow that have none of their own (P9)."""

    __tablename__ = "paidsupport_deadline_rules"
    __table_args__ = ({"info": configuration("deadlines")},)

    id: Mapped[Id]
    workflow: Mapped[Word] = mapped_column(unique=True)
    rules: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))


class Requirement(Base):
    """One thing the customer confirms before ordering."""

    __tablename__ = "paidsupport_requirement"
    __table_args__ = (UniqueConstraint("service_id", "position"), {"info": configuration("service")})

    id: Mapped[Id]
    service_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_service.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))


class ServiceQuestion(Base):
    """One question of a service; answers are checked in `paidsupport.catalogue.rules.questions`."""

    __tablename__ = "paidsupport_question"
    __table_args__ = (UniqueConstraint("service_id", "name"), {"info": configuration("service", "question")})

    id: Mapped[Id]
    service_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_service.id"))
    position: Mapped[int]
    name: Mapped[Word]
    label: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    help: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    kind: Mapped[Word]
    required: Mapped[bool]
    choices: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    shown_by: Mapped[Word]
    shown_value: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    moment: Mapped[Word]
    #: The trait that a ticket gets when this question is answered with `trait_value`.
    trait: Mapped[Word] = mapped_column(default="")
    trait_value: Mapped[Name] = mapped_column(default="", info=plain(CATALOGUE, STAFF))


class Trait(Base):
    """A fact about a piece of work or its server that decides which checklist items apply."""

    __tablename__ = "paidsupport_trait"
    __table_args__ = ({"info": configuration("trait")},)

    id: Mapped[Id]
    name: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    label: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    #: Its texts in other languages, by tag and column name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )


class ChecklistItem(Base):
    """A template of an item; tickets get copies of those that apply (G12). Rules: `checklist.rules`."""

    __tablename__ = "paidsupport_checklist_item"
    __table_args__ = ({"info": configuration("item", "evidence")},)

    id: Mapped[Id]
    name: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    reason: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    #: Its sentence in the closing report once it is done; if empty, the report leaves it out.
    told: Mapped[str] = mapped_column(Text, default="", info=plain(CATALOGUE, STAFF))
    phase: Mapped[Word]
    #: Slugs of the services it belongs to; if empty, all.
    services: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: Traits that the work must have, and traits that it must not have.
    traits: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    unless: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: Names of transitions and of other items that wait for it.
    gates: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: Whether the customer must have agreed before it can be ticked (G14).
    consent: Mapped[bool]
    #: Whether it can be skipped with a reason.
    skippable: Mapped[bool]
    #: The slug of the guide that explains it, if any.
    guide: Mapped[Word]
    #: Its texts in other languages, by tag and column name, and its `evidence` by name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )


class Boilerplate(Base):
    """A canned reply; shared if `owner_id` is null, otherwise personal (G20)."""

    __tablename__ = "paidsupport_boilerplate"
    __table_args__ = (
        Index(None, "owner_id", "title"),
        {"info": configuration("reply", personal=lambda row: row["owner_id"] is not None)},
    )

    id: Mapped[Id]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    title: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    body: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    #: Its texts in other languages, by tag and column name.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    changed_at: Mapped[Moment]
