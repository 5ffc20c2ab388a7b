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
#: The names of what is declared, by their English texts; those with places by what finds them.
_PLAIN: dict[str, Message] = {}
_WITH_PLACES: dict[str, re.Pattern[str]] = {}


def storable(sentence: Message) -> Message:
    """Declare a sentence, with its places still open: it is found again by its text."""
    pieces = _PLACE.split(sentence.name.rpartition(CONTEXT_END)[2])
    if len(pieces) == 1:
        _PLAIN[str.__str__(sentence)] = sentence
        return sentence
    pieces[::2] = [re.escape(text.replace("%%", "%")) for text in pieces[::2]]
    pieces[1::2] = [f"(?P<{name}>.*)" for name in pieces[1::2]]
    _WITH_PLACES[sentence.name] = re.compile("".join(pieces), re.DOTALL)
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
    for name, pattern in _WITH_PLACES.items():
        if match := pattern.fullmatch(text):
            places = match.groupdict()
            if inside:  # and no deeper: others may have written what stands there
                places = {place: _found(value, inside=False) for place, value in places.items()}
            return gettext(name, **places)
    return text
