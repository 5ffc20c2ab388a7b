"""VAT numbers: the letters of the country that gave it, and what it gave (EN 16931, BR-CO-09).

Check digits are checked by `python-stdnum`, which comes with the extra `invoices`; without it, only the
letters of the country are.
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from paidsupport.kernel import countries
from paidsupport.kernel.i18n.messages import Message, _

_SHAPE = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,14}")
#: What people put between the groups of a number.
_BETWEEN = re.compile(r"[\s./-]")
#: What VAT numbers begin with that is no country: Greece, and Northern Ireland.
_VAT_ONLY = frozenset({"EL", "XI"})
#: The modules of the library that know the numbers of a country outside of the European Union.
_OUTSIDE = {"CH": ("ch.vat", "ch.uid"), "GB": ("gb.vat",), "NO": ("no.mva",)}
_LETTERS = _("Enter a VAT number that begins with two letters for its country, like DE123456788.")


def tidied(typed: str) -> str:
    """A VAT number as it is kept: capitals without spaces, and Greece as the European Union writes it."""
    said = _BETWEEN.sub("", typed).upper()
    return f"EL{said[2:]}" if said.startswith("GR") else said


def looks_wrong(number: str) -> Message | None:
    """What is wrong with a VAT number as far as its letters tell; no library is asked."""
    if not _SHAPE.fullmatch(number):
        return _LETTERS
    if (prefix := number[:2]) in countries.MEANT and prefix not in _VAT_ONLY:
        return _(
            "Begin this VAT number with %(right)s, not with %(typed)s.",
            right=countries.MEANT[prefix],
            typed=prefix,
        )
    return None


def fault(number: str) -> Message | None:
    """What is wrong with a VAT number, as a sentence; None if it is one, as far as can be told offline.

    Args:
        number: As `tidied` returns it.
    """
    if wrong := looks_wrong(number):
        return wrong
    if not begins(number):
        return _LETTERS
    known = _modules(number[:2])
    if known and not any(module.is_valid(number) for module in known):
        return _("Compare this VAT number with an official paper: a digit or letter is wrong or missing.")
    return None


def begins(number: str) -> bool:
    """Whether a VAT number begins with the letters of a country."""
    return number[:2] in _VAT_ONLY or number[:2] in countries.codes()


def _modules(prefix: str) -> list[Any]:
    """The modules of the library that know the numbers of a country; none for most countries."""
    if find_spec("stdnum") is None:
        return []
    from stdnum.eu import vat as european  # noqa: PLC0415  # late: the extra may be missing

    if prefix == "EL" or prefix.lower() in european.MEMBER_STATES:
        return [european]
    return [import_module(f"stdnum.{name}") for name in _OUTSIDE.get(prefix, ())]
