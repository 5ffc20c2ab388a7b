"""Sentences that are stored in the database when they are said, and translated when they are shown.

The column holds the English text: whoever looks into the database, the log or the API can read it, and a
catalogue may change at any time. So that it can be translated, each such sentence is declared, and found
again by its text:

    UNREACHED = storable(_("The mail server could not be reached: %(why)s"))
    email.problem = filled(UNREACHED, why=error)
    translate(stored(email.problem))
"""

from __future__ import annotations

import re

from paidsupport.kernel.i18n.messages import CONTEXT_END, Message, gettext

_PLACE = re.compile(r"%\((\w+)\)s")
#: The names of what is declared, by their English texts; those with places by the texts around these.
_PLAIN: dict[str, Message] = {}
_WITH_PLACES: dict[str, list[str]] = {}


def storable(sentence: Message) -> Message:
    """Declare a sentence, with its places still open: it is found again by its text."""
    pieces = _PLACE.split(sentence.name.rpartition(CONTEXT_END)[2])
    if len(pieces) == 1:
        _PLAIN[str.__str__(sentence)] = sentence
    else:
        pieces[::2] = [text.replace("%%", "%") for text in pieces[::2]]
        _WITH_PLACES[sentence.name] = pieces
    return sentence


def filled(sentence: Message, /, **places: object) -> Message:
    """A declared sentence with what stands in its places."""
    return gettext(sentence.name, **places)


def stored(text: str) -> str:
    """What was stored, as a message if it is declared; so is a sentence that stands in one of its places."""
    return _found(text, inside=True)


def _found(text: str, *, inside: bool) -> str:
    if found := _PLAIN.get(text):
        return found
    for name, pieces in _WITH_PLACES.items():
        if places := _places(pieces, text):
            if inside:  # and no deeper: others may have written what stands there
                places = {place: _found(value, inside=False) for place, value in places.items()}
            return gettext(name, **places)
    return text


def _places(pieces: list[str], text: str) -> dict[str, str]:
    """What stands in the places of a sentence; nothing if the text is another one.

    No regular expression: with two places it would take for ever over a long text.
    """
    first, *between, last = pieces[::2]
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return {}
    rest = text[len(first) : len(text) - len(last)]
    values = []
    for literal in between:
        value, found, rest = rest.partition(literal)
        if not found:
            return {}
        values.append(value)
    return dict(zip(pieces[1::2], [*values, rest], strict=True))
