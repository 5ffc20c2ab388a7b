"""Names of questions, items and the like, as they stand in rows, files and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_LONGEST = 40
QUESTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_OTHERS = re.compile(r"[^a-z0-9]+")


def proposed(text: str, taken: Collection[str], *, joint: str, otherwise: str) -> str:
    """A name made from a text.

    Args:
        text: What it is called on screen.
        taken: Names that others have.
        joint: What stands between words.
        otherwise: The name of a thing whose text has no letter that could be kept.
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    words = [word for word in _OTHERS.split(plain) if word]
    while words and not words[0][0].isalpha():
        words.pop(0)
    first = joint.join(words)[: _LONGEST - 4].rstrip(joint) or otherwise
    name, number = first, 1
    while name in taken:
        number += 1
        name = f"{first}{joint}{number}"
    return name
