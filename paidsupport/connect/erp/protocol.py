"""What an ERP does for the desk: one protocol for all of them (P17, T8, T19).

Everything is done once under our reference, however often it is asked for: an ERP is searched before anything
is made there. What people have entered over there is theirs: it is completed and never overwritten. The desk
stops at drafts; whoever keeps the books checks and posts them.

An ERP is only ever called by a worker, outside of any transaction. It tells three ends apart: it is done;
nothing was done (NotSentError, with whether trying again makes sense); or the result is unknown
(UnclearError). After the last one the same is asked again, which searches first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from paidsupport.kernel.money import Money


class What(StrEnum):
    """What an ERP keeps for us."""

    PARTY = "party"
    LEAD = "lead"
    INVOICE = "invoice"


class Stage(StrEnum):
    """How far a lead is."""

    NEW = "new"
    OFFERED = "offered"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Party:
    """A customer's record.

    Attributes:
        ref: Our own name of it: random, and nothing of the customer.
        name: What the company, or else the person, is called.
        email: Where invoices go.
        country: Two letters (ISO 3166).
    """

    ref: str
    name: str
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """Something that may be sold.

    Attributes:
        ref: The code of its ticket.
        party: The reference of the customer's record.
        title: What it is about, in a line.
        price: What was agreed on or is hoped for, if that is known.
        note: More about it.
    """

    ref: str
    party: str
    title: str
    price: Money | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an invoice: so many at this price for one, without tax."""

    text: str
    price: Money
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice that is to be checked by people.

    Attributes:
        ref: Our own name of it, mostly the code of its ticket.
        party: The reference of the customer's record.
        items: Its lines, all in the same currency.
        note: What is written on it besides.
    """

    ref: str
    party: str
    items: Sequence[Item]
    note: str = ""

    @property
    def currency(self) -> str:
        """The currency of all lines. Raises ValueError if there is none, or more than one."""
        [currency] = {item.price.currency for item in self.items}
        return currency


class Erp(Protocol):
    """Where a site keeps its customers and invoices.

    All methods raise NotSentError; those that change something raise UnclearError, too.
    """

    def check(self) -> str:
        """What is wrong with it, in a sentence; empty if all that the desk needs is there."""

    def link(self, what: What, id_: str) -> str:
        """Where people see what the ERP calls this; asks nothing."""

    def find(self, what: What, ref: str) -> str:
        """What the ERP calls something of ours; empty if it has no such thing."""

    def party(self, party: Party) -> str:
        """See that a customer's record is there, with all that we know; what the ERP calls it."""

    def lead(self, lead: Lead) -> str:
        """See that a lead is there; what the ERP calls it."""

    def stage(self, ref: str, stage: Stage) -> None:
        """Bring a lead to a stage, from wherever it is."""

    def note(self, what: What, ref: str, key: str, text: str) -> None:
        """Add something that was said to a record, once for each `key`."""

    def invoice_draft(self, draft: Draft) -> str:
        """See that an invoice is there; what the ERP calls it. It is made as a draft, and never changed."""
