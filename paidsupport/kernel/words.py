"""What is typed into the search box, as the words to look for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import filterfalse

#: More words than this are not looked for.
MOST_WORDS = 8
#: What is typed after so many characters is not looked for.
_LONGEST_SEARCH = 300
#: Fewer letters than this are the beginning of too many words.
_SHORTEST_BEGINNING = 3
_WORD = re.compile(r"[^\W_]+")
#: Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
#: Folding makes these of half-width and compatible forms, too.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)


def words(typed: str) -> list[str]:
    """The first words to look for in a search, in the form the index keeps them."""
    return index_words(typed[:_LONGEST_SEARCH])[:MOST_WORDS]


def index_words(*texts: str) -> list[str]:
    """Every word of `texts` once, in small letters and without accents: what the index keeps.

    Databases cut text into words each in its own way; we cut it here, so that they all find the same. Where a
    script has no spaces, every two letters that stand together are a word: a sentence holds all pairs of
    what is looked for in it.
    """
    return list(dict.fromkeys(word for text in texts for word in _words(text)))


def endings(*texts: str) -> list[str]:
    """The last letters of what is written without spaces, which begin no pair; for the index alone."""
    runs = (run for text in texts if not text.isascii() for run in _runs(text))
    return list(dict.fromkeys(run[-1] for run in runs if len(run) > 1 and _UNSPACED.fullmatch(run)))


def is_beginning(word: str) -> bool:
    """Whether words that begin with `word` are looked for too, when it is the last one that was typed."""
    return len(word) >= _SHORTEST_BEGINNING or (len(word) == 1 and bool(_UNSPACED.fullmatch(word)))


def _words(text: str) -> Iterable[str]:
    if text.isascii():  # nearly all are: this keeps them quick
        return _WORD.findall(text.lower())
    return (word for run in _runs(text) for word in _pairs(run))


def _runs(text: str) -> Iterator[str]:
    """The words of `text` that spaces and signs make, cut once more where the script changes."""
    for word in _WORD.findall(fold(text)):
        if word.isascii():
            yield word
            continue
        at = 0
        for unspaced in _UNSPACED.finditer(word):
            yield from (run for run in (word[at : unspaced.start()], unspaced[0]) if run)
            at = unspaced.end()
        if at < len(word):
            yield word[at:]


def _pairs(run: str) -> Iterator[str]:
    if len(run) > 2 and _UNSPACED.fullmatch(run):  # noqa: PLR2004  # a pair
        yield from (run[at : at + 2] for at in range(len(run) - 1))
    else:
        yield run


def fold(text: str) -> str:
    """`text` in small letters without accents, so that “uber” finds “Übersicht” on every database."""
    if text.isascii():
        return text.lower()
    # taking apart what is compatible can bring out new capitals, as of U+1D4D0
    plain = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(filterfalse(_is_mark, decomposed))


def _is_mark(character: str) -> bool:
    # some vowels of Thai and of Indian scripts stand above other letters, and have no combining class
    return unicodedata.combining(character) != 0 or unicodedata.category(character) == "Mn"
