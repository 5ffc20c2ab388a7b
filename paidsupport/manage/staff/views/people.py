"""Everyone who works at the desk: who they are, what they hold, and what they may do (P10)."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.forms import filled_in, with_ways
from paidsupport.kernel.staff.roster import queries as roster
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.manage.staff import queries
from paidsupport.manage.staff.forms import SHOWN, InviteForm, LeaveForm, LinkForm, PersonForm
from paidsupport.manage.staff.operations import invitations, leaving

#: One row; larger numbers would not fit into the database's integers.
_NUMBER = f"<int(max={2**53}):person_id>"


@route("/desk/setup/staff", Who.MANAGER)
def staff_list(ctx: Context) -> ResponseReturnValue:
    """Show who works here, who is invited, and who worked here once."""
    return staff_page(ctx)


@route("/desk/setup/staff/invite", Who.MANAGER, ("GET", "POST"))
def staff_invite(ctx: Context) -> ResponseReturnValue:
    """Invite a person by email."""
    form = InviteForm()
    email, role, key = form.email.data or "", form.role.data or "", form.key.data or ""
    if form.send(ctx, lambda: invitations.invite(ctx, email, role, key=key)):
        return to_staff(_("Invitation sent to %(address)s.", address=email))
    return show("manage/staff/invite.html", form=form), form.status


@route("/desk/setup/staff/add", Who.MANAGER, ("GET", "POST"))
def staff_add(ctx: Context) -> ResponseReturnValue:
    """Let a user of the host work here, by their id there."""
    form = LinkForm()
    if added := form.send(ctx, lambda: people.add(ctx, **form.typed(), key=form.key.data)):
        return to_staff(_("%(name)s works here now.", name=added.name))
    return show("manage/staff/add.html", form=form), form.status


@route(f"/desk/setup/staff/{_NUMBER}", Who.MANAGER, ("GET", "POST"))
def staff_person(ctx: Context, person_id: int) -> ResponseReturnValue:
    """Change a person and how customers pay them, and see the tokens of their programs."""
    person = people.find(ctx, person_id)
    form = _form(ctx, person)
    typed, key = form.typed(), form.key.data or ""
    if done := form.send(ctx, lambda: people.change(ctx, person_id, typed, form.was, key=key)):
        # who has made themselves a developer is led where they may still go
        manages = done.id != ctx.by.id or done.role == ctx.by.role
        said = _("%(name)s saved.", name=done.name)
        return to_staff(said) if manages else _to_queue(said)
    return person_page(ctx, person_id, form, form), form.status


@route(f"/desk/setup/staff/{_NUMBER}/enable", Who.MANAGER, ("POST",))
def staff_enable(ctx: Context, person_id: int) -> ResponseReturnValue:
    """Let a person who was disabled work here again."""
    form = Form()
    if done := form.send(ctx, lambda: people.enable(ctx, person_id, key=form.key.data or "")):
        return to_staff(_("%(name)s works here again.", name=done.name))
    return staff_page(ctx, form), form.status


@route(f"/desk/setup/staff/{_NUMBER}/disable", Who.MANAGER, ("GET", "POST"))
def staff_disable(ctx: Context, person_id: int) -> ResponseReturnValue:
    """Show what a person holds, hand it over, and let them work here no more."""
    form = LeaveForm()
    tickets, issues, key = form.tickets.data or "", form.issues.data or "", form.key.data or ""
    if done := form.send(ctx, lambda: leaving.leave(ctx, person_id, tickets=tickets, issues=issues, key=key)):
        return to_staff(_("%(name)s is disabled.", name=done.name))
    person = people.find(ctx, person_id)
    form.offer(leaving.colleagues(ctx, person))
    held = leaving.duties(ctx, person)
    return show(
        "manage/staff/disable.html", form=form, person=person, held=held, roster=_roster()
    ), form.status


@route(f"/desk/setup/staff/{_NUMBER}/tokens/<int(max={2**53}):token_id>/revoke", Who.MANAGER, ("POST",))
def staff_token_revoke(ctx: Context, person_id: int, token_id: int) -> ResponseReturnValue:
    """Make a token of any person void."""
    form = Form()
    if form.send(ctx, lambda: people.revoke_token(ctx, token_id, key=form.key.data or "")):
        flash(_("Token revoked."), "ps-ok")
        return redirect(url_for(".staff_person", person_id=person_id), 303)
    return person_page(ctx, person_id, None, form), form.status


def staff_page(ctx: Context, refused: Form | None = None) -> str:
    """The list, with a form that was refused on it, if any."""
    return show(
        "manage/staff/staff.html",
        people=staff.everybody(ctx.session),
        former=staff.former(ctx.session),
        claims=queries.claims(ctx.session),
        issues=queries.issues(ctx.session),
        seen=queries.last_at_work(ctx.session),
        away={absence.person_id: absence for absence in roster.away(ctx.session, ctx.today)},
        invitations=queries.open_invitations(ctx.session),
        now=ctx.now,
        form=refused,
        press=lambda: Form(formdata=None),
        roster=_roster(),
    )


def person_page(ctx: Context, person_id: int, form: PersonForm | None, refused: Form) -> str:
    """A person's page, with the form that was sent."""
    person = people.find(ctx, person_id)
    form = form or _form(ctx, person, formdata=None)
    return show(
        "manage/staff/person.html",
        person=person,
        form=form,
        refused=refused,
        tokens=staff.tokens_of(ctx.session, person_id, ctx.now),
        press=lambda: Form(formdata=None),
    )


def shown(ctx: Context, person: Person) -> dict[str, object]:
    """What the form about a person shows of them."""
    return {**{name: people.told(person)[name] for name in SHOWN}, **filled_in(ctx, person)}


def _form(ctx: Context, person: Person, **more: Any) -> PersonForm:  # noqa: ANN401  # what a form may be given
    form = with_ways(ctx, PersonForm)(obj=person, data=filled_in(ctx, person), **more)
    form.show(shown(ctx, person))
    return form


def to_staff(said: str) -> ResponseReturnValue:
    """Back to the list, after something was done there."""
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.staff_list"), 303)


def _to_queue(said: str) -> ResponseReturnValue:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.queue"), 303)


def _roster() -> str:
    """The address of the roster, on desks that have one."""
    endpoint = "paidsupport.roster"
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
