"""What a person of the desk says about themselves, and what they want to be told of."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import digests, people
from paidsupport.desk.visit import Visit
from paidsupport.domain.notices import Concern
from paidsupport.store.people import Person
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import NoticesForm, ProfileForm


@route("/desk/profile", Who.STAFF, ("GET", "POST"))
def profile(visit: Visit) -> ResponseReturnValue:
    """Where notices go, the payment line of every first contact (G7), and a public key (G15)."""
    person = visit.session.get(Person, visit.by.id)
    form = ProfileForm(obj=person)
    typed = {name: form[name].data or "" for name in ("email", "payment", "public_key")}
    if form.send(visit, lambda: people.set_profile(visit, **typed)):
        return _back("Your profile is kept.")
    return _page(visit, form, _notices_form(visit), form)


@route("/desk/profile/notices", Who.STAFF, ("POST",))
def prefer(visit: Visit) -> ResponseReturnValue:
    """How they want to be told of what (P8)."""
    form = NoticesForm()
    wanted = {name.value: form[name].data or "" for name in Concern}
    hour = int(form.digest_hour.data or 0) if (form.digest_hour.data or "").isdecimal() else -1
    if form.send(visit, lambda: digests.prefer(visit, wanted, hour)):
        return _back("You are told as you wish.")
    about = ProfileForm(formdata=None, obj=visit.session.get(Person, visit.by.id))
    return _page(visit, about, form, form)


def _notices_form(visit: Visit) -> NoticesForm:
    kept = digests.preference(visit)
    return NoticesForm(formdata=None, data=kept.said | {"digest_hour": str(kept.digest_hour)})


def _page(visit: Visit, about: ProfileForm, told: NoticesForm, form: Form) -> tuple[str, int]:
    """Both forms; `form` is the one that was sent."""
    del visit
    return show("staff/profile.html", about=about, told=told, form=form), form.status


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.profile"), 303)
