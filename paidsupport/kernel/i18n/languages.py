"""The languages that the desk speaks, which one is spoken now, and which one a person wants."""

from __future__ import annotations

import gettext as stdlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from paidsupport.kernel.i18n import formats, pseudo
from paidsupport.kernel.i18n.formats import English
from paidsupport.kernel.i18n.messages import SPOKEN, Worded, gettext, said

#: The domain of our catalogues, and their folder.
DOMAIN = "paidsupport"
FOLDER = Path(__file__).parents[2] / "translations"
#: The language of the source.
SOURCE = "en"

#: What is less than a minute ago.
JUST_NOW = gettext("just now")

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


class Language:
    """One language with its messages; a catalogue in the sense of `messages`.

    Attributes:
        tag: as in HTML: “de”, “pt-BR”.
        direction: “ltr” or “rtl”.
    """

    def __init__(self, tag: str, messages: stdlib.GNUTranslations | None = None) -> None:
        self.tag = tag
        self.direction = "rtl" if tag.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
        known: dict[Any, str] = getattr(messages, "_catalog", {})
        self._one = {name: text for name, text in known.items() if isinstance(name, str) and name}
        self._forms = {name: text for name, text in known.items() if isinstance(name, tuple)}
        #: Which form of a plural a number has.
        self.form: Callable[[int], int] = getattr(messages, "plural", lambda number: int(number != 1))

    def singular(self, name: str) -> str | None:
        """What a message is in this language, if that is known."""
        return self._one.get(name)

    def plural(self, name: str, several: str, number: int) -> str | None:
        """The form of a message for a number, if that is known; `several` is the English one for many."""
        del several
        return self._forms.get((name, self.form(number)))

    def forms(self, name: str, several: str) -> list[str]:
        """All forms of a plural, in their order; none if they are not known."""
        del several
        found: list[str] = []
        while (text := self._forms.get((name, len(found)))) is not None:
            found.append(text)
        return found

    @cached_property
    def formats(self) -> English:
        """How dates, numbers and money are written."""
        if self.tag == SOURCE:
            return formats.ENGLISH
        return formats.Translated(self.tag, lambda: str(JUST_NOW.said(self)))

    def __repr__(self) -> str:
        """For the log."""
        return f"<Language {self.tag}>"


ENGLISH = Language(SOURCE)


def spoken() -> Language:
    """The language that is spoken now."""
    return SPOKEN.get() or ENGLISH  # type: ignore[return-value]  # only languages are set below


def speak(language: Language) -> None:
    """From now on in this thread."""
    SPOKEN.set(None if language is ENGLISH else language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """For the length of a block."""
    token = SPOKEN.set(None if language is ENGLISH else language)
    try:
        yield
    finally:
        SPOKEN.reset(token)


def translate(text: Any) -> Any:  # noqa: ANN401  # whatever is shown
    """A message in the language that is spoken now; everything else as it is."""
    language = SPOKEN.get()
    # English, too, can be one of several languages of a site's own text
    return text if language is None and type(text) is not Worded else said(text, language)


def in_words(value: Any) -> Any:  # noqa: ANN401  # JSON
    """As `translate`, for all there is in lists and mappings."""
    # rows are kinds of tuples too, and stay what they are
    if type(value) is dict:
        return {name: in_words(each) for name, each in value.items()}
    if type(value) in {list, tuple}:
        return [in_words(each) for each in value]
    return translate(value)


@cache
def language_of(tag: str) -> Language:
    """The language with a tag of `known_tags`; English where there is no catalogue of it."""
    if tag == SOURCE:
        return ENGLISH
    if made := pseudo.LOCALES.get(tag):
        return made(tag)
    path = FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return ENGLISH
    with path.open("rb") as file:
        return Language(tag, stdlib.GNUTranslations(file))


@cache
def known_tags() -> tuple[str, ...]:
    """The tags of all languages there is a catalogue of, English first."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE, *(name.replace("_", "-") for name in found))


def tag_of(wanted: str, offered: Sequence[str]) -> str | None:
    """The one of `offered` that suits a wanted tag best: itself, or its language without the country."""
    if not _TAG.fullmatch(wanted):
        return None
    wanted = wanted.replace("_", "-").lower()
    by_name = {tag.lower(): tag for tag in offered}
    while wanted:
        if found := by_name.get(wanted):
            return found
        wanted = wanted.rpartition("-")[0]
    return None


@cache
def offered(wanted: str) -> tuple[str, ...]:
    """The tags of the languages that a desk speaks, its usual one first.

    Args:
        wanted: Tags with commas between; empty for all that there is a catalogue of.

    Raises:
        ValueError: There is no catalogue of one of them; with a sentence.
    """
    known = known_tags()
    found = []
    for name in wanted.replace(" ", "").split(",") if wanted.strip() else known:
        tag = tag_of(name, (*known, *pseudo.LOCALES))
        if tag is None:
            raise ValueError(f"The desk does not speak {name!r}. Choose from: {', '.join(known)}.")
        found.append(tag)
    return tuple(found)


def language_among(offered: Sequence[str], *wanted: str) -> Language:
    """The language of the first of the wanted tags that is offered; else the first that is offered."""
    return language_of(next((tag for each in wanted if (tag := tag_of(each, offered))), offered[0]))
