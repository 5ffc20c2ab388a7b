"""What an issue looks like to programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.models import Answer, Moment
from paidsupport.connect.api.resources._common import PersonRef, refs
from paidsupport.issues.operations import drafting, followers, resolution, steps, transitions
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries import lists as issue_lists
from paidsupport.issues.queries import reviews
from paidsupport.issues.queries.contents import notes_of, readers, release_words, tags_of
from paidsupport.issues.queries.sight import without_hidden
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Possible
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.tickets.priority.rules import NAMES

_STAGE = "`git`: in the repository, `staging`: on the test system, `production`."
Stage = Annotated[str, Field(description=_STAGE)]
Reached = Annotated[str | None, Field(description=f"{_STAGE} Null: not solved yet.")]


class IssueShort(Answer):
    """What has become of an issue."""

    code: str
    state: str
    version: int
    claim_number: Annotated[int, Field(description="Grows whenever its assignee changes.")]
    private: bool


class IssueRow(Answer):
    """An issue in a list."""

    code: str
    kind: str
    state: str
    version: int
    summary: str
    private: bool
    priority: Annotated[str, Field(description="`urgent`, `high`, `normal` or `low`.")]
    planned_release: str | None
    release: Annotated[str | None, Field(description="The one that it shipped in.")]
    deadline: date | None
    minutes_left: Annotated[int | None, Field(description="Work left.")]
    assignee: PersonRef | None
    tags: list[str]
    created_at: Moment
    changed_at: Moment
    feedback_due_at: Moment | None
    delayed_since: Annotated[Moment | None, Field(description="Since when a delay is announced.")]


class Condition(Answer):
    """What a transition needs."""

    name: str
    met: bool | None
    sentence: str


class Way(Answer):
    """A transition that this person may try now."""

    name: str
    label: str
    to: Annotated[str | None, Field(description="The state after it; null: the same.")]
    possible: bool
    asks: Annotated[list[str], Field(description="The fields that it takes.")]
    reasons: list[str]
    conditions: list[Condition]


class FeedbackTold(Answer):
    """What a developer was asked and said about how to solve it."""

    asked_at: Moment | None
    due_at: Moment | None
    given_at: Moment | None
    estimate_minutes: int | None
    path: Annotated[str, Field(description="How to solve it.")]
    fixed_where: Annotated[Reached, Field(description="Where it was solved already.")]
    fixed_version: str


class SolutionTold(Answer):
    """Who solved it, who reviewed that, and how far it has come."""

    author: PersonRef | None
    reviewer: Annotated[PersonRef | None, Field(description="Who was asked to review it.")]
    reviewed_by: PersonRef | None
    outcome: str | None
    submitted_at: Moment | None
    approved_at: Moment | None
    stage: Reached
    stage_version: str


class IssueNoteTold(Answer):
    """A note."""

    id: int
    kind: str
    about: str
    author: str
    body: str
    at: Moment


class StepTold(Answer):
    """A step; `against` says why it cannot be done now."""

    id: int
    what: str
    ticket: Annotated[str | None, Field(description="Whose customer's account or data it affects.")]
    added_by: str
    added_at: Moment
    done_by: str | None
    done_at: Moment | None
    against: str


class TaskTold(Answer):
    """A task that a review waits for."""

    id: int
    what: str
    added_by: str
    added_at: Moment
    done_by: str | None
    done_at: Moment | None


class CustomerTold(Answer):
    """A ticket whose customer waits or waited for the issue."""

    ticket: str
    stage: Annotated[Stage, Field(description=f"At which stage a solution is of use to them: {_STAGE}")]
    teller: Annotated[PersonRef | None, Field(description="Who tells them that it is solved.")]
    knows_we_look: Annotated[bool, Field(description="Whether they know that we are investigating.")]
    knows_it_is_solved: bool
    followed_at: Moment
    ended_at: Annotated[Moment | None, Field(description="When they stopped waiting without being told.")]
    ending: str
    against: Annotated[list[str], Field(description="Why they cannot be told now that it is solved.")]


class MarkedTold(Answer):
    """A marked passage of a draft."""

    name: str
    words: str
    rule: str
    reason: Annotated[str, Field(description="Why it is kept, if that was said.")]


class DraftTold(Answer):
    """The answer to the customer, as drafted."""

    id: Annotated[int, Field(description="What `keep_marked` wants as `seen`.")]
    body: str
    author: str
    at: Moment
    marked: list[MarkedTold]


class Related(Answer):
    """A parent or a sub-issue."""

    code: str
    relation: Annotated[str, Field(description="`parent` or `part`.")]
    state: str
    summary: str
    assignee: PersonRef | None
    feedback_at: Moment | None


class IssueTold(IssueRow):
    """Everything on an issue that this person may see."""

    claim_number: int
    details: str
    reporter: PersonRef | None
    assigned_by: Annotated[PersonRef | None, Field(description="Null if the assignee took it.")]
    feedback: FeedbackTold
    timeline_at: Annotated[Moment | None, Field(description="When a manager set the timeline.")]
    solution: SolutionTold
    delay_asked_at: Annotated[Moment | None, Field(description="When the desk asked about a delay.")]
    end_reason: str
    resolved_at: Moment | None
    ended_at: Moment | None
    readers: Annotated[
        list[PersonRef], Field(description="Who can see it besides managers, if it is private.")
    ]
    notes: list[IssueNoteTold]
    draft: DraftTold | None
    release_note: Annotated[str, Field(description="Empty: the summary is used.")]
    steps: list[StepTold]
    tasks: list[TaskTold]
    customers: list[CustomerTold]
    related: list[Related]
    transitions: list[Way]


def short(issue: Issue) -> IssueShort:
    """What has become of an issue."""
    return IssueShort.model_validate(issue)


def row_told(row: Any) -> dict[str, Any]:  # noqa: ANN401  # a row of `lists.ROWS`
    """A row of a list."""
    owner = {"id": row.owner_id, "name": row.owner_name} if row.owner_id else None
    return {
        "code": row.code,
        "kind": row.kind,
        "state": row.state,
        "version": row.version,
        "summary": row.summary,
        "private": row.private,
        "priority": NAMES[row.priority],
        "planned_release": row.target_release or None,
        "release": row.release or None,
        "deadline": None if row.deadline == NO_DEADLINE else row.deadline,
        "minutes_left": row.minutes_left,
        "assignee": owner,
        "tags": sorted(row.tags.split(",")) if row.tags else [],
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "feedback_due_at": row.feedback_due_at,
        "delayed_since": row.slipping_since,
    }


def told(ctx: Context, issue: Issue) -> IssueTold:
    """An issue with everything on it. Names no private issue that this person may not see."""
    ref, found = refs(ctx), notes_of(ctx.session, issue)
    matter = reviews.matter(ctx.session, issue, found)
    everything = {
        **_columns(issue),
        "assignee": ref(issue.owner_id),
        "tags": [tag.name for tag in tags_of(ctx.session, issue)],
        "reporter": ref(issue.reporter_id),
        "assigned_by": ref(issue.assigned_by_id),
        "solution": {
            "author": ref(issue.author_id),
            "reviewer": ref(issue.reviewer_id),
            "reviewed_by": ref(issue.reviewed_by_id),
            "outcome": issue.review_outcome or None,
            "submitted_at": issue.submitted_at,
            "approved_at": issue.approved_at,
            "stage": issue.stage or None,
            "stage_version": issue.stage_version,
        },
        "readers": [ref(person) for person in sorted(readers(ctx.session, issue))],
        "notes": [
            {**{name: getattr(note, name) for name in _NOTE}, "author": note.author_name} for note in found
        ],
        "draft": _draft(ctx, issue),
        "release_note": release_words(ctx.session, issue),
        "steps": [_step(each) for each in steps.of(ctx, issue)],
        "tasks": [_done(task) for task in matter.tasks],
        "customers": [_customer(issue, each, ref) for each in followers.everybody(ctx, issue)],
        "related": [_related(issue, row) for row in issue_lists.parts(ctx.session, ctx.by, issue)],
        "transitions": [_way(way) for way in transitions.possible(ctx, issue)],
    }
    return IssueTold.model_validate(in_words(without_hidden(ctx.session, ctx.by, everything)))


_NOTE = ("id", "kind", "about", "body", "at")


def _columns(issue: Issue) -> dict[str, Any]:
    return {
        **{name: getattr(issue, name) for name in ("code", "kind", "state", "version", "claim_number")},
        **{name: getattr(issue, name) for name in ("summary", "details", "private", "minutes_left")},
        "priority": NAMES[issue.priority],
        "planned_release": issue.target_release or None,
        "release": issue.release or None,
        "deadline": None if issue.deadline == NO_DEADLINE else issue.deadline,
        **{name: getattr(issue, name) for name in ("created_at", "changed_at", "feedback_due_at")},
        "delayed_since": issue.slipping_since,
        "feedback": {
            "asked_at": issue.feedback_asked_at,
            "due_at": issue.feedback_due_at,
            "given_at": issue.feedback_at,
            "estimate_minutes": issue.estimate_minutes,
            "path": issue.path,
            "fixed_where": issue.fixed_where or None,
            "fixed_version": issue.fixed_version,
        },
        "delay_asked_at": issue.slip_asked_at,
        **{name: getattr(issue, name) for name in ("timeline_at", "end_reason", "resolved_at", "ended_at")},
    }


def _draft(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    standing = drafting.of(ctx, issue)
    if standing is None:
        return None
    return {
        "id": standing.note.id,
        "body": standing.note.body,
        "author": standing.note.author_name,
        "at": standing.note.at,
        "marked": [
            {"name": place.name, "words": place.words, "rule": place.remark.rule, "reason": place.reason}
            for place in standing.marked
        ],
    }


def _done(step: Any) -> dict[str, Any]:  # noqa: ANN401  # a step or a task
    told = {name: getattr(step, name) for name in ("id", "what", "added_by", "added_at", "done_at")}
    return {**told, "done_by": step.done_by or None}


def _step(each: steps.StepState) -> dict[str, Any]:
    ticket = each.ticket.code if each.ticket else None
    return {**_done(each.step), "ticket": ticket, "against": each.against}


def _customer(issue: Issue, each: Waiting, ref: Any) -> dict[str, Any]:  # noqa: ANN401  # see `refs`
    follower = each.follower
    return {
        "ticket": each.ticket.code,
        "stage": follower.stage,
        "teller": ref(follower.teller_id),
        "knows_we_look": each.knows_we_look,
        "knows_it_is_solved": each.knows_it_is_solved,
        "followed_at": follower.followed_at,
        "ended_at": follower.ended_at,
        "ending": follower.ending,
        "against": resolution.against(issue, each),
    }


def _related(issue: Issue, row: Any) -> dict[str, Any]:  # noqa: ANN401  # a row
    owner = {"id": row.owner_id, "name": row.owner_name} if row.owner_id else None
    return {
        "code": row.code,
        "relation": "parent" if row.id == issue.parent_id else "part",
        "state": row.state,
        "summary": row.summary,
        "assignee": owner,
        "feedback_at": row.feedback_at,
    }


def _way(way: Possible) -> dict[str, Any]:
    transition = way.transition
    return {
        "name": transition.name,
        "label": transition.label,
        "to": transition.target,
        "possible": not way.blocked,
        "asks": [name for name in ("reason", "note", "colleague", "release") if transition.takes(name)],
        "reasons": [reason.name for reason in transition.offered],
        "conditions": [
            {"name": each.guard.name, "met": each.holds, "sentence": each.sentence} for each in way.conditions
        ],
    }
