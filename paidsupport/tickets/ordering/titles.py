"""What a request is called when nobody gave it a title: its first words that say something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paidsupport.kernel.text import is_visible, shorten

_HELLO = re.compile(
    r"(?:dear|hi(?: there)?|hello(?: there)?|hey|greetings|good (?:morning|afternoon|evening|day)"
    r"|to whom it may concern"
    r"|hallo|hoi|moin|servus|grüezi|guten (?:tag|morgen|abend)|liebe[rs]?|sehr geehrte[rs]?|werte[rs]?"
    r"|salut|bonjour|bonsoir|chère?s?|madame|monsieur|hola|buenos d[ií]as|buenas tardes|estimad[oa]s?"
    r"|ciao|buongiorno|gentile|ol[áa]|bom dia|beste|geachte|hej|cześć|dzień dobry)(?![\w'])"
    # whom it greets: up to a sign behind them, or a word or two that are all of the line
    r"(?:(?:[ \t]+[^\W\d_][\w'.&/-]*){0,6}[ \t]*[,!:…—–-]+|(?:[ \t]+[^\W\d_][\w'.-]*){0,2}[ \t]*\.?$)",
    re.IGNORECASE,
)


def title_of(*texts: str, limit: int) -> str:
    """A title out of the first of `texts` that has one, in at most `limit` characters.

    Greetings are passed over; where there is nothing else, the first line stands.
    """
    for words in (words for text in texts for words in _said(text)):
        return shorten(words, limit)
    return shorten(next((text for text in texts if text.strip()), ""), limit)


def _said(text: str) -> Iterator[str]:
    """The lines of `text` without their greetings, as far as anything is left of them."""
    for line in text.splitlines():
        bare = line.strip()
        left = bare
        while hello := _HELLO.match(left):
            left = left[hello.end() :].lstrip(" \t,!:.-–—")
        if is_visible(left):
            yield left if left == bare else left[0].upper() + left[1:]
