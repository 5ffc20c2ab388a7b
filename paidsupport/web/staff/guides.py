"""Guides: read and improved by everybody at the desk, with every earlier edition at hand (G21)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import guides as texts
from paidsupport.desk.guides import Written
from paidsupport.desk.visit import Visit
from paidsupport.domain.differences import compared
from paidsupport.errors import StaleGuideError
from paidsupport.store.guides import Guide
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import GuideForm, NewGuideForm, renew


@route("/desk/guides/", Who.STAFF)
def guides(visit: Visit) -> ResponseReturnValue:
    """The guides in their order, or those with all the words in `words`."""
    typed = request.args.get("words", "")
    return show("staff/guides.html", rows=texts.listed(visit.session, typed), typed=typed)


@route("/desk/guides/new", Who.STAFF, ("GET", "POST"))
def guide_new(visit: Visit) -> ResponseReturnValue:
    """Write a guide."""
    form = NewGuideForm()
    done = form.send(visit, lambda: _add(visit, form))
    if isinstance(done, Guide):
        return _to_guide(done)
    return show("staff/guide_form.html", form=form, preview=done, guide=None), form.status


@route("/desk/guides/<slug>", Who.STAFF)
def guide(visit: Visit, slug: str) -> ResponseReturnValue:
    """A guide as it reads now."""
    return show("staff/guide.html", guide=texts.find(visit.session, slug))


@route("/desk/guides/<slug>/edit", Who.STAFF, ("GET", "POST"))
def guide_edit(visit: Visit, slug: str) -> ResponseReturnValue:
    """Improve a guide; over a newer edition than was read nothing is kept, and it is shown."""
    form = GuideForm(obj=texts.find(visit.session, slug))
    done = form.send(visit, lambda: _keep(visit, slug, form))
    if isinstance(done, Guide):
        return _to_guide(done)
    current = texts.find(visit.session, slug)
    news = _news(visit, current, form)
    renew(form, {"edition": current.edition} if form.conflict or form.edition.errors else {})
    page = show("staff/guide_form.html", form=form, preview=done, guide=current, news=news)
    return page, form.status


@route("/desk/guides/<slug>/history", Who.STAFF)
def guide_history(visit: Visit, slug: str) -> ResponseReturnValue:
    """Who changed a guide, and when."""
    found = texts.find(visit.session, slug)
    return show("staff/guide_history.html", guide=found, editions=texts.editions(visit.session, found))


@route("/desk/guides/<slug>/history/<int(max=1000000):number>", Who.STAFF)
def guide_edition(visit: Visit, slug: str, number: int) -> ResponseReturnValue:
    """One edition: every line of it, and what it took out of the one before."""
    found = texts.find(visit.session, slug)
    edition, before = texts.edition(visit.session, found, number)
    lines = compared(before.body if before else "", edition.body)
    return show("staff/guide_edition.html", guide=found, edition=edition, before=before, lines=lines)


def _add(visit: Visit, form: NewGuideForm) -> Guide | Written:
    """The guide that was kept, or what it would be."""
    title, body = form.title.data or "", form.body.data or ""
    if _wants_preview():
        return texts.checked(title, body)
    public = bool(form.public.data)
    return texts.add(visit, form.slug.data or "", title=title, body=body, public=public)


def _keep(visit: Visit, slug: str, form: GuideForm) -> Guide | Written:
    """The guide with the edition that was kept, or what it would be."""
    title, body = form.title.data or "", form.body.data or ""
    if _wants_preview():
        return texts.checked(title, body)
    seen, public = form.edition.data or 0, bool(form.public.data)
    return texts.keep(visit, slug, title=title, body=body, seen=seen, public=public)


def _wants_preview() -> bool:
    return request.form.get("action") == "preview"


def _news(visit: Visit, guide: Guide, form: Form) -> list[object]:
    """What changed since the edition that was read, if that is why nothing was kept."""
    if not isinstance(form.conflict, StaleGuideError):
        return []
    read = {row.number: row.body for row in texts.editions(visit.session, guide)}
    return [*compared(read.get(form.conflict.seen, ""), guide.body)]


def _to_guide(guide: Guide) -> Response:
    flash("The guide is kept.", "ps-ok")
    return redirect(url_for("paidsupport.guide", slug=guide.slug), 303)
