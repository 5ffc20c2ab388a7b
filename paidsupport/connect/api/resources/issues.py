"""Issues: finding and reading them, opening, moving, noting."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Page, PageQuery, Sent
from paidsupport.connect.api.resources._common import Id
from paidsupport.connect.api.resources._issue_models import (
    IssueRow,
    IssueShort,
    IssueTold,
    row_told,
    short,
    told,
)
from paidsupport.issues.operations import access, estimates, news, opening, slips, transitions
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.operations.opening import Opening
from paidsupport.issues.operations.slips import Announcement
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.queries import lists
from paidsupport.issues.queries.contents import history_of
from paidsupport.issues.queries.lists import Wanted, key_of, spelled
from paidsupport.issues.queries.news import unread_about
from paidsupport.issues.queries.sight import without_hidden
from paidsupport.issues.queries.work import estimates_of
from paidsupport.issues.tables import NO_DEADLINE
from paidsupport.kernel.context import Context
from paidsupport.kernel.words import words
from paidsupport.tickets.priority.rules import NUMBERS

TAG = "Issues"

State = Literal["open", "all", "new", "feedback", "confirmed", "assigned", "review", "resolved", "closed"]
NO_NAMES = "Names, addresses and numbers of customers are refused here."
Typed = Annotated[str, Field(description=NO_NAMES)]


class IssueQuery(PageQuery):
    """Which issues."""

    state: Annotated[State, Field(description="`open`: everything with something left to do.")] = "open"
    kind: Literal["", "bug", "feature", "documentation"] = ""
    assignee: Annotated[Id | None, Field(description="The id of a member of staff.")] = None
    tag: Annotated[str, Field(max_length=200)] = ""
    release: Annotated[str, Field(max_length=200, description="Planned for it, or shipped in it.")] = ""
    q: Annotated[str, Field(max_length=200, description="Words to look for.")] = ""
    sort: Annotated[
        Literal["priority", "changed"],
        Field(description="The most urgent first, or the last changed one."),
    ] = "priority"


class IssueOpening(Sent):
    """A new issue."""

    kind: Annotated[str, Field(description="`bug`, `feature` or `documentation`.")]
    summary: Typed
    details: Annotated[str, Field(description=f"How a colleague can reproduce it. {NO_NAMES}")]
    private: Annotated[bool, Field(description="Only managers and the people working on it can see it.")] = (
        False
    )
    priority: Annotated[str, Field(description="`urgent`, `high`, `normal` or `low`.")] = "normal"
    parent: Annotated[str, Field(description="The code of the issue that it is a part of.")] = ""


class IssueNoteSent(Sent):
    """A note."""

    body: Typed
    left_now: Annotated[
        str, Field(description="Work left now, if it has changed, like `45m`, `4h` or `1d 4h`.")
    ] = ""


class IssuePrivate(Sent):
    """Whether an issue is private."""

    private: bool


class IssueMove(Sent):
    """What a transition may need; its issue says in `asks` which of it."""

    reason: Annotated[str, Field(description="The name of one of its `reasons`.")] = ""
    note: Typed = ""
    colleague: Annotated[Id | None, Field(description="The id of a member of staff.")] = None
    release: Annotated[str, Field(description="The release that it shipped in.")] = ""


class IssueEventTold(Answer):
    """An event of the history."""

    number: int
    kind: str
    at: Moment
    actor: str
    claim_number: int
    data: dict[str, Any]
    hash: str


class EstimateSent(Sent):
    """Work left and the deadline."""

    left: Annotated[str, Field(description="Like `45m`, `4h` or `2-3d`; empty: unchanged.")] = ""
    until: Annotated[
        str | None,
        Field(description="A day like `2034-03-14`; empty: none; null: unchanged. For managers."),
    ] = None
    because: Annotated[str, Field(description="Why, if it is more work or another deadline.")] = ""


class EstimateTold(Answer):
    """A change of the work left and the deadline."""

    at: Moment
    person: str
    minutes_left: int | None
    deadline: date | None
    reason: str


class DelaySent(Sent):
    """Which issues will be late."""

    issues: Annotated[list[str], Field(max_length=100, description="Their codes.")]
    because: Typed
    expected: dict[str, str] = Field(
        default_factory=dict, description="The day when each is expected now, by code."
    )


class Delays(Answer):
    """What was announced."""

    issues: list[IssueShort]


class IssueNews(Answer):
    """Something that this person was notified of and has not read."""

    id: int
    occasion: str
    at: Moment


class ReadUntil(Sent):
    """Up to which notice everything was read."""

    until: Id


@get("/issues")
def list_issues(ctx: Context, query: IssueQuery) -> Page[IssueRow]:
    """List the issues that this person may see."""
    wanted = Wanted(
        state=query.state,
        kind=query.kind,
        owner=query.assignee,
        tag=query.tag.strip(),
        release=query.release.strip(),
        words=words(query.q),
        sort=query.sort,
        after=key_of(query.after, query.sort),
        limit=query.limit,
    )
    found = lists.page(ctx.session, ctx.by, wanted)
    further = spelled(found.following) if found.following else None
    return Page[IssueRow].model_validate({"items": [row_told(row) for row in found.rows], "next": further})


@post("/issues", status=201)
def open_issue(ctx: Context, body: IssueOpening, key: str) -> IssueShort:
    """Open an issue that no customer waits for, or a part of another one.

    What customers ask for becomes an issue by `file_issue` at their request.
    """
    wanted = Opening(
        body.kind, body.summary, body.details, body.private, NUMBERS.get(body.priority, 0), body.parent
    )
    return short(opening.open_issue(ctx, wanted, key=key))


@get("/issues/<code>")
def get_issue(ctx: Context, code: str) -> IssueTold:
    """Get one issue with everything on it that this person may see.

    A private issue is only there for managers and its `readers`: for all others it does not exist. Whoever
    files it, gets it, reviews it or owns a ticket that waits for it becomes a reader.
    """
    return told(ctx, access.see(ctx, code))


@get("/issues/<code>/events")
def list_issue_events(ctx: Context, code: str) -> list[IssueEventTold]:
    """List who did what and when, from the first event on."""
    events = history_of(ctx.session, access.see(ctx, code))
    lines = [
        {
            **{name: getattr(event, name) for name in ("number", "kind", "at", "claim_number", "hash")},
            "actor": event.actor_name,
            "data": event.data,
        }
        for event in events
    ]
    return [IssueEventTold.model_validate(line) for line in without_hidden(ctx.session, ctx.by, lines)]


@post("/issues/<code>/moves/<transition>")
def move_issue(
    ctx: Context, code: str, transition: str, body: IssueMove, version: int, key: str
) -> IssueShort:
    """Make a transition: start, submit, hand over, resolve, close, reopen and all others.

    The `sentences` of a 409 say what it needs.
    """
    filled = Filled(body.reason, body.note, body.colleague, release=body.release)
    return short(transitions.make(ctx, code, transition, version=version, key=key, filled=filled))


@post("/issues/<code>/notes", status=201)
def note_on_issue(ctx: Context, code: str, body: IssueNoteSent, key: str) -> IssueShort:
    """Leave a note; colleagues mentioned in it are notified."""
    return short(estimates.note(ctx, code, body.body, body.left_now, key=key))


@put("/issues/<code>/private")
def set_issue_private(ctx: Context, code: str, body: IssuePrivate, key: str) -> IssueShort:
    """Hide an issue whose disclosure would do harm, with its open parts; managers can show it again."""
    return short(access.set_private(ctx, code, private=body.private, key=key))


@get("/issues/<code>/estimates")
def list_issue_estimates(ctx: Context, code: str) -> list[EstimateTold]:
    """List all changes of the work left and the deadline, the oldest first."""
    rows = estimates_of(ctx.session, access.see(ctx, code))
    return [
        EstimateTold(
            at=row.at,
            person=row.person_name,
            minutes_left=row.minutes_left,
            deadline=None if row.deadline == NO_DEADLINE else row.deadline,
            reason=row.why,
        )
        for row in rows
    ]


@put("/issues/<code>/estimate")
def estimate_issue(ctx: Context, code: str, body: EstimateSent, key: str) -> IssueShort:
    """Say how much work is left, and until when."""
    return short(estimates.say(ctx, code, Said(body.left, body.until, body.because), key=key))


@post("/issues/delays", status=201)
def announce_delays(ctx: Context, body: DelaySent, key: str) -> Delays:
    """Announce that deadlines will not be met, once for all issues concerned.

    Managers and the owners of waiting tickets are notified. Every issue that the desk has asked about has to
    be among them.
    """
    made = slips.announce(ctx, Announcement(body.issues, body.because, body.expected), key=key)
    return Delays(issues=[short(issue) for issue in made])


@get("/issues/<code>/news")
def list_issue_news(ctx: Context, code: str) -> list[IssueNews]:
    """List what this person was notified of about an issue and has not read, the oldest first."""
    rows = unread_about(ctx.session, ctx.by, access.see(ctx, code))
    return [IssueNews.model_validate(row[0]) for row in rows]


@put("/issues/<code>/news")
def read_issue_news(ctx: Context, code: str, body: ReadUntil, key: str) -> None:
    """Mark the notices about an issue as read, up to the newest one that was shown."""
    del key
    news.read(ctx, until=body.until, issue=access.see(ctx, code))
