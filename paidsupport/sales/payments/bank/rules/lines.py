"""One line of a bank statement as the desk reads it, whatever format it came in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

#: Banks write these where they have no reference.
_NONE = frozenset({"NONREF", "NOTPROVIDED", "NOT PROVIDED", "UNKNOWN", "NOREF", "0"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking, or one transaction of a booking of several.

    Attributes:
        account: The account it was booked on: an IBAN without gaps, or another number of the bank.
        day: When it was booked.
        amount_minor: What was booked, in the smallest units; never below zero.
        is_debit: Whether it left the account.
        is_reversal: Whether it takes back an earlier booking.
        bank_reference: The bank's own name of the booking, or a digest of all that is known of it.
        place: Which transaction of the booking it is, from 0.
        end_to_end: The payer's name of the transfer.
        reference: A reference with check digits, in the field for it.
        text: What the payer wrote.
        name: The payer; of what left the account, the payee.
        iban: Their account.
    """

    account: str
    day: date
    amount_minor: int
    currency: str
    is_debit: bool = False
    is_reversal: bool = False
    bank_reference: str = ""
    place: int = 0
    end_to_end: str = ""
    reference: str = ""
    text: str = ""
    name: str = ""
    iban: str = ""

    @property
    def key(self) -> str:
        """By what the same line is known when it comes again: one line is kept once."""
        return _digest(
            *(self.account, self.day.isoformat(), self.bank_reference, str(self.place)),
            *(str(self.amount_minor), self.currency, "debit" if self.is_debit else "credit"),
        )


def given(reference: str) -> str:
    """A reference of a bank or payer; empty if it only says that there is none."""
    tidy = " ".join(reference.split())
    return "" if tidy.upper() in _NONE else tidy


def named(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, each with a name of its own where the bank gave it none.

    That is a digest of all that is known of it. Where two are alike in everything, they are counted.
    """
    seen, found = Counter[str](), list[Entry]()
    for entry in entries:
        if not entry.bank_reference:
            content = _digest(
                *(entry.end_to_end, entry.reference, entry.text, entry.name, entry.iban, str(entry.place))
            )
            alike = replace(entry, bank_reference=f"~{content[:24]}")
            number = seen[alike.key]
            seen[alike.key] += 1
            found.append(
                replace(alike, bank_reference=f"{alike.bank_reference}.{number}") if number else alike
            )
        else:
            found.append(entry)
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
