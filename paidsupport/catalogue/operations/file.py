"""The catalogue as one commented TOML file that a site owner edits."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import tomlkit
from sqlalchemy import delete
from sqlalchemy.orm import Session

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import publish
from paidsupport.catalogue.operations.reader import Reader
from paidsupport.catalogue.rules.checklists import Evidence, Template
from paidsupport.catalogue.rules.deadlines import HELP, KEYS
from paidsupport.catalogue.rules.questions import Question, as_row
from paidsupport.catalogue.tables import (
    Boilerplate,
    ChecklistItem,
    DeadlineRules,
    Requirement,
    Service,
    ServiceQuestion,
    Trait,
)
from paidsupport.catalogue.wording import BOILERPLATE, CHECKLIST, SERVICE, TRAIT, question_of
from paidsupport.kernel import money
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import Texts
from paidsupport.kernel.errors import InvalidInputError

#: Keys of a service that are columns of the same name.
_COPIED = (
    *("name", "summary", "description", "workflow", "active", "traits", "settings_help"),
    *("purposes", "asks_host", "deadlines", "translations"),
)
#: What a version says that came from a file.
_LOADED = "Loaded from a file."
_HEAD = """\
The catalogue of the support desk: what can be ordered, and shared canned replies.
Load it with `flask paidsupport catalogue load FILE`: services are matched by their slug, canned
replies by their title. A service that is missing here is retired: it takes no more orders, but
its tickets go on.
"""
_SERVICE_HELP = """\
price: an amount as a text, e.g. "45.00"; currency: three capital letters.
requirements: what the customer confirms before ordering, one by one.
A question has a name (lower case) and a label, and optionally help, required, choices;
  kind: "text", "long text", "choice", "several", "yes/no", "number", "url" or "date";
  shown_by + shown_value: only asked when that other question of the order form has that answer;
  moment: "order" (on the form) or "contact" (asked by the developer at first contact);
  trait + trait_value: the work has that trait when this is, or is among, the answers.
deadlines: those that differ from the deadlines of the workflow, as below.
traits: the traits of every order. settings_help: how to change settings later, for the report.
workflow: "paid", "request" (questions, at price "0") or "sales" (leads).
[service.de] and the like: name, summary, description, settings_help and requirements in another
  language, [service.de.question.NAME] the label, help and choices of a question. A text that is
  missing there is shown as it is above.
purposes: the purposes of mailboxes and calls that lead to this service: "support", "sales", …
asks_host = false: the form does not ask which site to work on.
"""
_TRAIT_HELP = """\
Traits decide which checklist items apply. They come with a service or an answer, or the developer
sets them on the ticket. [trait.de]: the label in another language.
"""
_CHECKLIST_HELP = """\
The checklist for work on a customer's server. An item has a name, a text, the reason in one
sentence, and optionally: told, its sentence in the closing report once it is done; phase ("before",
"during", "after"); services (none: all), traits (all of them) and unless (none of them), which say
when it applies; gates: transitions ("close") and items that wait for it;
consent = true: the customer must approve it first; skippable = true: can be skipped with a reason;
guide: the slug of the guide that explains it; and evidence: name, label,
kind ("text", "long text", "number", "link", "date", "file"), required, and
refuse: versions that must not be used, with the sentence (refusal) that says why.
[checklist.de]: text, reason and told in another language, [checklist.de.evidence.NAME] label and
refusal of a piece of evidence.
Two names are special: sending the report ticks “report”, and the evidence of “backup” (where,
size, delete-after) appears in the report and in the reminder that the backup can be deleted.
"""
_BOILERPLATE_HELP = """\
Canned replies: texts to start a message from. {code}, {customer}, {service}, {price}, {developer}
and {payment} are filled in. [boilerplate.de]: title and body in another language; what is inserted
is in the customer's language.
"""


def load(ctx: Context, text: str) -> tuple[int, int]:
    """Update the catalogue from a TOML file; returns the numbers of its services and canned replies.

    All or nothing. Raises InvalidInputError (field `file`) with one sentence for each fault.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError({"file": [f"This is not TOML: {error}"]}) from None
    reader = Reader(ctx.services.workflows)
    wanted = reader.services(document.get("service", []))
    rules = reader.deadlines(document.get("deadlines", {}))
    traits = reader.traits(document.get("trait", []))
    templates = reader.checklist(document.get("checklist", []), wanted, traits)
    texts = reader.boilerplate(document.get("boilerplate", []))
    known = ("service", "deadlines", "trait", "checklist", "boilerplate")
    reader.unknown_keys(document, known, "the file")
    if reader.faults:
        raise InvalidInputError({"file": reader.faults})
    with configuration.edit(ctx) as change:
        _store_services(ctx.session, wanted)
        _store_rules(ctx.session, rules)
        _store_checklist(ctx.session, traits, templates)
        _store_boilerplate(ctx, texts)
        ctx.session.flush()
        configuration.tell(change, "loaded", "catalogue", "catalogue")
        publish(ctx, change, catalogue.every_service(ctx.session), _LOADED)
    return len(wanted), len(texts)


def dump(session: Session) -> str:
    """The catalogue as a commented TOML file that `load` takes."""
    document = tomlkit.document()
    _comment(document, _HEAD)
    document.add(tomlkit.nl())
    _comment(document, _SERVICE_HELP)
    # retired services too, each with `active = false`, so that the file is complete
    document.add("service", _listed(map(_service_table, catalogue.every_service(session))))
    if rules := catalogue.deadline_rules(session):
        document.add(tomlkit.nl())
        _comment(document, HELP)
        document.add("deadlines", _rules_table(rules))
    for name, help_, tables in (
        ("trait", _TRAIT_HELP, [*map(_trait_table, catalogue.every_trait(session))]),
        ("checklist", _CHECKLIST_HELP, [*map(_template_table, catalogue.checklist(session))]),
        ("boilerplate", _BOILERPLATE_HELP, [*map(_boilerplate_table, catalogue.boilerplate(session))]),
    ):
        if tables:
            document.add(tomlkit.nl())
            _comment(document, help_)
            document.add(name, _listed(tables))
    return tomlkit.dumps(document)


def _store_services(session: Session, wanted: list[dict[str, Any]]) -> None:
    known = {service.slug: service for service in catalogue.every_service(session)}
    for slug in set(known) - {values["slug"] for values in wanted}:
        known[slug].active = False
    for position, values in enumerate(wanted):
        service = known.get(values["slug"]) or Service(slug=values["slug"])
        service.position = position
        service.price_minor, service.currency = values["money"].minor, values["money"].currency
        for name in _COPIED:
            setattr(service, name, values[name])
        service.requirements.clear()
        service.questions.clear()
        session.add(service)
        session.flush()  # the old rows must be deleted before new ones take their positions
        service.requirements.extend(
            Requirement(position=number, text=text) for number, text in enumerate(values["requirements"])
        )
        service.questions.extend(
            ServiceQuestion(position=number, **as_row(question))
            for number, question in enumerate(values["questions"])
        )


def _store_rules(session: Session, rules: Mapping[str, dict[str, Any]]) -> None:
    """Replace the deadlines: running ones have their own copies of the rules."""
    session.execute(delete(DeadlineRules))
    session.add_all(DeadlineRules(workflow=workflow, rules=each) for workflow, each in rules.items())


def _store_checklist(session: Session, traits: list[dict[str, Any]], templates: list[Template]) -> None:
    """Replace the checklist: tickets have their own copies of what applied when their work began."""
    session.execute(delete(Trait))
    session.execute(delete(ChecklistItem))
    session.add_all(Trait(position=number, **values) for number, values in enumerate(traits))
    for number, template in enumerate(templates):
        session.add(ChecklistItem(position=number, **template.as_row()))


def _store_boilerplate(ctx: Context, wanted: list[dict[str, Any]]) -> None:
    known = {row.title: row for row in catalogue.boilerplate(ctx.session)}
    for values in wanted:
        row = known.get(values["title"]) or Boilerplate(title=values["title"])
        row.body, row.translations = values["body"], values["translations"]
        row.changed_at = ctx.now
        ctx.session.add(row)


def _service_table(service: Service) -> tomlkit.items.Table:
    table = tomlkit.table()
    price = money.Money(service.price_minor, service.currency)
    for name, value in (("slug", service.slug), ("name", service.name), ("summary", service.summary)):
        table.add(name, value)
    table.add("description", tomlkit.string(service.description, multiline="\n" in service.description))
    table.add("price", price.plain)
    table.add("currency", service.currency)
    table.add("workflow", service.workflow)
    if not service.active:
        table.add("active", value=False)
    if service.traits:
        table.add("traits", service.traits)
    if service.purposes:
        table.add("purposes", service.purposes)
    if not service.asks_host:
        table.add("asks_host", value=False)
    if service.settings_help:
        table.add("settings_help", tomlkit.string(service.settings_help, multiline=True))
    texts = tomlkit.array()
    texts.extend(requirement.text for requirement in service.requirements)
    table.add("requirements", texts.multiline(multiline=True))
    if service.deadlines:
        table.add("deadlines", _in_order(service.deadlines))
    if questions := [_question_table(question_of(row)) for row in service.questions]:
        table.add("question", _listed(questions))
    _add_languages(table, service.translations, SERVICE)
    return table


def _question_table(question: Question) -> tomlkit.items.Table:
    plain = as_row(Question("", "")) | {"kind": None}
    return _table({name: value for name, value in as_row(question).items() if value != plain[name]})


def _rules_table(rules: Mapping[str, Mapping[str, object]]) -> tomlkit.items.Table:
    table = tomlkit.table(is_super_table=True)
    for workflow, each in rules.items():
        table.add(workflow, _in_order(each))
    return table


def _in_order(rules: Mapping[str, object]) -> tomlkit.items.Table:
    """The rules of deadlines in their documented order, which the database does not keep."""
    return _table({name: rules[name] for name in KEYS if name in rules})


def _template_table(template: Template) -> tomlkit.items.Table:
    values = as_row(template) | {"evidence": None, "translations": None}
    table = _table(values, always=("name", "text", "reason", "phase"))
    if evidence := [_evidence_table(each) for each in template.evidence]:
        table.add("evidence", _listed(evidence))
    _add_languages(table, template.translations, CHECKLIST)
    return table


def _evidence_table(evidence: Evidence) -> tomlkit.items.Table:
    table = _table(as_row(evidence) | {"required": None}, always=("kind",))
    if not evidence.required:
        table.add("required", value=False)
    return table


def _boilerplate_table(row: Boilerplate) -> tomlkit.items.Table:
    table = _table({"title": row.title})
    table.add("body", tomlkit.string(row.body, multiline=True))
    _add_languages(table, row.translations, BOILERPLATE)
    return table


def _trait_table(row: Trait) -> tomlkit.items.Table:
    table = _table({"name": row.name, "label": row.label})
    _add_languages(table, row.translations, TRAIT)
    return table


def _add_languages(table: tomlkit.items.Table, translations: Mapping[str, Any], texts: Texts) -> None:
    """Add a table for each other language, in a fixed order, which the database does not keep."""
    for tag in sorted(translations):
        table.add(tag, _language_table(translations[tag], texts))


def _language_table(said: Mapping[str, Any], texts: Texts) -> tomlkit.items.Table:
    table = tomlkit.table()
    for name in texts.names:
        if name in said:
            text = said[name]
            table.add(name, tomlkit.string(text, multiline=name in texts.long and "\n" in text))
    for name in texts.lists:
        if name in said:
            listed = tomlkit.array()
            listed.extend(said[name])
            table.add(name, listed.multiline(multiline=True))
    for key, part in texts.parts.items():
        if key in said:
            parts = tomlkit.table(is_super_table=True)
            for name in sorted(said[key]):
                parts.add(name, _language_table(said[key][name], part))
            table.add(key, parts)
    return table


def _table(values: Mapping[str, object], always: Iterable[str] = ()) -> tomlkit.items.Table:
    """A table of the non-empty `values`, and of those that are `always` written."""
    table = tomlkit.table()
    for name, value in values.items():
        if value or name in always:
            table.add(name, str(value) if isinstance(value, str) else value)
    return table


def _listed(tables: Iterable[tomlkit.items.Table]) -> tomlkit.items.AoT:
    listed = tomlkit.aot()
    for table in tables:
        listed.append(table)
    return listed


def _comment(document: tomlkit.TOMLDocument, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))
