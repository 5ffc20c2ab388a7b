"""Reading a configuration file: collects every fault, each with its line and its place in the file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from paidsupport.kernel import faults
from paidsupport.kernel.configuration.scanning import NESTED, Path, TooMuchError, lines_of
from paidsupport.kernel.db.wording import TAG, Texts
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.i18n.messages import Message, ngettext
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import TEXT_LIMIT, BadTextError, many_lines, one_line

E = TypeVar("E", bound=StrEnum)
#: The names of services, traits and items.
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
#: The field of a form that faults of a file belong to.
FIELD = "file"
#: The place of the file as a whole.
ROOT = ""
_AS_IT_IS = _("Translate each text that is there without a language, and no others.")
#: More faults are not told: they come from one mistake.
_MOST = 100
#: The most tables in a list, and texts in one, unless something else is said.
MOST_TABLES = 1000
#: The longest place: its names are those of the file.
_LONGEST = 300
#: Numbers that TOML and databases know.
_LARGEST = 2**63 - 1
#: What may be the name of a key in a place, if it stands in no quotes.
_WORD = re.compile(r"[\w-]+")
_QUOTES = re.compile("[“”]")


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
        line, sentence = error.line, error.sentence
    except RecursionError:
        line, sentence = 0, NESTED
    except (ValueError, OverflowError) as error:
        # the parser speaks English
        line, sentence = 0, _("This is not TOML: %(problem)s", problem=str(error))
    raise InvalidInputError({FIELD: [_on(line, sentence)]})


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
    if isinstance(value, int) and abs(value) > _LARGEST:  # written in base 16, it could not even be told
        raise TooMuchError(_("Enter a smaller number."), line)
    return value


class Reader:
    """Reads the tables of a file, and collects their faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        #: The table that is found under each place, for the lines of its faults.
        self._places: dict[str, Table] = {}

    def fault(self, where: str, sentence: Message, key: str = "") -> None:
        """Find fault with what is at `where`, or with one key of it."""
        self.faults.append(Fault(where, sentence, key))

    def told(self) -> list[Message]:
        """All faults, each with its line, in the order of the file."""
        found = list(dict.fromkeys(self.faults))
        placed = sorted(((self._line(each), each) for each in found[:_MOST]), key=_by_line)
        listed = [_on(line, each.said) for line, each in placed]
        left = len(found) - len(placed)
        return listed + ([ngettext("… and %(num)s more.", "… and %(num)s more.", left)] if left else [])

    def done(self) -> None:
        """Raise InvalidInputError if there were any faults."""
        if self.faults:
            raise InvalidInputError({FIELD: self.told()})

    def at(self, table: Mapping[str, Any], where: str) -> str:
        """Remember that faults whose place begins with `where` are about this table; returns it, cut."""
        where = faults.plain(where, _LONGEST)
        if isinstance(table, Table):
            self._places.setdefault(where, table)
        return where

    def unknown_keys(self, table: Mapping[str, object], known: Sequence[str], where: str) -> None:
        """Find fault with the keys of a table that are not known."""
        for key in table:
            if key not in known:
                self.fault(where, faults.UNKNOWN_KEY, faults.plain(key))

    def twice(self, names: Sequence[str], what: str) -> None:
        """Find fault with names that are there more than once."""
        for name, number in Counter(names).items():
            if number > 1:
                self.fault(f"{what} “{name}”", faults.twice(name))

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
                self.fault(where, _AS_IT_IS, name)
        return {name: each for name, each in found.items() if each}

    def _as_many(self, table: Mapping[str, Any], name: str, own: Sequence[str], where: str) -> list[str]:
        """A list with one text for each of the thing's own."""
        found = self.texts(table, name, where)
        if len(found) != len(own):
            self.fault(where, _AS_IT_IS, name)
        return found

    def slug(self, table: Mapping[str, Any], name: str, where: str) -> str:
        """A name in small letters, digits and hyphens."""
        value = self.text(table, name, where, required=True)
        if value and not SLUG.fullmatch(value):
            self.fault(where, faults.SLUG_RULE, name)
        return value

    def one_of(self, kind: type[E], table: Mapping[str, Any], name: str, default: E, where: str) -> E:
        """One of the words of an enumeration."""
        try:
            return kind(table.get(name, default))
        except ValueError:
            self.fault(where, faults.one_of(kind), name)
            return default

    def switch(self, table: Mapping[str, Any], name: str, where: str, *, default: bool) -> bool:
        """A yes or no."""
        value = table.get(name, default)
        if isinstance(value, bool):
            return value
        self.fault(where, faults.written_as(f"{name} = {str(default).lower()}"), name)
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
        self.fault(where, faults.number_between(least, most), name)
        return None

    def table(self, table: object, what: str) -> Mapping[str, Any]:
        """A table; an empty one if it is something else."""
        if isinstance(table, Mapping):
            self.at(table, what)
            return table
        self.fault(what, faults.written_as("[…]"))
        return {}

    def tables(
        self, tables: object, what: str, most: int = MOST_TABLES
    ) -> list[tuple[int, Mapping[str, Any]]]:
        """The tables of a list with their numbers from 1; none if it is something else, or too long."""
        if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
            self.fault(what, faults.written_as("[[…]]"))
            return []
        if len(tables) > most:
            self.fault(what, faults.at_most(most))
            return []
        return list(enumerate(tables, start=1))

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
            self.fault(where, faults.written_as(f'{name} = "…"'), name)
            return ""
        value = ""
        try:
            value = one_line(given) if line else many_lines(given, limit)
        except BadTextError as error:
            self.fault(where, faults.message(error.args[0]), name)
        else:
            if required and not value:
                self.fault(where, faults.MISSING, name)
        return value

    def texts(
        self, table: Mapping[str, Any], name: str, where: str, *, lines: Sequence[str] = ("choices",)
    ) -> list[str]:
        """A list of texts; those named in `lines` are of one line each."""
        given = table.get(name, [])
        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            self.fault(where, faults.written_as(f'{name} = ["…", "…"]'), name)
            return []
        if len(given) > MOST_TABLES:
            self.fault(where, faults.at_most(MOST_TABLES), name)
            return []
        return [self.text({name: text}, name, where, line=name in lines) for text in given]

    def _line(self, fault: Fault) -> int:
        """The line of what a fault is about: of its key, else of its table; 0 if it is not in the file."""
        where = max((each for each in self._places if _begins(fault.place, each)), key=len, default=ROOT)
        table = self._places.get(where)
        if table is None:
            return 0
        if fault.where == where and fault.key in table.lines:
            return table.lines[fault.key]
        rest = fault.place[len(where) :]
        named = {*_WORD.findall(rest), *_QUOTES.split(rest)}.intersection(table)
        return min((table.lines[key] for key in named), default=table.line if where else 0)


def _begins(place: str, where: str) -> bool:
    return not where or (place.startswith(where) and place[len(where) : len(where) + 1] in (":", " ", ""))


def _by_line(found: tuple[int, Fault]) -> tuple[int, str, str]:
    line, fault = found
    return line, fault.place, fault.sentence


def _on(line: int, sentence: Message) -> Message:
    return _("Line %(line)s: %(fault)s", line=line, fault=sentence) if line else sentence
