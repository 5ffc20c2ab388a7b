"""The catalogue: the services that can be ordered, their versions, and publishing drafts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.checklists import Template
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.catalogue.services.operations import editing, releasing
from paidsupport.catalogue.services.operations.comparing import compared
from paidsupport.catalogue.telling import in_words as fault_in_words
from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Moment, Money, Sent
from paidsupport.connect.api.resources._common import managers_only
from paidsupport.kernel.configuration.telling import Telling
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number

TAG = "Catalogue"


class QuestionTold(Answer):
    """What customers are asked."""

    name: Annotated[str, Field(description="What answers are sent under.")]
    label: str
    kind: str
    required: bool
    help: str
    choices: list[str]
    shown_by: Annotated[str, Field(description="The question that it depends on, if it does.")]
    shown_value: Annotated[str, Field(description="The answer to it with which this one is asked.")]
    moment: Annotated[str, Field(description="`order`, or at the first contact.")]


class EvidenceTold(Answer):
    """What is to be entered with an item."""

    name: str
    label: str
    kind: str
    required: bool


class ItemTold(Answer):
    """An item of a checklist."""

    name: str
    text: str
    reason: str
    phase: str
    services: Annotated[list[str], Field(description="Only for these services; empty: for all.")]
    traits: Annotated[list[str], Field(description="Only with these traits.")]
    unless: Annotated[list[str], Field(description="Not with these traits.")]
    gates: Annotated[list[str], Field(description="The transitions and items that wait for it.")]
    evidence: list[EvidenceTold]
    consent: Annotated[bool, Field(description="Whether the customer has to approve it.")]
    skippable: bool


class ServiceRow(Answer):
    """A service that can be ordered."""

    slug: Annotated[str, Field(description="Its name in addresses.")]
    name: str
    number: Annotated[int, Field(description="Which version of it this is.")]
    summary: str
    price: Money
    payee: Annotated[str, Field(description="`developer`, or the desk `before` or `after` the work.")]
    workflow: str


class ServiceTold(ServiceRow):
    """A service with all that is asked and checked."""

    description: str
    agreement: Annotated[str, Field(description="What an order names, to say what the customer agreed to.")]
    settings_help: str
    asks_host: Annotated[bool, Field(description="Whether an order says which site to work on.")]
    traits: list[str]
    purposes: list[str]
    requirements: list[str]
    questions: list[QuestionTold]
    checklist: list[ItemTold]
    claim_hours: int | None
    work_hours: int | None


class VersionRow(Answer):
    """A version that was published."""

    number: int
    name: str
    published_at: Moment
    published_by: str
    word: Annotated[str, Field(description="What was changed, and why.")]


class DraftRow(Answer):
    """A draft that differs from what is published."""

    slug: str
    name: str
    published: Annotated[int, Field(description="The newest version; 0: there is none.")]
    print: Annotated[
        str, Field(description="What `publish_services` wants, so that nothing unseen is published.")
    ]
    changes: Annotated[list[str], Field(description="The parts that differ.")]
    faults: Annotated[list[str], Field(description="What speaks against publishing it.")]
    doubts: Annotated[list[str], Field(description="What would not work as the desk is set up now.")]


class PublishSent(Sent):
    """Which drafts to publish."""

    chosen: Annotated[
        dict[str, str], Field(description="The `print` of each draft as you have seen it, by slug.")
    ]
    word: Annotated[str, Field(description="What was changed, and why.")]
    offers_checklist: Annotated[
        bool, Field(description="Whether tickets under earlier versions are offered the new checklist.")
    ] = False


class Word(Sent):
    """Why."""

    word: str


class ServiceState(Answer):
    """What has become of a service."""

    slug: str
    name: str
    active: Annotated[bool, Field(description="Whether it is on offer.")]
    published: int


@get("/services")
def list_services(ctx: Context) -> list[ServiceRow]:
    """List the services that can be ordered, in order."""
    return [ServiceRow.model_validate(in_words(_row(terms))) for terms in catalogue.services(ctx)]


@get("/services/<slug>")
def get_service(ctx: Context, slug: str) -> ServiceTold:
    """Get a service with its questions, its requirements and its checklist, as it is published."""
    terms = catalogue.orderable(ctx, slug)
    items = catalogue.checklist_under(ctx, terms.version_id)
    return ServiceTold.model_validate(in_words(_whole(terms, items)))


@get("/services/<slug>/versions")
def list_service_versions(ctx: Context, slug: str) -> list[VersionRow]:
    """List the versions of a service, the newest first. For managers."""
    managers_only(ctx)
    rows = catalogue.versions(ctx.session, catalogue.find(ctx.session, slug))
    return [VersionRow.model_validate(row) for row in rows]


@get("/service-drafts")
def list_service_drafts(ctx: Context) -> list[DraftRow]:
    """List the drafts that differ from what is published. For managers.

    Drafts are edited in the browser, or by the file of the configuration.
    """
    managers_only(ctx)
    telling = Telling(ctx)
    kinds = {"service": "service", "questions": "question", "checklist": "item"}
    rows = [
        {
            "slug": each.service.slug,
            "name": each.service.name,
            "published": each.service.published,
            "print": each.print,
            "changes": sorted({str(path[0]) for path, _was, _now in each.differences}),
            "faults": [fault_in_words(telling, kinds[one.place], one.fault) for one in each.faults],
            "doubts": list(each.doubts),
        }
        for each in compared(ctx, catalogue.every_service(ctx.session))
        if each.service.active and each.differences
    ]
    return [DraftRow.model_validate(in_words(row)) for row in rows]


@post("/service-versions", scope=Scope.MANAGE, status=201)
def publish_services(ctx: Context, body: PublishSent, key: str) -> list[VersionRow]:
    """Publish the drafts of services as new versions: all or none."""
    made = releasing.publish(
        ctx,
        list(body.chosen),
        body.word,
        body.chosen,
        offers_checklist=body.offers_checklist,
        key=key,
    )
    return [VersionRow.model_validate(row) for row in made]


@post("/services/<slug>/versions/<number>/again", scope=Scope.MANAGE, status=201)
def publish_version_again(ctx: Context, slug: str, number: str, body: Word, key: str) -> VersionRow:
    """Put an earlier version in force again, as a new one."""
    wanted = existing(whole_number(number, digits=9))
    made = releasing.publish_again(ctx, slug, wanted, body.word, key=key)
    return VersionRow.model_validate(existing(made))


@post("/services/<slug>/retire", scope=Scope.MANAGE)
def retire_service(ctx: Context, slug: str, key: str) -> ServiceState:
    """Take a service off what can be ordered; its tickets go on."""
    return ServiceState.model_validate(editing.retire(ctx, slug, key=key))


@post("/services/<slug>/reinstate", scope=Scope.MANAGE)
def reinstate_service(ctx: Context, slug: str, key: str) -> ServiceState:
    """Put a retired service back on offer, with its newest version."""
    return ServiceState.model_validate(editing.reinstate(ctx, slug, key=key))


@post("/services/<slug>/discard", scope=Scope.MANAGE)
def discard_service_draft(ctx: Context, slug: str, key: str) -> ServiceState:
    """Make the draft of a service what its newest version is."""
    return ServiceState.model_validate(editing.discard(ctx, slug, key=key))


def _row(terms: Terms) -> dict[str, Any]:
    return {
        **{name: getattr(terms, name) for name in ("slug", "name", "number", "summary", "workflow")},
        "price": {"minor": terms.price_minor, "currency": terms.currency},
        "payee": str(terms.payee),
    }


def _whole(terms: Terms, items: list[Template]) -> dict[str, Any]:
    names = ("description", "agreement", "settings_help", "asks_host", "claim_hours", "work_hours")
    return {
        **_row(terms),
        **{name: getattr(terms, name) for name in names},
        **{name: list(getattr(terms, name)) for name in ("traits", "purposes", "requirements")},
        "questions": [
            {name: _plain(getattr(question, name)) for name in QuestionTold.model_fields}
            for question in terms.questions
        ],
        "checklist": [_item(item) for item in items],
    }


def _item(item: Template) -> dict[str, Any]:
    told = {name: _plain(getattr(item, name)) for name in ItemTold.model_fields if name != "evidence"}
    return told | {
        "evidence": [
            {name: _plain(getattr(each, name)) for name in EvidenceTold.model_fields}
            for each in item.evidence
        ]
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  # what a field of a dataclass holds
    return list(value) if isinstance(value, tuple) else value
