"""Statements in MT940, as German, Austrian and Swiss banks write them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from paidsupport.sales.payments.bank.rules.lines import Entry, given
from paidsupport.sales.payments.bank.statements.amounts import minor
from paidsupport.sales.payments.bank.statements.faults import CUT_OFF, NO_STATEMENT, StatementError

_BEGINS = re.compile(r"^:20:", re.MULTILINE)
#: The closing balance: without it, a statement breaks off.
_ENDS = re.compile(r"^:62[FM]:", re.MULTILINE)
_FIELD = re.compile(r"\?([0-9]{2})")
#: Keywords within the text of a SEPA transfer, each before its value.
_KEYWORDS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|COAM|OAMT|RREF|RTRN|IBAN|BIC)([+:] ?)")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
#: Fields of the text, of the payer's name, and those in which banks put account and name together.
_TEXT, _NAME, _ACCOUNT = (*range(20, 30), *range(60, 64)), (32, 33), 31


def is_mt940(text: str) -> bool:
    """Whether a text looks like statements in this format."""
    return _BEGINS.search(text) is not None and re.search(r"^:25[A-Z]?:", text, re.MULTILINE) is not None


def entries(text: str) -> list[Entry]:
    """All that is booked in the statements of a file.

    Raises:
        StatementError: A statement cannot be read, or breaks off.
    """
    begins = [found.start() for found in _BEGINS.finditer(text)]
    parts = zip(begins, [*begins[1:], len(text)], strict=True)
    return [entry for begin, end in parts for entry in _statement(text[begin:end])]


def _statement(text: str) -> Iterator[Entry]:
    from mt940.models import Transactions  # noqa: PLC0415  # late: only files in this format need it

    if not _ENDS.search(text):
        raise StatementError(CUT_OFF)
    # it would log what it cannot read, and that names people and what they paid
    logging.getLogger("mt940").setLevel(logging.CRITICAL)
    read = Transactions(processors={"post_transaction_details": []})
    try:
        read.parse(text)
    except (ValueError, RuntimeError, KeyError, ArithmeticError):
        raise StatementError(NO_STATEMENT) from None
    account = _account(str(read.data.get("account_identification") or ""))
    for transaction in read.transactions:
        if "amount" in transaction.data:
            yield _entry(account, transaction.data)


def _entry(account: str, data: dict[str, Any]) -> Entry:
    amount, status = data["amount"], str(data["status"])
    fields = _fields(str(data.get("transaction_details") or ""))
    text = "".join(fields.get(number, "") for number in _TEXT) or fields.get(-1, "")
    iban, name = _payer(fields.get(_ACCOUNT, ""), "".join(fields.get(number, "") for number in _NAME))
    said = _said(text)
    return Entry(
        account=account,
        day=_day(data.get("entry_date") or data["date"]),
        amount_minor=minor(str(abs(amount.amount)), amount.currency or ""),
        currency=amount.currency or "",
        # RC takes back what came, so it leaves the account
        is_debit=status in {"D", "RC"},
        is_reversal=status.startswith("R"),
        bank_reference=given(str(data.get("bank_reference") or "")),
        end_to_end=given(said.get("EREF", "")),
        text=said.get("SVWZ", text),
        name=name,
        iban=iban or said.get("IBAN", "").replace(" ", ""),
    )


def _day(day: date) -> date:
    # the library has a class of its own, which databases do not know
    return date(day.year, day.month, day.day)


def _account(typed: str) -> str:
    """An IBAN, or the numbers of bank and account with a slash between them, without a currency."""
    plain = typed.replace(" ", "").upper()
    return re.sub(r"(?<=[0-9])[A-Z]{3}$", "", plain)


def _fields(details: str) -> dict[int, str]:
    """The numbered fields of a text; under -1 all of it, if it has none.

    Lines are broken anywhere, in the middle of words.
    """
    flat = details.replace("\r", "").replace("\n", "")
    pieces = _FIELD.split(flat)
    if len(pieces) == 1:
        return {-1: " ".join(details.split())}
    fields: dict[int, str] = {}
    for number, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields[int(number)] = fields.get(int(number), "") + value
    return fields


def _payer(account: str, name: str) -> tuple[str, str]:
    """The account and the name of the payer; some banks write the name right behind the account."""
    found = _IBAN.match(account.replace(" ", ""))
    if found is None:
        return account.strip(), name.strip()
    plain = account.replace(" ", "")
    for length in sorted(range(15, len(found[0]) + 1), key=lambda most: -most):
        if _is_iban(plain[:length]):
            rest = account[_end(account, length) :].strip()
            return plain[:length], " ".join(f"{rest} {name}".split()).replace(" ,", ",")
    return account.strip(), name.strip()


def _end(text: str, length: int) -> int:
    """Where so many characters that are no spaces end."""
    count = 0
    for at, sign in enumerate(text):
        count += sign != " "
        if count == length:
            return at + 1
    return len(text)


def _is_iban(text: str) -> bool:
    from stdnum import iban  # noqa: PLC0415  # late: only files in this format need it

    return bool(iban.is_valid(text, check_country=False))


def _said(text: str) -> dict[str, str]:
    """What stands behind each keyword of a text."""
    pieces = _KEYWORDS.split(text)
    said: dict[str, str] = {}
    for keyword, _mark, value in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        said.setdefault(keyword, " ".join(value.split()))
    return said
