"""What somebody types into the search box, as the words to look for."""

from __future__ import annotations

import re
import unicodedata

#: More words than this are not looked for.
MOST_WORDS = 8
#: What is typed after so many characters is not looked for.
_LONGEST_SEARCH = 300
_WORD = re.compile(r"[^\W_]+")


def words(typed: str) -> list[str]:
    """The first words to look for in what somebody typed, in the form the index keeps them."""
    return index_words(typed[:_LONGEST_SEARCH])[:MOST_WORDS]


def index_words(*texts: str) -> list[str]:
    """Every word of `texts` once, in small letters and without accents: what the index keeps.

    Databases cut text into words each in its own way; we cut it here, so that they all find the same.
    """
    return list(dict.fromkeys(word for text in texts for word in _WORD.findall(fold(text))))


def fold(text: str) -> str:
    """`text` in small letters without accents, so that “uber” finds “Übersicht” on every database."""
    # taking apart what is compatible can bring out new capitals, as of U+1D4D0
    plain = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
