"""Importing a statement: every line once, each that names its ticket as a payment, the rest to a person.

Whatever order files come in, and however they overlap: the ledger is the same afterwards. A file is taken
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, TYPE_CHECKING

from sqlalchemy import insert

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.files import MEGABYTE, Upload
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import MOST_MINOR, Money
from paidsupport.sales.payments import queries as payments
from paidsupport.sales.payments.bank import queries
from paidsupport.sales.payments.bank.kind import BANK, account_of
from paidsupport.sales.payments.bank.rules import matching
from paidsupport.sales.payments.bank.rules.lines import Entry
from paidsupport.sales.payments.bank.rules.matching import LineState, Match, Reason
from paidsupport.sales.payments.bank.rules.references import spaced
from paidsupport.sales.payments.bank.statements.faults import LARGEST, StatementError
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.operations import settling
from paidsupport.sales.payments.operations.settling import Arrival
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.tickets.operations.payment import payees_of_desk
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket

if TYPE_CHECKING:
    from paidsupport.sales.payments.bank.statements.reading import Statement

#: The field of the form with the file.
FIELD = "file"
_INSERT = insert(Base.metadata.tables[BankLine.__tablename__])
#: The longest of what banks tell is cut to this, as its columns are.
_NAME, _TEXT = 200, 4000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought.

    Attributes:
        new: Lines that were not there.
        known: Lines that were.
        matched: Those of the new ones that are payments now.
        others: Lines of other accounts, which are left out.
    """

    new: int
    known: int
    matched: int
    others: int = 0


def hand_in(ctx: Context, uploads: Sequence[Upload]) -> Imported:
    """Import the file that was chosen.

    Raises:
        InvalidInputError: At `FIELD`: none was chosen, or it is too large or no statement of the account.
    """
    if len(uploads) != 1:
        raise _refused(_("Choose a bank statement: a file in the format CAMT.053, CAMT.054 or MT940."))
    [upload] = uploads
    if upload.size > LARGEST:
        raise _refused(
            _("Choose a smaller file. A statement can have up to %(most)s MB.", most=LARGEST // MEGABYTE)
        )
    return take(ctx, upload.content)


def take(ctx: Context, content: IO[bytes]) -> Imported:
    """Import a statement.

    Raises:
        InvalidInputError: As `hand_in`.
    """
    from paidsupport.sales.payments.bank.statements.reading import read  # noqa: PLC0415  # late: few need it

    row = payments.provider(ctx.session, BANK)
    if row is None:
        raise _refused(_("Set up bank transfer first, so that the desk knows your account."))
    account = account_of(row.values).iban
    try:
        statement = read(content)
    except StatementError as error:
        raise _refused(error.sentence) from None
    own = [replace(each, account=account) for each in statement.entries if _is_same(account, each.account)]
    others = len(statement.entries) - len(own)
    if others and not own:
        theirs = statement.entries[0].account
        raise _refused(
            _(
                "Choose a statement of the account %(ours)s: this one is of %(theirs)s.",
                ours=spaced(account),
                theirs=spaced(theirs) if theirs[:2].isalpha() else theirs,
            )
        )
    _refuse_other_form(ctx, account, statement, own)
    return replace(_taken(ctx, statement.form, own), others=others)


def _refused(sentence: str) -> InvalidInputError:
    return InvalidInputError({FIELD: [sentence]})


def _is_same(iban: str, account: str) -> bool:
    """Whether both are one account; national numbers are a part of the IBAN, with zeros before them."""
    if iban == account:
        return True
    bank, slash, number = account.partition("/")
    if not slash:
        bank, number = "", account
    inside = iban[4:]
    if bank and bank.isdecimal() and not inside.startswith(bank):
        return False
    rest = inside.removeprefix(bank)
    return bool(slash and number.lstrip("0")) and rest.lstrip("0") == number.lstrip("0")


def _refuse_other_form(ctx: Context, account: str, statement: Statement, own: Sequence[Entry]) -> None:
    """The same day in two formats would be counted twice: each has names of its own for a booking."""
    if not own:
        return
    days = (min(each.day for each in own), max(each.day for each in own))
    if (day := queries.other_form(ctx.session, account, statement.form, days)) is not None:
        known, given = ("MT940", "CAMT") if statement.form == "camt" else ("CAMT", "MT940")
        raise _refused(
            _(
                "Choose a %(known)s file, or one that begins after %(day)s: there are lines of %(known)s"
                " until then, and %(given)s names the same bookings otherwise.",
                known=known,
                given=given,
                day=day.isoformat(),
            )
        )


def _taken(ctx: Context, form: str, entries: Sequence[Entry]) -> Imported:
    # two files at once: the second one waits, and sees what the first one brought
    queries.lock_account(ctx.session)
    by_key = {entry.key: entry for entry in entries}
    known = queries.known(ctx.session, by_key)
    new = [entry for key, entry in by_key.items() if key not in known]
    found = {entry.key: matching.codes_of(entry) for entry in new}
    wanted = {code for each in found.values() for code in each.checked | each.plain}
    targets = queries.targets(ctx.session, wanted, payees_of_desk(ctx))
    decided = {entry.key: matching.match(entry, found[entry.key], targets) for entry in new}
    pairs = _pairs(ctx, new)
    matched = [(entry, ticket) for entry in new if (ticket := decided[entry.key].ticket) is not None]
    taken_back = queries.tickets_of(ctx.session, {original for _line, original in pairs})
    locked = queries.lock_tickets(ctx.session, taken_back | {ticket for _entry, ticket in matched})
    for entry in _too_many(locked, matched):
        decided[entry.key] = Match(reason=Reason.TOO_LARGE)
    matched = [(entry, ticket) for entry, ticket in matched if decided[entry.key].ticket is not None]
    ids = settling.arrived(ctx, locked, [arrival(entry, ticket) for entry, ticket in matched])
    made = {entry.key: id_ for (entry, _ticket), id_ in zip(matched, ids, strict=True)}
    _keep(ctx, form, new, decided, made)
    for line, original in pairs:
        _take_back(ctx, queries.line(ctx.session, line), queries.line(ctx.session, original))
    ctx.session.flush()
    return Imported(len(new), len(known), len(matched))


def _too_many(locked: Mapping[int, Ticket], matched: Sequence[tuple[Entry, int]]) -> list[Entry]:
    """Lines with which a ticket would have more than its columns can hold."""
    room = {id_: MOST_MINOR - sums_of(ticket).received for id_, ticket in locked.items()}
    found = []
    for entry, ticket in matched:
        if entry.amount_minor > room[ticket]:
            found.append(entry)
        else:
            room[ticket] -= entry.amount_minor
    return found


def arrival(entry: Entry, ticket: int, assigned: int = 0) -> Arrival:
    """A line as a payment for a ticket; its name says how often it was one before."""
    money = Money(entry.amount_minor, entry.currency)
    return Arrival(ticket, BANK, f"{entry.key[:34]}-{assigned}", money, entry.day)


def _keep(
    ctx: Context,
    form: str,
    new: Sequence[Entry],
    decided: Mapping[str, Match],
    made: Mapping[str, int],
) -> None:
    """Write the lines, each with what was decided about it."""
    imported = new_reference()
    for batch in queries.batches(new):
        write(
            ctx.session,
            _INSERT,
            [_row(ctx, form, imported, entry, decided[entry.key], made.get(entry.key)) for entry in batch],
        )


def _row(
    ctx: Context, form: str, imported: str, entry: Entry, match: Match, payment: int | None
) -> dict[str, object]:
    return {
        "key": entry.key,
        "imported": imported,
        "form": form,
        "imported_at": ctx.now,
        "account": entry.account,
        "day": entry.day,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "is_debit": entry.is_debit,
        "is_reversal": entry.is_reversal,
        "bank_reference": entry.bank_reference[:_NAME],
        "place": entry.place,
        "end_to_end": entry.end_to_end[:_NAME],
        "reference": entry.reference[:_NAME],
        "text": entry.text[:_TEXT],
        "name": entry.name[:_NAME],
        "iban": entry.iban[:_NAME],
        "state": LineState.MATCHED if payment is not None else LineState.OPEN,
        "reason": match.reason,
        "ticket_id": match.ticket,
        "payment_id": payment,
        "reverses_id": None,
        "assigned": int(payment is not None),
        "decided_by": "",
        "decided_at": None,
    }


def entry_of(line: BankLine) -> Entry:
    """A line as rules know it."""
    return Entry(
        account=line.account,
        day=line.day,
        amount_minor=line.amount_minor,
        currency=line.currency,
        is_debit=line.is_debit,
        is_reversal=line.is_reversal,
        bank_reference=line.bank_reference,
        place=line.place,
        end_to_end=line.end_to_end,
        reference=line.reference,
        text=line.text,
        name=line.name,
        iban=line.iban,
    )


def _pairs(ctx: Context, new: Sequence[Entry]) -> list[tuple[str, str]]:
    """The keys of what takes something back, with those of what it takes back, as far as both are known."""
    if not new:
        return []
    account = new[0].account
    known = {line.key: entry_of(line) for line in queries.reversals(ctx.session, account)}
    waiting = [*known.items(), *((each.key, each) for each in new if each.is_debit and each.is_reversal)]
    if not waiting:
        return []
    amounts = {entry.amount_minor for _key, entry in waiting}
    there = {line.key: entry_of(line) for line in queries.reversible(ctx.session, account, amounts)}
    came = [*there.items(), *((each.key, each) for each in new if not (each.is_debit or each.is_reversal))]
    originals: dict[tuple[str, ...], list[str]] = {}
    for key, entry in sorted(came, key=_order):
        for evidence in matching.evidence(entry, matching.codes_of(entry)):
            originals.setdefault(evidence, []).append(key)
    gone, pairs = set[str](), list[tuple[str, str]]()
    for key, entry in sorted(waiting, key=_order):
        # only the strongest that it has: otherwise it would matter what is known of the others by now
        for evidence in matching.evidence(entry, matching.codes_of(entry))[:1]:
            left = [each for each in originals.get(evidence, ()) if each not in gone]
            if left:
                gone.add(left[0])
                pairs.append((key, left[0]))
    return pairs


def _order(known: tuple[str, Entry]) -> tuple[date, str]:
    return known[1].day, known[0]


def _take_back(ctx: Context, line: BankLine, original: BankLine) -> None:
    if original.state == LineState.MATCHED and original.payment_id is not None:
        settling.settle(ctx, original.payment_id, Truth(PaymentStep.REVERSED))
    for each in (line, original):
        each.state, each.reason = LineState.REVERSED, ""
    line.reverses_id, line.ticket_id = original.id, original.ticket_id
