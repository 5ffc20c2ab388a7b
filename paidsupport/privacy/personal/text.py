"""What personal data is called, whom it can belong to, and a text read without disguises."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from urllib.parse import urlsplit

from paidsupport.kernel.i18n.messages import _
from paidsupport.privacy import redaction


class Kind(StrEnum):
    """What something personal is; the value is what people read."""

    NAME = "name"
    EMAIL = "e-mail"
    PHONE = "phone"
    IBAN = "IBAN"
    CARD = "card number"
    IP = "IP address"
    HOST = "host"
    ACCOUNT = "account"
    PLACE = "address"
    BIRTH = "date of birth"
    SIGNATURE = "signature"
    PASSWORD = "password"  # noqa: S105 - what it is called

    @property
    def label(self) -> str:
        """What staff read of it."""
        return _LABELS[self]

    @property
    def placeholder(self) -> str:
        """What stands in its place."""
        return redaction.CUT if self is Kind.PASSWORD else f"[{self.value}]"


_LABELS = {
    Kind.NAME: _("name"),
    Kind.EMAIL: _("email address"),
    Kind.PHONE: _("phone number"),
    Kind.IBAN: _("IBAN"),
    Kind.CARD: _("card number"),
    Kind.IP: _("IP address"),
    Kind.HOST: _("server name"),
    Kind.ACCOUNT: _("account"),
    Kind.PLACE: _("postal address"),
    Kind.BIRTH: _("date of birth"),
    Kind.SIGNATURE: _("signature"),
    Kind.PASSWORD: _("password"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the customers that a text may name, as it was typed.

    `public_hosts` are those that a text may point to, with all below them: documentation, say.
    """

    names: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    #: Host names, or addresses of pages.
    hosts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    public_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Something personal in a reading, from `start` to before `end`."""

    start: int
    end: int
    kind: Kind


_PLACEHOLDER = re.compile(
    "|".join(
        re.escape(text) for text in {*(kind.placeholder for kind in Kind), redaction.MOVED, redaction.MASK}
    )
)
#: Line ends, apostrophes and the minus; marks without a shape or on a letter, spaces, and dashes.
_USUAL = {
    **dict.fromkeys("\x85\u2028\u2029", "\n"),
    **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
    "\u2212": "-",
}
_BY_CATEGORY = {"Cf": "", "Mn": "", "Me": "", "Zs": " ", "Pd": "-"}


class Reading:
    """A text as an eye reads it, and where each of its characters came from.

    Characters without a shape are left out, spaces, dashes, digits and wide letters are the usual ones.
    What already stands in place of something is one blank, and so is each of `taken`: places in order,
    without overlaps. `folded`: without accents, in small letters.
    """

    __slots__ = ("_places", "text")

    def __init__(self, text: str, taken: Sequence[tuple[int, int]] = (), *, folded: bool = False) -> None:
        blanks = sorted([*taken, *(match.span() for match in _PLACEHOLDER.finditer(text))])
        self._places: list[int] | None = None
        if text.isascii() and not blanks:
            self.text = text.casefold() if folded else text
            return
        pieces: list[str] = []
        places: list[int] = []
        last = 0
        for start, end in [*blanks, (len(text), len(text))]:
            for place in range(last, start):
                seen = _seen(text[place], folded=folded)
                pieces.append(seen)
                places += [place] * len(seen)
            if start < end:
                pieces.append("\0")
                places.append(start)
            last = max(last, end)
        self.text = "".join(pieces)
        self._places = [*places, len(text)]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a stretch of the reading stands in the text itself."""
        if self._places is None or start >= end:
            return start, end
        return self._places[start], max(self._places[end - 1] + 1, self._places[end])


class WordLists:
    """The lists of one file in `word_lists`, which is read when one of them is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, name: str) -> frozenset[str]:
        """The words of one list."""
        return self._lists[name]

    @cached_property
    def _lists(self) -> Mapping[str, frozenset[str]]:
        text = files(__package__).joinpath(f"word_lists/{self._name}.toml").read_text("utf-8")
        return {name: frozenset(words.split()) for name, words in tomllib.loads(text).items()}


def host_of(typed: str) -> str:
    """The name of the host in an address, or in what was typed for one; nothing if there is none."""
    typed = typed.strip()
    try:
        name = urlsplit(typed if "://" in typed else f"//{typed}").hostname or ""
    except ValueError:
        return ""
    return name.rstrip(".").removeprefix("www.")


def fold(text: str) -> str:
    """`text` in small letters without accents: what spellings of one name have in common."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


def _seen(character: str, *, folded: bool) -> str:
    """One character as it is read: mostly one, sometimes none or several."""
    seen = character if character.isascii() else _usual(character)
    return fold(seen) if folded else seen


def _usual(character: str) -> str:
    usual = _USUAL.get(character)
    if usual is None:
        usual = _BY_CATEGORY.get(unicodedata.category(character))
    if usual is None:
        usual = str(int(character)) if character.isdecimal() else unicodedata.normalize("NFKC", character)
    return usual
