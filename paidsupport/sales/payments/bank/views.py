"""Bank statements: imported, and what no rule could match is assigned by a person (P16)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message, ngettext
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, uploads
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.sales.payments.bank import queries
from paidsupport.sales.payments.bank.forms import ASIDE, AsideForm, AssignForm, StatementForm
from paidsupport.sales.payments.bank.operations import deciding, importing, keeping
from paidsupport.sales.payments.bank.operations.deciding import Looked
from paidsupport.sales.payments.bank.operations.importing import FIELD, Imported
from paidsupport.sales.payments.bank.rules.matching import Reason

_ALL = "/desk/payments/bank"
_ONE = f"{_ALL}/<bank_line>"
#: Why a person has to decide, in words.
REASONS = {
    Reason.DEBIT: _("It left the account."),
    Reason.REVERSAL: _("The bank took something back, and it isn't clear what."),
    Reason.NO_CODE: _("It names no ticket."),
    Reason.SLIP: _("It names a code that no ticket has. Perhaps it was mistyped."),
    Reason.UNKNOWN: _("It names a code that no ticket has."),
    Reason.SEVERAL: _("It names several tickets."),
    Reason.CURRENCY: _("It came in another currency than the price of its ticket."),
    Reason.DIRECTLY: _("It names a ticket of which the developer is paid directly."),
    Reason.ERASED: _("It names a ticket of a customer who was erased."),
    Reason.AMOUNT: _("It names a ticket without check digits, and isn't its price."),
    Reason.TOO_LARGE: _("Its amount can't belong to a ticket."),
    Reason.UNDONE: _("It was taken off a ticket, or out of what was set aside."),
}


@route(_ALL, Who.MANAGER, ("GET", "POST"))
def bank_transfers(ctx: Context) -> ResponseReturnValue:
    """List bank lines, newest first, and take a statement."""
    form = StatementForm()
    key, sent = form.key.data or "", uploads(FIELD)
    done = form.send(ctx, lambda: importing.hand_in(ctx, keeping.chosen(ctx, key, sent)))
    if done:
        keeping.drop(ctx, key)
        flash(" ".join(_told(done)), "ps-ok")
        return redirect(url_for(".bank_transfers"), 303)
    if form.errors.keys() == {FIELD}:
        keeping.keep(ctx, key, sent, client=request.remote_addr or "")
    return _list(ctx, form), form.status


def _list(ctx: Context, form: StatementForm) -> str:
    """Render a part of the list, below the form for a statement."""
    part = request.args.get("part", "")
    part = part if part in queries.PARTS else ""
    found, more = deciding.listed(ctx, part, request.args.get("before", ""))
    next_url = url_for(".bank_transfers", part=part or None, before=more) if more else None
    return show(
        "sales/payments/bank/lines.html",
        form=form,
        found=found,
        part=part,
        parts=queries.PARTS,
        next_url=next_url,
        known=deciding.account_known(ctx),
        kept=keeping.kept(ctx, form.key.data or "") if form.errors else None,
        reasons=REASONS,
        aside=ASIDE,
        first=not queries.has_lines(ctx.session),
    )


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def bank_transfer(ctx: Context, bank_line: str) -> ResponseReturnValue:
    """Show a bank line, and assign it to a ticket once a manager has seen what that means."""
    form = AssignForm()
    code, once = form.code.data or "", form.key.data or ""
    if form.confirmed.data:
        if row := form.send(ctx, lambda: deciding.assign_to(ctx, bank_line, code, form=once)):
            flash(_("Transfer assigned. The customer's page says that it has arrived."), "ps-ok")
            del row
            return redirect(url_for(".bank_transfers"), 303)
    elif looked := form.send(ctx, lambda: deciding.look(ctx, bank_line, code)):
        return _asked(looked, bank_line)
    return _page(ctx, bank_line, form)


@route(f"{_ONE}/aside", Who.MANAGER, ("POST",))
def bank_transfer_aside(ctx: Context, bank_line: str) -> ResponseReturnValue:
    """Set a bank line aside that is for no ticket."""
    form = AsideForm()
    if form.send(ctx, lambda: deciding.set_aside(ctx, bank_line, form.reason.data or "")):
        flash(_("Line set aside."), "ps-ok")
        return redirect(url_for(".bank_transfers"), 303)
    return _page(ctx, bank_line, form)


@route(f"{_ONE}/undo", Who.MANAGER, ("POST",))
def bank_transfer_undo(ctx: Context, bank_line: str) -> ResponseReturnValue:
    """Take a bank line off its ticket, or out of what was set aside."""
    form = Form()
    if form.send(ctx, lambda: deciding.undo(ctx, bank_line, form=form.key.data or "")):
        flash(_("Taken back. The line is in the list again."), "ps-ok")
        return redirect(url_for(".bank_transfer", bank_line=bank_line), 303)
    return _page(ctx, bank_line, form)


def _told(done: Imported) -> list[Message]:
    """What an import brought, in sentences."""
    said = [
        ngettext("%(num)s new line.", "%(num)s new lines.", done.new),
        ngettext("%(num)s was a payment for a ticket.", "%(num)s were payments for tickets.", done.matched),
    ]
    if done.known:
        said.append(
            ngettext("%(num)s line was there already.", "%(num)s lines were there already.", done.known)
        )
    if done.others:
        said.append(
            ngettext(
                "%(num)s line of another account was left out.",
                "%(num)s lines of other accounts were left out.",
                done.others,
            )
        )
    return said


def _asked(looked: Looked, key: str) -> str:
    """Render the page that says what assigning means, before it is done."""
    form = AssignForm(formdata=None, code=looked.ticket.code, confirmed="1")
    return show("sales/payments/bank/assign.html", looked=looked, key=key, form=form)


def _page(ctx: Context, key: str, form: Form) -> ResponseReturnValue:
    shown = deciding.one(ctx, key)
    page = show(
        "sales/payments/bank/line.html",
        shown=shown,
        form=form,
        assign=form if isinstance(form, AssignForm) else AssignForm(formdata=None),
        aside=form if isinstance(form, AsideForm) else AsideForm(formdata=None),
        undo=Sealed(),
        reasons=REASONS,
        why=ASIDE,
    )
    return page, form.status
