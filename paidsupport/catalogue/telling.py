"""What the fields of services, questions, items and the like are called, and how their values are told."""

from __future__ import annotations

from collections.abc import Mapping

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.checklists import queries as checklists
from paidsupport.catalogue.checklists.forms import EvidenceForm, TemplateForm, TraitForm
from paidsupport.catalogue.checklists.operations.evidence import KINDS as EVIDENCE_KINDS
from paidsupport.catalogue.checklists.operations.items import PHASES
from paidsupport.catalogue.deadlines.forms import DeadlinesForm
from paidsupport.catalogue.questions.forms import QuestionForm
from paidsupport.catalogue.questions.operations import KINDS, MOMENTS
from paidsupport.catalogue.services.forms import NewServiceForm, ServiceForm
from paidsupport.catalogue.services.operations.values import PAYEES
from paidsupport.kernel.configuration.telling import (
    Field,
    Telling,
    Things,
    choice,
    duration,
    hours,
    workflow,
)
from paidsupport.kernel.context import Context
from paidsupport.kernel.faults import Fault, at
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.web.labels import fields_of

_YES_NO = {"yes": _("Yes"), "no": _("No")}


def things() -> Things:
    """All fields of the catalogue, by the kinds of their things."""
    rules = {name: Field("", duration) for name in ("first_contact", "answer", "resolution")}
    traits = Field("", _trait)
    return {
        "service": fields_of(
            ServiceForm,
            **rules,
            slug=fields_of(NewServiceForm)["slug"],
            workflow=Field(fields_of(NewServiceForm)["workflow"].label, workflow),
            traits=traits,
            payee=Field(_("Paid to"), choice(PAYEES)),
            claim_hours=Field("", hours),
            work_hours=Field("", hours),
            price_minor=fields_of(ServiceForm)["price"],
            requirements=Field(_("Requirements")),
            questions=Field(_("Questions"), parts="question"),
            question=Field(_("Questions"), parts="question"),
            checklist=Field(_("Checklist"), parts="item"),
            deadlines=Field(_("Deadlines"), holds="deadlines"),
            workflow_deadlines=Field(_("Deadlines of the workflow"), holds="deadlines"),
            active=Field(_("On offer")),
        ),
        "question": fields_of(
            QuestionForm,
            kind=Field("", choice(KINDS)),
            moment=Field("", choice(MOMENTS)),
            condition=Field("", _condition),
            trait=traits,
            trait_value=Field("", choice(_YES_NO)),
            shown_by=Field(_("Shown by"), _question),
            shown_value=Field(_("Shown if the answer is"), choice(_YES_NO)),
        ),
        "item": fields_of(
            TemplateForm,
            phase=Field("", choice(PHASES)),
            services=Field("", _service),
            traits=traits,
            unless=traits,
            moves=Field("", _gate),
            items=Field("", _gate),
            gates=Field(_("Holds up"), _gate),
            evidence=Field(_("Evidence"), parts="evidence"),
        ),
        "evidence": fields_of(EvidenceForm, kind=Field("", choice(EVIDENCE_KINDS))),
        "trait": fields_of(TraitForm),
        "deadlines": fields_of(DeadlinesForm, **rules),
    }


def in_words(telling: Telling, kind: str, fault: Fault) -> Message:
    """A fault at what people call its thing and its field."""
    label = telling.label(kind, fault.key) if fault.key else None
    said = at(label, fault.sentence) if label else fault.sentence
    return at(fault.where, said) if fault.where else said


def _trait(name: object, telling: Telling) -> object:
    return telling.names("trait", lambda ctx: dict(catalogue.traits(ctx.session))).get(str(name), name)


def _service(slug: object, telling: Telling) -> object:
    return telling.names("service", lambda ctx: dict(checklists.services(ctx.session))).get(str(slug), slug)


def _gate(name: object, telling: Telling) -> object:
    return telling.names("gate", _gates).get(str(name), name)


def _gates(ctx: Context) -> Mapping[str, str]:
    flows = ctx.services.workflows.values()
    moves = {move.name: move.label for flow in flows for move in flow.transitions}
    return moves | {item.name: item.text for item in checklists.items(ctx.session)}


def _question(name: object, telling: Telling) -> object:
    """A question of the thing that is told of, else of any service that is there."""
    known = telling.called("question", str(name))
    return telling.names("question", _questions).get(known, known)


def _questions(ctx: Context) -> Mapping[str, str]:
    services = catalogue.every_service(ctx.session)
    return {row.name: row.label for service in services for row in service.questions}


def _condition(value: object, telling: Telling) -> object:
    name, _is, answer = str(value).partition("=")
    return at(str(_question(name, telling)), _YES_NO.get(answer) or answer) if name else ""
