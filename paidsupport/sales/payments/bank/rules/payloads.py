"""What a QR code for a transfer holds: of the EPC for euros, of the Swiss standard for francs and euros."""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.kernel.money import Money
from paidsupport.sales.payments.bank.rules.references import qr_of, rf_of

#: The highest and the lowest amount of both kinds, in cents.
_LOWEST, _MOST = 1, 999_999_999_99
_EPC_NAME, _SWISS_NAME, _STREET, _NUMBER, _POSTCODE, _CITY = 70, 70, 70, 16, 16, 35
_SWISS = frozenset({"CH", "LI"})
_SWISS_CURRENCIES = frozenset({"CHF", "EUR"})
#: The numbers of institutions that only QR-IBANs have.
_QR_INSTITUTIONS = range(30_000, 32_000)


@dataclass(frozen=True, slots=True)
class Account:
    """The account that customers pay to, as managers entered it, without gaps."""

    holder: str
    iban: str
    bic: str = ""
    bank: str = ""
    street: str = ""
    number: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    qr_iban: str = ""
    #: Whether a Swiss QR code is offered.
    swiss: bool = False


def is_swiss(iban: str) -> bool:
    """Whether an account is in Switzerland or Liechtenstein."""
    return iban[:2] in _SWISS


def is_qr_iban(iban: str) -> bool:
    """Whether this is a QR-IBAN, which takes transfers with a QR reference only."""
    return is_swiss(iban) and iban[4:9].isdecimal() and int(iban[4:9]) in _QR_INSTITUTIONS


def epc(account: Account, amount: Money, code: str) -> str:
    """The text of an EPC QR code (EPC069-12, version 2) with the ticket's reference; empty if there is none.

    It is for euros only.
    """
    if amount.currency != "EUR" or not _LOWEST <= amount.minor <= _MOST:
        return ""
    return "\n".join(
        (
            *("BCD", "002", "1", "SCT"),
            *(account.bic, _cut(account.holder, _EPC_NAME), account.iban),
            f"EUR{amount.plain}",
            # no purpose, then the reference; a text beside it is not allowed, nor are empty lines at the end
            *("", rf_of(code)),
        )
    )


def swiss(account: Account, amount: Money, code: str) -> str:
    """The text of a Swiss QR code (version 2.3, structured address); empty if there is none.

    It is for francs and euros only, and for an account in Switzerland or Liechtenstein.
    """
    fits = amount.currency in _SWISS_CURRENCIES and _LOWEST <= amount.minor <= _MOST
    if not (account.swiss and fits and is_swiss(account.iban)):
        return ""
    return "\n".join(
        (
            *("SPC", "0200", "1"),
            account.qr_iban or account.iban,
            *("S", _cut(account.holder, _SWISS_NAME), _cut(account.street, _STREET)),
            *(_cut(account.number, _NUMBER), _cut(account.postcode, _POSTCODE), _cut(account.city, _CITY)),
            account.country,
            # the final creditor, which is not used yet
            *("",) * 7,
            *(amount.plain, amount.currency),
            # the customer is left open: they enter themselves
            *("",) * 7,
            *(("QRR", qr_of(code)) if account.qr_iban else ("SCOR", rf_of(code))),
            *("", "EPD"),
        )
    )


def _cut(text: str, most: int) -> str:
    return " ".join(text.split())[:most].strip()
