"""Drafts: saving what is typed, going on with it, and discarding it."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.web import csrf, unsent
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import navigates


@route("/desk/unsent/<token>", Who.STAFF)
def unsent_form(ctx: Context, token: str) -> ResponseReturnValue:
    """A draft on its own page, for the person who typed it and no other."""
    return unsent.redrawn(drafts.find(ctx, token).typed)


@route("/desk/drafts", Who.STAFF, ("POST",))
def save_draft(ctx: Context) -> ResponseReturnValue:
    """Save a form that leads to the address `of`, as it is filled in now.

    A token of an earlier session will do: the same person is signed in, and nothing but their draft changes.
    """
    person, known = ctx.by.id or 0, csrf.drawn_for() == ctx.by.id
    key = unsent.save(ctx, person) if known or Form().validate() else None
    if key is None:
        raise InvalidInputError(
            {"key": [_("The draft was not saved. Copy your text and load the page again.")]}
        )
    if navigates():
        return redirect(unsent.page_of_form(), 303)  # it says that there is a draft
    return show("_draft.html", alone=True, draft=drafts.find(ctx, key))


@route("/desk/drafts/<key>/discard", Who.STAFF, ("POST",))
def discard_draft(ctx: Context, key: str) -> ResponseReturnValue:
    """Forget a draft."""
    form = Form()
    path = form.send(ctx, lambda: _discard(ctx, key))
    if path is None:
        raise InvalidInputError(form.errors)
    flash(_("Draft discarded."), "ps-ok")
    return redirect(unsent.page_of_form(path), 303)


def _discard(ctx: Context, key: str) -> str:
    path = drafts.find(ctx, key).typed.path
    drafts.discard(ctx, key)
    return path
