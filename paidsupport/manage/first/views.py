"""The first run: from an empty desk to the first order, without a command line (P10)."""

from __future__ import annotations

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue import queries as catalogue
from paidsupport.intake.mailboxes import queries as mailboxes
from paidsupport.kernel.configuration import checks, choosing
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs.heartbeat import is_alive
from paidsupport.kernel.keyring import new_key
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.forms import PayableForm, filled_in, with_ways
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route, visitor
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import show_once
from paidsupport.manage.first import steps
from paidsupport.manage.first.forms import BeginForm, NameForm, ServiceForm
from paidsupport.manage.first.operations import beginning, services
from paidsupport.manage.first.operations.beginning import Claimant
from paidsupport.manage.first.saying import say_setup_code
from paidsupport.manage.trial import views as trial

_FIRST = "/desk/setup/first"


@route("/desk/begin", Who.USER, ("GET", "POST"))
def begin(ctx: Context) -> ResponseReturnValue:
    """Ask for the set-up code of a desk without a manager, and make whoever has it the first one."""
    user, form = existing(visitor()), BeginForm()
    if not form.is_submitted():
        if staff.managers(ctx.session):
            return redirect(url_for("paidsupport.queue"), 303)
        say_setup_code(current(), ctx.services.links)
        form.name.data = user.name
    who = Claimant(user.id, form.name.data or "", user.email, request.remote_addr or "")
    # a wrong code is answered, not refused: the attempt counts
    answer = form.send(ctx, lambda: [beginning.begin(ctx, who, form.code.data or "")])
    if answer and answer[0]:
        flash(_("Welcome! You are the first manager of this desk."), "ps-ok")
        return redirect(url_for(".first_run"), 303)
    if answer:
        form.blame({"code": [_("This is not the set-up code. Copy it from the log.")]})
    return show("manage/first/begin.html", form=form, user=user), 422 if answer else form.status


@route(_FIRST, Who.MANAGER)
def first_run(ctx: Context) -> ResponseReturnValue:
    """List the steps, with what is done of each."""
    return show("manage/first/steps.html", progress=steps.progress(ctx))


@route(f"{_FIRST}/name", Who.MANAGER, ("GET", "POST"))
def first_name(ctx: Context) -> ResponseReturnValue:
    """What the desk is called, and its time zone."""
    now = choosing.values(ctx)
    values = {name: now[name].text for name in ("name", "time_zone")}
    form = NameForm(data=values)
    form.show(values)
    typed = form.typed()
    done = form.send(ctx, lambda: choosing.choose(ctx, typed, seen=form.was, key=form.key.data or ""))
    if done is not None:
        return _back(_("Name and time zone saved."))
    return show("manage/first/name.html", form=form, zones=checks.zones()), form.status


@route(f"{_FIRST}/service", Who.MANAGER)
def first_service(ctx: Context) -> ResponseReturnValue:
    """Choose a template for a service."""
    made = {service.slug: service for service in catalogue.every_service(ctx.session)}
    return show(
        "manage/first/services.html",
        templates=services.templates(ctx.services.workflows),
        made=made,
        editor=_address("paidsupport.setup_services"),
    )


@route(f"{_FIRST}/service/<template>", Who.MANAGER, ("GET", "POST"))
def first_service_from(ctx: Context, template: str) -> ResponseReturnValue:
    """Say what the service costs, and publish it or keep it as a draft."""
    chosen, mark = services.find(ctx.services.workflows, template), spoken().formats.mark
    form = ServiceForm(data={"price": chosen.price.typed(mark), "currency": chosen.price.currency})
    price = services.Price(form.price.data or "", form.currency.data or "", mark)
    publish = "draft" not in request.form
    made = form.send(ctx, lambda: services.make(ctx, chosen, price, publish=publish, key=form.key.data or ""))
    if made:
        said = _("%(name)s can be ordered now.", name=made.name)
        return _back(said if publish else _("%(name)s is saved as a draft.", name=made.name))
    return show("manage/first/service.html", form=form, template=chosen), form.status


@route(f"{_FIRST}/mail", Who.MANAGER, ("GET", "POST"))
def first_mail(ctx: Context) -> ResponseReturnValue:
    """Say whether emails leave and come in, and how to change that; send a test email."""
    settings, form = ctx.services.settings, Form()
    if said := form.send(ctx, lambda: trial.send(ctx)):
        flash(said.sentence, "ps-ok" if said.left else "ps-bad")
        return redirect(url_for(".first_mail"), 303)
    page = show(
        "manage/first/mail.html",
        settings=settings,
        form=form,
        me=ctx.session.get_one(Person, ctx.by.id).email,
        works=is_alive(ctx),
        sends=steps.sends_mail(ctx),
        fetched=bool(settings.mailboxes) or any(row.active for row in mailboxes.accounts(ctx.session)),
        editor=_address("paidsupport.mailboxes_setup"),
    )
    return page, form.status


@route(f"{_FIRST}/vault", Who.MANAGER, ("GET", "POST"))
def first_vault(ctx: Context) -> ResponseReturnValue:
    """Say whether the vault has a key, and make one to copy, which is stored nowhere."""
    form = Form()
    made = form.send(ctx, new_key)
    if made:
        show_once()
    return show("manage/first/vault.html", form=form, made=made, vault=ctx.services.vault), form.status


@route(f"{_FIRST}/staff", Who.MANAGER, ("GET", "POST"))
def first_staff(ctx: Context) -> ResponseReturnValue:
    """Say how customers pay the manager; colleagues are invited on the page of the staff."""
    me = ctx.session.get_one(Person, ctx.by.id)
    form = with_ways(ctx, PayableForm)(data={"payment": me.payment, **filled_in(ctx, me)})
    typed = {"payment": form.payment.data or "", "details": form.details}
    if form.send(ctx, lambda: people.set_profile(ctx, email=me.email, **typed)):  # type: ignore[arg-type]
        return _back(_("Profile saved."))
    return show("manage/first/staff.html", form=form, people=staff.everybody(ctx.session)), form.status


@route(f"{_FIRST}/order", Who.MANAGER)
def first_order(ctx: Context) -> ResponseReturnValue:
    """The link for the site, and the way to a test order."""
    return show("manage/first/order.html", services=catalogue.services(ctx))


def _back(said: str) -> Response:
    """To the list of all steps."""
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.first_run"), 303)


def _address(endpoint: str) -> str:
    """The address of a page that a desk may be without; empty if it is."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
