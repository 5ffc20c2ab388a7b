"""What a member of staff says about themselves, on a page with whatever capabilities want to know of them."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.forms import ProfileForm, filled_in, with_ways
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import draw_sections, show
from paidsupport.kernel.web.speech import prefer


@route("/desk/profile", Who.STAFF, ("GET", "POST"))
def profile(ctx: Context) -> ResponseReturnValue:
    """Where notices go, how customers pay, as every first contact says (G7), and a public key (G15)."""
    form = _form(ctx)
    typed = {name: form[name].data or "" for name in ("email", "payment", "public_key", "language")}
    if form.send(ctx, lambda: people.set_profile(ctx, **typed, details=form.details)):
        prefer(typed["language"])
        return to_profile(_("Profile saved."))
    return profile_page(ctx, form), form.status


def profile_page(ctx: Context, form: Form) -> str:
    """The page, with the form that was sent."""
    about = form if isinstance(form, ProfileForm) else _form(ctx, formdata=None)
    sections = draw_sections("profile", lambda each: each.load(ctx, None, form), {})
    return show("kernel/staff/profile.html", about=about, sections=sections, form=form)


def _form(ctx: Context, **more: Any) -> ProfileForm:  # noqa: ANN401  # what a form may be given
    tags = offered(ctx.services.settings.languages)
    person = ctx.session.get_one(Person, ctx.by.id)
    form = with_ways(ctx, ProfileForm)(obj=person, data=filled_in(ctx, person), **more)
    form.language.choices = [("", _("As in my browser")), *choices(tags)]
    return form


def to_profile(said: str) -> Response:
    """After something of it was kept."""
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.profile"), 303)
