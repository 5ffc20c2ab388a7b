"""A desk with a tracker, as tests use it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from paidsupport.connect.connections.queries import by_reference
from paidsupport.connect.connections.tables import ConnectionTask, Remote
from paidsupport.connect.trackers import operations as trackers
from paidsupport.connect.trackers.syncing import CONFLICT
from paidsupport.issues.operations import access
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.tables import Issue
from paidsupport.testing import mount_of
from tests.connect.connections.connecting import connected
from tests.connect.trackers.fake_forge import Forgejo, GitHub
from tests.connect.trackers.fake_gitlab import GitLab
from tests.connect.trackers.fake_mantis import TOKEN, Mantis
from tests.people import Desk

There = TypeVar("There", Mantis, GitHub, Forgejo, GitLab)


class Tracked(Generic[There]):
    """A desk with a tracker: `there` is a stand-in for one."""

    def __init__(self, desk: Desk, there: There, **values: str) -> None:
        self.desk = desk
        self.there: There = there
        mount_of(desk.app).settings = replace(mount_of(desk.app).settings, connections_private=True)
        self.reference = connected(
            desk, there.kind, {**there.values, **values}, {"token": there.token}, name="Bugs"
        )

    def work(self, **later: float) -> None:
        """What a worker does, after some time."""
        self.desk.clock.forward(**(later or {"minutes": 5}))
        self.desk.work()

    def filed(self, **opened: Any) -> str:  # noqa: ANN401  # fields of an issue
        """An issue that staff file there; its code."""
        code = self.desk.open_issue(self.desk.ada, **opened)
        self.file(code)
        self.work()
        return code

    def file(self, code: str) -> None:
        """Ada files an issue there."""
        with self.desk.ctx(self.desk.ada) as ctx:
            trackers.file(ctx, code, self.reference)

    def remote(self, code: str) -> Remote:
        """What an issue is there."""
        with self.desk.ctx() as ctx:
            return ctx.session.scalars(select(Remote).where(Remote.ours == code)).one()

    def tasks(self, *states: str) -> list[ConnectionTask]:
        """The tasks in these states."""
        with self.desk.ctx() as ctx:
            return list(ctx.session.scalars(select(ConnectionTask).where(ConnectionTask.state.in_(states))))

    def notes(self, code: str) -> list[str]:
        """What the notes of an issue say."""
        with self.desk.ctx(self.desk.mia) as ctx:
            return [note.body for note in notes_of(ctx.session, access.see(ctx, code))]

    def came(self) -> list[Issue]:
        """The issues that nobody of the desk opened, oldest first."""
        with self.desk.ctx() as ctx:
            return list(
                ctx.session.scalars(select(Issue).where(Issue.reporter_id.is_(None)).order_by(Issue.id))
            )


def furnished_trackers(desk: Desk) -> dict[str, str]:
    """Issues in trackers in all that staff can see of them; returns the paths of their pages by name."""
    values = {"url": "https://127.0.0.1:9", "project": "Gallery", "category": "General"}
    fine, other = (
        connected(desk, "mantisbt", values, {"token": TOKEN}, name=name) for name in ("Bugs", "Old bugs")
    )
    codes = [desk.open_issue(desk.ada, summary=f"Slide shows stop {number}") for number in (1, 2)]
    seen = {"state": "resolved", "resolution": "fixed", "stage": "resolved", "priority": 4}
    with desk.ctx(desk.ada) as ctx:
        for code, conflict in zip(codes, ("", str(CONFLICT)), strict=True):
            issue = access.see(ctx, code)
            ctx.session.add(
                Remote(
                    connection_id=by_reference(ctx.session, fine).id,
                    what="issue",
                    ours=code,
                    remote=str(issue.id),
                    issue_id=issue.id,
                    link=f"https://bugs.example.org/view.php?id={issue.id}",
                    agreed={"seen": seen, "origin": "there", "conflict": ["stage", "priority"]},
                    conflict=conflict,
                    created_at=ctx.now,
                    looked_at=ctx.now,
                )
            )
        waiting = Remote(
            connection_id=by_reference(ctx.session, other).id,
            what="issue",
            ours=codes[0],
            issue_id=access.see(ctx, codes[0]).id,
            agreed={"waits": True},
            created_at=ctx.now,
        )
        ctx.session.add(waiting)
    there = "/support/desk/issues"
    return {
        "issue in trackers": f"{there}/{codes[0]}",
        "issue in a tracker with a conflict": f"{there}/{codes[1]}",
    }
