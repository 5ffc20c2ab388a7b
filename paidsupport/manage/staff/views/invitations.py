"""Invitations: managers send them again or withdraw them, and those who were invited accept them (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route, visitor
from paidsupport.kernel.web.htmx import show
from paidsupport.manage.staff.forms import JoinForm
from paidsupport.manage.staff.operations import invitations
from paidsupport.manage.staff.views.people import staff_page, to_staff

_NUMBER = f"<int(max={2**53}):invitation_id>"


@route(f"/desk/setup/staff/invitations/{_NUMBER}/again", Who.MANAGER, ("POST",))
def invitation_again(ctx: Context, invitation_id: int) -> ResponseReturnValue:
    """Send an invitation once more; earlier links are void."""
    form = Form()
    if done := form.send(ctx, lambda: invitations.send_again(ctx, invitation_id, key=form.key.data or "")):
        return to_staff(_("Invitation sent to %(address)s.", address=done.email))
    return staff_page(ctx, form), form.status


@route(f"/desk/setup/staff/invitations/{_NUMBER}/withdraw", Who.MANAGER, ("POST",))
def invitation_withdraw(ctx: Context, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    form = Form()
    if form.send(ctx, lambda: invitations.withdraw(ctx, invitation_id, key=form.key.data or "")):
        return to_staff(_("Invitation withdrawn."))
    return staff_page(ctx, form), form.status


@route("/desk/join/<invitation>", Who.USER, ("GET", "POST"))
def join(ctx: Context, invitation: str) -> ResponseReturnValue:
    """Show who is invited to what, and let the user who is signed in accept it."""
    user, form = existing(visitor()), JoinForm()
    if not form.is_submitted():
        form.name.data = user.name
    if form.send(ctx, lambda: invitations.accept(ctx, invitation, user.id, form.name.data or "")):
        flash(_("Welcome! You work here now."), "ps-ok")
        return redirect(url_for("paidsupport.queue"), 303)
    asked = None if form.conflict else invitations.opened(ctx, invitation)
    return show(
        "manage/staff/join.html", form=form, asked=asked, user=user, invitation=invitation
    ), form.status
