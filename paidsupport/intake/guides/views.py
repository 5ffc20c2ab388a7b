"""Guides: all staff read and improve them, with every earlier edition at hand (G21)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.intake.guides import operations as texts
from paidsupport.intake.guides import queries
from paidsupport.intake.guides.forms import GuideForm, NewGuideForm
from paidsupport.intake.guides.operations import Written
from paidsupport.intake.guides.rules import ComparedLine, compared
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import StaleGuideError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.worded import in_languages, typed_before


@route("/desk/guides/", Who.STAFF)
def guides(ctx: Context) -> ResponseReturnValue:
    """List the guides in order, or those with all the words in `words`."""
    typed = request.args.get("words", "")
    return show("intake/guides/guides.html", rows=queries.listed(ctx.session, typed), typed=typed)


@route("/desk/guides/new", Who.STAFF, ("GET", "POST"))
def guide_new(ctx: Context) -> ResponseReturnValue:
    """Write a guide."""
    form = in_languages(ctx, NewGuideForm)()
    done = form.send(ctx, lambda: _add(ctx, form))
    if isinstance(done, Guide):
        return _to_guide(done)
    return show("intake/guides/form.html", form=form, preview=done, guide=None), form.status


@route("/desk/guides/<slug>", Who.STAFF)
def guide(ctx: Context, slug: str) -> ResponseReturnValue:
    """Show a guide as it is now."""
    return show("intake/guides/guide.html", guide=queries.read(ctx.session, slug))


@route("/desk/guides/<slug>/edit", Who.STAFF, ("GET", "POST"))
def guide_edit(ctx: Context, slug: str) -> ResponseReturnValue:
    """Change a guide; if a newer edition was added, nothing is saved and it is shown."""
    found = queries.find(ctx.session, slug)
    form = in_languages(ctx, GuideForm)(obj=found, data=typed_before(found.translations))
    done = form.send(ctx, lambda: _keep(ctx, slug, form))
    if isinstance(done, Guide):
        return _to_guide(done)
    current = queries.find(ctx.session, slug)
    news = _news(ctx, current, form)
    renew(form, {"edition": current.edition} if form.conflict or form.edition.errors else {})
    page = show("intake/guides/form.html", form=form, preview=done, guide=current, **news)
    return page, form.status


@route("/desk/guides/<slug>/history", Who.STAFF)
def guide_history(ctx: Context, slug: str) -> ResponseReturnValue:
    """Show who changed a guide, and when."""
    found = queries.find(ctx.session, slug)
    return show("intake/guides/history.html", guide=found, editions=queries.editions(ctx.session, found))


@route("/desk/guides/<slug>/history/<int(max=1000000):number>", Who.STAFF)
def guide_edition(ctx: Context, slug: str, number: int) -> ResponseReturnValue:
    """Show one edition: every line of it, and the lines it removed from the one before."""
    found = queries.find(ctx.session, slug)
    edition, before = queries.edition(ctx.session, found, number)
    return show(
        "intake/guides/edition.html",
        guide=found,
        edition=edition,
        before=before,
        lines=compared(before.body if before else "", edition.body),
        languages=_changed_languages(edition, before),
    )


def _changed_languages(
    edition: Guide | GuideEdition, before: GuideEdition | None
) -> list[tuple[str, str, list[ComparedLine]]]:
    """The other languages that an edition changed: name, title and compared lines."""
    earlier = before.translations if before else {}
    tags = sorted({*edition.translations, *earlier})
    texts = [(tag, earlier.get(tag, {}), edition.translations.get(tag, {})) for tag in tags]
    return [
        (name, now.get("title", ""), compared(was.get("body", ""), now.get("body", "")))
        for (tag, was, now), (_tag, name) in zip(texts, choices(tags), strict=True)
        if was != now
    ]


def _add(ctx: Context, form: NewGuideForm) -> Guide | Written:
    """The guide that was saved, or a preview."""
    title, body = form.title.data or "", form.body.data or ""
    if _wants_preview():
        return texts.checked(title, body, form.in_languages())
    slug, public, languages = form.slug.data or "", bool(form.public.data), form.in_languages()
    return texts.add(ctx, slug, title=title, body=body, public=public, languages=languages, key=form.key.data)


def _keep(ctx: Context, slug: str, form: GuideForm) -> Guide | Written:
    """The guide with the edition that was saved, or a preview."""
    title, body = form.title.data or "", form.body.data or ""
    if _wants_preview():
        return texts.checked(title, body, form.in_languages())
    seen, public = form.edition.data or 0, bool(form.public.data)
    languages = form.in_languages()
    return texts.keep(
        ctx,
        slug,
        title=title,
        body=body,
        seen=seen,
        public=public,
        languages=languages,
        key=form.key.data,
    )


def _wants_preview() -> bool:
    return request.form.get("action") == "preview"


def _news(ctx: Context, guide: Guide, form: Form) -> dict[str, Any]:
    """The changes since the edition that was read, if they are why nothing was saved."""
    if not isinstance(form.conflict, StaleGuideError):
        return {"news": [], "news_languages": []}
    seen = form.conflict.seen
    read = next((row for row in queries.editions(ctx.session, guide) if row.number == seen), None)
    lines = compared(read.body if read else "", guide.body)
    return {"news": lines, "news_languages": _changed_languages(guide, read)}


def _to_guide(guide: Guide) -> Response:
    flash(_("Guide saved."), "ps-ok")
    return redirect(url_for("paidsupport.guide", slug=guide.slug), 303)
