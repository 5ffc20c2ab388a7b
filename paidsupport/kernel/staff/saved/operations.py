"""Keeping, renaming and deleting saved views: a person's own, and for managers the shared ones."""

from __future__ import annotations

from paidsupport.kernel.context import Context
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


def keep(ctx: Context, *, name: str, query: str, shared: bool) -> SavedView:
    """Save a list; the same name again replaces what it was before.

    Raises InvalidInputError (fields `name`, `shared`).
    """
    name = _named(name)
    if shared and not ctx.by.is_manager:
        raise InvalidInputError({"shared": [_FOR_MANAGERS]})
    if len(query) > LONGEST_QUERY:
        raise InvalidInputError({"name": [_("This list has too many filters to be saved.")]})
    owner = None if shared else ctx.by.id
    there = queries.for_person(ctx.session, ctx.by.id or 0)
    view = next((each for each in there if (each.person_id, each.name) == (owner, name)), None)
    if view is None and len(there) >= queries.MOST:
        raise InvalidInputError({"name": [_("You have enough views. Delete one first.")]})
    view = view or SavedView(person_id=owner, name=name)
    view.query, view.changed_at = query, ctx.now
    ctx.session.add(view)
    ctx.session.flush()
    return view


def rename(ctx: Context, view_id: int, name: str) -> SavedView:
    """Give a view another name. Raises NotFoundError, InvalidInputError (field `name`)."""
    view = find(ctx, view_id)
    view.name, view.changed_at = _named(name), ctx.now
    return view


def drop(ctx: Context, view_id: int) -> None:
    """Delete one. Raises NotFoundError."""
    ctx.session.delete(find(ctx, view_id))


def find(ctx: Context, view_id: int) -> SavedView:
    """A view that this person may change. Raises NotFoundError."""
    view = ctx.session.get(SavedView, view_id)
    if view is None or not may_change(ctx, view):
        raise NotFoundError
    return view


def _named(typed: str) -> str:
    fields = Fields()
    name = fields.one_line("name", typed, required=_("Enter a name for the view."))
    if len(name) > LONGEST:
        fields.refuse("name", _("Enter at most %(num)s characters.", num=LONGEST))
    fields.done()
    return name
