"""Setting up, changing, checking, switching and removing connections (P12, P17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.kinds import GROUPS, Kind
from paidsupport.connect.connections.tables import Connection, ConnectionState, Remote
from paidsupport.connect.log import queries as log
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.entering import CLOSED, INCOMPLETE, Entering, answered
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError, InvalidInputError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import stored

_ABOUT = "connection:"
#: After so long managers are told that a connection fails.
_TROUBLE = timedelta(hours=1)
_SILENT = _("The other side doesn't answer in time. Try again later.")
IN_USE = _("The desk still needs it to know what is what over there. Switch it off instead.")
UNDER_WAY = _("A request is under way. Try again in a minute.")


class Standing(StrEnum):
    """How a connection stands, for people."""

    INCOMPLETE = "incomplete"
    OFF = "off"
    STOPPED = "stopped"
    FAILING = "failing"
    NEW = "new"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection as managers see it.

    Attributes:
        row: What was entered.
        kind: What it is; None: what serves it is not mounted.
        state: What workers noted of it.
        standing: How it stands, in one word.
        unheard: How much happened that it has not heard of.
        waiting: How many tasks wait.
        oldest: Since when the oldest of them does.
        given_up: How many tasks were given up.
    """

    row: Connection
    kind: Kind | None
    state: ConnectionState
    standing: Standing
    unheard: int
    waiting: int
    oldest: datetime | None
    given_up: int

    @property
    def group(self) -> str:
        """The name of its group."""
        return self.kind.group if self.kind else ""


def listed(ctx: Context) -> list[tuple[str, list[Shown]]]:
    """The connections under the headings of their groups."""
    counts, last = queries.counts(ctx.session), log.last_position(ctx.session)
    found = [_shown(ctx, row, state, counts, last) for row, state in queries.connections(ctx.session)]
    grouped = [(str(GROUPS[each]), [one for one in found if one.group == each]) for each in GROUPS]
    others = [one for one in found if one.group not in GROUPS]
    return [(heading, those) for heading, those in (*grouped, ("", others)) if those]


def one(ctx: Context, reference: str) -> Shown:
    """One connection. Raises NotFoundError."""
    row = queries.by_reference(ctx.session, reference)
    state = existing(queries.state_of(ctx.session, row.id))
    return _shown(ctx, row, state, queries.counts(ctx.session), log.last_position(ctx.session))


def troubled(ctx: Context) -> list[tuple[Connection, ConnectionState]]:
    """The connections that the desk stopped, or that have failed for an hour."""
    return list(queries.troubled(ctx.session, ctx.now - _TROUBLE))


def offered(ctx: Context) -> list[tuple[str, list[Kind]]]:
    """The kinds that can be set up, under the headings of their groups."""
    known = configured.kinds(ctx.services).values()
    grouped = [(str(GROUPS[each]), [kind for kind in known if kind.group == each]) for each in GROUPS]
    return [(heading, those) for heading, those in grouped if those]


def kind_of(ctx: Context, name: str) -> Kind:
    """A kind that there is. Raises NotFoundError."""
    return existing(configured.kinds(ctx.services).get(name))


def entering(ctx: Context, kind: Kind, reference: str) -> Entering:
    """What managers enter for a connection of a kind."""
    return Entering(
        kind.name,
        kind.values,
        kind.wrong,
        kind.binding,
        lambda values, secret: configured.bound_to(kind, reference, values, secret),
        configured.unentered(ctx.services),
    )


def values_of(ctx: Context, kind: Kind, row: Connection | None) -> dict[str, Any]:
    """A connection as its form shows it, without its secrets."""
    shown = entering(ctx, kind, "").shown(row.values if row else {})
    return {"name": row.name if row else str(kind.label), **shown, "active": row.active if row else True}


def about(reference: str) -> str:
    """What the history calls a connection."""
    return f"{_ABOUT}{reference}"


def add(
    ctx: Context, kind: Kind, typed: Mapping[str, Any], secrets: Mapping[str, str], *, key: str
) -> Connection | None:
    """Set a connection up; it hears what happens from now on.

    Args:
        ctx: The manager who does it.
        kind: What it is.
        typed: What was filled in, by field, as in `values_of`.
        secrets: Its secrets, by field.
        key: The one-time key of the form.

    Returns:
        The connection; None: it was set up by this form before.

    Raises:
        InvalidInputError: By field.
        KeyReusedError: The form was sent with other content.
    """
    return _keep(ctx, kind, "", typed, secrets, seen={}, key=key)


def change(
    ctx: Context,
    reference: str,
    typed: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    seen: Mapping[str, Any],
    key: str,
) -> bool:
    """Change a connection.

    Args:
        ctx: The manager who does it.
        reference: Which one.
        typed: What was filled in, by field, as in `values_of`.
        secrets: New secrets, by field; an empty one keeps the one there is.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: It is gone, or what serves it is not mounted.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    kind = kind_of(ctx, queries.by_reference(ctx.session, reference).kind)
    _keep(ctx, kind, reference, typed, secrets, seen=seen, key=key)
    return True


def switch(ctx: Context, reference: str, *, on: bool, key: str) -> bool:
    """Switch a connection on or off. Switched on, it works again even if the desk had stopped it.

    Raises:
        NotFoundError: It is gone.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("connection switched", reference, on)) as changing:
        row = queries.by_reference(ctx.session, reference)
        if changing.repeated:
            return True
        before, row.active = row.active, on
        if on:
            wake(ctx, row, configured.kinds(ctx.services).get(row.kind))
        if before != on:
            row.changed_at = ctx.now
            rows.tell_kept(changing, about(reference), row.name, {"active": before}, {"active": on})
        else:
            changing.nothing_new()
        ctx.session.flush()
    return True


def remove(ctx: Context, reference: str, *, key: str) -> bool:
    """Remove a connection with its secrets and tasks.

    Raises:
        NotFoundError: It is gone.
        InvalidInputError: The desk still has to know what is what over there, or a request is under way.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("connection removed", reference)) as changing:
        if changing.repeated:
            return True
        row = queries.by_reference(ctx.session, reference)
        refuse_needed(ctx, row)
        kind = configured.kinds(ctx.services).get(row.kind)
        told = values_of(ctx, kind, row) if kind else {"name": row.name}
        rows.tell_removed(changing, about(reference), row.name, told)
        delete(ctx, row)
    return True


def refuse_needed(ctx: Context, row: Connection) -> None:
    """Raises InvalidInputError if a connection cannot be removed now."""
    if queries.has_remotes(ctx.session, row.id):
        raise InvalidInputError({"connection": [IN_USE]})
    queries.state_of(ctx.session, row.id)  # no one hears of anything until it is gone
    if queries.is_asking(ctx.session, row.id):
        raise InvalidInputError({"connection": [UNDER_WAY]})


def delete(ctx: Context, row: Connection) -> None:
    """Delete a connection with all that hangs on it."""
    queries.delete_all_of(ctx.session, row.id)
    ctx.session.delete(row)
    ctx.session.flush()


def begin(ctx: Context, row: Connection, kind: Kind | None) -> None:
    """Let a new connection hear what happens from now on, and be read from the beginning."""
    reads = kind is not None and kind.poll is not None
    ctx.session.add(
        ConnectionState(
            connection_id=row.id,
            heard=log.last_position(ctx.session),
            watermark={},
            poll_due_at=ctx.now if reads else None,
        )
    )


def wake(ctx: Context, row: Connection, kind: Kind | None) -> None:
    """Let a connection that was switched off or stopped go on."""
    state = existing(queries.state_of(ctx.session, row.id))
    state.stopped, state.failures, state.failing_since = "", 0, None
    if kind is not None and kind.poll is not None:
        state.poll_due_at = ctx.now
    if kind is not None and not kind.catches_up:
        state.heard = log.last_position(ctx.session)


def check(ctx: Context, reference: str) -> str:
    """Call the other side as workers do; returns what stands in the way, in a sentence, or nothing.

    Raises NotFoundError if the connection is gone, or what serves it is not mounted.
    """
    row = queries.by_reference(ctx.session, reference)
    kind = kind_of(ctx, row.kind)
    if not configured.is_complete(kind, row):
        return INCOMPLETE
    try:
        client = configured.client_of(ctx.services, kind, row)
    except ConfigurationError:
        return CLOSED
    ctx.session.rollback()  # nothing was written, and no one waits for a lock while the other side is silent
    return stored(answered(lambda: kind.check(client), _SILENT))


def settle(ctx: Context, reference: str, number: int, *, ours: bool) -> Remote:
    """End a conflict of something that both sides changed: ours stays, or theirs is taken.

    Raises NotFoundError if there is no such thing, or nothing can settle it.
    """
    row = queries.by_reference(ctx.session, reference)
    kind = kind_of(ctx, row.kind)
    remote = queries.locked_remote(ctx.session, row.id, number)
    if remote.conflict:
        existing(kind.settle)(ctx, row, remote, ours)
        remote.conflict = ""
        ctx.session.flush()
    return remote


def free(kind: str, taken: set[str]) -> str:
    """A name in addresses that is not taken: that of the kind, or with a number."""
    number, name = 1, kind
    while name in taken:
        number += 1
        name = f"{kind}-{number}"
    return name


def tidied(ctx: Context, fields: Fields, kind: Kind, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in as it is kept; what is wrong with single lines goes to `fields`."""
    name = fields.one_line("name", str(typed.get("name", "")), required=_("Enter a name."))
    filled = entering(ctx, kind, "").tidied(fields, typed)
    return {"name": name, **filled, "active": bool(typed.get("active", True))}


def _keep(
    ctx: Context,
    kind: Kind,
    reference: str,
    typed: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    seen: Mapping[str, Any],
    key: str,
) -> Connection | None:
    fields, is_new = Fields(), not reference
    filled = tidied(ctx, fields, kind, typed)
    given = entering(ctx, kind, reference).secrets(fields, secrets)
    fields.done()
    sent = [(name, ctx.services.links.digest("connection", text)) for name, text in sorted(given.items())]
    content = ("connection", kind.name, reference, sorted(filled.items()), sent)
    with configuration.edit(ctx, key=key, content=content) as changing:
        if changing.repeated:
            return None
        reference = reference or free(kind.name, queries.references(ctx.session))
        wanted = entering(ctx, kind, reference)
        if is_new:
            given = {**{name: make() for name, make in kind.fresh.items()}, **given}
        row = None if is_new else queries.by_reference(ctx.session, reference)
        before = values_of(ctx, kind, row) if row else None
        values = filled_in(before, seen, filled, values_of(ctx, kind, None))
        was = (dict(row.values), dict(row.sealed)) if row else None
        now = wanted.kept(values)
        wanted.check(fields, ctx.services.links, now, given, was)
        fields.done()
        row = row or Connection(reference=reference, kind=kind.name, active=False, created_at=ctx.now)
        awakes = values["active"] and not row.active
        row.name, row.active, row.values = values["name"], values["active"], now
        row.sealed, row.changed_at = wanted.sealed(ctx.services.links, now, given, was), ctx.now
        ctx.session.add(row)
        ctx.session.flush()
        if is_new:
            begin(ctx, row, kind)
        elif awakes:
            wake(ctx, row, kind)
        hidden = {wanted.field(each): configuration.HIDDEN for each in kind.values if each.name in given}
        after = {**values_of(ctx, kind, row), **hidden}
        rows.tell_kept(changing, about(reference), row.name, before, after)
    return row


def _shown(
    ctx: Context, row: Connection, state: ConnectionState, counts: Mapping[int, Any], last: int
) -> Shown:
    kind, counted = configured.kinds(ctx.services).get(row.kind), counts[row.id]
    hears = kind is not None and kind.react is not None
    return Shown(
        row,
        kind,
        state,
        _standing(kind, row, state),
        max(0, last - state.heard) if hears else 0,
        counted.waiting,
        counted.oldest,
        counted.given_up,
    )


def _standing(kind: Kind | None, row: Connection, state: ConnectionState) -> Standing:
    if not row.active:
        return Standing.OFF
    if kind is None or not configured.is_complete(kind, row):
        return Standing.INCOMPLETE
    if state.stopped:
        return Standing.STOPPED
    if state.failures:
        return Standing.FAILING
    return Standing.WORKS if state.worked_at else Standing.NEW


def label_of(kind: Kind, what: str) -> Message | str:
    """What a task of a kind is called."""
    return kind.tasks.get(what) or what
