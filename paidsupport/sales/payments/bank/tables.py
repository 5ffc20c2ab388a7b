"""Lines of bank statements: each kept once, with the ticket that it is for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import COMPANY, CUSTOMER, FIGURES, OURS, PROGRAM, personal, plain
from paidsupport.sales.payments.bank.rules.matching import LineState

_STATES = ", ".join(f"'{state}'" for state in LineState)
_BANKS = "a bank's name of a booking, or a digest of it, in which nothing can be read"


class BankLine(Base):
    """One line of a statement; without a ticket, a person decides about it.

    What is said of the payer goes with the erasure of its ticket: the statement itself is what the law wants
    kept, and the business has it from its bank. Key, day and amount stay, so that the line does not come back
    when the same file is imported again.
    """

    __tablename__ = "paidsupport_bank_line"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        Index(None, "state", "is_debit", "day", "id"),
        Index(None, "ticket_id"),
        Index(None, "account", "is_reversal", "state"),
    )

    id: Mapped[Id]
    #: By what it is known when it comes again; see `rules.lines.Entry.key`.
    key: Mapped[str] = mapped_column(String(64), unique=True, info=plain(FIGURES))
    #: The import that it came with, and the kind of file: `camt` or `mt940`.
    imported: Mapped[Word]
    form: Mapped[Word]
    imported_at: Mapped[Moment]
    #: The desk's account.
    account: Mapped[str] = mapped_column(String(64), info=plain(COMPANY, PROGRAM))
    day: Mapped[date] = mapped_column(Date)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), info=plain(OURS))
    is_debit: Mapped[bool]
    is_reversal: Mapped[bool]
    bank_reference: Mapped[Name] = mapped_column(info=plain(_BANKS, PROGRAM))
    place: Mapped[int]
    end_to_end: Mapped[Name] = mapped_column(info=personal(CUSTOMER, PROGRAM))
    reference: Mapped[Name] = mapped_column(info=personal(CUSTOMER, PROGRAM))
    text: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, PROGRAM))
    name: Mapped[Name] = mapped_column(info=personal(CUSTOMER, PROGRAM))
    iban: Mapped[Name] = mapped_column(info=personal(CUSTOMER, PROGRAM))
    #: What has become of it, and why a person has to decide or has set it aside.
    state: Mapped[Word]
    reason: Mapped[Word]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_payment.id"), unique=True)
    #: The line that it takes back.
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_bank_line.id"), unique=True)
    #: How often it was assigned: each time it is a payment of its own.
    assigned: Mapped[int] = mapped_column(default=0)
    #: Who decided, and when; empty: the desk by itself.
    decided_by: Mapped[StaffName]
    decided_at: Mapped[Maybe]
