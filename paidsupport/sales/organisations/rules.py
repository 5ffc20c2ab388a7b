"""Merchants, banks and operators: how their names and the addresses of their people are compared."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

#: Mail domains that many people share: an address there says nothing about an organisation.
SHARED_DOMAINS = frozenset(
    {
        *("aol.com", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net"),
        *("googlemail.com", "hotmail.com", "icloud.com", "live.com", "mail.com", "mailbox.org", "me.com"),
        *("msn.com", "outlook.com", "outlook.de", "posteo.de", "proton.me", "protonmail.com"),
        *("t-online.de", "tutanota.com", "web.de", "yahoo.com", "yahoo.de", "ymail.com"),
    }
)


class Kind(StrEnum):
    """What an organisation is to us."""

    MERCHANT = "merchant"
    BANK = "bank"
    OPERATOR = "operator"
    OTHER = "other"


def fold_name(name: str) -> str:
    """What the spellings of one name have in common: case, accents' encoding and spaces make no other one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:300]


def domain_of(compared: str) -> str:
    """The domain of an address, spelled as addresses are compared, if it says whose it is; else nothing."""
    domain = compared.rpartition("@")[2]
    return "" if "@" not in compared or domain in SHARED_DOMAINS else domain
