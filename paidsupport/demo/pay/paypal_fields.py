"""What the stand-in for PayPal takes: the published lists of fields, and the answers to all else."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

Shape = dict[str, Any]
#: What is wrong with a field: the issue, where, and in words.
Wrong = tuple[str, str, str]

#: Fields as the published lists have them: a number is the longest text, a list of texts holds the values
#: that are allowed, a list of a mapping is a list of such, a mapping holds more fields, and None takes
#: anything. Names with `!` are required.
_AMOUNT = {"currency_code!": 3, "value!": 32, "breakdown": None}
_UNIT = {
    "reference_id": 256,
    "amount!": _AMOUNT,
    "payee": None,
    "payment_instruction": None,
    "description": 127,
    "custom_id": 127,
    "invoice_id": 127,
    "soft_descriptor": 22,
    "items": None,
    "shipping": None,
    "supplementary_data": None,
}
_EXPERIENCE = {
    "brand_name": 127,
    "locale": 10,
    "shipping_preference": ["GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"],
    "return_url": 2000,
    "cancel_url": 2000,
    "landing_page": ["LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE", "BILLING"],
    "user_action": ["CONTINUE", "PAY_NOW"],
    "payment_method_preference": ["UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"],
}
ORDER: Shape = {
    "intent!": ["CAPTURE", "AUTHORIZE"],
    "purchase_units!": [_UNIT],
    "payment_source": {"paypal": {"experience_context": _EXPERIENCE, "email_address": 254, "name": None}},
    "payer": None,
    "application_context": None,
}
CAPTURE: Shape = {"payment_source": None}
REFUND: Shape = {
    "amount": {"currency_code!": 3, "value!": 32},
    "invoice_id": 127,
    "custom_id": 127,
    "note_to_payer": 255,
    "payment_instruction": None,
}
#: Currencies with their decimals, as far as the stand-in knows them.
_DECIMALS = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "JPY": 0, "HUF": 0, "TWD": 0}


class RefusalError(HTTPException):
    """An answer that says why something was not done, as PayPal words it."""

    def __init__(self, status: int, name: str, *issues: Wrong, **more: object) -> None:
        details = [{"issue": issue, "field": at, "description": said} for issue, at, said in issues]
        content = {
            "name": name,
            "message": HTTPStatus(status).phrase,
            "debug_id": secrets.token_hex(6),
            "details": details,
            **more,
        }
        super().__init__(response=answered(content, status))


def answered(content: object, status: int) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(content), status, mimetype="application/json")


def unprocessable(issue: str, said: str) -> RefusalError:
    """It is well formed, and cannot be done."""
    return RefusalError(422, "UNPROCESSABLE_ENTITY", (issue, "", said))


def not_found() -> RefusalError:
    """There is no such thing."""
    said = "Specified resource ID does not exist. Please check the resource ID and try again."
    return RefusalError(404, "RESOURCE_NOT_FOUND", ("INVALID_RESOURCE_ID", "", said))


def wrong(content: object, fields: Any, at: str = "") -> Iterator[Wrong]:  # noqa: ANN401  # see above
    """What the published lists do not allow."""
    kind, fits = _kind(fields)
    if kind and not isinstance(content, kind):
        yield "INVALID_PARAMETER_SYNTAX", at, "The value of a field does not conform to the expected format."
    elif not fits(content):
        yield "INVALID_PARAMETER_VALUE", at, "The value of a field is too short, too long or not allowed."
    elif isinstance(content, list) and fields is not None:
        for number, each in enumerate(content):
            yield from wrong(each, fields[0], f"{at}/{number}")
    elif isinstance(content, dict) and fields is not None:
        yield from _wrong_names(content, fields, at)


def _wrong_names(content: Shape, fields: Mapping[str, Any], at: str) -> Iterator[Wrong]:
    known = {name.rstrip("!"): inner for name, inner in fields.items()}
    for name, value in content.items():
        if name in known:
            yield from wrong(value, known[name], f"{at}/{name}")
        else:
            yield "MALFORMED_REQUEST_JSON", f"{at}/{name}", "There is no such field."
    for name in fields:
        if name.endswith("!") and name[:-1] not in content:
            yield "MISSING_REQUIRED_PARAMETER", f"{at}/{name[:-1]}", "A required field is missing."


def _kind(fields: Any) -> tuple[type | None, Any]:  # noqa: ANN401  # see above
    """Of which type a value must be, and what it must be beyond that."""
    if isinstance(fields, int):
        return str, lambda content: 0 < len(content) <= fields
    if isinstance(fields, list) and isinstance(fields[0], str):
        return str, lambda content: content in fields
    return (type(fields) if fields is not None else None), lambda _content: True


def check_amounts(content: Shape) -> None:
    """Raise RefusalError unless each amount has the digits of its currency."""
    amounts = [unit["amount"] for unit in content.get("purchase_units", [])]
    for amount in [*amounts, *([content["amount"]] if "amount" in content else [])]:
        whole, mark, rest = amount["value"].partition(".")
        if not (whole + rest).isdecimal() or (mark and not rest):
            said = "The value of a field does not conform to the expected format."
            raise RefusalError(400, "INVALID_REQUEST", ("INVALID_PARAMETER_SYNTAX", "/amount/value", said))
        decimals = _DECIMALS.get(amount["currency_code"])
        if decimals is None:
            raise unprocessable("CURRENCY_NOT_SUPPORTED", "Currency code is not currently supported.")
        if len(rest) > decimals:
            issue = "DECIMAL_PRECISION" if decimals else "DECIMALS_NOT_SUPPORTED"
            raise unprocessable(issue, "The currency does not support so many decimals.")
        if not int(whole + rest):
            raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.")


def minor(amount: Shape) -> int:
    """An amount in the smallest units of its currency."""
    whole, _mark, rest = amount["value"].partition(".")
    return int(whole + rest.ljust(_DECIMALS[amount["currency_code"]], "0"))
