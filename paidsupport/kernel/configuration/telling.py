"""What fields of the set-up are called and how their values are written, wherever a change of them is shown.

Each capability registers the fields of its things by what the history calls the things: `service`,
`question`, `setting`. A change is then told in the language that is spoken: on the page of changes, before a
publication, and before a file is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from paidsupport.kernel.configuration.differences import Difference, Path
from paidsupport.kernel.configuration.history import AMOUNTS, CURRENCY
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import TAG
from paidsupport.kernel.hours import HOUR
from paidsupport.kernel.i18n.formats import ENGLISH
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import SPOKEN, Number, Sayable, _, ngettext
from paidsupport.kernel.i18n.names import name_of
from paidsupport.kernel.money import CURRENCIES, Money, parse

#: What holds the texts in other languages, by tag.
LANGUAGES = "translations"
_DURATION = re.compile(r"([0-9]+)\s*([mhd])")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<time>T[0-9:.]+(?:Z|[+-][0-9:]+)?)?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a thing.

    Attributes:
        label: What its form calls it.
        said: Makes of a value what people read; without it, the value is shown by its type.
        parts: The kind of the parts that it holds by their names, if it holds any.
        holds: The kind whose fields it holds, if it is a mapping of fields.
        href: Gives the page where to read what a value stands for, by the name of the thing and the value.
    """

    label: str
    said: Callable[[Any, Telling], object] | None = None
    parts: str = ""
    holds: str = ""
    href: Callable[[str, Any], str] | None = None


#: Fields by name, and these by the kind of the thing. With a name that ends with “_”, the names of several
#: begin: `said` makes of the rest what such a field is called.
Fields = Mapping[str, Field]
Things = Mapping[str, Fields]

#: What fields are called in all kinds of things that do not call them otherwise.
COMMON: Fields = {
    "name": Field(_("Name")),
    "title": Field(_("Title")),
    "position": Field(_("Position")),
    "order": Field(_("Order")),
    "value": Field(_("Value")),
    "active": Field(_("In use")),
    "offered": Field(_("In use")),
    LANGUAGES: Field(_("Languages")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One difference in words: what is there before and after; None if nothing is.

    Attributes:
        where: The way to it, each step with whether it is a name that people gave.
        href: The page where to read what is there after, if that is not told here.
    """

    where: Sequence[tuple[str, bool]]
    before: str | None
    after: str | None
    href: str = ""

    @property
    def length(self) -> int:
        """How many characters both have."""
        return len(self.before or "") + len(self.after or "")


class Telling:
    """Tells differences in the language that is spoken now; reads each list of names once.

    Args:
        ctx: For whom, and what is there.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        #: The name of the thing that is told of: a setting's value is read by it.
        self.name = ""
        self._things: Things = ctx.services.capabilities.things
        self._names: dict[str, Mapping[str, str]] = {}
        self._called: dict[tuple[str, str], str] = {}

    def told(
        self,
        kind: str,
        found: Iterable[Difference],
        states: Iterable[Mapping[str, Any]] = (),
        *,
        name: str = "",
    ) -> list[Told]:
        """Differences in words.

        Args:
            kind: The kind of the thing that they are in.
            found: Each with its path.
            states: All of the thing, before and after: their parts are called by their labels.
            name: The name of the thing.
        """
        self.name = name
        self._called = {}
        for state in states:
            self._find_parts(kind, state)
        return [Told(*self._in_words(kind, *each)) for each in found]

    def label(self, kind: str, name: str) -> str | None:
        """What a field is called; None if that is not registered."""
        field, tag = self._field(kind, name)
        return None if field is None else f"{translate(field.label)} ({name_of(tag)})" if tag else field.label

    def names(self, key: str, read: Callable[[Context], Mapping[str, str]]) -> Mapping[str, str]:
        """What things are called by their names, read once."""
        if key not in self._names:
            self._names[key] = read(self.ctx)
        return self._names[key]

    def called(self, kind: str, name: str) -> str:
        """What a part of the thing is called."""
        return self._called.get((kind, name), name)

    def _find_parts(self, kind: str, state: Mapping[str, Any]) -> None:
        for name, field in self._things.get(kind, {}).items():
            parts = state.get(name)
            for part in parts if field.parts and isinstance(parts, list | tuple) else ():
                if isinstance(part, Mapping):
                    label = part.get("label") or part.get("text") or part["name"]
                    self._called[field.parts, part["name"]] = str(label)
                    self._find_parts(field.parts, part)

    def _in_words(
        self, kind: str, path: Path, before: object, after: object
    ) -> tuple[list[tuple[str, bool]], str | None, str | None, str]:
        steps: list[tuple[str, bool]] = []
        field: Field | None = None
        rest = list(path)
        while rest:
            name = rest.pop(0)
            if name == LANGUAGES and rest:
                tag = rest.pop(0)
                steps.append((name_of(tag) if TAG.fullmatch(tag) else tag, True))
                field = Field("", holds=kind)
                continue
            field, tag = self._field(kind, name)
            steps.append((str(translate(field.label)) if field else name, False))
            if tag:
                steps.append((name_of(tag), True))
            if field and field.parts and rest:
                steps.append((self.called(field.parts, rest.pop(0)), True))
                kind, field = field.parts, Field("", holds=field.parts)
            elif field and field.holds:
                kind = field.holds
            elif rest:
                steps.append((rest.pop(0), False))  # a place in a list
        href = field.href(self.name, after) if field and field.href and self.name and after else ""
        return steps, self._value(field, before), self._value(field, after), href

    def _field(self, kind: str, name: str) -> tuple[Field | None, str]:
        """A field with the tag of its language, if it is that of another one: `label_de`."""
        fields = {**COMMON, **self._things.get(kind, {})}
        plain = name.replace("-", "_")
        if found := fields.get(name) or fields.get(plain):
            return found, ""
        for prefix, field in fields.items():
            if prefix.endswith("_") and name.startswith(prefix) and field.said:
                return Field(str(field.said(name.removeprefix(prefix), self))), ""
        base, _mark, tag = name.rpartition("_")
        return (fields[base], tag) if base in fields and TAG.fullmatch(tag) else (None, "")

    def _value(self, field: Field | None, value: object) -> str | None:
        if value is None:
            return None
        if field and field.said:
            if isinstance(value, list | tuple):
                return "\n".join(_plain(field.said(each, self), self) for each in value)
            return _plain(field.said(value, self), self)
        if isinstance(value, Mapping):
            kind = (field.parts or field.holds) if field else ""
            return self._fields(kind, value, by_name=bool(field and field.parts))
        if isinstance(value, list | tuple):
            return "\n".join(self._part(field, each) for each in value)
        return _plain(value, self)

    def _part(self, field: Field | None, value: object) -> str:
        if isinstance(value, Mapping):
            return self._fields((field.parts or field.holds) if field else "", value)
        if field and field.parts:
            return self.called(field.parts, str(value))
        return _plain(value, self)

    def _fields(self, kind: str, values: Mapping[str, Any], *, by_name: bool = False) -> str:
        lines = []
        for name, value in together(values).items():
            if value in ("", None, [], {}, ()):
                continue
            field, tag = (Field("", holds=kind), "") if by_name else self._field(kind, str(name))
            label = self.called(kind, str(name)) if by_name or field is None else str(translate(field.label))
            if tag:
                label = f"{label} ({name_of(tag)})"
            said = self._value(field, value) or ""
            lines.append(f"{label}: {said}" if "\n" not in said else f"{label}:\n{said}")
        return "\n".join(lines)


def together(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a thing with its price as one amount of money, if its currency is known."""
    found = dict(values)
    currency = found.get(CURRENCY)
    if currency not in CURRENCIES:
        return found
    for name in AMOUNTS:
        if name in found:
            amount = found.pop(name)
            del found[CURRENCY]
            try:
                price = Money(amount, currency) if isinstance(amount, int) else parse(amount, currency)
                return {"price": price} | found
            except ValueError:
                return dict(values)
    return found


def hours(value: object, _telling: Telling) -> object:
    """A number of hours."""
    return _length(value * HOUR) if isinstance(value, int) else value


def duration(value: object, _telling: Telling) -> object:
    """Working time as rules have it: 30m, 8h, 3d."""
    found = _DURATION.fullmatch(str(value))
    if found is None:
        return value
    number = int(found[1])
    if found[2] == "d":
        return ngettext("%(num)s working day", "%(num)s working days", number)
    return _length(number * (HOUR if found[2] == "h" else 1))


def number(value: object, _telling: Telling) -> object:
    """A number of anything."""
    return Number(value) if isinstance(value, int) and not isinstance(value, bool) else value


def language(value: object, _telling: Telling) -> object:
    """The tag of a language."""
    return name_of(str(value)) if TAG.fullmatch(str(value)) else value


def choice(labels: Mapping[Any, str]) -> Callable[[object, Telling], object]:
    """One of the choices of a form."""
    known = {str(value): label for value, label in labels.items()}
    return lambda value, _telling: known.get(str(value), value)


def workflow(value: object, telling: Telling) -> object:
    """The name of a workflow."""
    flow = telling.ctx.services.workflows.get(str(value))
    return flow.label if flow else value


def _length(minutes: int) -> str:
    catalogue = SPOKEN.get()
    return (catalogue.formats if catalogue else ENGLISH).length(minutes)


def _plain(value: object, telling: Telling) -> str:
    """A value by its type."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(translate(_("Yes") if value else _("No")))
    if isinstance(value, Sayable | str) and not (type(value) is str and _MOMENT.fullmatch(value)):
        return str(translate(value))
    return _when(value, telling.ctx.services.hours.zone) if isinstance(value, str) else str(value)


def _when(text: str, zone: tzinfo) -> str:
    catalogue = SPOKEN.get()
    formats = catalogue.formats if catalogue else ENGLISH
    try:
        if "T" not in text:
            return formats.day(date.fromisoformat(text))
        return formats.moment(datetime.fromisoformat(text).astimezone(zone))
    except ValueError:
        return text
