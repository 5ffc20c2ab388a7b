"""What a person of the desk says about themselves."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import people
from paidsupport.desk.visit import Visit
from paidsupport.store.people import Person
from paidsupport.web.blueprint import blueprint
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import ProfileForm


@route(blueprint, "/desk/profile", Who.STAFF, ("GET", "POST"))
def profile(visit: Visit) -> ResponseReturnValue:
    """Where notices go, the payment line of every first contact (G7), and a public key (G15)."""
    person = visit.session.get(Person, visit.by.id)
    form = ProfileForm(obj=person)
    typed = {name: form[name].data or "" for name in ("email", "payment", "public_key")}
    if form.send(visit, lambda: people.set_profile(visit, **typed)):
        flash("Your profile is kept.", "ps-ok")
        return redirect(url_for("paidsupport.profile"), 303)
    return show("staff/profile.html", form=form, person=person), form.status
