"""The questions of a service: a list in order, and a page for each (P10)."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.questions import operations as questions
from paidsupport.catalogue.questions import queries
from paidsupport.catalogue.questions.forms import YES_NO, QuestionForm, choices_for
from paidsupport.catalogue.rules.questions import Kind
from paidsupport.catalogue.tables import Service
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.kernel.web.worded import with_texts

# no name of a question has a hyphen
_ALL = "/desk/setup/services/<slug>/questions"
_ONE = f"{_ALL}/<name>"


@route(_ALL, Who.MANAGER)
def service_questions(ctx: Context, slug: str) -> ResponseReturnValue:
    """List the questions of a service's draft in their order."""
    return _list(ctx, slug)


@route(f"{_ALL}/new-question", Who.MANAGER, ("GET", "POST"))
def service_question_new(ctx: Context, slug: str) -> ResponseReturnValue:
    """Add a question."""
    service = queries.service_called(ctx.session, slug)
    form = _form(ctx, service, "")
    if form.send(ctx, lambda: questions.keep(ctx, slug, "", form.typed, seen={}, key=form.key.data or "")):
        return _back(slug, _("Question added."))
    return _page(ctx, slug, "", form), form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def service_question(ctx: Context, slug: str, name: str) -> ResponseReturnValue:
    """Change a question."""
    service = queries.service_called(ctx.session, slug)
    form = _form(ctx, service, name)
    key = form.key.data or ""
    if form.send(ctx, lambda: questions.keep(ctx, slug, name, form.typed, seen=form.was, key=key)):
        return _back(slug, _("Question saved."))
    return _page(ctx, slug, name, form), form.status


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def service_question_remove(ctx: Context, slug: str, name: str) -> ResponseReturnValue:
    """Remove a question that no condition needs."""
    form = Form()
    form.send(ctx, lambda: questions.remove(ctx, slug, name, key=form.key.data or ""))
    if form.status == HTTPStatus.OK:
        return _back(slug, _("Question removed."))
    again = _form(ctx, queries.service_called(ctx.session, slug), name, sent=False)
    again.blame(form.errors)
    return _page(ctx, slug, name, again), form.status


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def service_question_move(ctx: Context, slug: str, name: str) -> ResponseReturnValue:
    """Move a question up, down, or to a place."""
    form = MoveForm()
    at = form.send(ctx, lambda: questions.move(ctx, slug, name, form.wanted, key=form.key.data or ""))
    if at:
        return moved(*at, url_for(".service_questions", slug=slug, focus=form.pressed(name)))
    return _list(ctx, slug, form), form.status


def _list(ctx: Context, slug: str, form: Form | None = None) -> str:
    service = queries.service_called(ctx.session, slug)
    return show(
        "catalogue/questions/questions.html",
        service=service,
        labels={row.name: row.label for row in service.questions},
        kinds={str(kind): label for kind, label in questions.KINDS.items()},
        moments={str(moment): label for moment, label in questions.MOMENTS.items()},
        answers=YES_NO,
        traits=dict(catalogue.traits(ctx.session)),
        form=form,
        press=Sealed,
        focus=focused(),
    )


def _form(ctx: Context, service: Service, name: str, *, sent: bool = True) -> QuestionForm:
    row = questions.found(service, name) if name else None
    values = questions.values_of(service, row) if row else dict(questions.NEW)
    kind = with_texts(ctx, QuestionForm)
    form = kind(data=values) if sent else kind(formdata=None, data=values)
    choices_for(form, service, row, catalogue.traits(ctx.session))
    form.show(values)
    return form


def _page(ctx: Context, slug: str, name: str, form: QuestionForm) -> str:
    """Render the form; `published` is the kind that the question was published with, if it was."""
    service = queries.service_called(ctx.session, slug)
    kind = queries.published_kinds(ctx.session, service).get(name)
    return show(
        "catalogue/questions/question.html",
        service=service,
        name=name,
        form=form,
        published=questions.KINDS[Kind(kind)] if kind else "",
        removing=Sealed(),
    )


def _back(slug: str, said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".service_questions", slug=slug), 303)
