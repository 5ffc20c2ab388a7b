"""Reading a catalogue file: collects every fault, each with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from paidsupport.catalogue.rules import checklists, deadlines
from paidsupport.catalogue.rules.checklists import WHEN, Evidence, EvidenceKind, Phase, Template
from paidsupport.catalogue.rules.names import SLUG
from paidsupport.catalogue.rules.placeholders import unknown_placeholders
from paidsupport.catalogue.rules.questions import Kind, Moment, Question, as_row, declaration_faults, keys
from paidsupport.catalogue.wording import BOILERPLATE, CHECKLIST, SERVICE, TRAIT
from paidsupport.kernel import money
from paidsupport.kernel.db.wording import TAG, Texts
from paidsupport.kernel.text import BadTextError, many_lines, one_line
from paidsupport.kernel.workflow import Workflow

#: The keys of a service, by the type of their value: a line, a text, a list, a yes or no.
_LINES = ("slug", "name", "summary", "price", "currency", "workflow")
_TEXTS = ("description", "settings_help")
_LISTS = ("traits", "purposes", "requirements")
_SWITCHES = ("active", "asks_host")
E = TypeVar("E", bound=StrEnum)

_SLUG_RULE = "has at most 40 small letters, digits and hyphens"


class Reader:
    """Reads the tables of a file, and collects their faults instead of stopping at the first."""

    def __init__(self, workflows: Mapping[str, Workflow]) -> None:
        self.faults: list[str] = []
        self._workflows = set(workflows)
        self._transitions = {
            transition.name for workflow in workflows.values() for transition in workflow.transitions
        }

    def services(self, tables: object) -> list[dict[str, Any]]:
        found = [self._service(table, number) for number, table in self._tables(tables, "service")]
        slugs = [service["slug"] for service in found]
        self.faults += [
            f"service “{slug}” is there twice" for slug in {s for s in slugs if slugs.count(s) > 1}
        ]
        return found

    def deadlines(self, tables: object) -> dict[str, dict[str, Any]]:
        """The deadline rules of each workflow that has any."""
        found = {}
        for workflow, rules in self._table(tables, "deadlines").items():
            where = f"deadlines “{workflow}”"
            if workflow not in self._workflows:
                self.faults.append(f"{where}: there is no workflow of this name")
            found[workflow] = self._rules(rules, where)
        return found

    def boilerplate(self, tables: object) -> list[dict[str, Any]]:
        found = []
        for number, table in self._tables(tables, "boilerplate"):
            where = f"boilerplate {number}"
            values: dict[str, Any] = {
                "title": self._text(table, "title", where, required=True),
                "body": self._text(table, "body", where, line=False, required=True),
            }
            values["translations"] = self._translations(table, ("title", "body"), BOILERPLATE, values, where)
            for place, said in (
                (where, values),
                *((f"{where}: {tag}", said) for tag, said in values["translations"].items()),
            ):
                unknown = unknown_placeholders(said.get("body", ""))
                self.faults += [f"{place}: {{{name}}} is no placeholder" for name in unknown]
            found.append(values)
        return found

    def traits(self, tables: object) -> list[dict[str, Any]]:
        found = []
        for number, table in self._tables(tables, "trait"):
            where = f"trait “{table.get('name', number)}”"
            values: dict[str, Any] = {
                "name": self._slug(table, "name", where),
                "label": self._text(table, "label", where, required=True),
            }
            values["translations"] = self._translations(table, ("name", "label"), TRAIT, values, where)
            found.append(values)
        return found

    def checklist(
        self, tables: object, services: list[dict[str, Any]], traits: list[dict[str, Any]]
    ) -> list[Template]:
        found = [self._template(table, number) for number, table in self._tables(tables, "checklist")]
        known = {trait["name"] for trait in traits}
        self.faults += checklists.declaration_faults(
            found,
            transitions=self._transitions,
            services={service["slug"] for service in services},
            traits=known,
        )
        # what is retired keeps the traits that it had: they may have gone with it
        for service in (each for each in services if each["active"]):
            where = f"service “{service['slug']}”"
            used = [*service["traits"], *(question.trait for question in service["questions"])]
            self.faults += [f"{where}: there is no trait “{t}”" for t in used if t and t not in known]
        return found

    def unknown_keys(self, table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        self.faults += [f"{where}: unknown key “{key}”" for key in table if key not in known]

    def _service(self, table: Mapping[str, Any], number: int) -> dict[str, Any]:
        where = f"service “{table.get('slug', number)}”"
        values: dict[str, Any] = {
            name: self._text(table, name, where, required=name in {"slug", "name", "price", "currency"})
            for name in _LINES
        }
        for name in _TEXTS:
            values[name] = self._text(table, name, where, line=False)
        for name in _LISTS:
            values[name] = self._list(table, name, where)
        values["workflow"] = values["workflow"] or "paid"
        for name in _SWITCHES:
            values[name] = bool(table.get(name, True))
        if values["workflow"] not in self._workflows:
            self.faults.append(f"{where}: there is no workflow “{values['workflow']}”")
        if not SLUG.fullmatch(values["slug"]):
            self.faults.append(f"{where}: a slug {_SLUG_RULE}")
        values["money"] = self._money(values, where)
        values["questions"] = self._questions(table.get("question", []), where)
        values["deadlines"] = self._rules(table.get("deadlines", {}), f"{where}: deadlines")
        known = (*_LINES, *_TEXTS, *_LISTS, *_SWITCHES, "question", "deadlines")
        there = {**values, "question": {each.name: as_row(each) for each in values["questions"]}}
        values["translations"] = self._translations(table, known, SERVICE, there, where)
        return values

    def _translations(
        self,
        table: Mapping[str, Any],
        known: Sequence[str],
        texts: Texts,
        there: Mapping[str, Any],
        where: str,
    ) -> dict[str, Any]:
        """The other languages of a thing as they are stored, by tag; every other key must be `known`.

        Args:
            table: The table of the thing.
            known: Its keys that are not languages.
            texts: Which of its texts can be translated.
            there: Its own texts, with its parts by their names.
            where: The place, for error messages.
        """
        tags = [key for key in table if key not in known and TAG.fullmatch(key)]
        self.unknown_keys(table, (*known, *tags), where)
        said = {tag: self._translated(table[tag], texts, there, f"{where}: {tag}") for tag in tags}
        return {tag: each for tag, each in said.items() if each}

    def _translated(
        self, table: object, texts: Texts, there: Mapping[str, Any], where: str
    ) -> dict[str, Any]:
        """The texts of a thing in one other language, without empty ones."""
        given = self._table(table, where)
        self.unknown_keys(given, (*texts.names, *texts.lists, *texts.parts), where)
        found: dict[str, Any] = {
            name: self._text(given, name, where, line=name in texts.lines)
            for name in texts.names
            if name in given
        }
        for name in texts.lists:
            if name in given:
                found[name] = self._as_many(given, name, there[name], where)
        for key, part in texts.parts.items():
            those = self._table(given.get(key, {}), f"{where}: {key}")
            self.unknown_keys(those, tuple(there[key]), f"{where}: {key}")
            said = {
                name: self._translated(those[name], part, there[key][name], f"{where}: {key} “{name}”")
                for name in those
                if name in there[key]
            }
            found[key] = {name: each for name, each in said.items() if each}
        for name in found:
            if name in texts.names and not there[name]:
                self.faults.append(f"{where}: {name} is only there in this language")
        return {name: each for name, each in found.items() if each}

    def _as_many(self, table: Mapping[str, Any], name: str, own: Sequence[str], where: str) -> list[str]:
        """A list with one text for each of the thing's own."""
        found = self._list(table, name, where)
        if len(found) != len(own):
            self.faults.append(f"{where}: {name} must be {len(own)} texts, as many as without a language")
        return found

    def _rules(self, table: object, where: str) -> dict[str, Any]:
        rules = self._table(table, where)
        self.faults += [f"{where}: {fault}" for fault in deadlines.faults(rules)]
        return dict(rules)

    def _questions(self, tables: object, where: str) -> list[Question]:
        found = []
        for number, table in self._tables(tables, f"{where}: question"):
            here = f"{where}: question “{table.get('name', number)}”"
            self.unknown_keys(table, keys(Question), here)
            texts = ("name", "label", "help", "shown_by", "shown_value", "trait", "trait_value")
            found.append(
                Question(
                    kind=self._one_of(Kind, table, "kind", Kind.TEXT, here),
                    moment=self._one_of(Moment, table, "moment", Moment.ORDER, here),
                    required=bool(table.get("required", False)),
                    choices=tuple(self._list(table, "choices", here)),
                    **{n: self._text(table, n, here, required=n in {"name", "label"}) for n in texts},
                )
            )
        self.faults += [f"{where}: {fault}" for fault in declaration_faults(found)]
        return found

    def _template(self, table: Mapping[str, Any], number: int) -> Template:
        where = f"checklist “{table.get('name', number)}”"
        said: dict[str, Any] = {
            **{name: self._text(table, name, where, required=True) for name in ("text", "reason")},
            **{name: self._text(table, name, where) for name in ("told", "guide")},
            **{name: tuple(self._list(table, name, where)) for name in (*WHEN, "gates")},
            **{name: bool(table.get(name, False)) for name in ("consent", "skippable")},
        }
        evidence = tuple(self._evidence(table.get("evidence", []), where))
        known = [name for name in keys(Template) if name != "translations"]
        there = {**said, "evidence": {each.name: as_row(each) for each in evidence}}
        return Template(
            name=self._slug(table, "name", where),
            phase=self._one_of(Phase, table, "phase", Phase.DURING, where),
            evidence=evidence,
            translations=self._translations(table, known, CHECKLIST, there, where),
            **said,
        )

    def _evidence(self, tables: object, where: str) -> list[Evidence]:
        found = []
        for number, table in self._tables(tables, f"{where}: evidence"):
            here = f"{where}: evidence “{table.get('name', number)}”"
            self.unknown_keys(table, keys(Evidence), here)
            found.append(
                Evidence(
                    name=self._slug(table, "name", here),
                    label=self._text(table, "label", here, required=True),
                    kind=self._one_of(EvidenceKind, table, "kind", EvidenceKind.TEXT, here),
                    required=bool(table.get("required", True)),
                    refuse=tuple(self._list(table, "refuse", here)),
                    refusal=self._text(table, "refusal", here),
                )
            )
        return found

    def _slug(self, table: Mapping[str, Any], name: str, where: str) -> str:
        value = self._text(table, name, where, required=True)
        if value and not SLUG.fullmatch(value):
            self.faults.append(f"{where}: a {name} {_SLUG_RULE}")
        return value

    def _one_of(self, kind: type[E], table: Mapping[str, Any], name: str, default: E, where: str) -> E:
        try:
            return kind(table.get(name, default))
        except ValueError as error:
            self.faults.append(f"{where}: {error}")
            return default

    def _table(self, table: object, what: str) -> Mapping[str, Any]:
        if isinstance(table, Mapping):
            return table
        self.faults.append(f"{what}: write it as a table, […]")
        return {}

    def _tables(self, tables: object, what: str) -> list[tuple[int, Mapping[str, Any]]]:
        if isinstance(tables, list) and all(isinstance(table, Mapping) for table in tables):
            return list(enumerate(tables, start=1))
        self.faults.append(f"{what}: write it as a list of tables, [[…]]")
        return []

    def _text(
        self, table: Mapping[str, Any], name: str, where: str, *, line: bool = True, required: bool = False
    ) -> str:
        given = table.get(name, "")
        if not isinstance(given, str):
            self.faults.append(f"{where}: {name} must be text in quotes")
            return ""
        value = ""
        try:
            value = one_line(given) if line else many_lines(given)
        except BadTextError as error:
            self.faults.append(f"{where}: {name}: {error}")
        if required and not value:
            self.faults.append(f"{where}: {name} is missing")
        return value

    def _list(self, table: Mapping[str, Any], name: str, where: str) -> list[str]:
        given = table.get(name, [])
        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            self.faults.append(f"{where}: {name} must be a list of texts")
            return []
        return [self._text({name: text}, name, where, line=name == "choices") for text in given]

    def _money(self, values: Mapping[str, Any], where: str) -> money.Money:
        try:
            return money.parse(values["price"], values["currency"])
        except ValueError as error:
            self.faults.append(f"{where}: {error}")
            return money.Money(0, "XXX")
