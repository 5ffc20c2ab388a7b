"""Reading the catalogue of a file: collects every fault, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from paidsupport.catalogue.rules import checklists, deadlines
from paidsupport.catalogue.rules.checklists import WHEN, Evidence, EvidenceKind, Phase, Template
from paidsupport.catalogue.rules.placeholders import not_a_placeholder, unknown_placeholders
from paidsupport.catalogue.rules.questions import Kind, Moment, Question, as_row, declaration_faults, keys
from paidsupport.catalogue.rules.terms import NOTHING_BEFORE, Payee, owes_nothing, usual_payee
from paidsupport.catalogue.wording import BOILERPLATE, CHECKLIST, SERVICE, TRAIT, templates_of
from paidsupport.kernel import faults, money
from paidsupport.kernel.configuration.file import Reading
from paidsupport.kernel.configuration.reading import SLUG, Reader
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.workflow import Workflow

#: The keys of a service, by the type of their value: a line, a text, a list, a yes or no, a number of hours.
_LINES = ("slug", "name", "summary", "price", "currency", "workflow")
_TEXTS = ("description", "settings_help")
_LISTS = ("traits", "purposes", "requirements")
_SWITCHES = ("active", "asks_host")
_HOURS = ("claim_hours", "work_hours")
#: The most services of a file, each of which has the checklist; and the most parts of a service or item.
_MOST_SERVICES = _MOST_PARTS = 200
#: The longest claim, in hours: a year.
_LONGEST = 24 * 366


class CatalogueReader:
    """Reads the parts of the catalogue with the reader of its file.

    Args:
        reader: Collects the faults.
        workflows: Those that are mounted.
    """

    def __init__(self, reader: Reader, workflows: Mapping[str, Workflow]) -> None:
        self._reader = reader
        self._workflows = workflows
        self._transitions = {
            transition.name for workflow in workflows.values() for transition in workflow.transitions
        }

    def services(self, tables: object) -> list[dict[str, Any]]:
        """The services, each with its requirements and questions."""
        listed = self._reader.tables(tables, "service", _MOST_SERVICES)
        found = [self._service(table, number) for number, table in listed]
        self._reader.twice([service["slug"] for service in found], "service")
        return found

    def deadlines(self, tables: object) -> dict[str, dict[str, Any]]:
        """The deadline rules of each workflow that has any."""
        found = {}
        for workflow, rules in self._reader.table(tables, "deadlines").items():
            where = f"deadlines “{workflow}”"
            if workflow not in self._workflows:
                self._reader.fault(where, faults.none_called(workflow))
            found[workflow] = self._rules(rules, where)
        return found

    def boilerplate(self, tables: object) -> list[dict[str, Any]]:
        reader, found = self._reader, []
        for number, table in reader.tables(tables, "boilerplate"):
            where = reader.at(table, f"boilerplate {number}")
            values: dict[str, Any] = {
                "title": reader.text(table, "title", where, required=True),
                "body": reader.text(table, "body", where, line=False, required=True),
            }
            values["translations"] = reader.translations(table, ("title", "body"), BOILERPLATE, values, where)
            for place, said in (
                (where, values),
                *((f"{where}: {tag}", said) for tag, said in values["translations"].items()),
            ):
                for name in unknown_placeholders(said.get("body", "")):
                    reader.fault(place, not_a_placeholder(name), "body")
            found.append(values)
        return found

    def traits(self, tables: object) -> list[dict[str, Any]]:
        reader, found = self._reader, []
        for number, table in reader.tables(tables, "trait"):
            where = reader.at(table, f"trait “{table.get('name', number)}”")
            values: dict[str, Any] = {
                "name": reader.slug(table, "name", where),
                "label": reader.text(table, "label", where, required=True),
            }
            values["translations"] = reader.translations(table, ("name", "label"), TRAIT, values, where)
            found.append(values)
        reader.twice([trait["name"] for trait in found], "trait")
        return found

    def checklist(
        self, tables: object, reading: Reading, before: Iterable[Mapping[str, Any]]
    ) -> list[Template]:
        """The items; what was wrong `before` and still is, is no fault of the file."""
        found = self.items(tables)
        faults = self._declared(found, reading.state("service"), reading.state("trait"))
        there = templates_of(before)
        known = set(self._declared(there, reading.current["service"], reading.current["trait"]))
        self._reader.faults += [fault for fault in faults if fault not in known]
        return found

    def items(self, tables: object) -> list[Template]:
        """The items of a checklist each by itself, whatever they are about."""
        return [self._template(table, number) for number, table in self._reader.tables(tables, "checklist")]

    def _declared(self, found: list[Template], services: Iterable[str], traits: Iterable[str]) -> list[Fault]:
        wrong = checklists.declaration_faults(
            found, transitions=self._transitions, services=set(services), traits=set(traits)
        )
        return [replace(fault, where=f"checklist “{fault.where}”") for fault in wrong]

    def traits_used(self, reading: Reading, known: Iterable[str]) -> None:
        """Find fault with services on offer, and with items that stay, which use traits that are not `known`.

        A draft that managers have left like that is no fault of the file.
        """
        names, before = set(known), reading.current["service"]
        # what is retired keeps the traits that it had: they may have gone with it
        for slug, service in reading.state("service").items():
            where = f"service “{slug}”"
            used = [(where, "traits", trait) for trait in service["traits"]]
            used += [
                (f"{where}: question “{question['name']}”", "trait", question["trait"])
                for question in service["questions"]
            ]
            for place, key, trait in used if service["active"] else ():
                gone = service == before.get(slug) and trait not in reading.current["trait"]
                if trait and trait not in names and not gone:
                    self._reader.fault(place, faults.none_called(trait), key)
        if "checklist" not in reading.held:
            for name, item in reading.current["checklist"].items():
                for key in ("traits", "unless"):
                    for trait in set(item[key]) & reading.current["trait"].keys() - names:
                        self._reader.fault(f"checklist “{name}”", faults.none_called(trait), key)

    def _service(self, table: Mapping[str, Any], number: int) -> dict[str, Any]:
        reader = self._reader
        where = reader.at(table, f"service “{table.get('slug', number)}”")
        values: dict[str, Any] = {
            name: reader.text(table, name, where, required=name in {"slug", "name", "price", "currency"})
            for name in _LINES
        }
        for name in _TEXTS:
            values[name] = reader.text(table, name, where, line=False)
        for name in _LISTS:
            values[name] = reader.texts(table, name, where)
        values["workflow"] = values["workflow"] or "paid"
        usual = usual_payee(values["workflow"])
        values["payee"] = str(reader.one_of(Payee, table, "payee", usual, where))
        for name in _SWITCHES:
            values[name] = reader.switch(table, name, where, default=True)
        for name in _HOURS:
            values[name] = reader.number(table, name, where, least=1, most=_LONGEST)
        if values["workflow"] not in self._workflows:
            reader.fault(where, faults.none_called(values["workflow"]), "workflow")
        if values["slug"] and not SLUG.fullmatch(values["slug"]):
            reader.fault(where, faults.SLUG_RULE, "slug")
        self._price(values, where)
        questions = self._questions(table.get("question", []), where)
        values["questions"] = [as_row(each) for each in questions]
        values["deadlines"] = self._rules(table.get("deadlines", {}), f"{where}: deadlines")
        known = (*_LINES, *_TEXTS, *_LISTS, *_SWITCHES, *_HOURS, "payee", "question", "deadlines")
        there = {**values, "question": {each["name"]: each for each in values["questions"]}}
        values["translations"] = reader.translations(table, known, SERVICE, there, where)
        return values

    def _rules(self, table: object, where: str) -> dict[str, Any]:
        rules = self._reader.table(table, where)
        for fault in deadlines.declaration_faults(rules):
            self._reader.fault(where, fault.sentence, fault.key)
        return dict(rules)

    def _questions(self, tables: object, where: str) -> list[Question]:
        reader, found = self._reader, []
        for number, table in reader.tables(tables, f"{where}: question", _MOST_PARTS):
            here = reader.at(table, f"{where}: question “{table.get('name', number)}”")
            reader.unknown_keys(table, keys(Question), here)
            texts = ("name", "label", "help", "shown_by", "shown_value", "trait", "trait_value")
            found.append(
                Question(
                    kind=reader.one_of(Kind, table, "kind", Kind.TEXT, here),
                    moment=reader.one_of(Moment, table, "moment", Moment.ORDER, here),
                    required=reader.switch(table, "required", here, default=False),
                    choices=tuple(reader.texts(table, "choices", here)),
                    **{n: reader.text(table, n, here, required=n in {"name", "label"}) for n in texts},
                )
            )
        for fault in declaration_faults(found):
            reader.fault(f"{where}: question “{fault.where}”", fault.sentence, fault.key)
        return found

    def _template(self, table: Mapping[str, Any], number: int) -> Template:
        reader = self._reader
        where = reader.at(table, f"checklist “{table.get('name', number)}”")
        said: dict[str, Any] = {
            **{name: reader.text(table, name, where, required=True) for name in ("text", "reason")},
            **{name: reader.text(table, name, where) for name in ("told", "guide")},
            **{name: tuple(reader.texts(table, name, where)) for name in (*WHEN, "gates")},
            **{name: reader.switch(table, name, where, default=False) for name in ("consent", "skippable")},
        }
        evidence = tuple(self._evidence(table.get("evidence", []), where))
        known = [name for name in keys(Template) if name != "translations"]
        there = {**said, "evidence": {each.name: as_row(each) for each in evidence}}
        return Template(
            name=reader.slug(table, "name", where),
            phase=reader.one_of(Phase, table, "phase", Phase.DURING, where),
            evidence=evidence,
            translations=reader.translations(table, known, CHECKLIST, there, where),
            **said,
        )

    def _evidence(self, tables: object, where: str) -> list[Evidence]:
        reader, found = self._reader, []
        for number, table in reader.tables(tables, f"{where}: evidence", _MOST_PARTS):
            here = reader.at(table, f"{where}: evidence “{table.get('name', number)}”")
            reader.unknown_keys(table, keys(Evidence), here)
            found.append(
                Evidence(
                    name=reader.slug(table, "name", here),
                    label=reader.text(table, "label", here, required=True),
                    kind=reader.one_of(EvidenceKind, table, "kind", EvidenceKind.TEXT, here),
                    required=reader.switch(table, "required", here, default=True),
                    refuse=tuple(reader.texts(table, "refuse", here)),
                    refusal=reader.text(table, "refusal", here),
                )
            )
        return found

    def _price(self, values: dict[str, Any], where: str) -> None:
        try:
            price = money.parse(values["price"], values["currency"])
        except ValueError as error:
            self._reader.fault(where, faults.message(error.args[0]), "price")
        else:
            values["price"], values["currency"] = price.plain, price.currency
            flow = self._workflows.get(values["workflow"])
            if flow and owes_nothing(values["payee"], price.minor, is_order=flow.is_order):
                self._reader.fault(where, NOTHING_BEFORE, "payee")
