"""When documentation is missing: what is counted, and from which counts on something is done (T5)."""

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

#: What is older counts no longer.
WINDOW = timedelta(days=90)
#: Customers who have not answered for so long will not.
SILENT = timedelta(days=14)
#: Weeks of the trend.
WEEKS = 12
#: Longest name of a question, in characters.
QUESTION_LIMIT = 120

#: Shorter words say little about what is asked.
_SHORTEST_WORD = 4
_ADDRESS = re.compile(r"\S@\S|://|\d[\d \-/().]{5,}\d")
_UNNAMED = _("Enter the question in a few words, like “How are albums moved?”.")
_PERSONAL = _("Remove names, addresses and numbers from the question.")


class TopicKind(StrEnum):
    """What is counted."""

    PAGE = "page"
    QUESTION = "question"


class Reason(StrEnum):
    """Why documentation is missing."""

    NOWHERE = "nowhere"
    UNHAPPY = "unhappy"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests in which something was asked, and what their customers said of the page.

    `nowhere`: of how many it was said that no page answers them.
    """

    asked: int = 0
    helped: int = 0
    unhappy: int = 0
    nowhere: int = 0

    @property
    def share(self) -> float | None:
        """How many of those who answered were not helped, from 0 to 1; None if nobody has answered."""
        answered = self.helped + self.unhappy
        return self.unhappy / answered if answered else None


def reason(counts: Counts, *, unhappy: int, repeated: int) -> Reason | None:
    """Why a page must be written or improved, from these thresholds on; None if nothing says so."""
    if counts.nowhere:
        return Reason.NOWHERE
    if counts.unhappy >= unhappy:
        return Reason.UNHAPPY
    return Reason.REPEATED if counts.asked >= repeated else None


def tidy_question(typed: str, who: str = "") -> str:
    """The name of a question as it is kept; `who`: the name and the address of whoever has asked it.

    Raises BadTextError: it names nothing, or somebody.
    """
    name = re.sub(r"\s+", " ", one_line(typed, QUESTION_LIMIT))
    if not index_words(name):
        raise BadTextError(_UNNAMED)
    named = set(index_words(name)) & {word for word in index_words(who) if len(word) >= _SHORTEST_WORD}
    if named or _ADDRESS.search(name):
        raise BadTextError(_PERSONAL)
    return name


def question_key(name: str) -> str:
    """What two spellings of one question have in common."""
    return hashlib.sha256(" ".join(index_words(name)).encode()).hexdigest()


def page_key(url: str, guide_id: int | None) -> str:
    """What two addresses of one page have in common; a guide is one wherever the desk is mounted."""
    if guide_id is not None:
        return f"guide-{guide_id}"
    return hashlib.sha256(url.partition("#")[0].rstrip("/").encode()).hexdigest()


def bare(url: str) -> str:
    """An address without what may be about one visitor: what follows its path."""
    return re.split("[?#]", url, maxsplit=1)[0]


def overlap(name: str, words: Iterable[str]) -> int:
    """How many of the longer words of a question's name are among `words`."""
    return len({word for word in index_words(name) if len(word) >= _SHORTEST_WORD} & set(words))
