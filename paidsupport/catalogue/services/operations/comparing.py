"""What the drafts of services differ in from what is published, and what speaks against publishing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.hooks import AGAINST_PAYING
from paidsupport.catalogue.operations.publishing import Draft, drafts, of_one_service
from paidsupport.catalogue.rules import checklists, deadlines, questions
from paidsupport.catalogue.rules.terms import NOTHING_BEFORE, Payee, owes_nothing
from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.catalogue.wording import payee_in, question_of
from paidsupport.kernel import faults
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.configuration.differences import Difference, differences
from paidsupport.kernel.context import Context
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import CURRENCIES, Money

_NO_SELLER = _(
    "No invoice can be sent, because the settings don't say who invoices are from. Until they do, customers "
    "pay the developer directly."
)
#: What a service has before its first version.
_NOTHING: Mapping[str, Any] = {"requirements": [], "questions": [], "checklist": [], "translations": {}}

#: What of a draft belongs to other services as well.
_SHARED = frozenset({"checklist", "workflow_deadlines"})


class Place(StrEnum):
    """Where a fault is mended."""

    SERVICE = "service"
    QUESTIONS = "questions"
    CHECKLIST = "checklist"


@dataclass(frozen=True, slots=True)
class Mended:
    """What speaks against publishing a draft, at what people call the thing, and where it is mended."""

    fault: Fault
    place: Place


@dataclass(frozen=True, slots=True)
class Compared:
    """A draft beside the newest version of its service.

    Attributes:
        service: Its row.
        version: The newest version, if there is one.
        differences: What publishing the draft would change; nothing if it would change nothing.
        faults: What speaks against that.
        print: A short name for all that would be published.
        draft: What the next version would keep.
        doubts: What would not work under the draft as the desk is set up now, in sentences.
    """

    service: Service
    version: ServiceVersion | None
    differences: Sequence[Difference]
    faults: Sequence[Mended]
    print: str
    draft: Draft
    doubts: Sequence[str]


def compared(ctx: Context, services: Iterable[Service]) -> list[Compared]:
    """The drafts of services beside their newest versions."""
    wanted = list(services)
    made, newest = drafts(ctx, wanted), catalogue.newest_versions(ctx.session)
    known = _Known(ctx)
    return [
        Compared(
            each,
            newest.get(each.id),
            between(newest.get(each.id), made[each.id])
            if made[each.id].differs_from(newest.get(each.id))
            else [],
            known.faults_of(each, made[each.id]),
            fingerprint(each.published, made[each.id].content, made[each.id].checklist),
            made[each.id],
            _doubts(ctx, each),
        )
        for each in wanted
    ]


def between(before: ServiceVersion | Draft | None, after: ServiceVersion | Draft) -> list[Difference]:
    """What a version or draft differs in from an earlier one, or from nothing."""
    found = differences(_NOTHING if before is None else _whole(before), _whole(after))
    # that a new service has no summary is no difference
    return [(path, was, now) for path, was, now in found if not (_is_empty(was) and _is_empty(now))]


def states_of(*those: ServiceVersion | Draft | None) -> list[dict[str, Any]]:
    """All that versions and drafts hold, in which their parts have labels."""
    return [{**one.content, "checklist": one.checklist} for one in those if one]


def discarded(ctx: Context, service: Service) -> list[Difference]:
    """What going back to the newest version of a service changes in its draft."""
    version, draft = (
        catalogue.newest_versions(ctx.session).get(service.id),
        drafts(ctx, [service])[service.id],
    )
    found = [] if version is None else between(draft, version)
    return [each for each in found if each[0][0] not in _SHARED]


def _whole(state: ServiceVersion | Draft) -> dict[str, Any]:
    """All that people read of it: the price is one amount, and the checklist is a part of it."""
    others = ("price_minor", "currency")
    content = {name: value for name, value in state.content.items() if name not in others}
    content["payee"] = payee_in(state.content)
    price = Money(state.content["price_minor"], state.content["currency"])
    return {**content, "price": price, "checklist": of_one_service(state.checklist)}


def _doubts(ctx: Context, service: Service) -> list[str]:
    """Why customers could not pay as the draft of a service says."""
    if service.payee == Payee.AFTER and service.price_minor and ctx.services.settings.seller is None:
        return [_NO_SELLER]
    if service.payee == Payee.BEFORE:
        return [said for said in ctx.services.hooks.call(AGAINST_PAYING, ctx, service.currency) if said]
    return []


def _is_empty(value: object) -> bool:
    return value is None or (value is not False and not value)


class _Known:
    """What drafts may name, read once for all of them."""

    def __init__(self, ctx: Context) -> None:
        self._workflows = ctx.services.workflows
        self._traits = {row.name for row in catalogue.every_trait(ctx.session)}
        services = catalogue.every_service(ctx.session)
        items = catalogue.checklist(ctx.session)
        self._texts = {item.name: item.text for item in items}
        self._of_checklists = checklists.declaration_faults(
            items,
            transitions={move.name for flow in self._workflows.values() for move in flow.transitions},
            services={each.slug for each in services},
            traits=self._traits,
            called=self._texts,
        )

    def faults_of(self, service: Service, draft: Draft) -> list[Mended]:
        """All that speaks against publishing a draft."""
        labels = {row.name: row.label for row in service.questions}
        of_questions = questions.declaration_faults([question_of(row) for row in service.questions], labels)
        for row in service.questions:
            of_questions += self._unknown([row.trait] if row.trait else [], "trait", row.name)
        items = {item["name"] for item in draft.checklist}
        of_checklist = [fault for fault in self._of_checklists if fault.where in items]
        return [
            *(Mended(fault, Place.SERVICE) for fault in self._of_service(service)),
            *(Mended(replace(each, where=labels[each.where]), Place.QUESTIONS) for each in of_questions),
            *(Mended(replace(each, where=self._texts[each.where]), Place.CHECKLIST) for each in of_checklist),
        ]

    def _of_service(self, service: Service) -> list[Fault]:
        found = []
        if not service.name:
            found.append(Fault("", faults.MISSING, "name"))
        if service.currency not in CURRENCIES:
            found.append(Fault("", _("Enter a price with its currency.")))
        if service.workflow not in self._workflows:
            found.append(Fault("", faults.none_called(service.workflow), "workflow"))
        flow = self._workflows.get(service.workflow)
        if flow and owes_nothing(service.payee, service.price_minor, is_order=flow.is_order):
            found.append(Fault("", NOTHING_BEFORE, "payee"))
        found += self._unknown(service.traits, "traits")
        return found + deadlines.declaration_faults(service.deadlines)

    def _unknown(self, traits: Iterable[str], key: str, where: str = "") -> list[Fault]:
        gone = [trait for trait in dict.fromkeys(traits) if trait not in self._traits]
        return [Fault(where, faults.none_called(trait), key) for trait in gone]
