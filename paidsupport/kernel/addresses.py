"""What an e-mail address is, and when two spellings are one: the only place where addresses are compared.

Wrong in one way a mail is let into a stranger's ticket, wrong in the other a customer is not recognised.
So nothing is folded that a mail server may tell apart: capitals of ASCII are no difference, nor is how a
domain is written (UTS 46: `bücher.example` is `xn--bcher-kva.example`, but `straße` is not `strasse`),
nor a dot at its end. Other letters of a local part are compared as they are, in NFC.
"""

from __future__ import annotations

import string
import unicodedata

import idna

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError

#: Room for a compared address: 64 of the local part in UTF-8, and 253 of the domain.
LONGEST = 320

#: Longest address that is taken, as its columns have room, and its part before the @ (RFC 5321).
LIMIT, LOCAL_LIMIT = 200, 64
#: What is said of an address that is none, and of one that is too long.
IN_FULL = _("Enter an email address like name@example.org.")
TOO_LONG = _(
    "Enter a shorter email address: at most %(most)s characters, and at most %(local)s before the @.",
    most=LIMIT,
    local=LOCAL_LIMIT,
)

_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def reachable(typed: str) -> str:
    """An address that mail can be sent to, in the one way of writing that is kept; nothing for nothing.

    Raises BadTextError.
    """
    typed = typed.strip()
    if not typed:
        return ""
    # longer texts are not even looked at
    if len(typed) > LIMIT or len(typed.rpartition("@")[0]) > LOCAL_LIMIT:
        raise BadTextError(TOO_LONG)
    # late: it compiles large patterns, and only forms ask for them
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        checked = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise BadTextError(IN_FULL) from None
    written = checked.ascii_email or checked.normalized
    if len(written) > LIMIT:  # a domain in other letters is longer in ASCII
        raise BadTextError(TOO_LONG)
    return written


def compared(address: str) -> str:
    """What all spellings of one address have in common; nothing for nothing."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return _small(domain)[:LONGEST]
    return f"{_small(local)}@{_domain(domain)}"[:LONGEST]


def is_same(address: str, other: str) -> bool:
    """Whether two spellings are one address; no address is the same as another one."""
    return bool(address.strip()) and compared(address) == compared(other)


def spellings(address: str) -> set[str]:
    """The ways an address may be written in a text, in small letters: as it is, and its domain either way."""
    local, at, domain = compared(address).rpartition("@")
    return {address.strip().lower(), f"{local}{at}{domain}", f"{local}{at}{_readable(domain)}"} - {""}


def _small(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_SMALL)


def _domain(domain: str) -> str:
    """Each label as the name system knows it; what is no name there stays as it was typed."""
    try:
        mapped = idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except idna.IDNAError:
        mapped = _small(domain)
    return ".".join(map(_label, mapped.removesuffix(".").split(".")))


def _label(label: str) -> str:
    if label.isascii():
        return label.translate(_SMALL)
    try:
        return idna.alabel(label).decode()
    except idna.IDNAError:
        return label


def _readable(domain: str) -> str:
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain
