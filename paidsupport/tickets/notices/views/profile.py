"""What a member of staff says about themselves, and what they want to be told of."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.notices.forms import NoticesForm, ProfileForm
from paidsupport.tickets.notices.operations import digests
from paidsupport.tickets.notices.rules import Concern


@route("/desk/profile", Who.STAFF, ("GET", "POST"))
def profile(ctx: Context) -> ResponseReturnValue:
    """Where notices go, the payment line of every first contact (G7), and a public key (G15)."""
    person = ctx.session.get(Person, ctx.by.id)
    form = ProfileForm(obj=person)
    typed = {name: form[name].data or "" for name in ("email", "payment", "public_key")}
    if form.send(ctx, lambda: people.set_profile(ctx, **typed)):
        return _back("Your profile is kept.")
    return _page(ctx, form, _notices_form(ctx), form)


@route("/desk/profile/notices", Who.STAFF, ("POST",))
def prefer(ctx: Context) -> ResponseReturnValue:
    """How they want to be told of what (P8)."""
    form = NoticesForm()
    wanted = {name.value: form[name].data or "" for name in Concern}
    hour = int(form.digest_hour.data or 0) if (form.digest_hour.data or "").isdecimal() else -1
    if form.send(ctx, lambda: digests.prefer(ctx, wanted, hour)):
        return _back("You are told as you wish.")
    about = ProfileForm(formdata=None, obj=ctx.session.get(Person, ctx.by.id))
    return _page(ctx, about, form, form)


def _notices_form(ctx: Context) -> NoticesForm:
    kept = digests.preference(ctx)
    return NoticesForm(formdata=None, data=kept.said | {"digest_hour": str(kept.digest_hour)})


def _page(ctx: Context, about: ProfileForm, told: NoticesForm, form: Form) -> tuple[str, int]:
    """Both forms; `form` is the one that was sent."""
    del ctx
    return show("tickets/notices/profile.html", about=about, told=told, form=form), form.status


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.profile"), 303)
