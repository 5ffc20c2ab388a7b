"""The mailboxes that workers read: a list, and a form for each that managers entered (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.intake.mailboxes import operations, queries
from paidsupport.intake.mailboxes.forms import MailboxForm
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show

_ALL = "/desk/setup/mailboxes"
#: Larger numbers would not fit into the database's integers.
_ONE = f"{_ALL}/<int(max={2**53}):mailbox_id>"


@route(_ALL, Who.MANAGER)
def mailboxes_setup(ctx: Context) -> ResponseReturnValue:
    """List the mailboxes, with when each was read."""
    from paidsupport.intake.mailboxes import reading  # noqa: PLC0415  # late: few pages need it

    accounts = [(row, reading.name_of(row)) for row in queries.accounts(ctx.session)]
    names = {name for _row, name in accounts}
    configured = reading.configured(ctx)
    return show(
        "intake/mailboxes/mailboxes.html",
        accounts=accounts,
        configured=[each for each in configured.addresses if each.name not in names],
        fault=configured.fault,
        read_at=queries.read_at(ctx.session),
    )


@route(f"{_ALL}/new", Who.MANAGER, ("GET", "POST"))
def mailbox_new(ctx: Context) -> ResponseReturnValue:
    """Add a mailbox."""
    form = _form(ctx, 0)
    if made := form.send(ctx, lambda: _keep(ctx, 0, form)):
        return _to(made, _("Mailbox added. Check the connection now."))
    return _page(ctx, 0, form), form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def mailbox_edit(ctx: Context, mailbox_id: int) -> ResponseReturnValue:
    """Change a mailbox."""
    form = _form(ctx, mailbox_id)
    if form.send(ctx, lambda: _keep(ctx, mailbox_id, form)):
        return _to(mailbox_id, _("Mailbox saved."))
    return _page(ctx, mailbox_id, form), form.status


@route(f"{_ONE}/check", Who.MANAGER, ("POST",))
def mailbox_check(ctx: Context, mailbox_id: int) -> ResponseReturnValue:
    """Connect to a mailbox, and say how it went."""
    from paidsupport.intake.mailboxes import reading  # noqa: PLC0415  # as above

    form, row = Form(), operations.found(ctx, mailbox_id)
    wrong = form.send(ctx, lambda: reading.check(ctx, row))
    if wrong is None:
        return _refused(ctx, mailbox_id, form)
    if wrong:
        return _to(mailbox_id, wrong, "ps-bad")
    return _to(mailbox_id, _("The connection works: this mailbox can be read."))


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def mailbox_remove(ctx: Context, mailbox_id: int) -> ResponseReturnValue:
    """Remove a mailbox."""
    form = Form()
    if form.send(ctx, lambda: operations.remove(ctx, mailbox_id, key=form.key.data or "")):
        flash(_("Mailbox removed."), "ps-ok")
        return redirect(url_for(".mailboxes_setup"), 303)
    return _refused(ctx, mailbox_id, form)


def _keep(ctx: Context, mailbox_id: int, form: MailboxForm) -> int:
    password, key = form.password.data or "", form.key.data or ""
    return operations.keep(ctx, mailbox_id, form.typed, password, seen=form.was, key=key)


def _form(ctx: Context, mailbox_id: int, *, sent: bool = True) -> MailboxForm:
    row = operations.found(ctx, mailbox_id) if mailbox_id else None
    values = operations.values_of(row) if row else dict(operations.NEW)
    form = MailboxForm(data=values) if sent else MailboxForm(formdata=None, data=values)
    form.show(values)
    return form


def _refused(ctx: Context, mailbox_id: int, form: Form) -> ResponseReturnValue:
    again = _form(ctx, mailbox_id, sent=False)
    again.blame(form.errors)
    return _page(ctx, mailbox_id, again), form.status


def _page(ctx: Context, mailbox_id: int, form: MailboxForm) -> str:
    row = operations.found(ctx, mailbox_id) if mailbox_id else None
    return show("intake/mailboxes/mailbox.html", row=row, form=form, press=Sealed())


def _to(mailbox_id: int, said: str, kind: str = "ps-ok") -> Response:
    flash(said, kind)
    return redirect(url_for(".mailbox_edit", mailbox_id=mailbox_id), 303)
