"""The answer to the customer is drafted where the issue is solved, and looked at before a review (T16)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from paidsupport.issues.operations import drafting
from paidsupport.issues.operations.drafting import DraftState
from paidsupport.issues.tables import IssueEvent, IssueNote
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    StaleIssueError,
    TransitionRefusedError,
)
from tests.people import Desk

pytestmark = pytest.mark.row("T16")

GOOD = "We fixed the upload: photos of any size are shown again. We tested it with yours."
BAD = "I fixed the upload, and it should work by 20 March 2034."


def draft(desk: Desk, code: str, by: Actor, body: str, key: str = "") -> None:
    """Keep a draft."""
    with desk.ctx(by) as ctx:
        drafting.draft(ctx, code, body, key=key or new_key())


def standing(desk: Desk, code: str) -> DraftState:
    """The draft in force, with what was remarked."""
    with desk.ctx(desk.mia) as ctx:
        found = drafting.of(ctx, desk.issue(code))
        assert found is not None
        return found


def keep(desk: Desk, code: str, by: Actor, *reasons: str) -> None:
    """Say of the first places that are open why they stay."""
    found = standing(desk, code)
    said = {place.name: reason for place, reason in zip(found.open, reasons, strict=False)}
    with desk.ctx(by) as ctx:
        drafting.keep(ctx, code, said, seen=found.note.id, key=new_key())


@pytest.fixture
def code(desk: Desk) -> str:
    """An issue that Ben works on and a customer waits for."""
    made = desk.open_issue(desk.ada, desk.order())
    desk.change_issue(made, state="assigned", owner_id=desk.ben.id)
    return made


def test_review_waits_for_a_draft_without_remarks(desk: Desk, code: str) -> None:
    """Refused below the screen until there is a draft and each marked place was changed or answered."""
    with pytest.raises(TransitionRefusedError, match="Draft the answer first"):
        desk.issue_move(code, "submit", desk.ben)
    draft(desk, code, desk.ben, BAD)
    marked = [(place.words, place.remark.rule) for place in standing(desk, code).marked]
    assert marked == [
        ("I fixed", "i-fixed"),
        ("should work", "uncertain"),
        ("by 20 March 2034", "date"),
    ]
    with pytest.raises(TransitionRefusedError, match="The draft has marked sentences"):
        desk.issue_move(code, "submit", desk.ben)
    keep(desk, code, desk.ben, "She asked me for it.", "The customer tries it.")
    assert [place.words for place in standing(desk, code).open] == ["by 20 March 2034"]
    with pytest.raises(TransitionRefusedError, match="The draft has marked sentences"):
        desk.issue_move(code, "submit", desk.ben)
    keep(desk, code, desk.ben, "Mia has agreed to this day.")
    assert desk.issue_move(code, "submit", desk.ben).state == "review"
    with desk.ctx() as ctx:
        said = select(IssueNote.body).where(IssueNote.kind == "tone").order_by(IssueNote.id)
        assert ctx.session.scalars(said).all() == [
            "She asked me for it.",
            "The customer tries it.",
            "Mia has agreed to this day.",
        ]
        kinds = ctx.session.scalars(select(IssueEvent.kind).order_by(IssueEvent.id)).all()
        assert kinds[-4:] == ["drafted", "tone-kept", "tone-kept", "submit"]


def test_a_changed_text_is_looked_at_again(desk: Desk, code: str) -> None:
    """What was said of the draft before counts no more, and is offered as a start; earlier drafts stay."""
    draft(desk, code, desk.ben, "I fixed the upload.")
    keep(desk, code, desk.ben, "She asked me for it.")
    draft(desk, code, desk.ben, "I fixed the upload. Hopefully.")
    found = standing(desk, code)
    assert [(place.words, place.reason, place.before) for place in found.marked] == [
        ("I fixed", "", "She asked me for it."),
        ("Hopefully", "", ""),
    ]
    assert [note.body for note in found.earlier] == ["I fixed the upload."]
    with pytest.raises(TransitionRefusedError, match="marked sentences"):
        desk.issue_move(code, "submit", desk.ben)
    draft(desk, code, desk.ben, GOOD)
    assert desk.issue_move(code, "submit", desk.ben).state == "review"
    assert desk.broken() == {}


def test_no_customer_no_draft(desk: Desk) -> None:
    """Without a waiting customer, neither a draft nor its tone holds up a review."""
    code = desk.open_issue(desk.ada)
    desk.change_issue(code, state="assigned", owner_id=desk.ben.id)
    draft(desk, code, desk.ben, BAD)
    assert desk.issue_move(code, "submit", desk.ben).state == "review"


def test_the_deadline_that_management_set_may_be_named(desk: Desk, code: str) -> None:
    """Any other date is marked, and so is the deadline until management has set the timeline."""
    draft(desk, code, desk.ben, "We fixed it; it will be there on 20 March 2034 for you.")
    assert [place.remark.rule for place in standing(desk, code).marked] == ["date"]
    desk.change_issue(code, deadline=date(2034, 3, 20))
    assert standing(desk, code).marked
    desk.change_issue(code, timeline_at=desk.clock())
    assert standing(desk, code).marked == []


def test_only_the_assignee_drafts_while_they_work(desk: Desk, code: str) -> None:
    """Others, and all once it is in review, are told so; a private issue does not exist for strangers."""
    for by in (desk.ada, desk.mia):
        with pytest.raises(TransitionRefusedError, match="Only the assignee"):
            draft(desk, code, by, GOOD)
    draft(desk, code, desk.ben, GOOD)
    desk.issue_move(code, "submit", desk.ben)
    with pytest.raises(TransitionRefusedError, match="Only the assignee"):
        draft(desk, code, desk.ben, GOOD)
    hidden = desk.open_issue(desk.mia, private=True)
    with pytest.raises(NotFoundError):
        draft(desk, hidden, desk.ben, GOOD)


def test_a_draft_names_no_customer_and_a_reason_says_something(desk: Desk, code: str) -> None:
    """What is wrong is said at its field; nothing is kept."""
    for body, sentence in (
        ("Hello Jane Doe, we fixed it.", "Remove the personal data"),
        ("  ", "Write the answer first."),
        ("\x07", "control characters"),
    ):
        with pytest.raises(InvalidInputError) as wrong:
            draft(desk, code, desk.ben, body)
        assert sentence in wrong.value.problems["body"][0]
    draft(desk, code, desk.ben, "I fixed the upload.")
    (place,) = standing(desk, code).open
    for reason, field in (
        ("ok", place.name),
        (" ", ""),
        ("two\nlines", place.name),
        ("Ask Jane Doe.", place.name),
    ):
        with pytest.raises(InvalidInputError) as wrong:
            keep(desk, code, desk.ben, reason)
        assert list(wrong.value.problems) == [field]
    assert standing(desk, code).open


def test_a_reason_is_for_the_draft_that_was_seen(desk: Desk, code: str) -> None:
    """A person who reads an older draft is told; a form sent twice acts once; a key has one content."""
    draft(desk, code, desk.ben, "I fixed the upload.")
    seen = standing(desk, code)
    said = {seen.open[0].name: "She asked me for it."}
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ben) as ctx:
            drafting.keep(ctx, code, said, seen=seen.note.id, key=key)
    with desk.ctx(desk.ben) as ctx, pytest.raises(KeyReusedError):
        drafting.keep(ctx, code, {}, seen=seen.note.id, key=key)
    draft(desk, code, desk.ben, "I fixed the whole upload.", key=new_key())
    with desk.ctx(desk.ben) as ctx, pytest.raises(StaleIssueError):
        drafting.keep(ctx, code, said, seen=seen.note.id, key=new_key())
    with desk.ctx() as ctx:
        assert len(ctx.session.scalars(select(IssueNote).where(IssueNote.kind == "tone")).all()) == 1


def test_no_credential_gets_into_a_draft(desk: Desk) -> None:
    """What a customer put into the vault is not quoted to them either."""
    ticket = desk.in_progress(desk.ada)
    desk.give(ticket, "correct-horse-battery")
    code = desk.open_issue(desk.ada, ticket)
    desk.change_issue(code, state="assigned", owner_id=desk.ben.id)
    with pytest.raises(InvalidInputError, match="reveals a login"):
        draft(desk, code, desk.ben, "We set it back to correct-horse-battery.")
