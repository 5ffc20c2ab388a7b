"""Rules of tone: a list with a box to try them, and a form for each (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.conversation.operations import tone
from paidsupport.tickets.tone import operations, queries
from paidsupport.tickets.tone.forms import ToneRuleForm, TryForm

_ALL = "/desk/setup/tone"
#: Larger numbers would not fit into the database's integers.
_ONE = f"{_ALL}/<int(max={2**53}):rule_id>"


@route(_ALL, Who.MANAGER, ("GET", "POST"))
def tone_setup(ctx: Context) -> ResponseReturnValue:
    """List the desk's own rules; a text that is sent is checked by all that apply."""
    form = TryForm()
    text = form.text.data or ""
    found = form.send(ctx, lambda: tone.remarks(ctx, text))
    page = show(
        "tickets/tone/rules.html",
        rules=queries.rules(ctx.session),
        languages=dict(choices(_tags(ctx))),
        form=form,
        remarks=None if found is None else [(each, tone.words(text, each)) for each in found],
    )
    return page, form.status


@route(f"{_ALL}/new", Who.MANAGER, ("GET", "POST"))
def tone_rule_new(ctx: Context) -> ResponseReturnValue:
    """Add a rule."""
    return _edited(ctx, 0, _("Rule added."))


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def tone_rule_edit(ctx: Context, rule_id: int) -> ResponseReturnValue:
    """Change a rule."""
    return _edited(ctx, rule_id, _("Rule saved."))


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def tone_rule_remove(ctx: Context, rule_id: int) -> ResponseReturnValue:
    """Remove a rule."""
    form = Form()
    if form.send(ctx, lambda: operations.remove(ctx, rule_id, key=form.key.data or "")):
        return _back(_("Rule removed."))
    again = _form(ctx, rule_id, sent=False)
    again.blame(form.errors)
    return _page(rule_id, again), form.status


def _edited(ctx: Context, rule_id: int, said: str) -> ResponseReturnValue:
    form = _form(ctx, rule_id)
    if form.send(
        ctx, lambda: operations.keep(ctx, rule_id, form.typed, seen=form.was, key=form.key.data or "")
    ):
        return _back(said)
    return _page(rule_id, form), form.status


def _form(ctx: Context, rule_id: int, *, sent: bool = True) -> ToneRuleForm:
    values = operations.values_of(operations.found(ctx, rule_id)) if rule_id else dict(operations.NEW)
    form = ToneRuleForm(data=values) if sent else ToneRuleForm(formdata=None, data=values)
    form.offer(_tags(ctx))
    form.show(values)
    return form


def _page(rule_id: int, form: ToneRuleForm) -> str:
    return show("tickets/tone/rule.html", rule_id=rule_id, form=form, removing=Sealed())


def _tags(ctx: Context) -> list[str]:
    return [language.name for language in ctx.services.tone()]


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".tone_setup"), 303)
