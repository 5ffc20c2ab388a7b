"""The catalogue as rows, and as one commented TOML file that a site owner edits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from paidsupport.desk.visit import Visit
from paidsupport.domain import money
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.letters import unknown_placeholders
from paidsupport.domain.questions import Kind, Moment, Question, declaration_faults
from paidsupport.domain.text import BadTextError, many_lines, one_line
from paidsupport.errors import InvalidInputError, NotFoundError
from paidsupport.store.catalogue import Boilerplate, Requirement, Service, ServiceQuestion

#: The keys a file may have, for each kind of table in it; the first ones must be there.
_SERVICE = (
    "slug",
    "name",
    "price",
    "currency",
    "summary",
    "description",
    "workflow",
    "active",
    "requirements",
)
_QUESTION = ("name", "label", "kind", "required", "help", "choices", "shown_by", "shown_value", "moment")
_BOILERPLATE = ("title", "body")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

_HEAD = """\
The catalogue of the support desk: what can be ordered, and shared boilerplate.
Load it with `flask paidsupport catalogue load FILE`: services are matched by their slug, shared
boilerplate by its title. A service that is missing here is retired: it takes no more orders, and
its tickets go on.
"""
_SERVICE_HELP = """\
price: an amount in text, e.g. "45.00"; currency: three capital letters.
requirements: what the customer confirms before ordering, one by one.
A question has: name (small letters), label, and maybe help, required, choices;
  kind: "text", "long text", "choice", "several", "yes/no", "number", "url" or "date";
  shown_by + shown_value: only asked when that earlier question has that answer;
  moment: "order" (on the form) or "contact" (asked by the developer at first contact).
"""
_BOILERPLATE_HELP = """\
Boilerplate to start a message from. {code}, {customer}, {service}, {price}, {developer}
and {payment} are filled in.
"""


_ORDERABLE = (
    select(Service)
    .where(Service.slug == bindparam("slug"), Service.active)
    # the few requirements in the same query: one trip less for every order
    .options(joinedload(Service.requirements), selectinload(Service.questions))
)


def orderable(session: Session, slug: str) -> Service:
    """The active service called `slug` with its questions and requirements. Raises NotFoundError."""
    found = session.scalars(_ORDERABLE, {"slug": slug}).unique().one_or_none()
    if found is None:
        raise NotFoundError
    return found


def services(session: Session) -> list[Service]:
    """Everything that can be ordered, in its order."""
    return list(session.scalars(select(Service).where(Service.active).order_by(Service.position)))


def terms(service: Service) -> str:
    """A name for what a customer agrees to: it changes with the price and with every requirement."""
    texts = [requirement.text for requirement in service.requirements]
    return fingerprint(service.price_minor, service.currency, texts)


def questions(service: Service) -> list[Question]:
    """The questions of a service as the rules know them."""
    return [
        Question(
            name=row.name,
            label=row.label,
            kind=Kind(row.kind),
            required=row.required,
            help=row.help,
            choices=tuple(row.choices),
            shown_by=row.shown_by,
            shown_value=row.shown_value,
            moment=Moment(row.moment),
        )
        for row in service.questions
    ]


def load(visit: Visit, text: str) -> tuple[int, int]:
    """Bring the rows in line with a TOML file; returns how many services and boilerplates it has.

    All or nothing. Raises InvalidInputError (field `file`) with one sentence for each fault.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError({"file": [f"This is not TOML: {error}"]}) from None
    reader = _Reader(set(visit.house.workflows))
    wanted = reader.services(document.get("service", []))
    texts = reader.boilerplate(document.get("boilerplate", []))
    reader.unknown_keys(document, ("service", "boilerplate"), "the file")
    if reader.faults:
        raise InvalidInputError({"file": reader.faults})
    _store_services(visit.session, wanted)
    _store_boilerplate(visit, texts)
    visit.session.flush()
    return len(wanted), len(texts)


def dump(session: Session) -> str:
    """The catalogue as a commented TOML file that `load` takes."""
    document = tomlkit.document()
    _comment(document, _HEAD)
    listed = tomlkit.aot()
    # retired ones too, each with `active = false`: the file is all there is
    for service in session.scalars(_services().order_by(Service.active.desc(), Service.position)):
        listed.append(_service_table(service))
    document.add(tomlkit.nl())
    _comment(document, _SERVICE_HELP)
    document.add("service", listed)
    texts = tomlkit.aot()
    shared = select(Boilerplate).where(Boilerplate.owner_id.is_(None)).order_by(Boilerplate.title)
    for row in session.scalars(shared):
        table = tomlkit.table()
        table.add("title", row.title)
        table.add("body", tomlkit.string(row.body, multiline=True))
        texts.append(table)
    if len(texts):
        document.add(tomlkit.nl())
        _comment(document, _BOILERPLATE_HELP)
        document.add("boilerplate", texts)
    return tomlkit.dumps(document)


class _Reader:
    """Reads the tables of a file and gathers what is wrong with them instead of stopping at the first."""

    def __init__(self, workflows: set[str]) -> None:
        self.faults: list[str] = []
        self._workflows = workflows

    def services(self, tables: object) -> list[dict[str, Any]]:
        found = [self._service(table, number) for number, table in self._tables(tables, "service")]
        slugs = [service["slug"] for service in found]
        self.faults += [
            f"service “{slug}” is there twice" for slug in {s for s in slugs if slugs.count(s) > 1}
        ]
        return found

    def boilerplate(self, tables: object) -> list[dict[str, str]]:
        found = []
        for number, table in self._tables(tables, "boilerplate"):
            where = f"boilerplate {number}"
            self.unknown_keys(table, _BOILERPLATE, where)
            body = self._text(table, "body", where, line=False, required=True)
            found.append({"title": self._text(table, "title", where, required=True), "body": body})
            self.faults += [f"{where}: {{{name}}} is no placeholder" for name in unknown_placeholders(body)]
        return found

    def unknown_keys(self, table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        self.faults += [f"{where}: unknown key “{key}”" for key in table if key not in known]

    def _service(self, table: Mapping[str, Any], number: int) -> dict[str, Any]:
        where = f"service “{table.get('slug', number)}”"
        self.unknown_keys(table, (*_SERVICE, "question"), where)
        values: dict[str, Any] = {
            name: self._text(table, name, where, required=name in {"slug", "name", "price", "currency"})
            for name in ("slug", "name", "summary", "price", "currency", "workflow")
        }
        values["description"] = self._text(table, "description", where, line=False)
        values["workflow"] = values["workflow"] or "paid"
        values["active"] = bool(table.get("active", True))
        if values["workflow"] not in self._workflows:
            self.faults.append(f"{where}: there is no workflow “{values['workflow']}”")
        if not _SLUG.fullmatch(values["slug"]):
            self.faults.append(f"{where}: a slug has at most 40 small letters, digits and hyphens")
        values["money"] = self._money(values, where)
        values["requirements"] = self._list(table, "requirements", where)
        values["questions"] = self._questions(table.get("question", []), where)
        return values

    def _questions(self, tables: object, where: str) -> list[Question]:
        found = []
        for number, table in self._tables(tables, f"{where}: question"):
            here = f"{where}: question “{table.get('name', number)}”"
            self.unknown_keys(table, _QUESTION, here)
            try:
                kind, moment = Kind(table.get("kind", "text")), Moment(table.get("moment", "order"))
            except ValueError as error:
                self.faults.append(f"{here}: {error}")
                continue
            found.append(
                Question(
                    name=self._text(table, "name", here, required=True),
                    label=self._text(table, "label", here, required=True),
                    kind=kind,
                    required=bool(table.get("required", False)),
                    help=self._text(table, "help", here),
                    choices=tuple(self._list(table, "choices", here)),
                    shown_by=self._text(table, "shown_by", here),
                    shown_value=self._text(table, "shown_value", here),
                    moment=moment,
                )
            )
        self.faults += [f"{where}: {fault}" for fault in declaration_faults(found)]
        return found

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


def _services() -> Any:  # noqa: ANN401  # a Select of one entity
    return select(Service).options(selectinload(Service.requirements), selectinload(Service.questions))


def _store_services(session: Session, wanted: list[dict[str, Any]]) -> None:
    known = {service.slug: service for service in session.scalars(_services())}
    for slug in set(known) - {values["slug"] for values in wanted}:
        known[slug].active = False
    for position, values in enumerate(wanted):
        service = known.get(values["slug"]) or Service(slug=values["slug"])
        service.position = position
        service.price_minor, service.currency = values["money"].minor, values["money"].currency
        for name in ("name", "summary", "description", "workflow", "active"):
            setattr(service, name, values[name])
        service.requirements.clear()
        service.questions.clear()
        session.add(service)
        session.flush()  # the old rows must be gone before new ones take their places
        service.requirements.extend(
            Requirement(position=number, text=text) for number, text in enumerate(values["requirements"])
        )
        service.questions.extend(
            ServiceQuestion(position=number, **_question_columns(question))
            for number, question in enumerate(values["questions"])
        )


def _question_columns(question: Question) -> dict[str, Any]:
    columns = {name: getattr(question, name) for name in _QUESTION}
    return columns | {
        "choices": list(question.choices),
        "kind": question.kind.value,
        "moment": question.moment.value,
    }


def _store_boilerplate(visit: Visit, wanted: list[dict[str, str]]) -> None:
    shared = select(Boilerplate).where(Boilerplate.owner_id.is_(None))
    known = {row.title: row for row in visit.session.scalars(shared)}
    for values in wanted:
        row = known.get(values["title"]) or Boilerplate(title=values["title"])
        row.body = values["body"]
        row.changed_at = visit.now
        visit.session.add(row)


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
    texts = tomlkit.array()
    texts.extend(requirement.text for requirement in service.requirements)
    table.add("requirements", texts.multiline(multiline=True))
    listed = tomlkit.aot()
    for question in questions(service):
        listed.append(_question_table(question))
    if len(listed):
        table.add("question", listed)
    return table


def _question_table(question: Question) -> tomlkit.items.Table:
    table = tomlkit.table()
    plain = Question(name="", label="")
    for name, value in _question_columns(question).items():
        if name in {"name", "label", "kind"} or value != _question_columns(plain)[name]:
            table.add(name, value)
    return table


def _comment(document: tomlkit.TOMLDocument, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))
