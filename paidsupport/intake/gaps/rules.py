"""Rules for documentation gaps: what is counted, and the thresholds for opening an issue (T5)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, one_line
from paidsupport.kernel.words import index_words

#: Older requests no longer count.
WINDOW = timedelta(days=90)
#: Customers who have not answered for this long are not going to.
SILENT = timedelta(days=14)
#: The number of weeks in the trend.
WEEKS = 12
#: Longest name of a question, in characters.
QUESTION_LIMIT = 120

#: Shorter words say little about a question.
_SHORTEST_WORD = 4
_ADDRESS = re.compile(r"\S@\S|://|\d[\d \-/().]{5,}\d")
_UNNAMED = _("Enter the question in a few words, like “How are albums moved?”.")
_PERSONAL = _("Remove names, addresses and numbers from the question.")


class TopicKind(StrEnum):
    """What is counted."""

    PAGE = "page"
    QUESTION = "question"


class Reason(StrEnum):
    """Why documentation is considered missing."""

    NOWHERE = "nowhere"
    UNHAPPY = "unhappy"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of requests about a topic, and their customers' answers about the page.

    `nowhere`: the number of requests that no page answers, by the staff who answered them.
    """

    asked: int = 0
    helped: int = 0
    unhappy: int = 0
    nowhere: int = 0

    @property
    def share(self) -> float | None:
        """The share of customers who answered and were not helped, from 0 to 1; None without an answer."""
        answered = self.helped + self.unhappy
        return self.unhappy / answered if answered else None


def reason(counts: Counts, *, unhappy: int, repeated: int) -> Reason | None:
    """Why a page must be written or improved, by these thresholds; None if it need not be."""
    if counts.nowhere:
        return Reason.NOWHERE
    if counts.unhappy >= unhappy:
        return Reason.UNHAPPY
    return Reason.REPEATED if counts.asked >= repeated else None


def tidy_question(typed: str, who: str = "") -> str:
    """The name of a question as it is stored; `who`: name and address of the customer who asked.

    Raises BadTextError if it is empty or names a person.
    """
    name = re.sub(r"\s+", " ", one_line(typed, QUESTION_LIMIT))
    if not index_words(name):
        raise BadTextError(_UNNAMED)
    named = set(index_words(name)) & {word for word in index_words(who) if len(word) >= _SHORTEST_WORD}
    if named or _ADDRESS.search(name):
        raise BadTextError(_PERSONAL)
    return name


def question_key(name: str) -> str:
    """A key that is the same for all spellings of a question."""
    return hashlib.sha256(" ".join(index_words(name)).encode()).hexdigest()


def page_key(url: str, guide_id: int | None) -> str:
    """A key that is the same for all addresses of a page; for a guide, wherever the desk is mounted."""
    if guide_id is not None:
        return f"guide-{guide_id}"
    return hashlib.sha256(url.partition("#")[0].rstrip("/").encode()).hexdigest()


def bare(url: str) -> str:
    """An address without the parts after its path, which may be about one visitor."""
    return re.split("[?#]", url, maxsplit=1)[0]


def overlap(name: str, words: Iterable[str]) -> int:
    """The number of longer words of a question's name that are among `words`."""
    return len({word for word in index_words(name) if len(word) >= _SHORTEST_WORD} & set(words))
