"""What is wrong with something that is declared: where that is, and a sentence that can be translated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

#: What files, rows and forms alike can have wrong.
MISSING = _("This is missing.")
UNKNOWN_KEY = _("This key is not known.")
SLUG_RULE = _("Use small letters, digits and hyphens: at most 40 in all.")
NAME_RULE = _("Use small letters, digits and _, with a letter first: at most 40 in all.")

#: The longest place that is told.
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: The way to it, in the words of whoever declares it: `service “upgrade”: question “php”`.
        sentence: What is wrong, or what to write instead.
        key: The key or field that it is about, if it is about one.
    """

    where: str
    sentence: Message
    key: str = ""

    def __post_init__(self) -> None:
        """Raise TypeError for a sentence that can be said in one language only."""
        message(self.sentence)

    @property
    def place(self) -> str:
        """The way to it with its key."""
        return ": ".join(part for part in (self.where, self.key) if part)

    @property
    def said(self) -> Message:
        """The whole of it."""
        place = plain(self.place, _LONGEST)
        return at(place, self.sentence) if place else self.sentence


def message(text: object) -> Message:
    """A sentence that is known to be a message. Raises TypeError if it is not."""
    if not isinstance(text, Message):
        raise TypeError(f"This can't be translated: {text!r}")
    return text


def plain(text: str, most: int = 60) -> str:
    """The beginning of a text from a file, safe for a terminal: no character of it acts."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text[:most])
    return shown if len(text) <= most else f"{shown}…"


def at(place: str, sentence: str) -> Message:
    """A sentence after the place that it is about."""
    return _("%(place)s: %(fault)s", place=place, fault=sentence)


def twice(name: str) -> Message:
    """A name is there twice."""
    return _("“%(line)s” is there twice. Take one of them out.", line=plain(name))


def none_called(name: str) -> Message:
    """There is no such thing."""
    return _("There is no “%(name)s”.", name=plain(name))


def one_of(names: Iterable[str]) -> Message:
    """It has to be one of these."""
    return _("Write one of these: %(names)s.", names=", ".join(names))


def number_between(least: int, most: int) -> Message:
    """It has to be a number."""
    return _("Enter a number from %(min)s to %(max)s.", min=least, max=most)


def written_as(example: str) -> Message:
    """It has to be written in another way: an example in TOML."""
    return _("Write it like this: %(example)s", example=example)


def too_long(most: int) -> Message:
    """It has too many characters."""
    return _("Enter at most %(num)s characters.", num=most)


def at_most(number: int) -> Message:
    """There are too many."""
    return _("There are more than %(most)s of these. Take some out.", most=number)
