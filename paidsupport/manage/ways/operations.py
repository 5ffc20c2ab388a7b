"""Adding, changing, moving, retiring and removing ways to pay (P10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.catalogue.rules.names import proposed
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, is_visible
from paidsupport.kernel.ways import queries
from paidsupport.kernel.ways.checks import checked
from paidsupport.kernel.ways.overlay import TEXTS, ways_of
from paidsupport.kernel.ways.rules import DECLARED, Check, WayState, WayToPay
from paidsupport.kernel.ways.tables import WayRow

#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {"label": "", "hint": "", "example": "", "check": str(Check.NONE)}


def ways(ctx: Context) -> Sequence[WayToPay]:
    """All ways, as they are now, in order."""
    return ways_of(queries.way_rows(ctx.session))


def values_of(ctx: Context, name: str) -> dict[str, Any]:
    """A way as its form shows it: of a declared one, what was changed. Raises NotFoundError."""
    return _values(rows.called(_listed(ctx), name))


def keep(ctx: Context, name: str, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str) -> bool:
    """Add a way to pay, or change what one is called and what is checked of it.

    Args:
        ctx: The manager who does it.
        name: The way; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such way.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = _typed(fields, typed)
    fields.done()
    with configuration.edit(ctx, key=key, content=("way", name, sorted(filled.items()))) as change:
        if change.repeated:
            return True
        those = _all_rows(ctx)
        row = rows.called(those, name) if name else None
        before = _values(row) if row else None
        values = filled_in(before, seen, filled, NEW)
        _check(fields, name, values)
        row = row or _new(ctx, those, values["label"])
        write(row, values, rows.translations(values, TEXTS))
        rows.tell_kept(change, about(row.name), label_of(row), before, _values(row))
        rows.take_over(ctx, row)
    return True


def offer(ctx: Context, name: str, *, offered: bool, key: str) -> str:
    """Offer a way again, or not any more; profiles keep what was filled in for it.

    Returns:
        What it is called.

    Raises:
        NotFoundError: There is no such way.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("way offered", name, offered)) as change:
        those = _all_rows(ctx)
        row = rows.called(those, name)
        if change.repeated:
            return label_of(row)
        state = WayState.OFFERED if offered else WayState.RETIRED
        if row.state == state:
            change.nothing_new()
            return label_of(row)
        row.state = state
        configuration.tell(change, "reinstated" if offered else "retired", about(name), label_of(row))
        rows.take_over(ctx, row)
    return label_of(row)


def move(ctx: Context, name: str, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a way among those that are offered: up, down, or to a place from 1.

    Returns:
        What it is called, its place from 1, and how many there are.

    Raises:
        NotFoundError: There is no such way among them.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("way moved", name, to)) as change:
        all_ = _all_rows(ctx)
        those = [row for row in all_ if row.state == WayState.OFFERED]
        row = rows.called(those, name)
        label, before = label_of(row), those.index(row) + 1
        if change.repeated:
            return label, before, len(those)
        ordered = rows.in_order(those, row, to)
        rows.number([*ordered, *(each for each in all_ if each not in those)])
        after = ordered.index(row) + 1
        rows.tell_move(change, about(name), label, before, after)
        rows.take_over(ctx, row)
    return label, after, len(those)


def remove(ctx: Context, name: str, *, key: str) -> str:
    """Take a way of the desk's own off the list, if it is in no profile.

    Returns:
        What it was called.

    Raises:
        NotFoundError: There is no such way.
        InvalidInputError: It is in a profile, or came with the desk: it can only be retired.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("way removed", name)) as change:
        row = rows.called(queries.way_rows(ctx.session), name)
        if change.repeated:
            return row.label
        existing(None if row.state == WayState.REMOVED else row)
        if name in DECLARED:
            raise InvalidInputError({"way": [_("This one came with the desk, so it can only be retired.")]})
        if users := queries.users(ctx.session).get(name):
            sentence = _("It's in the profile of %(names)s. Retire it instead.", names=", ".join(users))
            raise InvalidInputError({"way": [sentence]})
        rows.tell_removed(change, about(name), row.label, _values(row))
        row.state = WayState.REMOVED
        rows.take_over(ctx, row)
    return row.label


def _all_rows(ctx: Context) -> list[WayRow]:
    """The rows of all ways in order, without those that were removed; declared ways get theirs now."""
    found = _listed(ctx)
    ctx.session.add_all(found)
    ctx.session.flush()
    return found


def _listed(ctx: Context) -> list[WayRow]:
    """The same to be looked at: rows of declared ways that have none yet are stored nowhere."""
    found = [row for row in queries.way_rows(ctx.session) if row.state != WayState.REMOVED]
    named = {row.name for row in found}
    for name, way in DECLARED.items():
        if name not in named:
            row = blank(name)
            row.position, row.check_for = len(found), way.check
            found.append(row)
    return found


def blank(name: str) -> WayRow:
    """A row that says nothing yet."""
    return WayRow(
        name=name,
        position=0,
        label="",
        hint="",
        example="",
        check_for=str(Check.NONE),
        translations={},
        state=str(WayState.OFFERED),
        version=0,
    )


def write(row: WayRow, values: Mapping[str, Any], translations: Mapping[str, Any]) -> None:
    """Write what a way is called, and what is checked of it."""
    row.label, row.hint, row.example = values["label"], values["hint"], values["example"]
    row.check_for, row.translations = values["check"], dict(translations)


def problems(name: str, values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a way as a whole: a sentence for a field."""
    found = dict[str, str]()
    if not is_visible(values["label"]) and name not in DECLARED:
        found["label"] = _("Enter a name.")
    try:
        checked(Check(values["check"]), values["example"])
    except BadTextError as error:
        found["example"] = str(error)
    return found


def label_of(row: WayRow) -> str:
    """What a way is called in the main language of the desk."""
    return row.label or DECLARED[row.name].label


def about(name: str) -> str:
    """What the history calls a way."""
    return f"way:{name}"


def _typed(fields: Fields, typed: Mapping[str, Any]) -> dict[str, str]:
    filled = rows.texts_typed(fields, TEXTS, typed)
    if "example" in typed:
        filled["example"] = fields.one_line("example", str(typed["example"] or ""))
    if "check" in typed:
        filled["check"] = str(typed["check"] or Check.NONE)
        if filled["check"] not in set(Check):
            fields.refuse("check", _("Choose one of these."))
    return filled


def _check(fields: Fields, name: str, values: Mapping[str, Any]) -> None:
    for field, sentence in problems(name, values).items():
        fields.refuse(field, sentence)
    rows.refuse_lost_translations(fields, TEXTS, values)
    fields.done()


def _new(ctx: Context, those: Sequence[WayRow], label: str) -> WayRow:
    """A row for a new way, after all others; no name that profiles may know is given again."""
    taken = {row.name for row in queries.way_rows(ctx.session)}
    row = blank(proposed(label, taken, joint="-", otherwise="way"))
    row.position = len(those)
    ctx.session.add(row)
    return row


def _values(row: WayRow) -> dict[str, Any]:
    texts = {"label": row.label, "hint": row.hint, "example": row.example, "check": str(row.check_for)}
    return {**texts, **rows.translated(row.translations, TEXTS)}
