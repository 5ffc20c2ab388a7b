"""In which language a request is answered: chosen once, at the edge.

Staff have a setting of their own, a ticket has the language it was ordered in; whoever is neither gets what
the host says, or the browser.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Response, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from paidsupport.kernel.i18n.languages import (
    ENGLISH,
    Language,
    language_among,
    language_of,
    offered,
    speak,
    spoken,
    tag_of,
)
from paidsupport.kernel.mount import current

#: Longer ones are sent by programs that want to keep us busy.
_LONGEST_HEADER = 200


def begin() -> None:
    """Speak what the host or the browser says, until more is known of who asks."""
    mount = current()
    tags = offered(mount.settings.languages)
    if len(tags) == 1:
        speak(language_of(tags[0]))
        return
    hers = mount.language()
    found = tag_of(hers, tags) if hers else None
    header = request.headers.get("Accept-Language", "")[:_LONGEST_HEADER]
    speak(language_of(found) if found else _understood(header, tags))


def prefer(tag: str) -> None:
    """Speak the language that a person chose; if the desk does not speak it, nothing changes."""
    if tag and tag != spoken().tag and (found := tag_of(tag, offered(current().settings.languages))):
        speak(language_of(found))


def tell(response: Response) -> Response:
    """Say which language an answer is in, and that others may get another."""
    response.headers.setdefault("Content-Language", spoken().tag)
    if len(offered(current().settings.languages)) > 1:
        response.vary.add("Accept-Language")
    return response


def end(_error: BaseException | None = None) -> None:
    """The thread speaks English to whatever comes next."""
    speak(ENGLISH)


@lru_cache(maxsize=256)
def _understood(header: str, tags: tuple[str, ...]) -> Language:
    wanted = parse_accept_header(header, LanguageAccept)
    return language_among(tags, *(tag for tag, quality in wanted if quality > 0))
