"""What of a provider's answer can be kept and shown: another server may be wrong about anything (P16)."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.kernel.money import MOST_MINOR
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import is_address, is_wallet_link

#: The longest names that columns hold, and the longest mark of an answer.
_NAME, _VERSION = 100, 200
#: The longest address, so that a QR code can hold it, and how much is kept of what a provider says.
_ADDRESS, _PROBLEM = 2000, 1000


def is_fit(truth: Truth, currency: str) -> bool:
    """Whether names and amounts can be kept: in our currency, within what columns hold, never below zero."""
    told = [*([truth.received] if truth.received else []), *truth.refunds.values()]
    return (
        all(each.currency == currency and 0 <= each.minor <= MOST_MINOR for each in told)
        and all(each.minor for each in truth.refunds.values())
        and sum(each.minor for each in truth.refunds.values()) <= MOST_MINOR
        and all(_is_name(name, _NAME) for name in (truth.remote, truth.capture, *truth.refunds))
    )


def fitted(truth: Truth) -> Truth:
    """The truth without what cannot be kept, or led to: then it is asked for again, or waited for."""
    address, uri = truth.address, truth.uri
    return replace(
        truth,
        remote=truth.remote if _is_name(truth.remote, _NAME) else "",
        capture=truth.capture if _is_name(truth.capture, _NAME) else "",
        version=truth.version if _is_name(truth.version, _VERSION) else "",
        address=address if len(address) <= _ADDRESS and is_address(address) else "",
        uri=uri if len(uri) <= _ADDRESS and is_wallet_link(uri) else "",
        problem=line(truth.problem),
    )


def _is_name(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def line(text: str) -> str:
    """A text that databases can hold, cut where it would fill a page."""
    if len(text) <= _PROBLEM and text.isprintable():
        return text  # as it is: it may be one of our own sentences
    return "".join(each if each.isprintable() else " " for each in text[:_PROBLEM])
