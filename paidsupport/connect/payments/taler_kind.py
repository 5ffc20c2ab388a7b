"""What managers enter for a merchant backend of GNU Taler."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from paidsupport.connect.outgoing import is_here
from paidsupport.connect.payments import taler_sentences as _sentences  # noqa: F401  # for pages
from paidsupport.connect.payments.taler_answers import PLAY
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import CURRENCIES
from paidsupport.sales.payments.providers import Kind, Provider

#: The most days for which money can be held back for refunds, and how many these are without a choice.
_MOST_DAYS, _DAYS = 365, "14"
#: The shortest secret of webhooks.
_SHORTEST = 16
#: Where the pages of a backend are, which are not its API.
_PAGES = "/webui"

_LIBRARY = _("Payments need more packages on the server: pip install 'paidsupport[payments]'")
_ADDRESS = _(
    "Enter an address like https://backend.example.org/ or https://backend.example.org/instances/desk/."
)
_TLS = _("Enter an address that starts with https://. The access token must not be sent without encryption.")
_DEFAULT = _(
    "Leave out “/instances/default”. The backend sends us elsewhere from there, and the access token is never"
    " sent along."
)
_TOKEN = _("Enter the access token as the merchant backend shows it, without spaces.")
_CURRENCY = _("Enter the three letters of a currency, like EUR.")
_REFUND_DAYS = _("Enter a number of days from 0 to %(most)s.", most=_MOST_DAYS)
_SECRET = _("Enter at least %(fewest)s letters and digits, or leave it empty.", fewest=_SHORTEST)


def base_of(address: str) -> str:
    """The address of a backend, or of an instance, as paths are put after it."""
    return f"{address.rstrip('/')}/"


def _wrong(values: Values) -> Mapping[str, Message]:
    if find_spec("requests") is None:
        return {"address": _LIBRARY}
    found = {
        "address": _wrong_address(values.get("address", "")),
        "token": None if _is_token(values.get("token", "x")) else _TOKEN,
        "currency": None if values.get("currency") in CURRENCIES | PLAY else _CURRENCY,
        "refund_days": None if _is_days(values.get("refund_days") or _DAYS) else _REFUND_DAYS,
        "secret": None if _is_secret(values.get("secret", "")) else _SECRET,
    }
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def _wrong_address(address: str) -> Message | None:
    try:
        parts = urlsplit(address)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.username is None
    except ValueError:
        return _ADDRESS
    plain = address.isascii() and address.isprintable() and not set(" ?#\\") & set(address)
    path = parts.path.rstrip("/")
    if parts.scheme not in {"https", "http"} or not sound or not plain or _PAGES in path or "//" in path:
        return _ADDRESS
    if parts.scheme == "http" and not is_here(address):
        return _TLS
    if path.endswith("/instances/default"):
        return _DEFAULT
    return None


def _is_token(token: str) -> bool:
    plain = token.isascii() and token.isprintable() and " " not in token
    return bool(token.removeprefix("secret-token:")) and plain


def _is_days(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 3 and int(typed) <= _MOST_DAYS  # noqa: PLR2004


def _is_secret(secret: str) -> bool:
    # templates of webhooks give braces a meaning, and headers some other characters
    return not secret or (len(secret) >= _SHORTEST and secret.isascii() and secret.isalnum())


def _is_test(values: Values) -> bool:
    return values.get("currency") in PLAY or is_here(values.get("address", ""))


def _currencies(values: Values) -> frozenset[str]:
    # tickets have prices in real currencies only, so a backend with play money is offered to no customer
    return frozenset({values.get("currency", "")}) & CURRENCIES


def _make(values: Values) -> Provider:
    from paidsupport.connect.payments.taler import provider  # noqa: PLC0415  # late: workers alone need it

    return provider(values)


TALER = Kind(
    name="taler",
    label=_("GNU Taler"),
    values=(
        Value(
            "address",
            _("Address of the merchant backend"),
            _("Of your instance, such as https://backend.example.org/instances/desk/."),
        ),
        Value(
            "token",
            _("Access token"),
            _("Made in the backend's settings. It starts with “secret-token:”."),
            secret=True,
        ),
        Value(
            "currency",
            _("Currency"),
            _("What the backend takes. Only tickets in it can be paid."),
            default="EUR",
        ),
        Value(
            "refund_days",
            _("Days for refunds"),
            _("For so long you can pay back, and before that the money may not reach your bank account."),
            default=_DAYS,
        ),
        Value(
            "secret",
            _("Secret of webhooks"),
            _("Letters and digits that you also enter in the webhook's header. Empty: the desk makes one."),
            secret=True,
            required=False,
        ),
    ),
    wrong=_wrong,
    make=_make,
    is_test=_is_test,
    currencies=_currencies,
    binding=("address",),
    help=_(
        "In the merchant backend, add a bank account first. Then make an access token with the scope"
        " “order-mgmt”: it can create, read and pay back orders."
    ),
)
