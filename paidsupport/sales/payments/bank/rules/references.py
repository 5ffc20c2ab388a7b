"""The reference under which a customer pays a ticket: its code with check digits (ISO 11649).

The code of a ticket has no check character of its own, so a slip in it can only be noticed by its not being
there. `RF` and two digits in front of it make one: all but one in a hundred slips and swaps are noticed, and
what is left names no ticket. It has 14 characters, and banks check it while the customer types. It is the
only reference that is told.

A QR-IBAN takes nothing but 27 digits: there, the same code is written as a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from paidsupport.kernel.codes import ALPHABET, PREFIX

_SIGNS = f"[{ALPHABET}]"
#: What people, forms and banks put between the characters of a reference.
_GAP = r"[\s\u00ad\u200b-\u200d\u2010-\u2015\u2212_./:+-]{0,4}"
_EIGHT = rf"{_SIGNS}(?:{_GAP}{_SIGNS}){{7}}"
_CODE = rf"P{_GAP}S{_GAP}(?P<code>{_EIGHT})"
_WITH_CHECK = re.compile(rf"R{_GAP}F{_GAP}(?P<check>[0-9]{_GAP}[0-9]){_GAP}{_CODE}")
_PLAIN = re.compile(rf"(?<![A-Z0-9]){_CODE}")
#: Something that was meant as a code: seven to nine letters or digits after `PS`, right or wrong.
_MEANT = re.compile(
    rf"(?:R{_GAP}F{_GAP}[0-9]{_GAP}[0-9]{_GAP}|(?<![A-Z0-9]))P{_GAP}[S5]{_GAP}(?P<code>[A-Z0-9](?:{_GAP}[A-Z0-9]){{6,8}})"
)
_NO_GAPS = re.compile(rf"[^{ALPHABET}]+")
_DIGITS = re.compile(r"(?<![0-9])[0-9](?: ?[0-9]){26}(?![0-9])")

#: How a QR reference of ours begins, so that none of another program's is taken for one: P and S in ASCII.
_OURS = "8083"
_QR_LENGTH, _CODE_LENGTH = 27, 8
#: The table of the recursive check digit modulo 10, from the Swiss standard for QR bills.
_RECURSIVE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_MODULUS = 97


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names.

    Attributes:
        checked: Codes with check digits that fit.
        plain: Codes without check digits; whether there are such tickets is known elsewhere.
        meant: What looks like a code with a slip: seven to nine characters without gaps.
    """

    checked: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    meant: frozenset[str] = frozenset()


def rf_of(code: str) -> str:
    """The reference of a ticket, without gaps: `RF` and check digits before its code."""
    text = code.replace("-", "")
    return f"RF{98 - _remainder(text + 'RF00'):02}{text}"


def qr_of(code: str) -> str:
    """The reference of a ticket in 27 digits, for a QR-IBAN."""
    number = 0
    for sign in code.replace("-", "").removeprefix(PREFIX):
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    digits = f"{_OURS}{number:0{_QR_LENGTH - 1 - len(_OURS)}}"
    return digits + _recursive(digits)


def code_of_qr(digits: str) -> str | None:
    """The code of the ticket that a QR reference names; None if it is not one of ours."""
    if len(digits) != _QR_LENGTH or not digits.startswith(_OURS) or _recursive(digits[:-1]) != digits[-1]:
        return None
    number, signs = int(digits[len(_OURS) : -1]), ""
    for _place in range(_CODE_LENGTH):
        number, at = divmod(number, len(ALPHABET))
        signs = ALPHABET[at] + signs
    return None if number else _code(signs)


def spaced(text: str, size: int = 4) -> str:
    """A reference or an IBAN as people read it, in groups from the left."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def qr_spaced(digits: str) -> str:
    """A QR reference as it is printed: two digits, then groups of five."""
    return f"{digits[:2]} {spaced(digits[2:], 5)}"


def codes_in(*texts: str) -> Found:
    """The codes that the texts of a bank line name, however banks break them into pieces."""
    checked, plain, meant = set[str](), set[str](), set[str]()
    for text in texts:
        rest = text.upper()
        for found in _WITH_CHECK.finditer(rest):
            code = _code(_NO_GAPS.sub("", found["code"]))
            digits = re.sub("[^0-9]", "", found["check"])
            if rf_of(code)[2:4] == digits:
                checked.add(code)
            else:
                meant.add(code.replace("-", "").removeprefix(PREFIX))
        rest = _WITH_CHECK.sub(" ", rest)
        for number in _DIGITS.finditer(rest):
            if of_number := code_of_qr(number[0].replace(" ", "")):
                checked.add(of_number)
        plain |= {_code(_NO_GAPS.sub("", found["code"])) for found in _PLAIN.finditer(rest)}
        rest = _PLAIN.sub(" ", rest)
        meant |= {re.sub("[^A-Z0-9]", "", found["code"]) for found in _MEANT.finditer(rest)}
    return Found(frozenset(checked), frozenset(plain - checked), frozenset(meant))


def near(meant: str) -> set[str]:
    """The codes that one slip away are what was meant: a character wrong, missing, too many, or swapped."""
    length, near = len(meant), set[str]()
    if length == _CODE_LENGTH:
        near |= {meant[:at] + sign + meant[at + 1 :] for at in range(length) for sign in ALPHABET}
        near |= {meant[:at] + meant[at + 1] + meant[at] + meant[at + 2 :] for at in range(length - 1)}
    elif length < _CODE_LENGTH:
        near |= {meant[:at] + sign + meant[at:] for at in range(length + 1) for sign in ALPHABET}
    else:
        near |= {meant[:at] + meant[at + 1 :] for at in range(length)}
    fine = (each for each in near if len(each) == _CODE_LENGTH and not _NO_GAPS.search(each))
    return {_code(each) for each in fine}


def _code(signs: str) -> str:
    return f"{PREFIX}-{signs[:4]}-{signs[4:]}"


def _remainder(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % _MODULUS


def _recursive(digits: str) -> str:
    carry = 0
    for digit in digits:
        carry = _RECURSIVE[(carry + int(digit)) % 10]
    return str((10 - carry) % 10)
