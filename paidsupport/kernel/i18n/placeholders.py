"""Names between braces that people read and write in their own language, and that are stored in English.

A text may be written by a German and changed by an Englishwoman: each sees its names in their language. Which
languages a desk speaks may change as well, so what is stored does not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from paidsupport.kernel.i18n.messages import Catalogue, Message, said

_BRACES = re.compile(r"\{(\w+)\}")
_FITS = re.compile(r"\w+")


def localised(names: Mapping[str, Message], language: Catalogue | None) -> dict[str, str]:
    """What each of these English names is in a language.

    A name stays English where its translation could not stand between braces, or would mean another name.
    """
    found: dict[str, str] = {}
    for name, message in names.items():
        local = said(message, language).lower()
        taken = local in names or local in found.values()
        found[name] = local if _FITS.fullmatch(local) and not taken else name
    return found


def shown(text: str, names: Mapping[str, Message], language: Catalogue | None) -> str:
    """A stored text as its reader writes it."""
    local = localised(names, language)
    return _BRACES.sub(lambda match: f"{{{local.get(match[1], match[1])}}}", text)


def stored(text: str, names: Mapping[str, Message], languages: Iterable[Catalogue]) -> str:
    """A typed text with English names, whichever of the languages they were typed in."""
    english = {local: name for language in languages for name, local in localised(names, language).items()}
    english |= {name: name for name in names}
    return _BRACES.sub(lambda match: f"{{{english.get(match[1].lower(), match[1])}}}", text)
