"""A stand-in for a bank: the account of the seller, and statements with one transfer, as they are wanted."""

from __future__ import annotations

from datetime import date
from html import escape

from paidsupport.kernel.codes import new_reference

#: What managers enter. The number is the example of the IBAN standard.
ACCOUNT = {
    "holder": "Gallery Support Ltd.",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "bank": "Test bank: no real money moves",
    "currencies": "USD, EUR",
}
_STATEMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>{name}</Id>
<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>
<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{name}</AcctSvcrRef><NtryDtls><TxDtls>
<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="{currency}">{amount}</Amt>
<RltdPties><Dbtr><Nm>Test customer</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>{reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def statement(reference: str, amount: str, currency: str, day: date) -> bytes:
    """A CAMT.053 with one transfer, which is another one each time.

    Args:
        reference: What the customer wrote, right or with a slip.
        amount: With a point and two decimals.
        currency: One of those of the account.
        day: When it was booked.
    """
    return _STATEMENT.format(
        name=new_reference(),
        iban=ACCOUNT["iban"].replace(" ", ""),
        reference=escape(reference),
        amount=escape(amount),
        currency=escape(currency),
        day=day.isoformat(),
    ).encode()
