"""Keeping, renaming and deleting saved views: a person's own, and for managers the shared ones."""

from __future__ import annotations

from collections.abc import Mapping

from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, for_managers
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.saved import queries
from paidsupport.kernel.staff.saved.tables import SavedView

_FOR_MANAGERS = for_managers(_("Only a manager can share a view."))

#: Longest name and longest address of a view.
LONGEST, LONGEST_QUERY = 40, 1000


def may_change(ctx: Context, view: SavedView) -> bool:
    """Whether this person may rename or delete it."""
    return ctx.by.is_manager if view.person_id is None else view.person_id == ctx.by.id


def keep(ctx: Context, *, name: str, query: str, shared: bool, key: str | None = None) -> SavedView:
    """Save a list; the same name again replaces what it was before.

    Changes of shared ones are lines of the history of the configuration; personal ones have none.

    Args:
        ctx: Who saves it.
        name: What it is called.
        query: What stands behind the question mark in its address.
        shared: Whether it is for all staff.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: Fields `name`, `shared`.
        KeyReusedError: The form was sent with other content.
    """
    name = _named(name)
    if shared and not ctx.by.is_manager:
        raise InvalidInputError({"shared": [_FOR_MANAGERS]})
    if len(query) > LONGEST_QUERY:
        raise InvalidInputError({"name": [_("This list has too many filters to be saved.")]})
    if not shared:
        return _stored(ctx, _found(ctx, ctx.by.id, name), name, query)
    with history.edit(ctx, key=key, content=("view", name, query)) as change:
        before = _found(ctx, None, name)
        was = _told(before) if before.id else None
        view = before if change.repeated else _stored(ctx, before, name, query)
        if not change.repeated and not _tell(change, "changed" if was else "added", view, was, _told(view)):
            change.nothing_new()
    return view


def rename(ctx: Context, view_id: int, name: str, *, key: str | None = None) -> SavedView:
    """Give a view another name.

    Args:
        ctx: Who does it.
        view_id: The view.
        name: Its new name.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is none that this person may change.
        InvalidInputError: Field `name`.
        KeyReusedError: The form was sent with another name.
    """
    view, name = find(ctx, view_id), _named(name)
    if view.person_id is not None:
        return _stored(ctx, view, name, view.query)
    with history.edit(ctx, key=key, content=("view renamed", view_id, name)) as change:
        ctx.session.refresh(view)
        was = _told(view)
        if not change.repeated:
            _stored(ctx, view, name, view.query)
            if not _tell(change, "changed", view, was, _told(view)):
                change.nothing_new()
    return view


def drop(ctx: Context, view_id: int, *, key: str | None = None) -> None:
    """Delete one.

    Args:
        ctx: Who does it.
        view_id: The view.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is none that this person may change.
        KeyReusedError: The form was sent for another view.
    """
    view = ctx.session.get(SavedView, view_id)
    if view is not None and view.person_id is not None:
        ctx.session.delete(find(ctx, view_id))
        return
    with history.edit(ctx, key=key, content=("view removed", view_id)) as change:
        if change.repeated:
            return
        view = find(ctx, view_id)
        _tell(change, "removed", view, _told(view), None)
        ctx.session.delete(view)
        ctx.session.flush()


def find(ctx: Context, view_id: int) -> SavedView:
    """A view that this person may change. Raises NotFoundError."""
    view = ctx.session.get(SavedView, view_id)
    if view is None or not may_change(ctx, view):
        raise NotFoundError
    return view


def _found(ctx: Context, owner: int | None, name: str) -> SavedView:
    """The view of this name, or a new one. Raises InvalidInputError: there are enough of them."""
    there = queries.for_person(ctx.session, ctx.by.id or 0)
    view = next((each for each in there if (each.person_id, each.name) == (owner, name)), None)
    if view is None and len(there) >= queries.MOST:
        raise InvalidInputError({"name": [_("You have enough views. Delete one first.")]})
    return view or SavedView(person_id=owner, name=name)


def _stored(ctx: Context, view: SavedView, name: str, query: str) -> SavedView:
    view.name, view.query, view.changed_at = name, query, ctx.now
    ctx.session.add(view)
    ctx.session.flush()
    return view


def _told(view: SavedView) -> dict[str, str]:
    return {"name": view.name, "query": view.query}


def _tell(
    change: Change[Context, Configuration],
    kind: str,
    view: SavedView,
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
) -> bool:
    return history.tell(change, kind, f"view:{view.id}", view.name, before, after)


def _named(typed: str) -> str:
    fields = Fields()
    name = fields.one_line("name", typed, required=_("Enter a name for the view."))
    if len(name) > LONGEST:
        fields.refuse("name", _("Enter at most %(num)s characters.", num=LONGEST))
    fields.done()
    return name
