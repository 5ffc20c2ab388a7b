"""What developers are owed of the money that the desk received for their work, and paying it out.

All that came for the tickets that a developer resolved is theirs, less refunds and what was paid out. What
else was agreed with developers, the desk does not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, for_managers
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money, parse
from paidsupport.kernel.staff.tables import Person
from paidsupport.sales.bookkeeping import queries
from paidsupport.sales.bookkeeping.operations.books import FOR_MANAGERS, fulfilled
from paidsupport.sales.bookkeeping.tables import Payout
from paidsupport.sales.invoices.operations.invoicing import managers_only

_FOR_PAYING = for_managers(_("Only a manager can note pay-outs."))
#: Tickets that are listed behind what a developer is owed.
MOST_TICKETS = 200
_NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Owed:
    """What a developer is owed in one currency: minor units."""

    person: Person
    currency: str
    earned: int
    paid_out: int

    @property
    def left(self) -> int:
        """What is still to be paid out; below zero, if more was paid out than came."""
        return self.earned - self.paid_out

    def money(self, minor: int) -> Money:
        """An amount in its currency."""
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class Account:
    """A developer with what they are owed, the tickets behind it, and what was paid out."""

    person: Person
    owed: Sequence[Owed]
    tickets: Sequence[tuple[str, str, str, int, int]]
    payouts: Sequence[Payout]


@dataclass(frozen=True, slots=True)
class Paid:
    """A pay-out as it was typed."""

    amount: str = ""
    currency: str = ""
    day: str = ""
    note: str = ""


def owed(ctx: Context) -> list[Owed]:
    """What each developer is owed, by name and currency. Raises ManagersOnlyError."""
    managers_only(ctx, FOR_MANAGERS)
    return _owed(ctx)


def account(ctx: Context, person_id: int) -> Account:
    """What a developer is owed, for managers and for this developer.

    Raises:
        ManagersOnlyError: It is another developer, and this person is not a manager.
        NotFoundError: There is no such developer.
    """
    if ctx.by.id is None or ctx.by.id != person_id:
        managers_only(ctx, FOR_MANAGERS)
    return Account(
        queries.person(ctx.session, person_id),
        _owed(ctx, person_id),
        queries.earned_by_ticket(ctx.session, fulfilled(ctx), person_id, MOST_TICKETS),
        queries.payouts(ctx.session, person_id),
    )


def note(ctx: Context, person_id: int, paid: Paid, *, key: str) -> Payout:
    """Record that a developer was paid out.

    Raises:
        ManagersOnlyError: This person is not a manager.
        NotFoundError: There is no such developer.
        InvalidInputError: At `amount` also, if they are owed less.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx, _FOR_PAYING)
    # of two managers at once, the second finds less to pay out
    person = queries.person(ctx.session, person_id, lock=True)
    amount, day, words = _checked(ctx, paid)
    if before := queries.by_key(ctx.session, key):
        if (before.person_id, before.amount_minor, before.currency, before.paid_on, before.note) != (
            *(person_id, amount.minor, amount.currency, day, words),
        ):
            raise KeyReusedError
        return before
    left = max((each.left for each in _owed(ctx, person_id) if each.currency == amount.currency), default=0)
    if amount.minor > left:
        most = Money(max(left, 0), amount.currency)
        sentence = _(
            "Enter at most %(amount)s: that is what %(name)s is owed.", amount=most, name=person.name
        )
        raise InvalidInputError({"amount": [sentence]})
    row = Payout(
        reference=new_reference(),
        key=key,
        person_id=person_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        paid_on=day,
        note=words,
        noted_by=ctx.by.name,
        noted_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def take_back(ctx: Context, person_id: int, reference: str) -> Payout:
    """Take back a pay-out that was recorded by mistake; it stays in the list.

    Raises:
        ManagersOnlyError: This person is not a manager.
        NotFoundError: There is no such pay-out.
    """
    managers_only(ctx, _FOR_PAYING)
    queries.person(ctx.session, person_id, lock=True)
    row = queries.payout(ctx.session, person_id, reference)
    if row.undone_at is None:
        row.undone_at, row.undone_by = ctx.now, ctx.by.name
        ctx.session.flush()
    return row


def _owed(ctx: Context, person_id: int | None = None) -> list[Owed]:
    sums = defaultdict[tuple[int, str], list[int]](lambda: [0, 0])
    _add(sums, 0, queries.earned(ctx.session, fulfilled(ctx), person_id))
    _add(sums, 1, queries.paid_out(ctx.session, person_id))
    people = queries.people(ctx.session, {person for person, _currency in sums})
    found = [Owed(people[person], currency, *both) for (person, currency), both in sums.items()]
    return sorted(found, key=lambda each: (each.person.name, each.person.id, each.currency))


def _add(sums: dict[tuple[int, str], list[int]], place: int, rows: Iterable[tuple[int, str, int]]) -> None:
    for person, currency, minor in rows:
        sums[person, currency][place] += int(minor)


def _checked(ctx: Context, paid: Paid) -> tuple[Money, date, str]:
    wrong: dict[str, list[str]] = {}
    fields, amount, day = Fields(wrong), Money(0, paid.currency), ctx.today
    try:
        amount = parse(paid.amount, paid.currency, spoken().formats.mark)
        if not amount.minor:
            wrong["amount"] = [_("Enter an amount above zero.")]
    except ValueError as error:
        wrong["amount"] = [str(error)]
    try:
        day = date.fromisoformat(paid.day.strip())
        if day > ctx.today:
            wrong["day"] = [_("Enter a day that is not in the future.")]
    except ValueError:
        wrong["day"] = [_("Enter the day on which it was paid.")]
    words = fields.one_line("note", paid.note, limit=_NOTE_LIMIT)
    if wrong:
        raise InvalidInputError(wrong)
    return amount, day, words
