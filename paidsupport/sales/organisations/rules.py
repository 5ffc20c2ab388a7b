"""Merchants, banks and operators: comparing their names and the addresses of their contacts."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

#: Mail domains shared by many people: an address there says nothing about an organisation.
SHARED_DOMAINS = frozenset(
    {
        *("aol.com", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net"),
        *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.com", "mailbox.org", "me.com"),
        *("msn.com", "outlook.com", "outlook.de", "posteo.de", "proton.me", "protonmail.com"),
        *("t-online.de", "tutanota.com", "web.de", "yahoo.com", "yahoo.de", "ymail.com"),
    }
)


class Kind(StrEnum):
    """The kind of an organisation."""

    MERCHANT = "merchant"
    BANK = "bank"
    OPERATOR = "operator"
    OTHER = "other"


def fold_name(name: str) -> str:
    """A form of a name that ignores case, the encoding of accents, and spaces, for comparing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:300]


def domain_of(compared: str) -> str:
    """The domain of an address in its form for comparing; empty if many people share the domain."""
    domain = compared.rpartition("@")[2]
    return "" if "@" not in compared or domain in SHARED_DOMAINS else domain
