"""The books of the desk for managers: what came, bank statements, and pay-outs to developers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Moment, Page, Query, Sent
from paidsupport.connect.api.resources._common import PersonRef
from paidsupport.connect.api.resources._files import FILES_LIMIT, SentFile, uploads_of
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.sales.bookkeeping.operations import books, payouts
from paidsupport.sales.bookkeeping.operations.payouts import Paid
from paidsupport.sales.bookkeeping.rules import period_of
from paidsupport.sales.bookkeeping.tables import Payout
from paidsupport.sales.payments.bank.operations import deciding, importing
from paidsupport.sales.payments.bank.operations.deciding import Shown

TAG = "Bookkeeping"


class PeriodQuery(Query):
    """A year, or a month of it; by default this year."""

    year: Annotated[int | None, Field(ge=1970, le=9998)] = None
    month: Annotated[int | None, Field(ge=1, le=12)] = None


class SumsTold(Answer):
    """What came and was paid back; amounts are in the smallest unit of the currency."""

    name: str
    currency: str
    received: int
    refunded: int
    direct: Annotated[int, Field(description="What of it developers received directly.")]


class BooksTold(Answer):
    """The payments of a period."""

    period: Annotated[str, Field(description="`2034`, or `2034-03`.")]
    services: list[SumsTold]
    months: list[SumsTold]
    totals: Annotated[list[SumsTold], Field(description="One for each currency.")]
    disagreeing: Annotated[list[str], Field(description="Tickets that are overpaid or disputed.")]
    oldest: Annotated[list[str], Field(description="Tickets of which money is open longest.")]


class MovementTold(Answer):
    """A payment to the desk, or a refund, as a bookkeeper wants it."""

    day: date
    document: Annotated[str, Field(description="The number of the invoice or credit note.")]
    refund: bool
    ticket: str
    service: str
    customer: str
    minor: Annotated[int, Field(description="Below zero for a refund.")]
    currency: str
    rate: Annotated[str, Field(description="The tax rate in percent, if there is only one.")]
    tax: int | None
    provider: str
    reference: Annotated[str, Field(description="The desk's name of it, also at the provider.")]
    remote: Annotated[str, Field(description="The provider's name of it.")]
    original: Annotated[str, Field(description="Of a refund: the name of the payment.")]


class OwedTold(Answer):
    """What a developer is owed in one currency."""

    person: PersonRef
    currency: str
    earned: int
    paid_out: int
    left: Annotated[int, Field(description="Below zero: more was paid out than came.")]


class PayoutTold(Answer):
    """What was paid out to a developer."""

    reference: str
    amount_minor: int
    currency: str
    paid_on: date
    note: str
    noted_by: str
    noted_at: Moment
    undone_at: Moment | None


class AccountTold(Answer):
    """A developer's account."""

    owed: list[OwedTold]
    payouts: list[PayoutTold]


class PayoutSent(Sent):
    """What was paid out."""

    amount: Annotated[str, Field(description="Like `20` or `19.50`.")]
    currency: Annotated[str, Field(description="Three letters, like `EUR`.")]
    day: Annotated[str, Field(description="A day like `2034-03-14`.")]
    note: Annotated[str, Field(description="How, or the number of the transfer.")] = ""


class BankQuery(Query):
    """Which bank lines."""

    part: Annotated[
        Literal["", "out", "matched", "aside"],
        Field(description="By default those to decide about; `out`: those that left the account."),
    ] = ""
    after: Annotated[str, Field(max_length=64, description="Where the page before ended: its `next`.")] = ""


class BankLineTold(Answer):
    """A bank line."""

    key: Annotated[str, Field(description="Its name in addresses.")]
    day: date
    amount: Annotated[int, Field(description="In the smallest unit of the currency.")]
    currency: str
    debit: Annotated[bool, Field(description="Whether it left the account.")]
    name: str
    text: str
    state: str
    reason: Annotated[str, Field(description="Why a person has to decide, or why it was set aside.")]
    ticket: str | None
    proposed: Annotated[list[str], Field(description="Tickets that it may be for.")]


class StatementSent(Sent):
    """A bank statement."""

    file: Annotated[SentFile, Field(description="In the format CAMT.053, CAMT.054 or MT940.")]


class StatementTaken(Answer):
    """What a statement brought."""

    new: int
    known: int
    matched: Annotated[int, Field(description="Those of the new lines that are payments now.")]
    others: Annotated[int, Field(description="Lines of other accounts, which are left out.")]


class Assigned(Sent):
    """Which ticket a line is for."""

    code: str


class Aside(Sent):
    """Why a line is for no ticket."""

    reason: Annotated[str, Field(description="`not-ours`, `paid-back`, `own` or `other`.")]


@get("/books")
def get_books(ctx: Context, query: PeriodQuery) -> BooksTold:
    """Get what came and was paid back in a period. For managers."""
    found = books.shown(ctx, period_of(query.year, query.month, ctx.today))
    return BooksTold(
        period=found.period.name,
        services=[_sums(each) for each in found.services],
        months=[_sums(each) for each in found.months],
        totals=[_sums(each) for each in found.totals],
        disagreeing=[ticket.code for ticket in found.disagreeing],
        oldest=[ticket.code for ticket in found.oldest],
    )


@get("/books/movements")
def list_movements(ctx: Context, query: PeriodQuery) -> list[MovementTold]:
    """List every payment to the desk in a period, and every refund. For managers."""
    rows = books.movements(ctx, period_of(query.year, query.month, ctx.today))
    return [MovementTold.model_validate(row) for row in rows]


@get("/payouts")
def list_owed(ctx: Context) -> list[OwedTold]:
    """List what each developer is owed. For managers."""
    return [_owed(each) for each in payouts.owed(ctx)]


@get("/payouts/<person>")
def get_account(ctx: Context, person: str) -> AccountTold:
    """Get what a developer is owed and was paid out; for managers, and for this developer."""
    found = payouts.account(ctx, _number(person))
    return AccountTold(
        owed=[_owed(each) for each in found.owed],
        payouts=[PayoutTold.model_validate(row) for row in found.payouts],
    )


@post("/payouts/<person>", scope=Scope.MANAGE, status=201)
def note_payout(ctx: Context, person: str, body: PayoutSent, key: str) -> PayoutTold:
    """Note that a developer was paid out."""
    paid = Paid(body.amount, body.currency, body.day, body.note)
    return _payout(payouts.note(ctx, _number(person), paid, key=key))


@post("/payouts/<person>/<reference>/undo", scope=Scope.MANAGE)
def undo_payout(ctx: Context, person: str, reference: str, key: str) -> PayoutTold:
    """Take back a pay-out that was noted by mistake."""
    del key
    return _payout(payouts.take_back(ctx, _number(person), reference))


@get("/bank-lines")
def list_bank_lines(ctx: Context, query: BankQuery) -> Page[BankLineTold]:
    """List bank lines, the newest first, as many as on a page of the desk. For managers."""
    found, more = deciding.listed(ctx, query.part, query.after)
    return Page[BankLineTold](items=[_line(each) for each in found], next=more or None)


@get("/bank-lines/<line>")
def get_bank_line(ctx: Context, line: str) -> BankLineTold:
    """Get one bank line. For managers."""
    return _line(deciding.one(ctx, line))


@post("/bank-statements", scope=Scope.MANAGE, status=201, limit=FILES_LIMIT)
def import_bank_statement(ctx: Context, body: StatementSent, key: str) -> StatementTaken:
    """Import a bank statement; lines that are known count once."""
    del key
    return StatementTaken.model_validate(importing.hand_in(ctx, uploads_of([body.file])))


@post("/bank-lines/<line>/assign", scope=Scope.MANAGE)
def assign_bank_line(ctx: Context, line: str, body: Assigned, key: str) -> BankLineTold:
    """Make a bank line the payment of a ticket."""
    deciding.assign_to(ctx, line, body.code, form=key)
    return _again(ctx, line)


@post("/bank-lines/<line>/aside", scope=Scope.MANAGE)
def set_bank_line_aside(ctx: Context, line: str, body: Aside, key: str) -> BankLineTold:
    """Say that a bank line is for no ticket, and why."""
    del key
    deciding.set_aside(ctx, line, body.reason)
    return _again(ctx, line)


@post("/bank-lines/<line>/undo", scope=Scope.MANAGE)
def undo_bank_line(ctx: Context, line: str, key: str) -> BankLineTold:
    """Take a bank line off its ticket, or out of what was set aside."""
    deciding.undo(ctx, line, form=key)
    return _again(ctx, line)


def _number(part: str) -> int:
    return existing(whole_number(part))


def _sums(each: books.Sums) -> SumsTold:
    return SumsTold.model_validate(each)


def _payout(row: Payout) -> PayoutTold:
    return PayoutTold.model_validate(row)


def _owed(each: payouts.Owed) -> OwedTold:
    return OwedTold.model_validate(each)


def _again(ctx: Context, line: str) -> BankLineTold:
    ctx.session.flush()
    return _line(deciding.one(ctx, line))


def _line(shown: Shown) -> BankLineTold:
    line = shown.line
    told: dict[str, Any] = {
        name: getattr(line, name) for name in ("key", "day", "currency", "name", "text", "state", "reason")
    }
    told |= {"amount": line.amount_minor, "debit": line.is_debit, "ticket": shown.code}
    told["proposed"] = list(dict.fromkeys([*shown.proposed.near, *shown.proposed.amount]))
    return BankLineTold.model_validate(told)
