"""One search over everything the desk holds, and the list of what one can do from anywhere (P6)."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show


@route("/desk/search", Who.STAFF)
def search(ctx: Context) -> ResponseReturnValue:
    """What every capability finds for `q`; a code that names one thing leads there at once."""
    typed = request.args.get("q", "").strip()
    searchers = current().capabilities.all("searchers") if typed else ()
    found = [each for each in (searcher(ctx, typed) for searcher in searchers) if each]
    named = [hit for each in found if (hit := each.named(typed))]
    if len(named) == 1:
        return redirect(named[0].url)
    return show("search.html", typed=typed, found=[each for each in found if each.all])


@route("/desk/commands", Who.STAFF)
def commands(_ctx: Context) -> ResponseReturnValue:
    """Every page of the bar with its keys: what the palette offers, for those without scripts."""
    return show("commands.html")
