"""Countries as invoices name them: ISO 3166-1 in two letters, which EN 16931 asks for (BR-CL-14).

The list is that of `pycountry`, which comes with the extra `invoices`. Without it there are no electronic
invoices, and the list is that of Babel.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec

from paidsupport.kernel.i18n.messages import Message, _

#: What people write for countries that have other letters in the standard.
MEANT = {"UK": "GB", "EL": "GR"}
_LETTERS = re.compile("[A-Z]{2}")
#: What Babel names besides countries: groups of them, parts of them, and places of tests.
_NO_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)


@cache
def codes() -> frozenset[str]:
    """The two letters of every country."""
    # late: each takes its time and memory, and few pages need it
    if find_spec("pycountry") is None:
        from babel import Locale  # noqa: PLC0415  # as said

        territories = filter(_LETTERS.fullmatch, Locale("en").territories)
        return frozenset(territories) - _NO_COUNTRIES
    import pycountry  # noqa: PLC0415  # as said, and the extra may be missing

    return frozenset(country.alpha_2 for country in pycountry.countries)


def looks_wrong(code: str) -> Message | None:
    """What is wrong with a country as far as its letters tell; the list is not asked."""
    if code in MEANT:
        return _("Write this country as %(right)s, not as %(typed)s.", right=MEANT[code], typed=code)
    return None if _LETTERS.fullmatch(code) else _("Write the country as its two letters, like DE or CH.")


def fault(code: str) -> Message | None:
    """What is wrong with `code` as a country, as a sentence; None if it is one."""
    if wrong := looks_wrong(code):
        return wrong
    return None if code in codes() else _("Write the country as its two letters, like DE or CH.")
