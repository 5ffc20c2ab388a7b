"""Sentences that remember what they were made of, so that they can be said in another language later.

A message is its English text, and can be used wherever a text can: logs and programs are told English. Where
a text is shown (templates, emails), `translate` says it in the language that is spoken there.

    _("Ticket %(code)s has changed since you opened it.", code=code)
    ngettext("%(num)s file", "%(num)s files", len(files))

Babel finds the first argument in the source, so it is always a literal. What is made at import, such as the
label of a state, is made in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from paidsupport.kernel.i18n.formats import ENGLISH, English

#: What stands between context and text in the name of a message, as gettext wants it.
CONTEXT_END = "\x04"


class Catalogue(Protocol):
    """The messages of one language."""

    tag: str

    def singular(self, name: str) -> str | None:
        """What a message is in this language, if that is known."""

    def plural(self, name: str, several: str, number: int) -> str | None:
        """The form of a message for a number, if that is known; `several` is the English one for many."""

    @property
    def formats(self) -> English:
        """How dates, numbers and money are written."""


class Sayable:
    """A value that every language writes in its own way, such as an amount of money."""

    __slots__ = ()

    def said(self, catalogue: Catalogue | None) -> str:
        """How it is written in the language of a catalogue."""
        raise NotImplementedError


class Number(Sayable):
    """A whole number in a sentence."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def __str__(self) -> str:
        return self.said(None)

    def said(self, catalogue: Catalogue | None) -> str:
        """With what the language puts between thousands."""
        return (catalogue.formats if catalogue else ENGLISH).number(self._number)


#: The language that is spoken now; None is English.
SPOKEN: ContextVar[Catalogue | None] = ContextVar("paidsupport_language", default=None)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


def escaped(text: str) -> str:
    """A text as HTML; this module is for rules as well, which know no library for it."""
    return text.translate(_ESCAPES)


class Message(str):
    """A text that can be translated; by itself it is English.

    Attributes:
        name: the English text with its places, after its context if it has one.
        places: what is put into them; messages among it are translated too.
        plural: the English text for several, if there is one.
        number: how many.
    """

    __slots__ = ("name", "number", "places", "plural")

    name: str
    places: Mapping[str, Any]
    plural: str
    number: int

    def __str__(self) -> str:
        """The message itself: `str(error)` must not lose what it was made of."""
        return self

    def __html__(self) -> str:
        """In the language spoken, and safe: whatever makes HTML of it, shows it to people."""
        return escaped(self.said(SPOKEN.get()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are messages, too."""
        return (_made, (self.name, self.places, self.plural, self.number))

    def said(self, catalogue: Catalogue | None) -> str:
        """What it is in the language of a catalogue; English where that does not know it."""
        if catalogue is None:
            return str.__str__(self)
        if self.plural:
            found = catalogue.plural(self.name, self.plural, self.number)
        else:
            found = catalogue.singular(self.name)
        text = _english(self.name, self.plural, self.number) if found is None else found
        if not self.places:
            return text
        return text % {key: said(value, catalogue) for key, value in self.places.items()}


class Worded(str, Sayable):
    """A text of a site's own that knows what it is in other languages, by their tags."""

    __slots__ = ("forms",)

    forms: Mapping[str, str]

    def __str__(self) -> str:
        """The text itself, as of a message."""
        return self

    def __html__(self) -> str:
        """In the language spoken, and safe."""
        return escaped(self.said(SPOKEN.get()))

    def said(self, catalogue: Catalogue | None) -> str:
        """What it is in the language of a catalogue, for any country; itself where there is none."""
        tag = catalogue.tag if catalogue else "en"
        found = self.forms.get(tag) or self.forms.get(tag.partition("-")[0])
        return found or str.__str__(self)


def worded(text: str, forms: Mapping[str, str]) -> str:
    """A text with what it is in other languages, if it is anything."""
    if not forms:
        return text
    made = Worded(text)
    made.forms = forms
    return made


def forms_of(text: str) -> Mapping[str, str]:
    """What a text of a site's own is in other languages; nothing for any other text."""
    return text.forms if isinstance(text, Worded) else {}


def said(value: Any, catalogue: Catalogue | None) -> Any:  # noqa: ANN401  # whatever stands in a message
    """A message in the language of a catalogue; everything else as it is."""
    return value.said(catalogue) if isinstance(value, _SAYABLE) else value


def gettext(text: str, /, **places: object) -> Message:
    """A message, with what stands in its places: `%(name)s`; without any, `%` means itself."""
    return _made(text, places, "", 0)


def ngettext(one: str, several: str, number: int, /, **places: object) -> Message:
    """The message for a number, which is `%(num)s` in it."""
    return _made(one, {"num": number, **places}, several, number)


def pgettext(context: str, text: str, /, **places: object) -> Message:
    """As `gettext`, for a word that means several things: `context` says which."""
    return _made(f"{context}{CONTEXT_END}{text}", places, "", 0)


def together(sentences: Iterable[object]) -> Message:
    """Sentences one after the other, as one message."""
    places = {f"sentence_{number}": each for number, each in enumerate(sentences)}
    return _made(" ".join(f"%({name})s" for name in places), places, "", 0)


_ = gettext
_SAYABLE = (Message, Sayable)


def _made(name: str, places: Mapping[str, Any], plural: str, number: int) -> Message:
    text = _english(name, plural, number)
    made = Message(text % places if places else text)
    made.name, made.places, made.plural, made.number = name, places, plural, number
    return made


def _english(name: str, plural: str, number: int) -> str:
    return plural if plural and number != 1 else name.rpartition(CONTEXT_END)[2]
