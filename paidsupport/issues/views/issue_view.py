"""An issue for display, with the data that several sections share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Row

from paidsupport.issues.operations import followers, transitions
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.queries.families import unanswered_parts
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Possible
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.staff.tables import Person


@dataclass
class IssueView:
    """An issue for one viewer; each part is read once, when it is first needed."""

    ctx: Context
    issue: Issue

    @cached_property
    def ways(self) -> list[Possible]:
        """The transitions that the viewer can make, now or once something else is done."""
        return transitions.possible(self.ctx, self.issue, self)

    @cached_property
    def notes(self) -> list[IssueNote]:
        """All notes, oldest first."""
        return notes_of(self.ctx.session, self.issue)

    @cached_property
    def followers(self) -> list[Waiting]:
        """All tickets that follow or followed it, those waiting longest first."""
        return followers.everybody(self.ctx, self.issue)

    @cached_property
    def waiting(self) -> list[Waiting]:
        """The tickets whose customers still wait."""
        return [each for each in self.followers if each.follower.ended_at is None]

    @property
    def waits(self) -> bool:
        """Whether a customer waits for it and has not been told that it is solved."""
        return any(not each.is_settled for each in self.followers)

    @cached_property
    def missing(self) -> Sequence[Row[int, str, int | None, bool]]:
        """The sub-issues whose feedback it waits for."""
        return unanswered_parts(self.ctx.session, self.ctx.by, self.issue)

    @cached_property
    def people(self) -> list[Person]:
        """All active staff, by name."""
        return people.everybody(self.ctx.session)
