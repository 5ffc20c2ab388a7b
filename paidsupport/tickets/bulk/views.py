"""Bulk actions on the tickets selected in a list (P6)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.bulk import operations as bulk
from paidsupport.tickets.bulk.tables import Bulk
from paidsupport.tickets.queue.address import SEEN


@route("/desk/bulk", Who.STAFF, ("POST",))
def bulk_act(ctx: Context) -> ResponseReturnValue:
    """Apply the action of the pressed button to the selected tickets."""
    form = Form()
    action, key = request.form.get("do", ""), form.key.data or ""
    value = request.form.get(action, "")
    done = form.send(ctx, lambda: bulk.act(ctx, action, value, _chosen(), key=key))
    return _back(form, done)


@route("/desk/bulk/<reference>/undo", Who.STAFF, ("POST",))
def bulk_undo(ctx: Context, reference: str) -> ResponseReturnValue:
    """Undo a bulk action."""
    form = Form()
    return _back(form, form.send(ctx, lambda: bulk.undo(ctx, reference)))


def _chosen() -> dict[str, int]:
    """The selected tickets with the versions the list showed; anything our lists do not send is ignored."""
    found: dict[str, int] = {}
    for typed in request.form.getlist("t"):
        code, _, version = typed.rpartition(".")
        known, number = tidy_code(code), whole_number(version, digits=9)
        if known and number is not None:
            found[known] = number
    return found


def _back(form: Form, done: Bulk | None) -> ResponseReturnValue:
    """Redirect to the list, which says what was done; show a page if the action was refused as a whole."""
    query = parse_qsl(request.form.get("back", "").partition("?")[2])
    asked = [(name, value) for name, value in query if name not in SEEN]
    if done is None:
        return show("tickets/bulk/refused.html", form=form, back=_list(asked)), form.status
    return redirect(_list([*asked, ("bulk", done.reference)]), 303)


def _list(asked: list[tuple[str, str]]) -> str:
    return f"{url_for('.queue')}?{urlencode(asked)}" if asked else url_for(".queue")
