"""The process of issues: feedback, timeline, draft, review, steps, stages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Page, Query, Sent
from paidsupport.connect.api.resources._common import Id, PersonRef, refs
from paidsupport.connect.api.resources._issue_models import IssueShort, Stage, short
from paidsupport.connect.api.resources.issues import Typed
from paidsupport.issues.operations import analysis, drafting, resolution, reviewing, steps, tasks
from paidsupport.issues.operations.analysis import Feedback, Part, Timeline
from paidsupport.issues.operations.steps import Wanted
from paidsupport.issues.queries import reviews
from paidsupport.issues.queries.analysis import NEEDS, spelled
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.priority.rules import NAMES, NUMBERS

TAG = "Issues"


class InboxQuery(Query):
    """Which page."""

    after: Annotated[str, Field(max_length=64, description="Where the page before ended: its `next`.")] = ""


class InboxRow(Answer):
    """A new issue, and what it needs next."""

    code: str
    needs: Annotated[
        str,
        Field(description="`timeline`, `ask` a developer, or `tell` the customers who wait for it."),
    ]
    kind: str
    summary: str
    private: bool
    priority: str
    version: int
    estimate_minutes: int | None
    feedback_at: Moment | None
    assignee: PersonRef | None
    customers: Annotated[int, Field(description="How many wait for it.")]
    created_at: Moment


class Question(Sent):
    """Whom to ask for feedback."""

    colleague: Annotated[Id | None, Field(description="The id of a member of staff.")]
    priority: Annotated[str, Field(description="`urgent`, `high`, `normal` or `low`.")]
    note: Annotated[str, Field(description="What to look at.")] = ""


class PartSent(Sent):
    """A sub-issue for a colleague, who is asked for feedback at once."""

    summary: Typed
    colleague: Annotated[Id | None, Field(description="The id of a member of staff.")]


Parts = Annotated[list[PartSent], Field(max_length=20)]


class FeedbackSent(Sent):
    """How long it takes and how to solve it, or where it is solved already."""

    estimate: Annotated[str, Field(description="A cautious figure like `4h`, `1d 4h` or `2-3 days`.")] = ""
    path: Annotated[str, Field(description="How to solve it.")] = ""
    fixed_where: Annotated[str, Field(description="`git`, `staging` or `production`.")] = ""
    fixed_version: str = ""
    parts: Parts = Field(default_factory=list)


class PartsSent(Sent):
    """What colleagues are asked about first."""

    parts: Parts


class TimelineSent(Sent):
    """A deadline and a release."""

    deadline: Annotated[str, Field(description="A day like `2034-03-14`.")] = ""
    release: str = ""
    why: Typed = ""


class DraftSent(Sent):
    """The answer to the customer; the colleague who tells them adds the greeting."""

    body: Typed


class KeptMarked(Sent):
    """Why marked passages of a draft stay as they are."""

    seen: Annotated[Id, Field(description="The `id` of the draft that you have seen.")]
    reasons: Annotated[dict[str, str], Field(description="The reasons, by the `name` of each passage.")]


class ReviewQuery(Query):
    """Which reviews."""

    mine: Annotated[bool, Field(description="Only those that this person was asked for.")] = False


class ReviewRow(Answer):
    """A solution that waits for a review."""

    code: str
    summary: str
    priority: str
    version: int
    private: bool
    submitted_at: Moment | None
    author: str
    reviewer: Annotated[str | None, Field(description="Null: any colleague of the author.")]
    open_tasks: int
    customers: Annotated[int, Field(description="How many wait for it.")]


class Decision(Sent):
    """What a review came to."""

    decision: Annotated[
        Literal["approve", "rework", "pass"],
        Field(description="`pass`: it could not be tried; another reviewer does it."),
    ]
    note: Annotated[str, Field(description="What was tried, and what was seen.")]


class TaskSent(Sent):
    """A task that a review waits for."""

    task: Typed


class Ticked(Sent):
    """Whether it is done."""

    done: bool


class StepSent(Sent):
    """Something to do."""

    what: Typed
    ticket: Annotated[
        str, Field(description="The ticket whose customer's account or data it affects, if any.")
    ] = ""


class StepShort(Answer):
    """A step."""

    id: int
    what: str
    done_at: Moment | None


class StageSent(Sent):
    """How far the solution has come."""

    stage: Stage
    version: Annotated[str, Field(description="A version or a commit.")]
    why: Annotated[str, Field(description="If the solution was withdrawn from a later stage.")] = ""


@get("/issue-inbox")
def list_issue_inbox(ctx: Context, query: InboxQuery) -> Page[InboxRow]:
    """List new issues by what each needs next. For managers.

    A page has at most 30.
    """
    found = analysis.inbox(ctx, query.after)
    ref = refs(ctx)
    rows = [
        InboxRow(
            code=row.code,
            needs=NEEDS[row.rank],
            kind=row.kind,
            summary=row.summary,
            private=row.private,
            priority=NAMES[row.priority],
            version=row.version,
            estimate_minutes=row.estimate_minutes,
            feedback_at=row.feedback_at,
            assignee=ref(row.owner_id),
            customers=row.waiting,
            created_at=row.created_at,
        )
        for row in found.rows
    ]
    return Page[InboxRow](items=rows, next=spelled(found.following) if found.following else None)


@post("/issues/<code>/ask", scope=Scope.MANAGE)
def ask_for_feedback(ctx: Context, code: str, body: Question, version: int, key: str) -> IssueShort:
    """Set the priority and ask a developer for feedback, in one step."""
    rank = NUMBERS.get(body.priority, 0)
    return short(analysis.ask(ctx, code, body.colleague, rank, body.note, version=version, key=key))


@post("/issues/<code>/feedback")
def give_feedback(ctx: Context, code: str, body: FeedbackSent, version: int, key: str) -> IssueShort:
    """Say how long it takes and how to solve it, as the person who was asked."""
    given = Feedback(body.estimate, body.path, body.fixed_where, body.fixed_version, _parts(body.parts))
    return short(analysis.give_feedback(ctx, code, given, version=version, key=key))


@post("/issues/<code>/parts", status=201)
def ask_about_parts(ctx: Context, code: str, body: PartsSent, version: int, key: str) -> IssueShort:
    """Ask colleagues about parts of an issue, before giving feedback on the whole."""
    return short(analysis.open_parts(ctx, code, _parts(body.parts), version=version, key=key))


@put("/issues/<code>/timeline", scope=Scope.MANAGE)
def set_issue_timeline(ctx: Context, code: str, body: TimelineSent, key: str) -> IssueShort:
    """Set the deadline and the release; customers who wait are told next."""
    wanted = Timeline(body.deadline, body.release, body.why)
    return short(analysis.set_timeline(ctx, code, wanted, key=key))


@put("/issues/<code>/draft")
def draft_answer(ctx: Context, code: str, body: DraftSent, key: str) -> IssueShort:
    """Save the answer to the customer, as its assignee; earlier drafts are kept."""
    return short(drafting.draft(ctx, code, body.body, key=key))


@post("/issues/<code>/draft/kept")
def keep_marked(ctx: Context, code: str, body: KeptMarked, key: str) -> IssueShort:
    """Keep marked passages of the draft, each for a reason."""
    return short(drafting.keep(ctx, code, body.reasons, seen=body.seen, key=key))


@get("/reviews")
def list_reviews(ctx: Context, query: ReviewQuery) -> list[ReviewRow]:
    """List the solutions that wait for a review, the most urgent first; at most 100."""
    rows = reviews.waiting(ctx.session, ctx.by, asked_of=ctx.by.id if query.mine else None)
    return [
        ReviewRow(
            code=row.issue.code,
            summary=row.issue.summary,
            priority=NAMES[row.issue.priority],
            version=row.issue.version,
            private=row.issue.private,
            submitted_at=row.issue.submitted_at,
            author=row.author,
            reviewer=row.reviewer or None,
            open_tasks=row.open_tasks,
            customers=row.customers,
        )
        for row in rows
    ]


@post("/issues/<code>/review")
def review_issue(ctx: Context, code: str, body: Decision, version: int, key: str) -> IssueShort:
    """Approve a solution, send it back, or say that it could not be tried; never one's own."""
    made = reviewing.decide(ctx, code, body.decision, body.note, version=version, key=key)
    return short(made)


@post("/issues/<code>/tasks", status=201)
def add_review_task(ctx: Context, code: str, body: TaskSent, key: str) -> IssueShort:
    """Add a task to be done before approval."""
    return short(tasks.add(ctx, code, body.task, key=key))


@put("/issues/<code>/tasks/<task>")
def tick_review_task(ctx: Context, code: str, task: str, body: Ticked, key: str) -> IssueShort:
    """Tick a task, or reopen it."""
    number = existing(whole_number(task))
    return short(tasks.tick(ctx, code, number, done=body.done, key=key))


@post("/issues/<code>/steps", status=201)
def add_issue_step(ctx: Context, code: str, body: StepSent, key: str) -> StepShort:
    """Add a step."""
    return StepShort.model_validate(steps.add(ctx, code, Wanted(body.what, body.ticket), key=key))


@post("/issues/<code>/steps/<step>/done")
def do_issue_step(ctx: Context, code: str, step: str, key: str) -> StepShort:
    """Note that this person has done a step.

    A step on a customer's account or data is for the person whom a manager assigned, after the customer's
    approval.
    """
    return StepShort.model_validate(steps.do(ctx, code, existing(whole_number(step)), key=key))


@put("/issues/<code>/stage")
def reach_stage(ctx: Context, code: str, body: StageSent, key: str) -> IssueShort:
    """Say how far the solution has come; colleagues who can now tell a customer are notified."""
    made = resolution.reach(ctx, code, body.stage, body.version, key=key, why=body.why)
    return short(made)


def _parts(sent: list[PartSent]) -> tuple[Part, ...]:
    return tuple(Part(each.summary, each.colleague) for each in sent)
