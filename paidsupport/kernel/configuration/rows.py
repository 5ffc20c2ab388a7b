"""Changing one of several rows that managers set up: what all kinds of them have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.order import moved
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import Texts
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _

R = TypeVar("R")
Told = Change[Context, Configuration]


class Called(Protocol):
    """A row that files and addresses know by its name."""

    name: Any


class Counted(Protocol):
    """A row of which each process has what managers made of it."""

    version: Any


N = TypeVar("N", bound=Called)


def called(rows: Iterable[N], name: str) -> N:
    """The row of this name. Raises NotFoundError."""
    return existing(next((row for row in rows if row.name == name), None))


def take_over(ctx: Context, *changed: Counted) -> None:
    """Let every process take over that these rows were changed, this one at once."""
    for row in changed:
        row.version += 1
    ctx.session.flush()
    ctx.services.present.expire(ctx.session)


def in_order(rows: Sequence[R], row: R, to: str) -> list[R]:
    """Rows in their new order, as `moved` has it. Raises InvalidInputError (field `place`)."""
    try:
        return moved(rows, row, to)
    except ValueError:
        raise InvalidInputError({"place": [_("Enter a whole number, like 3.")]}) from None


def tell_move(change: Told, about: str, label: str, before: int, after: int) -> None:
    """Write that a row was moved, by its places from 1, if it was."""
    if before == after:
        change.nothing_new()
        return
    configuration.tell(change, "moved", about, label, {"position": before}, {"position": after})


def tell_kept(
    change: Told, about: str, label: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    """Write that a row was added (there was none `before`) or changed, if it was."""
    if before is None:
        configuration.tell(change, "added", about, label, None, said(after))
    elif not configuration.tell(change, "changed", about, label, before, after):
        change.nothing_new()


def tell_removed(change: Told, about: str, label: str, before: Mapping[str, Any]) -> None:
    """Write that a row was removed, with what it held."""
    configuration.tell(change, "removed", about, label, said(before), None)


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in ("", [], None, False)}


def one_each(fields: Fields, name: str, typed: str, *, line: int = 200) -> str:
    """Lines of which each is an entry: tidied, without empty ones, each once."""
    lines = [fields.one_line(name, each, limit=line) for each in typed.splitlines() if each.strip()]
    if len(set(lines)) < len(lines):
        twice = next(each for each in lines if lines.count(each) > 1)
        fields.refuse(name, _("“%(line)s” is there twice. Take one of them out.", line=twice))
    return "\n".join(lines)


def texts_typed(fields: Fields, texts: Texts, typed: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a row as they are stored, in all languages: `label`, `label_de` and the like.

    Args:
        fields: Receives what is refused.
        texts: Which texts the row has; a list is typed with one entry on each line.
        typed: What was filled in; other fields are left out.
    """
    found, known = {}, (*texts.names, *texts.lists)
    for field, value in typed.items():
        name = next((each for each in known if field == each or field.startswith(f"{each}_")), "")
        text = value if isinstance(value, str) else ""
        if name in texts.lines:
            found[field] = fields.one_line(field, text)
        elif name in texts.long:
            found[field] = fields.many_lines(field, text)
        elif name in texts.lists:
            found[field] = one_each(fields, field, text)
    return found


def refuse_lost_translations(fields: Fields, texts: Texts, values: Mapping[str, Any]) -> None:
    """Refuse texts in other languages of which there is none in the main one, or another number of them."""
    for name in (*texts.names, *texts.lists):
        own = str(values.get(name, ""))
        for field, text in _others(values, name):
            if text and not own:
                fields.refuse(field, _("Fill in the field above first: this is its translation."))
            elif text and name in texts.lists and len(text.splitlines()) != len(own.splitlines()):
                number = len(own.splitlines())
                fields.refuse(
                    field,
                    _("Enter as many lines as there are answers above: %(number)s.", number=number),
                )


def translated(said: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    """The fields of other languages, from the texts of a row by tag."""
    return {
        f"{name}_{tag}": "\n".join(texts_of[name]) if name in texts.lists else texts_of[name]
        for tag, texts_of in said.items()
        for name in (*texts.names, *texts.lists)
        if texts_of.get(name)
    }


def translations(values: Mapping[str, Any], texts: Texts) -> dict[str, dict[str, Any]]:
    """The texts of a row by tag, from the fields of other languages; languages without any are left out."""
    found: dict[str, dict[str, Any]] = {}
    for name in (*texts.names, *texts.lists):
        for field, text in _others(values, name):
            if text:
                told = text.splitlines() if name in texts.lists else text
                found.setdefault(field.removeprefix(f"{name}_"), {})[name] = told
    return found


def with_own(
    said: Mapping[str, Any], texts: Texts, own: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The translations of a row with these texts of its own; those of its parts stay as they are."""
    mine = {*texts.names, *texts.lists}
    found = {}
    for tag in dict.fromkeys([*said, *own]):
        parts = {name: each for name, each in said.get(tag, {}).items() if name not in mine}
        if kept := parts | dict(own.get(tag, {})):
            found[tag] = kept
    return found


def with_part(
    said: Mapping[str, Any], key: str, before: str, after: str, others: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The translations of a row with those of one of its parts.

    Args:
        said: What there was, by tag.
        key: What such parts are called there: `question`, `evidence`.
        before: The name that the part had.
        after: The name that it has now; empty if it is gone.
        others: Its texts by tag.
    """
    found = {}
    for tag in dict.fromkeys([*said, *others]):
        texts = dict(said.get(tag, {}))
        parts = {name: each for name, each in texts.pop(key, {}).items() if name not in {before, after}}
        if after and others.get(tag):
            parts[after] = dict(others[tag])
        if parts:
            texts[key] = parts
        if texts:
            found[tag] = texts
    return found


def number(ordered: Iterable[Any]) -> None:
    """Let rows stand in this order."""
    for position, each in enumerate(ordered):
        each.position = position


def _others(values: Mapping[str, Any], name: str) -> Iterable[tuple[str, str]]:
    return [(field, str(text)) for field, text in values.items() if field.startswith(f"{name}_")]
