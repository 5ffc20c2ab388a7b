"""Setting up, changing, checking, ordering and removing providers of payments (P16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.entering import (
    CLOSED,
    INCOMPLETE,
    Entering,
    answered,
    field_of,
)
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError, InvalidInputError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import stored
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.fitting import line
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.providers import CONSOLE, NULL, Kind
from paidsupport.sales.payments.tables import PaymentProvider

_ABOUT = "provider:"
UNDER_WAY = _("Payments with it are under way. Switch it off, and remove it once they have ended.")
_SILENT = _("The provider doesn't answer in time. Try again later.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider in the list of managers.

    Attributes:
        kind: What it is.
        row: What was entered.
        test: Whether no real money moves.
        complete: Whether all its secrets were entered.
        asked_at: When it was asked for something last; None: never yet.
        problem: What went wrong then, in words; empty if it answered.
    """

    kind: Kind
    row: PaymentProvider
    test: bool
    complete: bool
    asked_at: datetime | None
    problem: str


def listed(ctx: Context) -> list[Listed]:
    """The providers that were set up, in their order, with how asking them went last."""
    known, asked, found = configured.kinds(ctx.services), queries.last_asked(ctx.session), []
    for row in queries.providers(ctx.session):
        if kind := known.get(row.kind):
            at, problem = asked.get(row.kind, (None, ""))
            complete = configured.is_complete(kind, row)
            found.append(Listed(kind, row, kind.is_test(row.values), complete, at, problem))
    return found


def others(ctx: Context) -> list[Kind]:
    """The kinds that were not set up yet; those for trying out only where the desk is tried out."""
    there = {row.kind for row in queries.providers(ctx.session)}
    hidden = set() if ctx.services.settings.dev_mail else {NULL.name, CONSOLE.name}
    return [
        kind
        for name, kind in configured.kinds(ctx.services).items()
        if name not in there and name not in hidden
    ]


def kind_of(ctx: Context, name: str) -> Kind:
    """A kind that was set up, or can be. Raises NotFoundError."""
    known = {kind.name: kind for kind in others(ctx)}
    return existing(configured.kinds(ctx.services).get(name) if row_of(ctx, name) else known.get(name))


def row_of(ctx: Context, name: str) -> PaymentProvider | None:
    """What was entered of a kind; None if nothing was."""
    return queries.provider(ctx.session, name)


def entering(kind: Kind) -> Entering:
    """What managers enter for a kind of provider."""
    return Entering(
        kind.name,
        kind.values,
        kind.wrong,
        kind.binding,
        lambda values, secret: configured.bound_to(kind, values, secret),
    )


def values_of(kind: Kind, row: PaymentProvider | None) -> dict[str, Any]:
    """A provider as its form shows it, without its secrets."""
    return {**entering(kind).shown(row.values if row else {}), "active": row.active if row else True}


def about(kind: Kind) -> str:
    """What the history calls a provider."""
    return f"{_ABOUT}{kind.name}"


def keep(
    ctx: Context,
    kind: Kind,
    typed: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    seen: Mapping[str, Any],
    key: str,
) -> bool:
    """Set a provider up, or change it; it is used so from the next payment on.

    Args:
        ctx: The manager who does it.
        kind: What it is.
        typed: What was filled in, by field, as in `values_of`.
        secrets: New secrets, by field; an empty one keeps the one there is.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = tidied(fields, kind, typed)
    given = entering(kind).secrets(fields, secrets)
    fields.done()
    sent = [(name, ctx.services.links.digest("provider", secret)) for name, secret in sorted(given.items())]
    with configuration.edit(
        ctx, key=key, content=("provider", kind.name, sorted(filled.items()), sent)
    ) as change:
        if change.repeated:
            return True
        row = row_of(ctx, kind.name)
        before = values_of(kind, row) if row else None
        values = filled_in(before, seen, filled, values_of(kind, None))
        _check(ctx, fields, kind, row, values, given)
        fields.done()
        row = _stored(ctx, kind, row, values, given)
        entered = (each for each in kind.values if each.name in given)
        hidden = {field_of(kind.name, each): configuration.HIDDEN for each in entered}
        rows.tell_kept(change, about(kind), str(kind.label), before, {**values_of(kind, row), **hidden})
    return True


def move(ctx: Context, kind: Kind, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a provider: up, down, or to a place from 1.

    Returns:
        What it is called, its place from 1, and how many there are.

    Raises:
        NotFoundError: It is not set up.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("provider moved", kind.name, to)) as change:
        those = list(queries.providers(ctx.session))
        row = existing(next((each for each in those if each.kind == kind.name), None))
        label, before = str(kind.label), those.index(row) + 1
        if change.repeated:
            return label, before, len(those)
        ordered = rows.in_order(those, row, to)
        rows.number(ordered)
        after = ordered.index(row) + 1
        rows.tell_move(change, about(kind), label, before, after)
    return label, after, len(those)


def remove(ctx: Context, kind: Kind, *, key: str) -> bool:
    """Remove a provider with its secrets; payments that have come by it stay.

    Raises:
        NotFoundError: It is not set up.
        InvalidInputError: Payments with it are under way.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("provider removed", kind.name)) as change:
        if change.repeated:
            return True
        row = existing(row_of(ctx, kind.name))
        if queries.is_under_way(ctx.session, kind.name):
            raise InvalidInputError({"provider": [UNDER_WAY]})
        rows.tell_removed(change, about(kind), str(kind.label), values_of(kind, row))
        ctx.session.delete(row)
        ctx.session.flush()
    return True


def check(ctx: Context, kind: Kind) -> str:
    """Call a provider as workers do; returns what stands in the way, in a sentence, or nothing.

    Raises NotFoundError if it is not set up.
    """
    row = existing(row_of(ctx, kind.name))
    if not configured.is_complete(kind, row):
        return INCOMPLETE
    try:
        provider = configured.provider_of(ctx, kind.name)
    except ConfigurationError:
        return CLOSED
    ctx.session.rollback()  # nothing was written, and no one waits for a lock while a provider is silent
    if provider is None:
        return ""
    return stored(line(answered(provider.check, _SILENT)))


def tidied(fields: Fields, kind: Kind, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in as it is kept; what is wrong with single lines goes to `fields`."""
    return {**entering(kind).tidied(fields, typed), "active": bool(typed.get("active", True))}


def _check(
    ctx: Context,
    fields: Fields,
    kind: Kind,
    row: PaymentProvider | None,
    values: Mapping[str, Any],
    given: Mapping[str, str],
) -> None:
    """Refuse what the kind finds wrong, and secrets that belong to other values or cannot be opened."""
    wanted = entering(kind)
    now = wanted.kept(values)
    moved = [name for name in kind.binding if row is not None and row.values.get(name, "") != now[name]]
    if moved and queries.is_under_way(ctx.session, kind.name):
        # nothing would ever hear of them again
        fields.refuse(f"{kind.name}_{moved[0]}", UNDER_WAY)
    wanted.check(fields, ctx.services.links, now, given, (row.values, row.sealed) if row else None)


def _stored(
    ctx: Context,
    kind: Kind,
    row: PaymentProvider | None,
    values: Mapping[str, Any],
    given: Mapping[str, str],
) -> PaymentProvider:
    wanted = entering(kind)
    now, before = wanted.kept(values), (row.values, row.sealed) if row else None
    if row is None:
        row = PaymentProvider(
            kind=kind.name, position=len(queries.providers(ctx.session)), values={}, sealed={}
        )
    row.values, row.sealed = now, wanted.sealed(ctx.services.links, now, given, before)
    row.active, row.changed_at = values["active"], ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    return row
