"""The texts of the catalogue in the languages that the site has written them in (`kernel/db/wording.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paidsupport.catalogue.rules.checklists import Evidence, Phase, Template
from paidsupport.catalogue.rules.questions import Kind, Moment, Question, keys, of_row
from paidsupport.catalogue.rules.terms import Payee, Terms, usual_payee
from paidsupport.catalogue.tables import ChecklistItem, Requirement, Service, ServiceQuestion
from paidsupport.kernel.db.wording import Texts, forms, of_part
from paidsupport.kernel.i18n.messages import worded

QUESTION = Texts(("label", "help"), lists=("choices",))
SERVICE = Texts(
    ("name", "summary"), ("description", "settings_help"), ("requirements",), parts={"question": QUESTION}
)
TRAIT = Texts(("label",))
EVIDENCE = Texts(("label", "refusal"))
CHECKLIST = Texts(("text", "reason", "told"), parts={"evidence": EVIDENCE})
BOILERPLATE = Texts(("title",), ("body",))

#: What a version takes from the row of its service as it is.
PLAIN = (
    *("price_minor", "currency", "workflow", "asks_host", "deadlines", "claim_hours", "work_hours"),
    *("traits", "purposes"),
)


def content_of(service: Service, workflow_deadlines: Mapping[str, Any]) -> dict[str, Any]:
    """The draft of a service as a version keeps it.

    Args:
        service: Its row, with requirements and questions.
        workflow_deadlines: The deadline rules of its workflow.
    """
    return {
        **{name: getattr(service, name) for name in (*SERVICE.names, *PLAIN)},
        "payee": service.payee or usual_payee(service.workflow),
        "workflow_deadlines": dict(workflow_deadlines),
        "requirements": [row.text for row in service.requirements],
        "questions": [{name: getattr(row, name) for name in keys(Question)} for row in service.questions],
        "translations": service.translations,
    }


def terms_of(
    content: Mapping[str, Any], *, service_id: int, slug: str, version_id: int = 0, number: int = 0
) -> Terms:
    """The terms that a version keeps in its `content`, or that a draft has, in every language."""
    said: Mapping[str, Any] = content["translations"]
    texts: dict[str, Any] = {name: worded(content[name], forms(said, name)) for name in SERVICE.names}
    plain = {name: content[name] for name in PLAIN}
    plain |= {name: tuple(plain[name]) for name in ("traits", "purposes")}
    requirements = enumerate(content["requirements"])
    return Terms(
        service_id=service_id,
        version_id=version_id,
        number=number,
        slug=slug,
        payee=payee_in(content),
        requirements=tuple(
            worded(text, forms(said, "requirements", number)) for number, text in requirements
        ),
        questions=tuple(_question(said, row) for row in content["questions"]),
        workflow_deadlines=content["workflow_deadlines"],
        **texts,
        **plain,
    )


def payee_in(content: Mapping[str, Any]) -> Payee:
    """Whom customers pay under a version; those from before this was kept follow their workflow."""
    return Payee(content.get("payee") or usual_payee(content["workflow"]))


def templates_of(rows: Iterable[Mapping[str, Any]]) -> list[Template]:
    """The checklist that a version keeps."""
    return [_template(row) for row in rows]


def template_of(row: ChecklistItem) -> Template:
    """An item of the draft of all checklists."""
    evidence = tuple(map(Evidence.of_row, row.evidence))
    return of_row(Template, row, phase=Phase(row.phase), evidence=evidence)


def question_of(row: ServiceQuestion) -> Question:
    """A question of a draft, in the words that it is written in."""
    return of_row(Question, row, kind=Kind(row.kind), moment=Moment(row.moment))


def untranslated(service: Service, tag: str) -> list[Service | Requirement | ServiceQuestion]:
    """What of a draft has a text that a language lacks: the service itself, requirements, questions."""
    own: Mapping[str, Any] = service.translations.get(tag, {})
    requirements = own.get("requirements", ())
    found: list[Service | Requirement | ServiceQuestion] = []
    if any(getattr(service, name) and not own.get(name) for name in SERVICE.names):
        found.append(service)
    found += [
        row for number, row in enumerate(service.requirements) if not any(requirements[number : number + 1])
    ]
    for row in service.questions:
        said = own.get("question", {}).get(row.name, {})
        names = (*QUESTION.names, *QUESTION.lists)
        if any(getattr(row, name) and not said.get(name) for name in names):
            found.append(row)
    return found


def _template(row: Mapping[str, Any]) -> Template:
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    evidence = tuple(map(Evidence.of_row, row["evidence"]))
    values: dict[str, Any] = {**row, **lists, "phase": Phase(row["phase"]), "evidence": evidence}
    return Template(**values)


def _question(translations: Mapping[str, Any], row: Mapping[str, Any]) -> Question:
    own = of_part(translations, "question", row["name"])
    choices = tuple(worded(text, forms(own, "choices", number)) for number, text in enumerate(row["choices"]))
    said = {name: worded(row[name], forms(own, name)) for name in QUESTION.names}
    kinds = {"kind": Kind(row["kind"]), "moment": Moment(row["moment"])}
    return Question(**{**row, **said, **kinds, "choices": choices})
