"""Statements as banks send them, made for a test."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.sales.payments.bank.operations import importing
from paidsupport.sales.payments.bank.operations.importing import Imported
from paidsupport.sales.payments.bank.rules.references import rf_of
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.tables import PaymentProvider
from paidsupport.tickets import tables as tickets
from tests.people import Desk

IBAN = "DE89370400440532013000"
VALUES = {
    "holder": "Gallery Project e.V.",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "bank": "Commerzbank",
    "currencies": "EUR, USD",
    "swiss": "no",
}


@dataclass(frozen=True)
class Sent:
    """One transfer, as a bank tells of it."""

    amount: str
    text: str = ""
    reference: str = ""
    bank: str = ""
    name: str = "Karla Meier"
    currency: str = "USD"
    debit: bool = False
    reversal: bool = False
    day: str = "2034-03-14"
    end_to_end: str = "NOTPROVIDED"
    status: str = "BOOK"


def statement(*sent: Sent | tuple[str, list[Sent]], iban: str = IBAN, version: str = "08") -> bytes:
    """A CAMT.053 with these bookings; several in one are given with the bank's name of all of them."""
    entries = "".join(_batch(*each) if isinstance(each, tuple) else _entry(each) for each in sent)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        "<BkToCstmrStmt><Stmt><Id>1</Id>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(each: Sent) -> str:
    return _booking(each, each.amount, each.bank, _details(each))


def _batch(bank: str, parts: list[Sent]) -> str:
    total = sum(round(float(part.amount) * 100) for part in parts)
    return _booking(parts[0], f"{total // 100}.{total % 100:02}", bank, "".join(map(_details, parts)))


def _booking(first: Sent, amount: str, bank: str, details: str) -> str:
    return (
        f'<Ntry><Amt Ccy="{first.currency}">{amount}</Amt>'
        f"<CdtDbtInd>{'DBIT' if first.debit else 'CRDT'}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if first.reversal else ''}<Sts><Cd>{first.status}</Cd></Sts>"
        f"<BookgDt><Dt>{first.day}</Dt></BookgDt><AcctSvcrRef>{bank}</AcctSvcrRef>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _details(each: Sent) -> str:
    strd = f"<Strd><CdtrRefInf><Ref>{each.reference}</Ref></CdtrRefInf></Strd>" if each.reference else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{each.end_to_end}</EndToEndId></Refs>"
        f'<Amt Ccy="{each.currency}">{each.amount}</Amt>'
        f"<RltdPties><Dbtr><Nm>{escape(each.name)}</Nm></Dbtr></RltdPties>"
        f"<RmtInf>{f'<Ustrd>{escape(each.text)}</Ustrd>' if each.text else ''}{strd}</RmtInf></TxDtls>"
    )


def set_up(desk: Desk, **values: str) -> None:
    """Enter the desk's account, as managers do."""
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.add(
            PaymentProvider(
                kind="bank",
                position=0,
                active=True,
                values=VALUES | values,
                sealed={},
                changed_at=ctx.now,
            )
        )


def ordered(desk: Desk, email: str = "") -> str:
    """The code of an order that the desk is paid for before the work: 45 dollars."""
    code = desk.order(email=email or f"{new_key()}@example.com")
    with desk.ctx() as ctx, set_aside(ctx.session):
        tickets.lock(ctx.session, code).payee = "before"
    return code


def take(desk: Desk, content: bytes) -> Imported:
    """Import a file as a manager."""
    with desk.ctx(desk.mia) as ctx:
        return importing.take(ctx, io.BytesIO(content))


def sums(desk: Desk, codes: Iterable[str]) -> list[int]:
    """What has been paid for each ticket."""
    return [desk.ticket(code).paid_minor for code in codes]


def rf(code: str) -> str:
    """The reference that the customer of a ticket was told."""
    return rf_of(code)


def stray(desk: Desk) -> str:
    """The key of a line that names no ticket, for the account of the desk."""
    set_up(desk)
    take(desk, statement(Sent("45.00", text="gallery", bank="stray")))
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(BankLine.key)).one()


def key(desk: Desk, name: str) -> str:
    """The key of the line that the bank calls so."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(BankLine.key).where(BankLine.bank_reference == name)).one()
