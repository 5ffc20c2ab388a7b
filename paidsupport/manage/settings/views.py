"""The settings that managers own: a page for each group, with where every value comes from (P10)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.configuration import checks, choosing
from paidsupport.kernel.configuration.managed import GROUPS, Group, of_group
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.names import countries
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.manage.settings.example import example_of
from paidsupport.manage.settings.forms import SettingsForm, filled
from paidsupport.manage.trial import views as trial
from paidsupport.settings import Settings


@route("/desk/setup/settings", Who.MANAGER)
def settings(ctx: Context) -> ResponseReturnValue:
    """List the groups of settings, with the present values."""
    values = choosing.values(ctx)
    groups = [(group, [(each, values[each.name]) for each in of_group(group.name)]) for group in GROUPS]
    return show("manage/settings/settings.html", groups=groups, flows=ctx.services.workflows)


@route("/desk/setup/settings/<group>", Who.MANAGER, ("GET", "POST"))
def settings_group(ctx: Context, group: str) -> ResponseReturnValue:
    """Change the settings of a group; “Check” only says what the hours come to."""
    about, form = _about(group), _form(ctx, group)
    if "check" in request.form:
        tried = form.send(ctx, lambda: choosing.tried(ctx, form.typed(), seen=form.was))
        return _page(ctx, about, form, form, tried), form.status
    changed = form.send(
        ctx, lambda: choosing.choose(ctx, form.typed(), seen=form.was, key=form.key.data or "")
    )
    if changed is not None:
        names = ", ".join(choosing.names_of(changed))
        return _to(about, _("Saved: %(names)s.", names=names) if names else _("Nothing was different."))
    return _page(ctx, about, form, form), form.status


@route("/desk/setup/settings/<group>/restore", Who.MANAGER, ("POST",))
def restore_setting(ctx: Context, group: str) -> ResponseReturnValue:
    """Let a setting be as it is configured again."""
    about, form, name = _about(group), Form(), request.form.get("name", "")
    done = form.send(ctx, lambda: choosing.restore(ctx, name, key=form.key.data or ""))
    if done is not None:
        return _to(about, _("“%(name)s” is as configured.", name=choosing.label_of(name)))
    return _page(ctx, about, _form(ctx, group, sent=False), form), form.status


@route("/desk/setup/settings/emails/test", Who.MANAGER, ("POST",))
def test_email(ctx: Context) -> ResponseReturnValue:
    """Send a test email to who asks, and say how it went."""
    about, form = _about("emails"), Form()
    if said := form.send(ctx, lambda: trial.send(ctx)):
        return _to(about, said.sentence, "ps-ok" if said.left else "ps-bad")
    return _page(ctx, about, _form(ctx, about.name, sent=False), form), form.status


def _about(group: str) -> Group:
    return existing(next((each for each in GROUPS if each.name == group), None))


def _form(ctx: Context, group: str, *, sent: bool = True) -> SettingsForm:
    workflows = {name: flow.label for name, flow in sorted(ctx.services.workflows.items())}
    return filled(group, choosing.values(ctx), workflows, sent=sent)


def _page(
    ctx: Context, about: Group, form: SettingsForm, refused: Form, tried: Settings | None = None
) -> str:
    values = choosing.values(ctx)
    times = about.name == "times"
    hours = hours_of(tried or ctx.services.settings)
    return show(
        "manage/settings/group.html",
        group=about,
        form=form,
        refused=refused,
        restoring=Sealed(),
        me=ctx.session.get_one(Person, ctx.by.id).email if about.name == "emails" else "",
        rows=[(each, values[each.name]) for each in of_group(about.name)],
        zones=checks.zones() if times else (),
        countries=countries() if times else (),
        example=example_of(hours, hours.local(ctx.now).date()) if times else None,
        tried=tried is not None,
    )


def _to(about: Group, said: str, kind: str = "ps-ok") -> Response:
    flash(said, kind)
    return redirect(url_for("paidsupport.settings_group", group=about.name), 303)
