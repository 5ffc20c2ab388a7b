"""No one reviews their own solution; an approved issue goes to the person who tells the customer (T17)."""

from __future__ import annotations

import random
from contextlib import suppress
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from paidsupport.issues.operations import drafting, reviewing, tasks, transitions
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.queries import reviews
from paidsupport.issues.tables import Follower, Issue, IssueEvent, IssueNote, IssueNotice, Step
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    PaidSupportError,
    StaleIssueError,
    TransitionRefusedError,
)
from tests.people import Desk

pytestmark = pytest.mark.row("T17")


def decide(desk: Desk, code: str, by: Actor, decision: str, note: str = "Opened it twice.") -> Issue:
    """Say what came of trying the solution as it is now."""
    version = desk.issue(code).version
    with desk.ctx(by) as ctx:
        return reviewing.decide(ctx, code, decision, note, version=version, key=new_key())


def submitted(desk: Desk, *followed_by: str, reviewer: int | None = None, **opening: object) -> str:
    """An issue that Ben has solved and that waits for a review."""
    code = desk.open_issue(desk.ada, *followed_by, **opening)
    desk.change_issue(code, state="assigned", owner_id=desk.ben.id)
    if followed_by:
        with desk.ctx(desk.ben) as ctx:
            drafting.draft(ctx, code, "We fixed the upload and tested it with your photos.", key=new_key())
    desk.issue_move(code, "submit", desk.ben, colleague=reviewer, note="Upload a photo.")
    return code


def told(desk: Desk, code: str, occasion: str) -> list[int]:
    """Who was told of an issue for that reason."""
    with desk.ctx() as ctx:
        wanted = select(IssueNotice.person_id).join(Issue, Issue.id == IssueNotice.issue_id)
        return list(ctx.session.scalars(wanted.where(Issue.code == code, IssueNotice.occasion == occasion)))


def test_nobody_reviews_what_they_solved(desk: Desk) -> None:
    """The author is refused each decision, and cannot be asked; any colleague can review."""
    code = desk.open_issue(desk.ada)
    desk.change_issue(code, state="assigned", owner_id=desk.ben.id)
    for nobody in (desk.ben.id, 9999):
        with pytest.raises(InvalidInputError) as wrong:
            desk.issue_move(code, "submit", desk.ben, colleague=nobody)
        assert "colleague" in wrong.value.problems
    desk.issue_move(code, "submit", desk.ben, colleague=desk.ada.id)
    assert told(desk, code, "review") == [desk.ada.id]
    for decision in reviewing.DECISIONS:
        with pytest.raises(TransitionRefusedError, match="You solved it, so a colleague has to review it"):
            decide(desk, code, desk.ben, decision)
    assert decide(desk, code, desk.mia, "approve").state == "resolved"
    issue = desk.issue(code)
    assert (issue.author_id, issue.reviewed_by_id) == (desk.ben.id, desk.mia.id)
    assert desk.broken() == {}


def test_what_is_not_solved_goes_back_to_who_said_so(desk: Desk) -> None:
    """With what is still wrong; the next solution is reviewed anew."""
    code = submitted(desk)
    for decision in reviewing.DECISIONS:
        with pytest.raises(InvalidInputError) as wrong:
            decide(desk, code, desk.ada, decision, " ")
        assert list(wrong.value.problems) == ["note"]
    issue = decide(desk, code, desk.ada, "rework", "Large photos are still dark.")
    assert (issue.state, issue.owner_id, issue.review_outcome) == ("assigned", desk.ben.id, "reproduced")
    assert told(desk, code, "returned") == [desk.ben.id]
    with desk.ctx() as ctx:
        (note,) = ctx.session.scalars(select(IssueNote).where(IssueNote.kind == "review"))
        assert (note.about, note.body, note.author_id) == (
            "reproduced",
            "Large photos are still dark.",
            desk.ada.id,
        )
    desk.issue_move(code, "submit", desk.ben)
    issue = desk.issue(code)
    assert (issue.review_outcome, issue.reviewed_by_id) == ("", None)
    assert desk.broken() == {}


def test_what_could_not_be_tried_is_not_approved(desk: Desk) -> None:
    """It is recorded and waits for another reviewer; only one who could not reproduce the fault approves."""
    code = submitted(desk)
    assert decide(desk, code, desk.ada, "pass", "No such phone here.").state == "review"
    for by in (desk.ada, desk.mia):
        with pytest.raises(TransitionRefusedError) as refused:
            desk.issue_move(code, "settle", by)
        assert refused.value.sentences[-1] == "The fault still occurred in the last test."
    assert decide(desk, code, desk.mia, "approve").state == "resolved"
    with desk.ctx() as ctx:
        said = ctx.session.execute(select(IssueNote.about, IssueNote.author_name).order_by(IssueNote.id))
        assert [tuple(row) for row in said][-2:] == [("not-tried", "Ada"), ("not-reproduced", "Mia")]


def test_tasks_are_done_before_it_is_approved(desk: Desk) -> None:
    """Packaging and installing it on the test system can be ticked by all staff; then it can be approved."""
    code = submitted(desk)
    with desk.ctx(desk.ada) as ctx:
        tasks.add(ctx, code, "Bring it to the test system", key=new_key())
    with pytest.raises(TransitionRefusedError, match="Some tasks of this issue are still open"):
        decide(desk, code, desk.ada, "approve")
    with desk.ctx() as ctx:
        assert not ctx.session.scalars(select(IssueNote).where(IssueNote.kind == "review")).all()
        (step,) = ctx.session.scalars(select(Step.id)).all()
    key = new_key()
    for done, by in ((True, desk.ben), (True, desk.ben), (False, desk.ada), (True, desk.mia)):
        with desk.ctx(by) as ctx:
            tasks.tick(ctx, code, step, done=done, key=key if by is desk.ben else new_key())
    other = submitted(desk)
    for wrong in (step, 9999):
        with desk.ctx(desk.ada) as ctx, pytest.raises(NotFoundError):
            tasks.tick(ctx, other, wrong, done=True, key=new_key())
    assert decide(desk, code, desk.ada, "approve").state == "resolved"
    with desk.ctx(desk.ada) as ctx, pytest.raises(TransitionRefusedError, match="is closed"):
        tasks.add(ctx, code, "Too late", key=new_key())
    with desk.ctx() as ctx:
        wanted = select(IssueEvent.kind).where(IssueEvent.kind.like("task-%")).order_by(IssueEvent.id)
        kinds = ctx.session.scalars(wanted)
        assert kinds.all() == ["task-added", "task-done", "task-opened", "task-done"]
    assert desk.broken() == {}


def test_what_a_customer_waits_for_goes_to_who_answered_them(desk: Desk) -> None:
    """To who first answered; else to who has the ticket; else to the reviewer; it is not resolved yet."""
    ticket = desk.order()
    desk.claim(ticket, desk.mia)
    code = submitted(desk, ticket)
    issue = decide(desk, code, desk.ada, "approve")
    assert (issue.state, issue.owner_id) == ("assigned", desk.mia.id)
    # they hear that they can tell the customer once it has come as far as these need
    assert told(desk, code, "approved") == [desk.mia.id]
    again = submitted(desk, ticket)
    with desk.ctx() as ctx:
        ctx.session.execute(update(Follower).values(answerer_id=desk.ada.id))
    assert decide(desk, again, desk.mia, "approve").owner_id == desk.ada.id
    nobodys = submitted(desk, desk.order())
    issue = decide(desk, nobodys, desk.ada, "approve")
    assert (issue.state, issue.owner_id) == ("assigned", desk.ada.id)
    assert desk.broken() == {}


def test_a_decision_is_about_the_solution_that_was_tried(desk: Desk) -> None:
    """A decision about the solution before is refused; the same form twice is one operation."""
    code = submitted(desk)
    old = desk.issue(code).version
    decide(desk, code, desk.mia, "rework", "Still dark.")
    desk.issue_move(code, "submit", desk.ben)
    with desk.ctx(desk.ada) as ctx, pytest.raises(StaleIssueError):
        reviewing.decide(ctx, code, "approve", "Fine.", version=old, key=new_key())
    for decision in ("pass", "rework"):
        version, key = desk.issue(code).version, new_key()
        for _ in range(2):
            with desk.ctx(desk.ada) as ctx:
                reviewing.decide(ctx, code, decision, "Did it.", version=version, key=key)
    with desk.ctx(desk.ada) as ctx, pytest.raises(TransitionRefusedError, match="nothing to review"):
        reviewing.decide(ctx, code, "approve", "Fine.", version=desk.issue(code).version, key=new_key())
    with desk.ctx(desk.ada) as ctx, pytest.raises(NotFoundError):
        reviewing.decide(ctx, code, "like", "Fine.", version=1, key=new_key())


def test_of_two_reviewers_at_once_one_decides(desk: Desk) -> None:
    """One approves, one sends it back: exactly one of it happens, and the other is told."""
    code = submitted(desk)
    version, barrier, outcomes = desk.issue(code).version, Barrier(2), []

    def act(by: Actor, decision: str) -> None:
        barrier.wait()
        try:
            with desk.ctx(by) as ctx:
                reviewing.decide(ctx, code, decision, "Tried it.", version=version, key=new_key())
            outcomes.append(decision)
        except (StaleIssueError, TransitionRefusedError):
            outcomes.append("late")

    threads = [Thread(target=act, args=pair) for pair in ((desk.ada, "approve"), (desk.mia, "rework"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["approve", "late"], ["late", "rework"])
    assert desk.issue(code).state == ("resolved" if "approve" in outcomes else "assigned")
    assert desk.broken() == {}


def test_what_waits_is_listed_by_urgency_and_hides_what_is_private(desk: Desk) -> None:
    """Most urgent first, then what waits longest; who may not see it does not count it."""
    calm, urgent = submitted(desk), submitted(desk, priority=1)
    hidden = submitted(desk, reviewer=desk.mia.id)
    desk.change_issue(hidden, private=True)
    asked = submitted(desk, reviewer=desk.mia.id)

    def listed(by: Actor, asked_of: int | None = None) -> list[str]:
        with desk.ctx(by) as ctx:
            return [row.issue.code for row in reviews.waiting(ctx.session, by, asked_of=asked_of)]

    assert listed(desk.mia) == [urgent, calm, hidden, asked]
    assert listed(desk.mia, desk.mia.id) == [hidden, asked]
    # who filed it reads it, and whoever solved it had it
    assert hidden in listed(desk.ada)
    with desk.ctx() as ctx:
        ctx.session.execute(text("DELETE FROM paidsupport_issue_reader"))
    assert listed(desk.ada) == [urgent, calm, asked]


def test_the_database_itself_refuses_a_review_by_the_author(desk: Desk) -> None:
    """Whatever an operation forgot."""
    code = submitted(desk)
    with pytest.raises(IntegrityError), desk.ctx() as ctx:
        ctx.session.execute(text("UPDATE paidsupport_issue SET reviewed_by_id = author_id"))
    assert desk.issue(code).reviewed_by_id is None


#: What happens around a review; the rest of the way is not walked here.
AROUND = ("submit", "submit", "rework", "approve", "settle", "hand-over", "retract", "resolve")


@pytest.mark.parametrize("seed", range(4))
def test_no_reviewer_is_ever_the_author(lite_desk: Desk, seed: int) -> None:
    """Whatever people try in any order, no decision is made by the person who submitted that solution."""
    desk, chance = lite_desk, random.Random(seed)  # noqa: S311  # the same in every run
    people = [desk.ada, desk.ben, desk.mia]
    code = desk.open_issue(desk.ada, *([desk.order()] if seed % 2 else []))
    for _ in range(200):
        issue = desk.issue(code)
        if issue.state not in {"assigned", "review"} or issue.approved_at:
            # back to work past the rules, or it is over at once
            desk.change_issue(code, state="confirmed", owner_id=None, approved_at=None, resolved_at=None)
            desk.issue_move(code, "start", chance.choice(people))
        by = chance.choice(people)
        with suppress(PaidSupportError), desk.ctx(by) as ctx:
            _something(ctx, code, chance, people)
    with desk.ctx() as ctx:
        wanted = select(IssueEvent.kind, IssueEvent.actor_id).order_by(IssueEvent.id)
        events = [tuple(row) for row in ctx.session.execute(wanted)]
    author, decided = None, []
    for kind, actor in events:
        if kind == "submit":
            author = actor
        elif kind in {"tried", "rework", "approve", "settle"}:
            decided.append(kind)
            assert actor not in {None, author}
    assert decided
    assert not {"no solution was reviewed by its author", "solutions were reviewed by a colleague"} & set(
        desk.broken()
    )


def _something(ctx: Context, code: str, chance: random.Random, people: list[Actor]) -> None:
    """Anything that has to do with a review, sensible or not."""
    issue = ctx.session.scalars(select(Issue).where(Issue.code == code)).one()
    act = chance.choice(["move", "move", "decide", "decide", "draft"])
    if act == "decide":
        decision = chance.choice(list(reviewing.DECISIONS))
        reviewing.decide(ctx, code, decision, "Tried it.", version=issue.version, key=new_key())
    elif act == "draft":
        drafting.draft(ctx, code, "We fixed it and tested it.", key=new_key())
    else:
        colleague = chance.choice([None, *(person.id for person in people)])
        filled = Filled(note="Because.", colleague=colleague)
        name = chance.choice([name for name in AROUND if issue.state in ISSUE.transition(name).sources])
        transitions.make(ctx, code, name, version=issue.version, key=new_key(), filled=filled)


def test_whoever_had_it_before_does_not_review_it_either(lite_desk: Desk) -> None:
    """Ada began, Ben goes on and submits: Ada has worked on it too. Begun anew by Ben, she has not."""
    desk = lite_desk
    code = desk.open_issue(desk.mia)
    desk.issue_move(code, "grab", desk.ada)
    desk.change_issue(code, feedback_at=desk.clock(), estimate_minutes=60, path="Try.")
    desk.issue_move(code, "answer", desk.ada)
    desk.change_issue(code, timeline_at=desk.clock(), target_release="2.1")
    desk.issue_move(code, "confirm", desk.mia)
    desk.issue_move(code, "start", desk.ada)
    desk.issue_move(code, "hand-over", desk.ada, colleague=desk.ben.id)
    desk.issue_move(code, "submit", desk.ben)
    version = desk.issue(code).version
    with (
        desk.ctx(desk.ada) as ctx,
        pytest.raises(TransitionRefusedError, match="a colleague has to review it"),
    ):
        reviewing.decide(ctx, code, "approve", "Works.", version=version, key=new_key())
    desk.issue_move(code, "rework", desk.mia, note="Not yet.")
    desk.issue_move(code, "stop", desk.ben, note="Begun anew.")
    desk.issue_move(code, "start", desk.ben)
    desk.issue_move(code, "submit", desk.ben)
    version = desk.issue(code).version
    with desk.ctx(desk.ada) as ctx:
        reviewing.decide(ctx, code, "approve", "Works.", version=version, key=new_key())
    assert desk.issue(code).state == "resolved"


def test_what_is_approved_is_neither_submitted_again_nor_put_down(lite_desk: Desk) -> None:
    """The person who tells the customer does not become its author, and it cannot be closed unreviewed."""
    desk = lite_desk
    ticket = desk.order()
    desk.claim(ticket, desk.ada)
    code = desk.open_issue(desk.mia, ticket)
    at_work = {"state": "assigned", "owner_id": desk.ada.id, "approved_at": desk.clock()}
    desk.change_issue(code, **at_work, author_id=desk.ben.id)
    for name in ("submit", "stop"):
        with pytest.raises(TransitionRefusedError, match="already approved"):
            desk.issue_move(code, name, desk.ada, note="For a reason.")
