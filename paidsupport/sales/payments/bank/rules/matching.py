"""Which ticket a bank line is for, and when a person has to decide.

What is decided depends on the line and on the ticket's price, never on what came before: so it does not
matter in which order statements are imported, or into how many files they are split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel.money import MOST_MINOR
from paidsupport.sales.payments.bank.rules.lines import Entry
from paidsupport.sales.payments.bank.rules.references import Found, codes_in


class LineState(StrEnum):
    """What has become of a bank line."""

    #: A person has to decide.
    OPEN = "open"
    #: It is a payment for a ticket.
    MATCHED = "matched"
    #: A person has said that it is for no ticket, or it is too old.
    ASIDE = "aside"
    #: The bank took it back, or it is what took another one back: nothing is left of both.
    REVERSED = "reversed"


class Reason(StrEnum):
    """Why a person has to decide about a bank line."""

    NONE = ""
    DEBIT = "debit"
    REVERSAL = "reversal"
    NO_CODE = "no-code"
    SLIP = "slip"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    CURRENCY = "currency"
    DIRECTLY = "directly"
    ERASED = "erased"
    #: The code has no check digits, and the amount is not the ticket's price.
    AMOUNT = "amount"
    TOO_LARGE = "too-large"
    #: An assignment was undone.
    UNDONE = "undone"


class Aside(StrEnum):
    """Why a person set a bank line aside."""

    NOT_OURS = "not-ours"
    PAID_BACK = "paid-back"
    OWN = "own"
    OTHER = "other"
    #: It was not decided in time.
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Target:
    """A ticket that a bank line may be for: the living one, if its code is that of a merged one."""

    id: int
    code: str
    price_minor: int
    currency: str
    #: Whether its developer is paid directly.
    directly: bool = False
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """What is decided about a line: its ticket, or why a person has to decide."""

    ticket: int | None = None
    reason: Reason = Reason.NONE


def codes_of(entry: Entry) -> Found:
    """The codes that a line names, in whatever field."""
    return codes_in(entry.reference, entry.end_to_end, entry.text)


def match(entry: Entry, found: Found, targets: Mapping[str, Target]) -> Match:
    """Decide about what came in.

    Args:
        entry: The line.
        found: The codes in it.
        targets: The tickets of these codes.
    """
    if entry.is_debit:
        return Match(reason=Reason.REVERSAL if entry.is_reversal else Reason.DEBIT)
    if entry.is_reversal:
        return Match(reason=Reason.REVERSAL)
    checked = {targets[code].id: targets[code] for code in found.checked if code in targets}
    plain = {targets[code].id: targets[code] for code in found.plain if code in targets}
    every = checked | plain
    if len(every) > 1:
        return Match(reason=Reason.SEVERAL)
    if not every:
        return Match(reason=_without_ticket(found))
    [ticket] = every.values()
    if reason := _against(entry, ticket, is_checked=bool(checked)):
        return Match(reason=reason)
    return Match(ticket.id)


def _without_ticket(found: Found) -> Reason:
    if found.checked:
        return Reason.UNKNOWN
    return Reason.SLIP if found.plain or found.meant else Reason.NO_CODE


def _against(entry: Entry, ticket: Target, *, is_checked: bool) -> Reason:
    if ticket.erased:
        return Reason.ERASED
    if ticket.directly:
        return Reason.DIRECTLY
    if entry.currency != ticket.currency:
        return Reason.CURRENCY
    if not 0 < entry.amount_minor <= MOST_MINOR:
        return Reason.TOO_LARGE
    if not is_checked and entry.amount_minor != ticket.price_minor:
        return Reason.AMOUNT
    return Reason.NONE


def wanted(entries: Iterable[Entry]) -> dict[str, Found]:
    """The codes that lines name, by the keys of the lines."""
    return {entry.key: codes_of(entry) for entry in entries}


def evidence(entry: Entry, found: Found) -> list[tuple[str, ...]]:
    """By what a line and its reversal are known to belong together, the strongest first."""
    money = (entry.account, str(entry.amount_minor), entry.currency)
    # of those with the same code and check digits, all are payments or none is: it does not matter which one
    named = ("code", *sorted(found.checked), "plain", *sorted(found.plain))
    known: list[tuple[str, ...]] = [named] if found.checked or found.plain else []
    if entry.end_to_end:
        known.append(("end to end", entry.end_to_end))
    if entry.bank_reference and not entry.bank_reference.startswith("~"):
        known.append(("bank", entry.bank_reference))
    return [(*money, *each) for each in known]
