"""The payments of the desk for managers, what developers are owed, and a table for the bookkeeper (P16)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message, pgettext
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web import csv
from paidsupport.kernel.web.csv import Cell
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.sales.bookkeeping.forms import PayoutForm
from paidsupport.sales.bookkeeping.operations import books, payouts
from paidsupport.sales.bookkeeping.operations.books import Movement
from paidsupport.sales.bookkeeping.rules import AGES, Period, period_of

#: One row; larger numbers would not fit into the database's integers.
_DEVELOPER = f"/desk/payments/developers/<int(max={2**53}):person_id>"
_HEADS: tuple[Message, ...] = (
    *(_("Date"), _("Document number"), _("Kind"), _("Ticket"), _("Service"), _("Customer"), _("Amount")),
    *(_("Currency"), _("Tax rate"), _("Tax"), _("Provider"), _("Reference"), _("Provider's reference")),
    _("Original payment"),
)


@route("/desk/payments", Who.STAFF)
def bookkeeping(ctx: Context) -> ResponseReturnValue:
    """What came in a period, what is open, and what developers are owed; for managers."""
    return show(
        "sales/bookkeeping/payments.html",
        books=books.shown(ctx, _period(ctx)),
        owed=payouts.owed(ctx),
        ages=[words for _days, words in AGES],
        months=[(number, f"{number:02d}") for number in range(1, 13)],
    )


@route("/desk/payments.csv", Who.STAFF)
def bookkeeping_csv(ctx: Context) -> Response:
    """Every payment to the desk in a period, and every refund, for the bookkeeper."""
    period, german = _period(ctx), request.args.get("form") == "de"
    rows = (_row(each, german=german) for each in books.movements(ctx, period))
    return csv.respond(
        f"payments-{period.name}.csv",
        [str(translate(head)) for head in _HEADS],
        rows,
        separator=";" if german else ",",
        decimals="," if german else ".",
        mark=request.args.get("bom") != "0",
    )


@route(_DEVELOPER, Who.STAFF, ("GET", "POST"))
def developer_payouts(ctx: Context, person_id: int) -> ResponseReturnValue:
    """What a developer is owed, with the tickets behind it; a POST records what was paid out."""
    form = PayoutForm()
    done = form.send(ctx, lambda: payouts.note(ctx, person_id, form.typed(), key=form.key.data or ""))
    if done:
        flash(_("Pay-out of %(amount)s noted.", amount=Money(done.amount_minor, done.currency)), "ps-ok")
        return redirect(url_for("paidsupport.developer_payouts", person_id=person_id), 303)
    return _developer(ctx, person_id, form), form.status


@route(f"{_DEVELOPER}/<reference>/undo", Who.STAFF, ("POST",))
def payout_undo(ctx: Context, person_id: int, reference: str) -> ResponseReturnValue:
    """Take back a pay-out that was recorded by mistake."""
    form = Form()
    if form.send(ctx, lambda: payouts.take_back(ctx, person_id, reference)):
        flash(_("Pay-out taken back."), "ps-ok")
        return redirect(url_for("paidsupport.developer_payouts", person_id=person_id), 303)
    return _developer(ctx, person_id, PayoutForm(formdata=None), form), form.status


def _developer(ctx: Context, person_id: int, form: PayoutForm, refused: Form | None = None) -> str:
    account = payouts.account(ctx, person_id)
    form.offer([each.currency for each in account.owed if each.left > 0])
    if not form.is_submitted():
        form.day.data = ctx.today.isoformat()
    return show(
        "sales/bookkeeping/developer.html",
        account=account,
        form=form,
        refused=refused or form,
        undo=Sealed,
        most=payouts.MOST_TICKETS,
        money=Money,
    )


def _period(ctx: Context) -> Period:
    # anything that is not a number gives None, which is this year
    return period_of(request.args.get("year", type=int), request.args.get("month", type=int), ctx.today)


def _row(each: Movement, *, german: bool) -> Iterator[Cell]:
    def amount(minor: int | None) -> Cell:
        return None if minor is None else Decimal(Money(abs(minor), each.currency).plain).copy_sign(minor)

    yield f"{each.day:%d.%m.%Y}" if german else each.day.isoformat()
    yield each.document
    yield str(
        translate(pgettext("bookkeeping", "Refund") if each.refund else pgettext("bookkeeping", "Payment"))
    )
    yield from (each.ticket, each.service, each.customer)
    yield from (
        amount(each.minor),
        each.currency,
        Decimal(each.rate) if each.rate else None,
        amount(each.tax),
    )
    yield from (each.provider, each.reference, each.remote, each.original)
