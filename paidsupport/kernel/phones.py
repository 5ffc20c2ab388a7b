"""Phone numbers: kept as they were typed, compared by their digits."""

from __future__ import annotations

import re

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import BadTextError, one_line

#: Longest number that is kept, with what is noted beside it (“office, ext. 12”).
LIMIT = 60
#: Shorter numbers only exist inside one company, so no caller is found by them.
_FEWEST_DIGITS = 3
#: Numbers are the same if they end alike: some say the country, some the area, some neither.
_COMPARED = 8
_NUMBER = re.compile(r"\+?\d(?:[\s()/.+-]*\d)*")


def tidy_phone(typed: str) -> str:
    """A number as it was typed, on one line, with single spaces; nothing for nothing.

    Raises BadTextError for a text without a number in it.
    """
    tidy = " ".join(one_line(typed, LIMIT).split())
    if tidy and len(all_digits(tidy)) < _FEWEST_DIGITS:
        raise BadTextError(_("Write the number with its digits, for example +49 30 123456."))
    return tidy


def all_digits(typed: str) -> str:
    """The digits that are dialled from anywhere, as far as they were typed: `+49 (0)30 1` gives 49301.

    An extension or a remark behind the number is left out.
    """
    found = max(_NUMBER.findall(typed.replace("(0)", " ")), key=len, default="")
    digits = "".join(str(int(sign)) for sign in found if sign.isdecimal())
    return digits.lstrip("0")


def compared(typed: str) -> str:
    """What two spellings of one number have in common: their last digits; nothing without a number."""
    digits = all_digits(typed)
    return digits[-_COMPARED:] if len(digits) >= _FEWEST_DIGITS else ""


def is_same(one: str, other: str) -> bool:
    """Whether two texts can be one number: where the longer one says more, it is the country or the area."""
    digits = sorted((all_digits(one), all_digits(other)), key=len)
    return compared(one) == compared(other) != "" and digits[1].endswith(digits[0])
