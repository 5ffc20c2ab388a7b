"""Months and years of payments, and what a bookkeeper reads of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

#: How old open amounts are: days since the order, each with what is said of it; the last has no end.
AGES: tuple[tuple[int | None, Message], ...] = (
    (30, _("Up to 30 days")),
    (90, _("31 to 90 days")),
    (None, _("More than 90 days")),
)
_MONTHS = 12
#: Years that a calendar has.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or one month of it; `month` is 0 for the whole year."""

    year: int
    month: int = 0

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month or 1, 1)

    @property
    def end(self) -> date:
        """The first day after it."""
        if self.month in {0, _MONTHS}:
            return date(self.year + 1, 1, 1)
        return date(self.year, self.month + 1, 1)

    @property
    def name(self) -> str:
        """As files are called after it: `2034-03`, or `2034`."""
        return f"{self.year:04d}-{self.month:02d}" if self.month else f"{self.year:04d}"


def period_of(year: int | None, month: int | None, today: date) -> Period:
    """The period that was asked for; the present year if none was, or one that no calendar has."""
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Period(today.year)
    return Period(year, month if month and 1 <= month <= _MONTHS else 0)


@dataclass(frozen=True, slots=True)
class Covering:
    """An invoice as far as a payment for its ticket needs it.

    Attributes:
        reference: Its name in addresses, under which a manager noted its payment.
        serial: Its number.
        is_note: Whether it is a credit note.
        stands: Whether it was not cancelled.
        lowest: The lowest tax rate of its lines, and `highest` the highest.
    """

    reference: str
    serial: str
    is_note: bool
    stands: bool
    buyer: str
    total: int
    tax: int
    lowest: int
    highest: int


def covering(invoices: list[Covering], reference: str, amount: int) -> Covering | None:
    """The invoice that a payment was made for; None if that cannot be told.

    Args:
        invoices: Those of its ticket.
        reference: The name of the payment.
        amount: What came.
    """
    bills = [each for each in invoices if not each.is_note]
    if len(bills) <= 1:
        return bills[0] if bills else None
    stands = [each for each in bills if each.stands]
    for found in (
        [each for each in bills if each.reference == reference],
        stands,
        [each for each in stands if each.total == amount],
    ):
        if len(found) == 1:
            return found[0]
    return None
