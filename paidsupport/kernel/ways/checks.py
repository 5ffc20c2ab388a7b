"""What is checked of the detail that a person fills in for a way to pay."""

from __future__ import annotations

import re

from paidsupport.kernel.addresses import reachable
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import is_iban
from paidsupport.kernel.text import BadTextError, one_line
from paidsupport.kernel.ways.rules import Check

#: The longest detail.
LONGEST = 200
_ADDRESS = re.compile(r"(https|taler)://[^\s/]\S*")
_SPACE = re.compile(r"\s+")


def checked(check: Check, typed: str) -> str:
    """A detail as it is kept; nothing for nothing. Raises BadTextError if the check finds fault with it."""
    detail = one_line(typed, LONGEST)
    if not detail:
        return ""
    if check is Check.EMAIL:
        return reachable(detail)
    if check is Check.IBAN:
        return _account(detail)
    if check is Check.ADDRESS and not _ADDRESS.fullmatch(detail):
        raise BadTextError(_("Enter an address that begins with https:// or taler://."))
    return detail


def _account(detail: str) -> str:
    """An IBAN in groups of four, and what stands after a comma."""
    number, _comma, rest = detail.partition(",")
    plain = _SPACE.sub("", number).upper()
    if not is_iban(plain):
        raise BadTextError(_("Compare this IBAN with the papers of your bank: its check digits do not fit."))
    grouped = " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))
    return f"{grouped}, {rest.strip()}" if rest.strip() else grouped
