"""Releases: all or none, thousands at once, and notes that tell customers what they gain (T20)."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert, select

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import followers, history, releases
from paidsupport.issues.queries.contents import history_of, release_words
from paidsupport.issues.queries.releases import shipped
from paidsupport.issues.tables import NO_DEADLINE, Issue, IssueEvent
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.codes import new_code, new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    ManagersOnlyError,
    NotFoundError,
    TransitionRefusedError,
)
from tests.concurrency.processes import in_threads
from tests.people import Desk

pytestmark = pytest.mark.row("T20")


def resolved(desk: Desk, *followed_by: str, **opening: object) -> str:
    """A resolved issue whose customers know."""
    code = desk.open_issue(desk.ada, *followed_by, **opening)
    with desk.ctx(CLOCK) as ctx:
        issue = issues.lock(ctx.session, code, CLOCK)
        for each in followers.everybody(ctx, issue):
            each.follower.told_at = ctx.now
        told = {"from": "new", "to": "resolved"}
        history.tell(ctx, issue, "resolve", told, state="resolved", version=2)
    return code


def close(desk: Desk, name: str, *codes: str, key: str = "") -> list[str]:
    """Close them with a release, as a manager."""
    with desk.ctx(desk.mia) as ctx:
        return releases.close_all(ctx, name, codes, key=key or new_key())


def test_all_that_is_chosen_is_closed_or_nothing(desk: Desk) -> None:
    """One that is not resolved any more keeps all others open; a resent form closes nothing more."""
    first, second, gone = resolved(desk), resolved(desk, private=True), resolved(desk)
    desk.issue_move(gone, "reopen", desk.ada, note="It is not.")
    with pytest.raises(TransitionRefusedError, match=f"No longer resolved: {gone}"):
        close(desk, "2.1", first, second, gone)
    assert desk.issue(first).state == "resolved"
    with pytest.raises(NotFoundError):
        close(desk, "2.1", first, "IS-2222-2222")
    with pytest.raises(ManagersOnlyError), desk.ctx(desk.ada) as ctx:
        releases.close_all(ctx, "2.1", [first], key=new_key())
    with pytest.raises(InvalidInputError) as wrong:
        close(desk, "<2>")
    assert set(wrong.value.problems) == {"name", "issues"}
    key = new_key()
    assert sorted(close(desk, "2.1", first, second.lower(), key=key)) == sorted([first, second])
    assert close(desk, "2.1", first, second, key=key) == []
    issue = desk.issue(first)
    assert (issue.state, issue.release, issue.version, issue.owner_id) == ("closed", "2.1", 3, None)
    with desk.ctx(CLOCK) as ctx:
        lines = history_of(ctx.session, issues.lock(ctx.session, first, CLOCK))
        assert [line.kind for line in lines] == ["opened", "resolve", "close"]
        assert [(each.name, each.closed) for each in shipped(ctx.session, ctx.by)] == [("2.1", 2)]
    desk.issue_move(first, "reopen", desk.ben, note="It came back.")
    assert desk.issue(first).release == ""
    assert desk.broken() == {}


def test_of_many_managers_at_once_one_closes(pg_desk: Desk) -> None:
    """The others are told that it is done."""
    codes = [resolved(pg_desk) for _ in range(3)]
    refused: list[Exception] = []

    def act(number: int) -> None:
        try:
            close(pg_desk, f"2.{number}", *codes)
        except TransitionRefusedError as error:
            refused.append(error)

    in_threads(act, 6)
    assert len(refused) == 5
    assert len({pg_desk.issue(code).release for code in codes}) == 1
    assert pg_desk.broken() == {}


def test_thousands_are_closed_in_one_step(desk: Desk) -> None:
    """In some seconds, with few statements, each with its line of history."""
    with desk.ctx(CLOCK) as ctx:
        row = {
            "kind": "bug",
            "state": "resolved",
            "summary": "Dark",
            "details": "Dark.",
            "version": 1,
            "priority": 3,
            "private": False,
            "claim_number": 0,
            "deadline": NO_DEADLINE,
            "created_at": ctx.now,
            "changed_at": ctx.now,
        }
        codes = [new_code("IS") for _ in range(2000)]
        ctx.session.execute(insert(Issue), [row | {"code": code} for code in codes])
    began = time.process_time()
    with desk.statements() as seen:
        assert len(close(desk, "3.0", *codes)) == len(codes)
    assert time.process_time() - began < 30
    assert len(seen) < 60
    with desk.ctx(CLOCK) as ctx:
        assert set(ctx.session.scalars(select(Issue.state))) == {"closed"}
        assert len(ctx.session.scalars(select(IssueEvent.id)).all()) == len(codes)


def test_notes_tell_what_customers_gain_and_nothing_private(lite_desk: Desk) -> None:
    """What was waited for and what is new; documentation if asked for; free of personal data."""
    desk = lite_desk
    ticket = desk.order()
    waited = resolved(desk, ticket, summary="Pictures stay dark [again]")
    inner = resolved(desk, summary="Refactoring")
    new = resolved(desk, kind="feature", summary="Albums can be shared")
    hidden = resolved(desk, kind="feature", summary="Albums open to strangers", private=True)
    docs = resolved(desk, kind="documentation", summary="Uploads are explained")
    with desk.ctx(desk.ben) as ctx:
        releases.describe(ctx, new, "Albums can be *shared*.\n- with friends", key=new_key())
        with pytest.raises(InvalidInputError):
            releases.describe(ctx, waited, "For Jane Doe.", key=new_key())
    close(desk, "2.1", waited, inner, new, hidden, docs)
    with desk.ctx(desk.ada) as ctx:
        text = releases.markdown(ctx, "2.1")
        assert release_words(ctx.session, issues.lock(ctx.session, new, CLOCK)).startswith("Albums")
        assert "Uploads are explained" in releases.markdown(ctx, "2.1", documentation=True)
        with pytest.raises(NotFoundError):
            releases.markdown(ctx, "2.2")
    assert text == (
        "# Gallery support 2.1\n\n"
        f"## New\n\n- Albums can be \\*shared\\*. ({new})\n  \\- with friends\n\n"
        f"## Fixed\n\n- Pictures stay dark \\[again\\] ({waited})\n"
    )
