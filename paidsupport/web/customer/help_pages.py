"""What customers can read for themselves: the guides that the desk has published (T5)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import guides
from paidsupport.desk.visit import Visit
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show


@route("/help/", Who.ANYONE)
def help_pages(visit: Visit) -> ResponseReturnValue:
    """All of them, or those that fit the `words`."""
    typed = request.args.get("words", "")
    return show("customer/help.html", pages=guides.published(visit.session, typed), typed=typed)


@route("/help/<slug>", Who.ANYONE)
def help_page(visit: Visit, slug: str) -> ResponseReturnValue:
    """One of them."""
    return show("customer/help_page.html", page=guides.find_published(visit.session, slug))
