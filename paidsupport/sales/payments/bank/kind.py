"""Bank transfer as a kind of provider: what managers enter, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from paidsupport.kernel import countries
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.money import CURRENCIES
from paidsupport.sales.payments.bank.rules.payloads import Account, is_qr_iban, is_swiss
from paidsupport.sales.payments.providers import Kind

#: Its name, in addresses and in the database.
BANK = "bank"
_YES, _NO = "yes", "no"
_BIC = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
#: The longest that each may be on a payment slip.
_MOST = {"holder": 70, "bank": 70, "street": 70, "number": 16, "postcode": 16, "city": 35}
_ADDRESS = {
    "postcode": _("Enter the postcode: a Swiss QR code needs it."),
    "city": _("Enter the city: a Swiss QR code needs it."),
    "country": _("Enter the country: a Swiss QR code needs it."),
}


def account_of(values: Values) -> Account:
    """The account from what was entered: numbers without gaps, and in capitals."""
    return Account(
        **{name: " ".join(values.get(name, "").split()) for name in _MOST},
        **{name: _plain(values.get(name, "")) for name in ("iban", "bic", "country", "qr_iban")},
        swiss=values.get("swiss", _NO) == _YES,
    )


def wrong(values: Values) -> Mapping[str, Message]:
    """What is wrong with what was entered, by the names of the values."""
    account = account_of(values)
    found = dict[str, Message]()
    for name, most in _MOST.items():
        if len(getattr(account, name)) > most:
            found[name] = _("Enter at most %(most)s characters.", most=most)
    if not account.holder:
        found["holder"] = _("Enter the name of the account holder, as the bank has it.")
    if sentence := _iban_fault(account.iban):
        found["iban"] = sentence
    elif is_qr_iban(account.iban):
        found["iban"] = _("This is a QR-IBAN. Enter it below, and the account's own IBAN here.")
    found |= _other_faults(account, values)
    if account.qr_iban:
        found |= _qr_faults(account)
    if account.swiss:
        found |= {name: each for name, each in _swiss_faults(account).items() if name not in found}
    return found


def _other_faults(account: Account, values: Values) -> dict[str, Message]:
    found = dict[str, Message]()
    if account.bic and not _BIC.fullmatch(account.bic):
        found["bic"] = _("A BIC has 8 or 11 letters and digits, like COBADEFFXXX.")
    if not _currencies(values) or _currencies(values) - CURRENCIES:
        typed = values.get("currencies", "").strip()
        found["currencies"] = _("“%(typed)s” is not a currency: write three letters like EUR.", typed=typed)
    if account.country and (fault := countries.fault(account.country)):
        found["country"] = fault
    return found


def _qr_faults(account: Account) -> dict[str, Message]:
    if sentence := _iban_fault(account.qr_iban):
        return {"qr_iban": sentence}
    if not is_qr_iban(account.qr_iban):
        return {"qr_iban": _("This is an IBAN, but no QR-IBAN. Leave it out, or ask your bank for one.")}
    return {}


def _swiss_faults(account: Account) -> dict[str, Message]:
    found = {name: sentence for name, sentence in _ADDRESS.items() if not getattr(account, name)}
    if not is_swiss(account.iban):
        found["swiss"] = _("A Swiss QR code needs an account in Switzerland or Liechtenstein.")
    return found


def _iban_fault(typed: str) -> Message | None:
    from stdnum import iban  # noqa: PLC0415  # late: only this page needs it
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError  # noqa: PLC0415  # as above

    if not typed:
        return _("Enter the IBAN of the account that customers pay to.")
    try:
        iban.validate(typed)
    except InvalidChecksum:
        return _("Compare this IBAN with the papers of your bank: its check digits do not fit.")
    except InvalidComponent:
        return _("Compare this IBAN with the papers of your bank: there is no such country.")
    except ValidationError:
        return _("Compare this IBAN with the papers of your bank: its length or a character is wrong.")
    return None


def _plain(typed: str) -> str:
    return "".join(typed.split()).upper()


def _currencies(values: Values) -> frozenset[str]:
    # what arrives in another currency is exchanged by the bank, and never the exact amount
    return frozenset(values.get("currencies", "").upper().replace(",", " ").split())


KIND = Kind(
    name=BANK,
    label=_("Bank transfer"),
    help=_("Customers get the account, their reference and a QR code. You import the bank's statements."),
    values=(
        Value("holder", _("Account holder")),
        Value("iban", _("IBAN")),
        Value("bic", _("BIC"), required=False),
        Value("bank", _("Bank"), required=False),
        Value(
            "currencies", _("Currencies"), _("Those that the account is held in, like EUR."), default="EUR"
        ),
        Value("street", _("Street"), required=False),
        Value("number", _("House number"), required=False),
        Value("postcode", _("Postcode"), required=False),
        Value("city", _("City"), required=False),
        Value("country", _("Country"), _("Two letters, like CH."), required=False),
        Value(
            "swiss",
            _("Swiss QR code"),
            _("For accounts in Switzerland and Liechtenstein, in francs and euros."),
            choices={_NO: _("Not offered"), _YES: _("Offered")},
            default=_NO,
        ),
        Value(
            "qr_iban",
            _("QR-IBAN"),
            _("If your bank gave you one: it stands on the Swiss QR code, with a reference of 27 digits."),
            required=False,
        ),
    ),
    wrong=wrong,
    currencies=_currencies,
)
