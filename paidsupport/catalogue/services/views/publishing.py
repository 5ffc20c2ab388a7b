"""Publishing drafts, and the versions that came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.services.forms import PublishForm, WordForm
from paidsupport.catalogue.services.operations import releasing
from paidsupport.catalogue.services.operations.comparing import Compared, between, compared, states_of
from paidsupport.catalogue.services.views.routes import NUMBER, SERVICE, SERVICES, is_there
from paidsupport.catalogue.tables import ServiceVersion
from paidsupport.catalogue.telling import in_words
from paidsupport.kernel.configuration.telling import Telling, Told
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.messages import Message, ngettext
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import set_data
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show

_VERSIONS = f"{SERVICE}/versions"
_VERSION = f"{_VERSIONS}/<{NUMBER}:number>"


@route(f"{SERVICES}/publish", Who.MANAGER, ("GET", "POST"))
def services_publish(ctx: Context) -> ResponseReturnValue:
    """Publish drafts, after a page has shown what that changes."""
    form = PublishForm()
    made = form.send(ctx, lambda: _publish(ctx, form))
    if made is not None:
        number = len(made)
        flash(ngettext("%(num)s service published.", "%(num)s services published.", number), "ps-ok")
        return redirect(url_for(".setup_services"), 303)
    rows = _changed(ctx)
    if not form.is_submitted():
        asked = request.args.getlist("service")
        form.chosen.data = [row.service.slug for row in rows if not asked or row.service.slug in asked]
    # what is shown now is what is published, also if the form was refused because of a change
    set_data(form.seen, json.dumps({row.service.slug: row.print for row in rows}))
    shown = _in_words(ctx, rows)
    return show("catalogue/services/publish.html", form=form, rows=shown), form.status


@route(_VERSIONS, Who.MANAGER)
def service_versions(ctx: Context, service: str) -> ResponseReturnValue:
    """Show the versions of a service: who published them, when, and why."""
    found = catalogue.find(ctx.session, service)
    rows = catalogue.versions(ctx.session, found)
    return show("catalogue/services/versions.html", service=found, versions=rows)


@route(_VERSION, Who.MANAGER)
def service_version(ctx: Context, service: str, number: int) -> ResponseReturnValue:
    """Show one version: what it changed, and all that it holds."""
    found = catalogue.find(ctx.session, service)
    version = _version(ctx, service, number)
    before = catalogue.version(ctx.session, found, number - 1)
    telling, states = Telling(ctx), states_of(before, version)
    return show(
        "catalogue/services/version.html",
        service=found,
        version=version,
        changes=telling.told("service", between(before, version), states) if before else [],
        content=telling.told("service", between(None, version), states),
    )


@route(f"{_VERSION}/again", Who.MANAGER, ("GET", "POST"))
def service_version_again(ctx: Context, service: str, number: int) -> ResponseReturnValue:
    """Publish an earlier version once more, after a page has shown what that changes."""
    form = WordForm()
    key = form.key.data or ""
    if form.send(ctx, lambda: [releasing.publish_again(ctx, service, number, form.word.data or "", key=key)]):
        flash(_("Version %(number)s is in force again, as a new version.", number=number), "ps-ok")
        return redirect(url_for(".service_versions", service=service), 303)
    found = catalogue.find(ctx.session, service)
    version = _version(ctx, service, number)
    newest = _version(ctx, service, found.published)
    page = show(
        "catalogue/services/again.html",
        form=form,
        service=found,
        version=version,
        lines=Telling(ctx).told("service", between(newest, version), states_of(newest, version)),
    )
    return page, form.status


def _changed(ctx: Context) -> list[Compared]:
    """The services on offer whose drafts differ from what is published."""
    every = compared(ctx, catalogue.every_service(ctx.session))
    return [each for each in every if each.service.active and each.differences]


def _in_words(
    ctx: Context, rows: Iterable[Compared]
) -> list[tuple[Compared, list[Told], list[tuple[Message, str]]]]:
    """Each with what publishing it changes, and with its faults."""
    telling = Telling(ctx)
    return [
        (
            row,
            telling.told("service", row.differences, states_of(row.version, row.draft)),
            _mended(telling, row),
        )
        for row in rows
    ]


def _publish(ctx: Context, form: PublishForm) -> list[ServiceVersion]:
    return releasing.publish(
        ctx,
        form.chosen.data or [],
        form.word.data or "",
        form.was,
        offers_checklist=bool(form.offers_checklist.data),
        key=form.key.data or "",
    )


def _version(ctx: Context, service: str, number: int) -> ServiceVersion:
    return existing(catalogue.version(ctx.session, catalogue.find(ctx.session, service), number))


def _mended(telling: Telling, row: Compared) -> list[tuple[Message, str]]:
    """The faults of a draft in words, each with the address of the page where it is mended."""
    slug = row.service.slug
    pages = {
        "service": url_for(".service_edit", service=slug),
        "questions": _page("paidsupport.service_questions", slug=slug),
        "checklist": _page("paidsupport.checklist_setup"),
    }
    kinds = {"service": "service", "questions": "question", "checklist": "item"}
    return [(in_words(telling, kinds[each.place], each.fault), pages[each.place]) for each in row.faults]


def _page(endpoint: str, **parts: str) -> str:
    return url_for(endpoint, **parts) if is_there(endpoint) else ""  # type: ignore[arg-type]
