"""The set-up code of a desk without a manager: with it, a user of the site becomes the first one.

It is made from the site's SECRET_KEY, so whoever has it can read the log or run commands of the deployment.
Nothing of it is stored, and it opens nothing as soon as there is a manager.
"""

from __future__ import annotations

import hmac

from sqlalchemy.orm import Session

from paidsupport.kernel.codes import ALPHABET
from paidsupport.kernel.links import Links
from paidsupport.kernel.staff import queries

#: How many letters and digits it has: 57 bits.
_LENGTH = 12
#: How many stand together.
_GROUP = 4


def setup_code(links: Links, session: Session) -> str:
    """The set-up code as it is written; empty if the desk has a manager."""
    if queries.managers(session):
        return ""
    signs = _signs(links, session)
    return "-".join(signs[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def is_setup_code(links: Links, session: Session, typed: str) -> bool:
    """Whether this is the set-up code, in any case, with spaces or hyphens or without."""
    given = "".join(sign for sign in typed.upper() if sign.isalnum())
    return hmac.compare_digest(given.encode(), _signs(links, session).encode())


def _signs(links: Links, session: Session) -> str:
    # a code of the time before an earlier manager opens nothing, should there be none again
    number = int(links.digest("setup-code", str(queries.managers_ever(session))), 16)
    found = ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        found += ALPHABET[rest]
    return found
