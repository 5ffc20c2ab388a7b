"""Closing all resolved issues with a release, and the release notes (T20)."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from paidsupport.issues.operations import releases
from paidsupport.issues.queries import releases as queries
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext, pgettext
from paidsupport.kernel.web import downloads
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, line, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show


class ReleaseForm(Form):
    """The name of a release; checkboxes say which issues shipped with it."""

    name = StringField(
        pgettext("software", "Release"), [line], description=_("The name customers know, like 2.1.")
    )


@route("/desk/issues/releases", Who.STAFF, ("GET", "POST"))
def issue_releases(ctx: Context) -> ResponseReturnValue:
    """Show resolved issues and earlier releases; managers close the issues with a release, in one step."""
    form = ReleaseForm(name=request.args.get("name", ""))
    name, chosen, key = form.name.data or "", request.form.getlist("issues"), form.key.data or ""
    closed = form.send(ctx, lambda: releases.close_all(ctx, name, chosen, key=key))
    if closed is not None:
        flash(
            (
                ngettext(
                    "%(num)s issue closed with %(name)s.",
                    "%(num)s issues closed with %(name)s.",
                    len(closed),
                    name=name,
                )
                if closed
                else _("These issues are already closed.")
            ),
            "ps-ok",
        )
        return redirect(url_for(".release_notes", name=name.strip()), 303)
    return _page(ctx, form, chosen)


@route("/desk/issues/releases/<path:name>", Who.STAFF)
def release_notes(ctx: Context, name: str) -> ResponseReturnValue:
    """Show what customers gain by a release, in Markdown, to be copied or downloaded."""
    documentation = bool(request.args.get("documentation"))
    text = releases.markdown(ctx, name, documentation=documentation)
    return show("issues/release.html", name=name, text=text, documentation=documentation)


@route("/desk/issues/releases/<path:name>.md", Who.STAFF)
def release_file(ctx: Context, name: str) -> ResponseReturnValue:
    """Download the release notes."""
    text = releases.markdown(ctx, name, documentation=bool(request.args.get("documentation")))
    return downloads.as_attachment(
        Response(text, mimetype="text/markdown"), f"release-{name.replace('/', '-')}.md"
    )


def _page(ctx: Context, form: ReleaseForm, chosen: list[str]) -> ResponseReturnValue:
    ctx.session.expire_all()
    name = (form.name.data or "").strip()
    renew(form, {})
    rows = queries.resolved(ctx.session, ctx.by, name)
    ticked = set(chosen) if form.is_submitted() else {row.code for row in rows}
    shipped = queries.shipped(ctx.session, ctx.by)
    return show("issues/releases.html", form=form, rows=rows, ticked=ticked, shipped=shipped), form.status
