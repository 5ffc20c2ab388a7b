"""Reading a configuration file: collects every fault, each with its line and its place in the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from paidsupport.kernel.configuration.scanning import Path, TooMuchError, lines_of
from paidsupport.kernel.db.wording import TAG, Texts
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import TEXT_LIMIT, BadTextError, many_lines, one_line

E = TypeVar("E", bound=StrEnum)
#: The names of services, traits and items.
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SLUG_RULE = "has at most 40 small letters, digits and hyphens"
#: The field of a form that faults of a file belong to.
FIELD = "file"
#: The place of the file as a whole.
ROOT = "the file"
#: More faults are not told: they come from one mistake.
_MOST = 100


class Table(dict[str, Any]):
    """A table of a file that knows on which line it begins, and on which its keys stand."""

    line = 0
    lines: Mapping[str, int]


def parsed(text: str) -> Table:
    """A file as a table of tables.

    Raises:
        InvalidInputError: It is not TOML, or more of it than anyone writes.
    """
    if "\0" in text:
        raise InvalidInputError({FIELD: [_("This is no text file.")]})
    try:
        lines = lines_of(text)
        return _located(tomllib.loads(text), (), lines, 1)
    except TooMuchError as error:
        sentence = f"{error}."
    except RecursionError:
        sentence = "The file is nested too deeply."
    except (ValueError, OverflowError) as error:
        sentence = f"This is not TOML: {error}"
    raise InvalidInputError({FIELD: [sentence]})


def _located(found: Mapping[str, Any], path: Path, lines: Mapping[Path, int], line: int) -> Table:
    table = Table()
    table.line = lines.get(path, line)
    table.lines = {key: lines.get((*path, key), table.line) for key in found}
    for key, value in found.items():
        table[key] = _value(value, (*path, key), lines, table.lines[key])
    return table


def _value(value: Any, path: Path, lines: Mapping[Path, int], line: int) -> Any:  # noqa: ANN401  # of TOML
    if isinstance(value, dict):
        return _located(value, path, lines, line)
    if isinstance(value, list):
        return [_value(each, (*path, number), lines, line) for number, each in enumerate(value)]
    return value


class Reader:
    """Reads the tables of a file, and collects their faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        #: The table that is found under each place, for the lines of its faults.
        self._places: dict[str, Table] = {}

    def told(self) -> list[str]:
        """All faults, each with its line, in the order of the file."""
        faults = list(dict.fromkeys(self.faults))
        found = sorted((self._line(fault), fault) for fault in faults[:_MOST])
        listed = [f"line {line}: {fault}" if line else fault for line, fault in found]
        return listed + ([f"… and {len(faults) - _MOST} more."] if len(faults) > _MOST else [])

    def done(self) -> None:
        """Raise InvalidInputError if there were any faults."""
        if self.faults:
            raise InvalidInputError({FIELD: self.told()})

    def at(self, table: Mapping[str, Any], where: str) -> str:
        """Remember that faults which begin with `where` are about this table; returns `where`."""
        if isinstance(table, Table):
            self._places.setdefault(where, table)
        return where

    def unknown_keys(self, table: Mapping[str, object], known: Sequence[str], where: str) -> None:
        """Find fault with the keys of a table that are not known."""
        self.faults += [f"{where}: unknown key “{_short(key)}”" for key in table if key not in known]

    def twice(self, names: Sequence[str], what: str) -> None:
        """Find fault with names that are there more than once."""
        self.faults += [
            f"{what} “{name}” is there twice" for name in dict.fromkeys(names) if names.count(name) > 1
        ]

    def translations(
        self,
        table: Mapping[str, Any],
        known: Sequence[str],
        texts: Texts,
        there: Mapping[str, Any],
        where: str,
        *,
        limit: int = TEXT_LIMIT,
    ) -> dict[str, Any]:
        """The other languages of a thing as they are stored, by tag; every other key must be `known`.

        Args:
            table: The table of the thing.
            known: Its keys that are not languages.
            texts: Which of its texts can be translated.
            there: Its own texts, with its parts by their names.
            where: The place, for error messages.
            limit: The longest text, in characters.
        """
        tags = [key for key in table if key not in known and TAG.fullmatch(key)]
        self.unknown_keys(table, (*known, *tags), where)
        said = {tag: self._translated(table[tag], texts, there, f"{where}: {tag}", limit) for tag in tags}
        return {tag: each for tag, each in said.items() if each}

    def _translated(
        self, table: object, texts: Texts, there: Mapping[str, Any], where: str, limit: int
    ) -> dict[str, Any]:
        """The texts of a thing in one other language, without empty ones."""
        given = self.table(table, where)
        self.unknown_keys(given, (*texts.names, *texts.lists, *texts.parts), where)
        found: dict[str, Any] = {
            name: self.text(given, name, where, line=name in texts.lines, limit=limit)
            for name in texts.names
            if name in given
        }
        for name in texts.lists:
            if name in given:
                found[name] = self._as_many(given, name, there[name], where)
        for key, part in texts.parts.items():
            those = self.table(given.get(key, {}), f"{where}: {key}")
            self.unknown_keys(those, tuple(there[key]), f"{where}: {key}")
            said = {
                name: self._translated(those[name], part, there[key][name], f"{where}: {key} “{name}”", limit)
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
        found = self.texts(table, name, where)
        if len(found) != len(own):
            self.faults.append(f"{where}: {name} must be {len(own)} texts, as many as without a language")
        return found

    def slug(self, table: Mapping[str, Any], name: str, where: str) -> str:
        """A name in small letters, digits and hyphens."""
        value = self.text(table, name, where, required=True)
        if value and not SLUG.fullmatch(value):
            self.faults.append(f"{where}: a {name} {SLUG_RULE}")
        return value

    def one_of(self, kind: type[E], table: Mapping[str, Any], name: str, default: E, where: str) -> E:
        """One of the words of an enumeration."""
        try:
            return kind(table.get(name, default))
        except ValueError:
            told = _short(str(table[name]))
            self.faults.append(f"{where}: {name}: “{told}” is none of {', '.join(kind)}")
            return default

    def switch(self, table: Mapping[str, Any], name: str, where: str, *, default: bool) -> bool:
        """A yes or no."""
        value = table.get(name, default)
        if isinstance(value, bool):
            return value
        self.faults.append(f"{where}: {name} must be true or false")
        return default

    def number(
        self, table: Mapping[str, Any], name: str, where: str, *, least: int = 0, most: int = 2**31 - 1
    ) -> int | None:
        """A whole number; None if there is none."""
        value = table.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.faults.append(f"{where}: {name} must be a number from {least} to {most}")
        return None

    def table(self, table: object, what: str) -> Mapping[str, Any]:
        """A table; an empty one if it is something else."""
        if isinstance(table, Mapping):
            self.at(table, what)
            return table
        self.faults.append(f"{what}: write it as a table, […]")
        return {}

    def tables(self, tables: object, what: str) -> list[tuple[int, Mapping[str, Any]]]:
        """The tables of a list with their numbers from 1; none if it is something else."""
        if isinstance(tables, list) and all(isinstance(table, Mapping) for table in tables):
            return list(enumerate(tables, start=1))
        self.faults.append(f"{what}: write it as a list of tables, [[…]]")
        return []

    def text(  # each says something else about it
        self,
        table: Mapping[str, Any],
        name: str,
        where: str,
        *,
        line: bool = True,
        required: bool = False,
        limit: int = TEXT_LIMIT,
    ) -> str:
        """A text, tidied; empty if there is none or it cannot be kept."""
        given = table.get(name, "")
        if not isinstance(given, str):
            self.faults.append(f"{where}: {name} must be text in quotes")
            return ""
        value = ""
        try:
            value = one_line(given) if line else many_lines(given, limit)
        except BadTextError as error:
            self.faults.append(f"{where}: {name}: {error}")
        if required and not value:
            self.faults.append(f"{where}: {name} is missing")
        return value

    def texts(
        self, table: Mapping[str, Any], name: str, where: str, *, lines: Sequence[str] = ("choices",)
    ) -> list[str]:
        """A list of texts; those named in `lines` are of one line each."""
        given = table.get(name, [])
        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            self.faults.append(f"{where}: {name} must be a list of texts")
            return []
        return [self.text({name: text}, name, where, line=name in lines) for text in given]

    def _line(self, fault: str) -> int:
        """The line of what a fault is about: of the key that it names, else of its table."""
        where = max((each for each in self._places if _begins(fault, each)), key=len, default="")
        if not where:  # it is about something that is no table
            root, name = self._places.get(ROOT, Table()), fault.partition(":")[0]
            return root.lines.get(name, 0) if root else 0
        table, rest = self._places[where], fault[len(where) :]
        named = [key for key in table if key and re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", rest)]
        return min((table.lines[key] for key in named), default=table.line)


def _begins(fault: str, where: str) -> bool:
    return fault.startswith(where) and fault[len(where) : len(where) + 1] in (":", " ", "")


def _short(text: str) -> str:
    most = 60
    return text if len(text) <= most else f"{text[:most]}…"
