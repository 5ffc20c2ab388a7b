"""The public guides, for customers to help themselves (T5)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.intake.guides import queries as guides
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show


@route("/help/", Who.ANYONE)
def help_pages(ctx: Context) -> ResponseReturnValue:
    """List the public guides, or those that fit the `words`."""
    typed = request.args.get("words", "")
    return show("intake/guides/help.html", pages=guides.published(ctx.session, typed), typed=typed)


@route("/help/<slug>", Who.ANYONE)
def help_page(ctx: Context, slug: str) -> ResponseReturnValue:
    """Show one public guide."""
    return show("intake/guides/help_page.html", page=guides.find_published(ctx.session, slug))
