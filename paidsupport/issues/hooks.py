"""Hooks: where other capabilities take part in what happens to an issue, without being known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known about a customer besides their ticket; unknown values are empty."""

    organisation: str = ""
    phone: str = ""


class Hands(Protocol):
    """The worker's side of a job: runs each item that is due in a transaction of its own."""

    def each(
        self, job: str, due: Callable[[Context], Iterable[int]], act: Callable[[Context, int], object]
    ) -> object:
        """Run `act` for each id that `due` finds; failures are parked under `job`."""


#: Lines of one kind were added to the histories of issues, with their data.
ISSUE_LINES_WRITTEN: Hook[[Context, str, Sequence[tuple[Issue, Mapping[str, object]]]], object] = Hook(
    "written on issues"
)
#: What is known about the customers of these tickets (their ids), so that no issue names them.
CALLERS: Hook[[Session, Collection[int]], Iterable[Caller]] = Hook("callers")
#: Pages that customers are pointed to, the newest first: their sites do not count as personal.
PUBLIC_PAGES: Hook[[Session], Iterable[str]] = Hook("public pages")

#: Issues were resolved or customers were told: what waited only for that goes on, run by these hands.
ALL_TOLD: Hook[[Hands], object] = Hook("all told")

HOOKS = (ISSUE_LINES_WRITTEN, CALLERS, PUBLIC_PAGES, ALL_TOLD)
