"""The search index of issues, separate so that no search for tickets can find one (T3)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue, IssueWord
from paidsupport.kernel.words import endings, index_words, is_beginning

_LONGEST_WORD = 60
#: The most words stored for one issue.
_MOST_WORDS = 5_000
#: Sorts after every other character.
_LAST = chr(0x10FFFF)


def index(session: Session, issue_id: int, *texts: str) -> None:
    """Add `texts` to the index of an issue."""
    found = [*index_words(*texts), *endings(*texts)]
    words = [word for word in dict.fromkeys(found) if len(word) <= _LONGEST_WORD][:_MOST_WORDS]
    if not words:
        return
    make = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    rows = [{"issue_id": issue_id, "word": word} for word in words]
    session.execute(make(IssueWord).on_conflict_do_nothing(index_elements=["word", "issue_id"]), rows)


def replace(session: Session, issue_id: int, *texts: str) -> None:
    """Make `texts` the whole index of an issue."""
    session.execute(delete(IssueWord).where(IssueWord.issue_id == issue_id))
    index(session, issue_id, *texts)


def holds(words: list[str]) -> ColumnElement[bool]:
    """The condition that an issue contains all `words`, the last one as a prefix."""
    return and_(*(_holds(word, last=word is words[-1]) for word in words))


def _holds(word: str, *, last: bool) -> ColumnElement[bool]:
    of_it = IssueWord.issue_id == Issue.id
    if last and is_beginning(word):
        return exists(
            select(IssueWord.id).where(of_it, IssueWord.word >= word, IssueWord.word < word + _LAST)
        )
    return exists(select(IssueWord.id).where(of_it, IssueWord.word == word))
