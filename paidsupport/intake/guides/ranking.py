"""Ranks guides by how well they fit the words of a search."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from paidsupport.kernel.words import index_words

#: A word in the title says more about a guide than one in its text.
_TITLE = 3
#: Guides that score less than this share of the best one are not shown.
_LEAST = 0.3
#: English endings that are ignored: “change” finds “Changing”, “photo” finds “photos”.
_ENDINGS = ("ing", "ed", "es", "e", "s")
_SHORTEST_STEM = 3


def ranked(texts: Sequence[tuple[str, str]], wanted: Sequence[str], *, every: bool) -> list[int]:
    """The positions of the texts (titles with bodies) that fit the wanted words, best first.

    These are texts with all the words; if there is none and not `every` word is required, texts with some.
    Words that most texts have, such as “the”, hardly count.
    """
    stems = tuple(dict.fromkeys(map(_stem, wanted)))
    held = [(_held(title, stems), _held(body, stems)) for title, body in texts]
    rarity = {stem: _rarity(sum(stem in title | body for title, body in held), len(held)) for stem in stems}
    scores = [
        sum(rarity[stem] * ((_TITLE if stem in title else 0) + (stem in body)) for stem in stems)
        for title, body in held
    ]
    fitting = [at for at, (title, body) in enumerate(held) if len(title | body) == len(stems)]
    if not fitting and not every:
        least = max(scores, default=0) * _LEAST
        fitting = [at for at, score in enumerate(scores) if score and score >= least]
    return sorted(fitting, key=lambda at: -scores[at])


def _held(text: str, stems: Sequence[str]) -> set[str]:
    found = index_words(text)
    return {stem for stem in stems if any(word.startswith(stem) for word in found)}


def _rarity(number: int, of: int) -> float:
    return log((of + 0.5) / number) if number else 0.0


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
