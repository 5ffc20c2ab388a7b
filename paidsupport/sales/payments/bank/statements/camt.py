"""Statements in XML: CAMT.053 and the notifications CAMT.054, of any version.

They are read piece by piece, and never kept as a whole. Documents that define anything of their own are
refused: no bank writes such, and entities of entities can fill all memory there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import IO
from xml.etree.ElementTree import Element, SubElement  # what expat finds is put together, nothing is parsed
from xml.parsers import expat
from xml.parsers.expat import errors

from paidsupport.kernel.i18n.messages import Message
from paidsupport.sales.payments.bank.rules.lines import Entry, given
from paidsupport.sales.payments.bank.statements.amounts import minor
from paidsupport.sales.payments.bank.statements.faults import (
    CUT_OFF,
    NO_STATEMENT,
    NOT_ALLOWED,
    WRONG_ENCODING,
    StatementError,
)

#: What holds the statements of a CAMT.053, and what the notifications of a CAMT.054.
_MESSAGES = frozenset({"BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"})
_STATEMENTS = frozenset({"Stmt", "Ntfctn"})
#: Parts of a statement that are put together; all else is passed over.
_WANTED = frozenset({"Acct", "Ntry"})
#: Elements within each other; no statement has half as many.
_DEEPEST = 60
_CHUNK = 1 << 16
_ENDS_EARLY = frozenset(
    errors.codes[each]
    for each in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        errors.XML_ERROR_PARTIAL_CHAR,
    )
)
_ENCODINGS = frozenset(
    errors.codes[each] for each in (errors.XML_ERROR_UNKNOWN_ENCODING, errors.XML_ERROR_INCORRECT_ENCODING)
)


def entries(content: IO[bytes]) -> list[Entry]:
    """All that is booked in a file.

    Raises:
        StatementError: It is no such file, or breaks off.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    _parsed(parser, content)
    if not reader.is_statement:
        raise StatementError(NO_STATEMENT)
    return reader.found


def _parsed(parser: expat.XMLParserType, content: IO[bytes]) -> None:
    last = b""
    try:
        while chunk := content.read(_CHUNK):
            last = chunk
            parser.Parse(chunk, False)  # noqa: FBT003  # it takes no names
        parser.Parse(b"", True)  # noqa: FBT003  # as above
    except expat.ExpatError as error:
        raise StatementError(_why(error, last)) from None
    except (LookupError, UnicodeError, ValueError):
        # the encoding that it names is unknown, or takes several bytes for a character
        raise StatementError(WRONG_ENCODING) from None


def _why(error: expat.ExpatError, chunk: bytes) -> Message:
    if error.code in _ENDS_EARLY:
        return CUT_OFF
    if error.code in _ENCODINGS:
        return WRONG_ENCODING
    if error.code == errors.codes[errors.XML_ERROR_INVALID_TOKEN] and not _is_utf8(chunk):
        return WRONG_ENCODING
    return NO_STATEMENT


def _is_utf8(chunk: bytes) -> bool:
    # a character may be cut in two at either end
    try:
        chunk.lstrip(bytes(range(0x80, 0xC0))).decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _refuse(*_told: object) -> None:
    raise StatementError(NOT_ALLOWED)


class _Reader:
    """Puts the accounts and bookings of a document together, one at a time."""

    def __init__(self) -> None:
        self.found: list[Entry] = []
        self.is_statement = False
        self._path: list[str] = []
        self._built: list[Element] = []
        self._account = self._currency = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise StatementError(NO_STATEMENT)
        if name in _MESSAGES and self._path[:-1] == ["Document"]:
            self.is_statement = True
        if self._built:
            self._built.append(SubElement(self._built[-1], name, attributes))
        elif name in _WANTED and self._is_in_statement():
            self._built.append(Element(name, attributes))
        elif name in _STATEMENTS:
            self._account = self._currency = ""

    def text(self, text: str) -> None:
        if self._built:
            self._built[-1].text = (self._built[-1].text or "") + text

    def end(self, _tag: str) -> None:
        self._path.pop()
        if not self._built:
            return
        done = self._built.pop()
        if self._built:
            return
        if done.tag == "Acct":
            self._account = (_text(done, "Id/IBAN") or _text(done, "Id/Othr/Id")).replace(" ", "")
            self._currency = _text(done, "Ccy")
        else:
            self.found += _booking(done, self._account)

    def _is_in_statement(self) -> bool:
        return self.is_statement and len(self._path) == 4 and self._path[2] in _STATEMENTS  # noqa: PLR2004  # Document, message, statement


def _booking(entry: Element, account: str) -> Iterator[Entry]:
    """The transactions of one booking; of what is not booked yet, none."""
    if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != "BOOK":
        return
    whole = _whole(entry, account)
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part(whole, each, place) for place, each in enumerate(details)]
    if len(parts) > 1 and _sum(parts) == _sum([whole]):
        yield from parts
    elif len(parts) > 1:
        # fees are kept back, or amounts are missing: how much came for which of them is for a person to say
        yield _all_together(whole, parts)
    elif parts:
        yield _same_money(whole, parts[0])
    else:
        yield whole


def _whole(entry: Element, account: str) -> Entry:
    amount = entry.find("Amt")
    currency = amount.get("Ccy", "") if amount is not None else ""
    day = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt")
    return Entry(
        account=account,
        day=_day(day),
        amount_minor=minor(_text(entry, "Amt"), currency),
        currency=currency,
        is_debit=_is_debit(_text(entry, "CdtDbtInd")),
        is_reversal=_text(entry, "RvslInd") in {"true", "1"},
        bank_reference=given(_text(entry, "AcctSvcrRef")),
        text=_text(entry, "AddtlNtryInf"),
    )


def _part(whole: Entry, details: Element, place: int) -> Entry:
    """One transaction; without an amount of its own, it has none."""
    amount = details.find("Amt")
    if amount is None:
        amount = details.find("AmtDtls/TxAmt/Amt")
    currency = whole.currency if amount is None else amount.get("Ccy", "")
    direction = _text(details, "CdtDbtInd")
    is_debit = _is_debit(direction) if direction else whole.is_debit
    party = "Cdtr" if is_debit is not whole.is_reversal else "Dbtr"
    account = f"RltdPties/{party}Acct/Id"
    written = " ".join(_texts(details, "RmtInf/Ustrd") + _texts(details, "RmtInf/Strd/AddtlRmtInf"))
    return Entry(
        account=whole.account,
        day=whole.day,
        amount_minor=0 if amount is None else minor(amount.text or "", currency),
        currency=currency,
        is_debit=is_debit,
        is_reversal=whole.is_reversal,
        bank_reference=whole.bank_reference or given(_text(details, "Refs/AcctSvcrRef")),
        place=place,
        end_to_end=given(_text(details, "Refs/EndToEndId")),
        reference=" ".join(_texts(details, "RmtInf/Strd/CdtrRefInf/Ref")),
        text=written or _text(details, "AddtlTxInf") or whole.text,
        name=_text(details, f"RltdPties/{party}/Nm") or _text(details, f"RltdPties/{party}/Pty/Nm"),
        iban=(_text(details, f"{account}/IBAN") or _text(details, f"{account}/Othr/Id")).replace(" ", ""),
    )


def _same_money(whole: Entry, part: Entry) -> Entry:
    """The only transaction of a booking: what was booked is what came, whatever was sent."""
    return _with(part, whole, lambda name: getattr(part, name))


def _all_together(whole: Entry, parts: list[Entry]) -> Entry:
    def joined(name: str) -> str:
        return " ".join(dict.fromkeys(filter(None, (getattr(part, name) for part in parts))))

    return _with(parts[0], whole, joined)


def _with(part: Entry, whole: Entry, told: Callable[[str], str]) -> Entry:
    return Entry(
        account=whole.account,
        day=whole.day,
        amount_minor=whole.amount_minor,
        currency=whole.currency,
        is_debit=whole.is_debit,
        is_reversal=whole.is_reversal,
        bank_reference=part.bank_reference,
        end_to_end=told("end_to_end"),
        reference=told("reference"),
        text=told("text"),
        name=told("name"),
        iban=told("iban"),
    )


def _sum(entries: list[Entry]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for entry in entries:
        signed = -entry.amount_minor if entry.is_debit else entry.amount_minor
        sums[entry.currency] = sums.get(entry.currency, 0) + signed
    return sums


def _is_debit(indicator: str) -> bool:
    if indicator not in {"CRDT", "DBIT"}:
        raise StatementError(NO_STATEMENT)
    return indicator == "DBIT"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise StatementError(NO_STATEMENT) from None


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _texts(element: Element, path: str) -> list[str]:
    return [" ".join(found.text.split()) for found in element.findall(path) if found.text]
