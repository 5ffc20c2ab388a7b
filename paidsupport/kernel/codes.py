"""Confirmation codes and other names that must not be guessed."""

from __future__ import annotations

import re
import secrets

from paidsupport.kernel.i18n.messages import gettext as _

#: No vowels (no words), no characters that are mistaken for each other on the phone.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
#: What every confirmation code begins with.
PREFIX = "PS"
#: What the code of every issue begins with: it is never mistaken for that of a ticket.
ISSUE_PREFIX = "IS"
_SHAPE = re.compile(rf"({PREFIX}|{ISSUE_PREFIX})-?([{ALPHABET}]{{4}})-?([{ALPHABET}]{{4}})")

_GAP = r"(?:[\s\u00ad\u200b-\u200d\u2010-\u2015\u2212_-]|%20|%2D)*"
_IN_TEXT = re.compile(rf"{ISSUE_PREFIX}{_GAP}([{ALPHABET}]{{4}}){_GAP}([{ALPHABET}]{{4}})")


def new_code(prefix: str = PREFIX) -> str:
    """A confirmation code such as `PS-7K3F-9QXM`: 27 to the power of 8, about 38 bits of chance."""
    emails = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{prefix}-{emails[:4]}-{emails[4:]}"


def tidy_code(typed: str, prefix: str = PREFIX) -> str | None:
    """The code that was meant, in any case, with spaces or hyphens; None if it cannot be one."""
    match = _SHAPE.fullmatch("".join(typed.upper().split()))
    return f"{prefix}-{match[2]}-{match[3]}" if match and match[1] == prefix else None


def issue_codes_in(text: str) -> set[str]:
    """The codes of issues that a text names, however they are spelled: also inside of addresses."""
    return {f"{ISSUE_PREFIX}-{found[1]}-{found[2]}" for found in _IN_TEXT.finditer(text.upper())}


def new_reference() -> str:
    """A name of 120 random bits for something that only the right person should find."""
    return secrets.token_urlsafe(15)


def new_key() -> str:
    """A one-time form key."""
    return secrets.token_hex(16)


#: How letters and digits are said on a bad line, so that none is mistaken for another.
_SPOKEN = dict(
    zip(
        "BCDFGHJKMNPQRSTVWXZ23456789",
        (
            *("Bravo", "Charlie", "Delta", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike", "November"),
            *("Papa", "Quebec", "Romeo", "Sierra", "Tango", "Victor", "Whiskey", "X-ray", "Zulu"),
            *(_("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine")),
        ),
        strict=True,
    )
)


def spelled(code: str) -> list[tuple[str, list[str]]]:
    """The groups of a code, each with the words that spell it: `PS` is `Papa`, `Sierra`."""
    return [(group, [_SPOKEN[sign] for sign in group]) for group in code.split("-")]
