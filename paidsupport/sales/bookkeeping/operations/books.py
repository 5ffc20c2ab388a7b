"""Payments of a time, for managers and their bookkeeper: sums by service, open amounts, each movement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import for_managers
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.workflow import Part
from paidsupport.sales.bookkeeping import queries
from paidsupport.sales.bookkeeping.hooks import TO_DECIDE
from paidsupport.sales.bookkeeping.queries import Due, Sold
from paidsupport.sales.bookkeeping.rules import AGES, Covering, Period, covering
from paidsupport.sales.invoices.operations.invoicing import managers_only
from paidsupport.sales.invoices.rules import InvoiceKind, serial, spelled_rate, tax_within
from paidsupport.tickets.tables import Ticket

FOR_MANAGERS = for_managers(_("Only a manager can see the payments of the desk."))
#: Tickets that are listed by name: with open amounts, and overpaid or disputed.
MOST_OPEN = 25


@dataclass(frozen=True, slots=True)
class Sums:
    """What came and was paid back, of a service or a month in one currency: minor units."""

    name: str
    currency: str
    received: int = 0
    refunded: int = 0
    #: The part of what came, less refunds, that developers received directly.
    direct: int = 0

    def money(self, minor: int) -> Money:
        """An amount in its currency."""
        return Money(minor, self.currency)

    @property
    def kept(self) -> int:
        """What came and was not paid back."""
        return self.received - self.refunded


@dataclass(frozen=True, slots=True)
class Aged:
    """Open amounts of a currency: the number of tickets and the sum, by age as in `AGES`."""

    currency: str
    desk: bool
    by_age: Sequence[tuple[int, int]]

    @property
    def sums(self) -> list[Money]:
        """The sum of each age."""
        return [Money(minor, self.currency) for _number, minor in self.by_age]

    @property
    def number(self) -> int:
        """Of how many tickets."""
        return sum(number for number, _minor in self.by_age)

    @property
    def total(self) -> Money:
        """All of it."""
        return Money(sum(minor for _number, minor in self.by_age), self.currency)


@dataclass(frozen=True, slots=True)
class Books:
    """The payments of a period, and how things stand now."""

    period: Period
    years: Sequence[int]
    services: Sequence[Sums]
    months: Sequence[Sums]
    #: The sum of each currency.
    totals: Sequence[Sums]
    open: Sequence[Aged]
    oldest: Sequence[Ticket]
    #: What has to be decided before the sums are right: a sentence, and the page.
    to_decide: Sequence[tuple[Message, str]]
    #: Tickets that are overpaid or disputed.
    disagreeing: Sequence[Ticket]
    #: Payments that are not counted, because no real money moved.
    tests: int

    @property
    def choices(self) -> list[tuple[int, str]]:
        """The years, as a select offers them."""
        return [(year, str(year)) for year in self.years]


@dataclass(frozen=True, slots=True)
class Movement:
    """A payment to the desk, or a refund, as a bookkeeper wants it; what is not known is empty.

    Attributes:
        document: The number of the invoice or credit note.
        minor: The amount; below zero for a refund.
        rate: The tax rate in percent, if there is one only.
        tax: The tax in the amount.
        reference: The desk's name of the payment or refund, which stands at the provider, too.
        original: Of a refund: the name of the payment.
    """

    day: date
    document: str
    refund: bool
    ticket: str
    service: str
    customer: str
    minor: int
    currency: str
    rate: str
    tax: int | None
    provider: str
    reference: str
    remote: str
    original: str = ""


def shown(ctx: Context, period: Period) -> Books:
    """The payments of a period, and what is open now. Raises ManagersOnlyError."""
    managers_only(ctx, FOR_MANAGERS)
    year = Period(period.year)
    sold = queries.received(ctx.session, year.first, year.end)
    back = queries.refunded(ctx.session, _months(ctx, year))
    within = [period.month] if period.month else range(1, 13)
    due = _due(ctx)
    ages = [ctx.now - timedelta(days=days) for days, _words in AGES if days]
    return Books(
        period,
        _years(ctx, period),
        _summed(
            [each for each in sold if each.month in within], [each for each in back if each.month in within]
        ),
        _summed(_by_month(sold), _by_month(back)),
        _totals(sold, back, within),
        _aged(queries.open_sums(ctx.session, due, ages)),
        queries.oldest_open(ctx.session, due, MOST_OPEN),
        [found for found in ctx.services.hooks.call(TO_DECIDE, ctx) if found],
        queries.disagreeing(ctx.session, MOST_OPEN),
        queries.tests(ctx.session, period.first, period.end),
    )


def movements(ctx: Context, period: Period) -> list[Movement]:
    """Every payment to the desk in a period and every refund, by day. Raises ManagersOnlyError."""
    managers_only(ctx, FOR_MANAGERS)
    since, until = _began(ctx, period.first), _began(ctx, period.end)
    bills = defaultdict[int, list[Covering]](list)
    for row in queries.invoices(ctx.session, period.first, period.end, since, until):
        number, is_note = serial(row.series or "", row.number), row.kind == InvoiceKind.CREDIT_NOTE
        sums = row.total_minor, row.tax_minor, row.lowest, row.highest
        bills[row.ticket_id].append(
            Covering(row.reference, number, is_note, bool(row.stands), row.buyer_name, *sums)
        )
    paid = queries.movements(ctx.session, period.first, period.end)
    found = [_movement(row, bills[row.ticket_id], row.received_on, row.received_minor) for row in paid]
    for row in queries.refunds(ctx.session, since, until):
        day = ctx.services.hours.local(row.done_at).date()
        found.append(
            replace(
                _movement(row, bills[row.ticket_id], day, -row.amount_minor),
                document=_note(bills[row.ticket_id], row.refund),
                refund=True,
                reference=row.refund,
                remote="",
                original=row.reference,
            )
        )
    return sorted(found, key=lambda each: each.day)


def fulfilled(ctx: Context) -> list[tuple[str, str]]:
    """The workflows with their states in which the work is done."""
    return list(_due(ctx).fulfilled)


def _movement(row: Any, bills: list[Covering], day: date, amount: int) -> Movement:  # noqa: ANN401  # some columns
    bill = covering(bills, row.reference, row.received_minor)
    rate, tax = _taxed(bill, amount)
    return Movement(
        day=day,
        document=bill.serial if bill else "",
        refund=False,
        ticket=row.code,
        service=row.service_name,
        customer=(bill.buyer if bill else "") or row.customer_name,
        minor=amount,
        currency=row.currency,
        rate=rate,
        tax=tax,
        provider=row.provider,
        reference=row.reference,
        remote=row.remote,
    )


def _taxed(bill: Covering | None, amount: int) -> tuple[str, int | None]:
    """The rate and the tax of an amount, as far as its invoice tells."""
    if bill is None:
        return "", None
    sign = -1 if amount < 0 else 1
    if bill.lowest == bill.highest:
        return spelled_rate(bill.lowest), sign * tax_within(abs(amount), bill.lowest)
    return "", sign * bill.tax if abs(amount) == bill.total else None


def _note(bills: list[Covering], reference: str) -> str:
    """The number of the credit note that a refund belongs to, if that can be told."""
    notes = [each for each in bills if each.is_note]
    theirs = [each for each in notes if each.reference == reference] or notes
    return theirs[0].serial if len(theirs) == 1 else ""


def _due(ctx: Context) -> Due:
    ended, working, done = list[tuple[str, str]](), list[tuple[str, str]](), list[tuple[str, str]]()
    for flow in ctx.services.workflows.values():
        for state in flow.states:
            place = (flow.name, state.name)
            if state.fulfilled:
                done.append(place)
            elif state.part == Part.CLOSED:
                ended.append(place)
            elif state.working:
                working.append(place)
    return Due(ended, working, done)


def _began(ctx: Context, day: date) -> datetime:
    """The moment at which a day began at the desk."""
    return datetime.combine(day, datetime.min.time(), ctx.services.hours.zone).astimezone(UTC)


def _months(ctx: Context, year: Period) -> list[datetime]:
    firsts = [Period(year.year, month).first for month in range(1, 13)]
    return [_began(ctx, first) for first in [*firsts, year.end]]


def _years(ctx: Context, period: Period) -> list[int]:
    first = queries.first_day(ctx.session)
    years = {period.year, ctx.today.year, *range(first.year if first else ctx.today.year, ctx.today.year)}
    return sorted(years, reverse=True)


def _by_month(sold: Iterable[Sold]) -> Iterator[Sold]:
    """The same with months in the place of services."""
    return (replace(each, service_id=each.month, service=f"{each.month:02d}") for each in sold)


def _totals(sold: Sequence[Sold], back: Sequence[Sold], within: Iterable[int]) -> list[Sums]:
    months = set(within)
    came, gone = (
        [replace(each, service_id=0, service="") for each in some if each.month in months]
        for some in (sold, back)
    )
    return _summed(came, gone)


def _summed(sold: Iterable[Sold], back: Iterable[Sold]) -> list[Sums]:
    """Sums by service and currency, in the order of their names."""
    names, came, gone = (
        dict[int, str](),
        defaultdict[tuple[int, str], int](int),
        defaultdict[tuple[int, str], int](int),
    )
    direct = defaultdict[tuple[int, str], int](int)
    for rows, sums, sign in ((sold, came, 1), (back, gone, -1)):
        for each in rows:
            of = each.service_id, each.currency
            names[each.service_id] = each.service
            sums[of] += each.minor
            if not each.desk:
                direct[of] += sign * each.minor
    found = [
        Sums(names[of[0]], of[1], came.get(of, 0), gone.get(of, 0), direct.get(of, 0))
        for of in {*came, *gone}
    ]
    return sorted(found, key=lambda each: (each.name, each.currency))


def _aged(rows: Iterable[Sequence[int]]) -> list[Aged]:
    found = defaultdict[tuple[bool, str], list[tuple[int, int]]](lambda: [(0, 0)] * len(AGES))
    for desk, currency, age, number, minor in rows:
        found[bool(desk), str(currency)][age] = (number, int(minor))
    return [Aged(currency, desk, ages) for (desk, currency), ages in sorted(found.items(), reverse=True)]
