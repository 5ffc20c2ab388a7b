"""The catalogue as parts of the file of the whole configuration, and as a file of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import tomlkit
from sqlalchemy import delete

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import drafts, publish
from paidsupport.catalogue.operations.reader import CatalogueReader
from paidsupport.catalogue.questions.queries import published_kinds
from paidsupport.catalogue.rules.checklists import Template
from paidsupport.catalogue.rules.deadlines import HELP, KEYS
from paidsupport.catalogue.rules.questions import Question, as_row, kept_kind
from paidsupport.catalogue.rules.terms import usual_payee
from paidsupport.catalogue.tables import (
    Boilerplate,
    ChecklistItem,
    DeadlineRules,
    Requirement,
    Service,
    ServiceQuestion,
    Trait,
)
from paidsupport.catalogue.wording import BOILERPLATE, CHECKLIST, SERVICE, TRAIT, question_of, templates_of
from paidsupport.kernel import money
from paidsupport.kernel.configuration import file as configured
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.file import Configured, Reading, State, by_name
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import add_languages, lines, listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import _

Told = Change[Context, Configuration]
#: Fields of a service that are columns of the same name.
_COPIED = (
    *("name", "summary", "description", "workflow", "active", "traits", "settings_help"),
    *("purposes", "asks_host", "claim_hours", "work_hours", "deadlines", "translations", "payee"),
)
#: The fields of a service in the order of the file, without its parts, and those that are always there.
_ALWAYS = ("slug", "name", "summary", "description", "price", "currency", "workflow")
_IN_FILE = (
    *_ALWAYS,
    "payee",
    "active",
    "traits",
    "purposes",
    "asks_host",
    "claim_hours",
    "work_hours",
    "settings_help",
)
#: What a version says that came from a file, if who loaded it said nothing.
_LOADED = "Loaded from a file."
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
payee: whom customers pay: "developer" (directly), "before" (the desk, before the work) or "after" (the
  desk, after the work, by invoice). If it is missing: "developer", or "after" under the workflows
  "request" and "sales".
[service.de] and the like: name, summary, description, settings_help and requirements in another
  language, [service.de.question.NAME] the label, help and choices of a question. A text that is
  missing there is shown as it is above.
purposes: the purposes of mailboxes and calls that lead to this service: "support", "sales", …
asks_host = false: the form does not ask which site to work on.
claim_hours, work_hours: how long a claim lasts, before and during the work, if not as set for the desk.
active = false: it is retired. So is a service that is missing here; its tickets go on.
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


class Services(Configured):
    """Services with their requirements and questions; those that a file leaves out are retired."""

    key, about, place, ordered, of_catalogue = "service", "service", 20, True, True
    label = _("Services")
    help = _SERVICE_HELP
    tables = (Service, Requirement, ServiceQuestion)

    def current(self, ctx: Context) -> State:
        return {service.slug: _service_state(service) for service in catalogue.every_service(ctx.session)}

    def read(self, reading: Reading) -> State:
        found = _reader(reading).services(reading.document.get("service", []))
        wanted = {values.pop("slug"): values for values in found}
        missing = {slug: {**each, "active": False} for slug, each in reading.current["service"].items()}
        wanted |= {slug: each for slug, each in missing.items() if slug not in wanted}
        _refuse_other_kinds(reading, wanted)
        # as they are listed: retired ones last
        return dict(sorted(wanted.items(), key=lambda each: not each[1]["active"]))

    def write(self, state: State) -> tomlkit.items.AoT:
        # retired services too, each with `active = false`, so that the file is complete
        return listed(_service_table(slug, each) for slug, each in state.items())

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        known = {service.slug: service for service in catalogue.every_service(ctx.session)}
        for position, (slug, values) in enumerate(after.items()):
            service = known.get(slug) or Service(slug=slug)
            service.position = position
            price = money.parse(values["price"], values["currency"])
            service.price_minor, service.currency = price.minor, price.currency
            for name in _COPIED:
                setattr(service, name, values[name])
            service.requirements.clear()
            service.questions.clear()
            ctx.session.add(service)
            ctx.session.flush()  # the old rows must be deleted before new ones take their positions
            service.requirements.extend(
                Requirement(position=number, text=text) for number, text in enumerate(values["requirements"])
            )
            service.questions.extend(
                ServiceQuestion(position=number, **question)
                for number, question in enumerate(values["questions"])
            )

    def kept_back(self, ctx: Context, changed: Collection[str]) -> Collection[str]:
        """Drafts that managers are at work on, and that the file says nothing new about."""
        rows = [each for each in catalogue.every_service(ctx.session) if each.slug not in changed]
        made, newest = drafts(ctx, rows), catalogue.newest_versions(ctx.session)
        return {row.slug for row in rows if made[row.id].differs_from(newest.get(row.id))}

    def publish(self, ctx: Context, change: Told, word: str, kept_back: Collection[str]) -> bool:
        """Publish the services whose drafts differ from what is on offer."""
        rows = [each for each in catalogue.every_service(ctx.session) if each.slug not in kept_back]
        return bool(publish(ctx, change, rows, word or _LOADED))


class Deadlines(Configured):
    """The deadlines of workflows: running ones have their own copies of the rules."""

    key, about, place, of_catalogue = "deadlines", "deadlines", 30, True
    label = _("Deadlines")
    help = HELP
    tables = (DeadlineRules,)

    def current(self, ctx: Context) -> State:
        return catalogue.deadline_rules(ctx.session)

    def read(self, reading: Reading) -> State:
        return _reader(reading).deadlines(reading.document.get("deadlines", {}))

    def write(self, state: State) -> tomlkit.items.Table:
        made = tomlkit.table(is_super_table=True)
        for workflow in sorted(state):
            made.add(workflow, _in_order(state[workflow]))
        return made

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        ctx.session.execute(delete(DeadlineRules))
        ctx.session.add_all(DeadlineRules(workflow=name, rules=rules) for name, rules in after.items())

    def label_of(self, ctx: Context, name: str, thing: Mapping[str, Any]) -> str:
        del thing
        flow = ctx.services.workflows.get(name)
        return flow.label if flow else name


class Traits(Configured):
    """What decides which checklist items apply."""

    key, about, place, ordered, of_catalogue = "trait", "trait", 40, True, True
    label = _("Traits")
    help = _TRAIT_HELP
    tables = (Trait,)

    def current(self, ctx: Context) -> State:
        rows = catalogue.every_trait(ctx.session)
        return {row.name: {"label": row.label, "translations": row.translations} for row in rows}

    def read(self, reading: Reading) -> State:
        reader = _reader(reading)
        found = {each.pop("name"): each for each in reader.traits(reading.document.get("trait", []))}
        reader.traits_used(reading, found)
        return found

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(_trait_table(name, each) for name, each in state.items())

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        ctx.session.execute(delete(Trait))
        rows = (Trait(position=at, name=name, **each) for at, (name, each) in enumerate(after.items()))
        ctx.session.add_all(rows)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return thing.get("label") or name


class Checklist(Configured):
    """The items of checklists: tickets have their own copies of what applied when their work began."""

    key, about, place, ordered, of_catalogue = "checklist", "item", 50, True, True
    label = _("Checklist")
    help = _CHECKLIST_HELP
    tables = (ChecklistItem,)

    def current(self, ctx: Context) -> State:
        return _items(catalogue.checklist(ctx.session))

    def read(self, reading: Reading) -> State:
        tables = reading.document.get("checklist", [])
        return _items(_reader(reading).checklist(tables, reading, _rows(reading.current["checklist"])))

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(map(_template_table, templates_of(_rows(state))))

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        ctx.session.execute(delete(ChecklistItem))
        ctx.session.add_all(ChecklistItem(position=at, **row) for at, row in enumerate(_rows(after)))

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return thing.get("text") or name


class Replies(Configured):
    """The canned replies that are shared; those that a file from before formats leaves out stay."""

    key, about, place, of_catalogue = "boilerplate", "reply", 60, True
    label = _("Canned replies")
    help = _BOILERPLATE_HELP
    tables = (Boilerplate,)

    def current(self, ctx: Context) -> State:
        return by_name(
            (row.title, {"title": row.title, "body": row.body, "translations": row.translations})
            for row in catalogue.shared_boilerplate(ctx.session)
        )

    def read(self, reading: Reading) -> State:
        found = _reader(reading).boilerplate(reading.document.get("boilerplate", []))
        wanted = by_name((each["title"], each) for each in found)
        return {**reading.current["boilerplate"], **wanted} if reading.is_old else wanted

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(map(_boilerplate_table, state.values()))

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        rows = catalogue.shared_boilerplate(ctx.session)
        known = by_name((row.title, {"row": row}) for row in rows)
        for name in set(known) - set(after):
            ctx.session.delete(known[name]["row"])
        for name, values in after.items():
            row = known[name]["row"] if name in known else Boilerplate()
            if (row.title, row.body, row.translations) != tuple(values.values()):
                row.title, row.body, row.translations = values.values()
                row.changed_at = ctx.now
            ctx.session.add(row)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        return thing.get("title") or name


#: The parts of the catalogue.
PARTS = (Services(), Deadlines(), Traits(), Checklist(), Replies())


def load(ctx: Context, text: str) -> tuple[int, int]:
    """Update the catalogue from a TOML file; returns the numbers of its services and canned replies.

    All or nothing; a file of the whole configuration changes that.

    Raises:
        InvalidInputError: Field `file`, with one sentence for each fault.
    """
    with configuration.edit(ctx) as change:
        planned = configured.plan(ctx, text)
        configured.carry_out(ctx, change, planned, _LOADED)
    counts = {part.key: after for part, _before, after in planned.parts}
    services = [each for each in counts.get("service", {}).values() if each["active"]]
    return len(services), len(counts.get("boilerplate", {}))


def dump(ctx: Context) -> str:
    """The catalogue as a commented TOML file that `load` takes."""
    return configured.dump(ctx, PARTS)


def _refuse_other_kinds(reading: Reading, wanted: State) -> None:
    """Find fault with questions of another kind than they were published with: answers are stored."""
    session = reading.ctx.session
    for service in catalogue.every_service(session):
        kinds = published_kinds(session, service)
        for question in wanted[service.slug]["questions"]:
            name, kind = question["name"], kinds.get(question["name"], question["kind"])
            if kind != question["kind"]:
                where = f"service “{service.slug}”: question “{name}”"
                reading.reader.fault(where, kept_kind(kind), "kind")


def _reader(reading: Reading) -> CatalogueReader:
    return CatalogueReader(reading.reader, reading.ctx.services.workflows)


def _service_state(service: Service) -> dict[str, Any]:
    price = money.Money(service.price_minor, service.currency)
    return {
        **{name: getattr(service, name) for name in _COPIED},
        "price": price.plain,
        "currency": service.currency,
        "requirements": [requirement.text for requirement in service.requirements],
        "questions": [as_row(question_of(row)) for row in service.questions],
    }


def _service_table(slug: str, values: Mapping[str, Any]) -> tomlkit.items.Table:
    switches = {"active", "asks_host"}
    plain = {name: {**values, "slug": slug}[name] for name in _IN_FILE}
    if values["payee"] == usual_payee(values["workflow"]):
        plain.pop("payee")
    # both are usual
    plain = {name: value for name, value in plain.items() if name not in switches or not value}
    made = table(plain, _ALWAYS, ("description", "settings_help"))
    made.add("requirements", lines(values["requirements"]))
    if values["deadlines"]:
        made.add("deadlines", _in_order(values["deadlines"]))
    if questions := [_question_table(each) for each in values["questions"]]:
        made.add("question", listed(questions))
    add_languages(made, values["translations"], SERVICE)
    return made


def _question_table(question: Mapping[str, Any]) -> tomlkit.items.Table:
    plain = as_row(Question("", "")) | {"kind": None}
    return _some({name: question[name] for name in plain if question[name] != plain[name]})


def _in_order(rules: Mapping[str, object]) -> tomlkit.items.Table:
    """The rules of deadlines in their documented order, which the database does not keep."""
    return _some({name: rules[name] for name in KEYS if name in rules})


def _items(templates: list[Template]) -> State:
    rows = [template.as_row() for template in templates]
    return {row["name"]: {name: value for name, value in row.items() if name != "name"} for row in rows}


def _rows(state: State) -> list[dict[str, Any]]:
    return [{"name": name, **each} for name, each in state.items()]


def _template_table(template: Template) -> tomlkit.items.Table:
    values = as_row(template) | {"evidence": None, "translations": None}
    made = _some(values, always=("name", "text", "reason", "phase"))
    if evidence := [_evidence_table(as_row(each)) for each in template.evidence]:
        made.add("evidence", listed(evidence))
    add_languages(made, template.translations, CHECKLIST)
    return made


def _evidence_table(evidence: Mapping[str, Any]) -> tomlkit.items.Table:
    made = _some({**evidence, "required": None}, always=("kind",))
    if not evidence["required"]:
        made.add("required", value=False)
    return made


def _boilerplate_table(values: Mapping[str, Any]) -> tomlkit.items.Table:
    made = table({"title": values["title"]})
    made.add("body", tomlkit.string(values["body"], multiline=True))
    add_languages(made, values["translations"], BOILERPLATE)
    return made


def _trait_table(name: str, values: Mapping[str, Any]) -> tomlkit.items.Table:
    made = table({"name": name, "label": values["label"]})
    add_languages(made, values["translations"], TRAIT)
    return made


def _some(values: Mapping[str, Any], always: tuple[str, ...] = ()) -> tomlkit.items.Table:
    """A table without what says nothing: neither empty texts and lists, nor false."""
    return table({name: value for name, value in values.items() if value or name in always}, always)
