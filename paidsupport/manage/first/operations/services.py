"""Services from templates: with their questions, deadlines, traits and checklist."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.checklists import queries as checklists
from paidsupport.catalogue.operations.publishing import publish as publish_drafts
from paidsupport.catalogue.operations.reader import CatalogueReader
from paidsupport.catalogue.rules.checklists import Template as Item
from paidsupport.catalogue.services.operations.values import read_price
from paidsupport.catalogue.tables import (
    ChecklistItem,
    DeadlineRules,
    Requirement,
    Service,
    ServiceQuestion,
    Trait,
)
from paidsupport.catalogue.wording import content_of
from paidsupport.kernel import money
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.reading import Reader
from paidsupport.kernel.configuration.rows import said
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import forms
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import ConflictError, InvalidInputError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import worded
from paidsupport.kernel.money import Money
from paidsupport.kernel.workflow import Workflow

#: The files with the templates, and the services in them, in the order in which they are shown.
_FILES = (
    ("demo/catalogue.toml", ("installation", "upgrade", "customization")),
    ("manage/first/services.toml", ("hourly",)),
    ("demo/catalogue.toml", ("question",)),
)
#: What a version says that came from a template.
_WORD = "From a template."
#: What a row takes as the template has it.
_COPIED = (
    *("slug", "name", "summary", "description", "workflow", "traits", "settings_help"),
    *("purposes", "asks_host", "deadlines", "claim_hours", "work_hours", "translations", "payee"),
)
_Told = Change[Context, Configuration]


class MadeError(ConflictError):
    """There is a service from this template."""

    title = _("This service is here already")


@dataclass(frozen=True, slots=True)
class Template:
    """A service that can be taken over, with what it needs.

    Attributes:
        values: The service, as the reader of catalogue files gives it.
        traits: Those that its answers and its checklist use.
        checklist: The items that can apply to it.
        rules: The deadlines of its workflow.
    """

    values: Mapping[str, Any]
    traits: tuple[Mapping[str, Any], ...]
    checklist: tuple[Item, ...]
    rules: Mapping[str, Any]

    @property
    def slug(self) -> str:
        """Its name, which becomes that of the service."""
        return str(self.values["slug"])

    @property
    def name(self) -> object:
        """What customers call it, in every language."""
        return worded(self.values["name"], forms(self.values["translations"], "name"))

    @property
    def summary(self) -> object:
        """What it is, in every language."""
        return worded(self.values["summary"], forms(self.values["translations"], "summary"))

    @property
    def price(self) -> Money:
        """What it costs, unless somebody says otherwise."""
        return money.parse(self.values["price"], self.values["currency"])

    @property
    def questions(self) -> int:
        """How many questions its order form asks."""
        return len(self.values["questions"])


@dataclass(frozen=True, slots=True)
class Price:
    """A price as it was typed, and what stands before the decimals in that language."""

    amount: str
    currency: str
    mark: str


def templates(workflows: Mapping[str, Workflow]) -> list[Template]:
    """All templates whose workflows are mounted."""
    read = {path: _read(path, workflows) for path in dict.fromkeys(path for path, _slugs in _FILES)}
    found = [read[path].get(slug) for path, slugs in _FILES for slug in slugs]
    return [template for template in found if template is not None]


def find(workflows: Mapping[str, Workflow], slug: str) -> Template:
    """The template of this name. Raises NotFoundError."""
    return existing(next((each for each in templates(workflows) if each.slug == slug), None))


def make(ctx: Context, template: Template, price: Price, *, publish: bool, key: str) -> Service:
    """Make a service from a template, with whatever it needs that the desk does not have yet.

    Args:
        ctx: The manager.
        template: Which one.
        price: What it costs, as it was typed.
        publish: Whether it can be ordered at once; otherwise it is a draft.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: The price or the currency cannot be read.
        MadeError: There is a service of this name.
    """
    fields = Fields()
    cost = read_price(fields, price.amount, price.currency, mark=price.mark)
    if cost is None:
        raise InvalidInputError(fields.problems)
    with configuration.edit(
        ctx, key=key, content=("template", template.slug, cost.minor, cost.currency, publish)
    ) as change:
        there = {each.slug: each for each in catalogue.every_service(ctx.session)}
        if change.repeated:
            return existing(there.get(template.slug))
        if template.slug in there:
            raise MadeError(_("There is a service from this template already."))
        service = _service(template, cost, position=len(there))
        ctx.session.add(service)
        rules = _add_rules(ctx, change, template)
        _add_traits(ctx, change, template)
        _add_items(ctx, change, template, {*there, template.slug})
        ctx.session.flush()
        about = f"service:{service.slug}"
        configuration.tell(change, "added", about, service.name, None, said(content_of(service, rules)))
        if publish:
            publish_drafts(ctx, change, [service], _WORD)
    return service


def _service(template: Template, cost: Money, position: int) -> Service:
    values = template.values
    return Service(
        position=position,
        price_minor=cost.minor,
        currency=cost.currency,
        requirements=[Requirement(position=at, text=text) for at, text in enumerate(values["requirements"])],
        questions=[
            ServiceQuestion(position=at, **question) for at, question in enumerate(values["questions"])
        ],
        **{name: values[name] for name in _COPIED},
    )


def _add_rules(ctx: Context, change: _Told, template: Template) -> Mapping[str, Any]:
    """The deadlines of the workflow: those that it has, or now has."""
    workflow, known = template.values["workflow"], catalogue.deadline_rules(ctx.session)
    if workflow in known or not template.rules:
        return known.get(workflow, {})
    ctx.session.add(DeadlineRules(workflow=workflow, rules=dict(template.rules)))
    label = ctx.services.workflows[workflow].label
    configuration.tell(change, "added", f"deadlines:{workflow}", label, None, template.rules)
    return template.rules


def _add_traits(ctx: Context, change: _Told, template: Template) -> None:
    known = catalogue.every_trait(ctx.session)
    names = {trait.name for trait in known}
    missing = [values for values in template.traits if values["name"] not in names]
    for position, values in enumerate(missing, start=len(known)):
        ctx.session.add(Trait(position=position, **values))
        configuration.tell(change, "added", f"trait:{values['name']}", values["label"], None, said(values))


def _add_items(ctx: Context, change: _Told, template: Template, services: Collection[str]) -> None:
    """Add the items that are missing, and let those that are there apply to the service, too."""
    known = {row.name: row for row in checklists.items(ctx.session)}
    new = {item.name for item in template.checklist} - set(known)
    position = len(known)
    for item in template.checklist:
        row = known.get(item.name)
        about = f"item:{item.name}"
        if row is None:
            values = replace(item, services=tuple(s for s in item.services if s in services)).as_row()
            ctx.session.add(ChecklistItem(position=position, **values))
            configuration.tell(change, "added", about, item.text, None, said(values))
            position += 1
            continue
        before = {"services": row.services, "gates": row.gates}
        if item.services and row.services and template.slug not in row.services:
            row.services = [*row.services, template.slug]
        row.gates = [*row.gates, *(gate for gate in item.gates if gate in new)]
        after = {"services": row.services, "gates": row.gates}
        configuration.tell(change, "changed", about, row.text, before, after)


def _read(path: str, workflows: Mapping[str, Workflow]) -> dict[str, Template]:
    """The templates of a file, by their slugs: its services whose workflows are mounted."""
    document = tomllib.loads(files("paidsupport").joinpath(path).read_text(encoding="utf-8"))
    reader = CatalogueReader(Reader(), workflows)
    tables = [each for each in document["service"] if each.get("workflow", "paid") in workflows]
    services = reader.services(tables)
    rules = {name: each for name, each in document.get("deadlines", {}).items() if name in workflows}
    traits = reader.traits(document.get("trait", []))
    items = reader.items(document.get("checklist", []))
    return {each["slug"]: _template(each, rules, traits, items) for each in services}


def _template(
    values: Mapping[str, Any], rules: Mapping[str, Any], traits: list[dict[str, Any]], items: list[Item]
) -> Template:
    """A service with what of the file goes with it; there is a checklist for work on servers alone."""
    at_work = values["workflow"] == "paid"
    theirs = [each for each in items if at_work and (not each.services or values["slug"] in each.services)]
    names = {each.name for each in theirs}
    others = {each.name for each in items} - names
    theirs = [
        replace(each, gates=tuple(gate for gate in each.gates if gate not in others)) for each in theirs
    ]
    used = {*values["traits"], *(question["trait"] for question in values["questions"])}
    used |= {trait for item in theirs for trait in (*item.traits, *item.unless)}
    return Template(
        values,
        tuple(each for each in traits if each["name"] in used),
        tuple(theirs),
        rules.get(values["workflow"], {}),
    )
