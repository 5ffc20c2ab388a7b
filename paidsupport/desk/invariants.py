"""The registry of what must hold at any moment: the doctor proves all of it (N9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Select

from paidsupport.desk.visit import Visit
from paidsupport.errors import NotFoundError

#: Reads the data and yields a line for each row that breaks the invariant.
Check = Callable[[Visit], Iterator[str]]

#: Every registered check by the sentence that is printed.
REGISTERED: dict[str, Check] = {}


def invariant(sentence: str) -> Callable[[Check], Check]:
    """Register a check under the sentence that says what must hold."""

    def register(check: Check) -> Check:
        REGISTERED[sentence] = check
        return check

    return register


def faults(visit: Visit, query: Select[str], what: str) -> Iterator[str]:
    """A line for each code that `query` finds, which says `what` is wrong."""
    for code in visit.session.scalars(query):
        yield f"{code}: {what}"


def is_in_store(visit: Visit, key: str) -> bool:
    """Whether the store of files has something under this key."""
    try:
        visit.house.files.open(key).close()
    except (NotFoundError, OSError):
        return False
    return True
