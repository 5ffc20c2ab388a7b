"""Requests: what came in by mail, by phone or by a form, and what becomes of it (triage)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Page, PageQuery, Query, Sent
from paidsupport.connect.api.resources._issue_models import IssueShort
from paidsupport.connect.api.resources._issue_models import short as short_of_issue
from paidsupport.connect.api.resources._ticket_models import TicketRow, TicketShort
from paidsupport.connect.api.resources.conversation import Opening, opening_of
from paidsupport.connect.api.resources.tickets import key_of, page_of, short
from paidsupport.intake.arrivals.queries import intakes
from paidsupport.intake.filing import operations as filing
from paidsupport.intake.filing.operations import Filing
from paidsupport.intake.gaps.operations import documented, gaps
from paidsupport.intake.gaps.operations.gaps import Choice
from paidsupport.intake.gaps.rules import TopicKind
from paidsupport.intake.triage import operations as triage
from paidsupport.intake.workflow import REQUEST
from paidsupport.issues.operations import privacy
from paidsupport.issues.rules.kinds import Stage
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.workflow import Part
from paidsupport.privacy.personal.recognition import Piece
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted

TAG = "Requests"


class RequestRow(TicketRow):
    """A request that waits for a decision."""

    channel: Annotated[str, Field(description="How it came: `mail`, `phone`, or the `form` of a service.")]
    purpose: Annotated[str, Field(description="What the address was for, or the call.")]
    organisation: str
    caller: Annotated[str, Field(description="`user`, `merchant`, `bank`, `other`; empty: not known.")]


class Decided(Sent):
    """What a request is."""

    decision: Annotated[
        str,
        Field(
            description="`bug`: it is followed elsewhere; `commercial`: a sales lead; `spam`; `take`: the"
            " person of the token answers it."
        ),
    ]
    note: Annotated[str, Field(description="Of a bug: where it is followed.")] = ""


class Numbers(Query):
    """Which texts of the customer to begin from."""

    message: Annotated[
        list[Annotated[int, Field(ge=0, le=2**31 - 1)]] | Annotated[int, Field(ge=0, le=2**31 - 1)] | None,
        Field(description="The numbers of messages; 0: the request itself. By default the first text."),
    ] = None


class FilingDraft(Answer):
    """An issue that could be made of a request; nothing is cut out yet."""

    summary: str
    details: str
    stage: str
    against: Annotated[str, Field(description="Why this person cannot file it now; empty if they can.")]


class NewFiling(Sent):
    """An issue made of a request, or an existing one for it to follow."""

    kind: Annotated[str, Field(description="The kind of the issue.")] = "bug"
    summary: str = ""
    details: Annotated[str, Field(description="Personal data is cut out of it.")] = ""
    private: Annotated[bool, Field(description="For what would do harm if it became known early.")] = False
    note: Annotated[str, Field(description="What the issue must not contain; it stays on the request.")] = ""
    stage: Annotated[str, Field(description="For which stage the customer waits.")] = Stage.PRODUCTION.value
    issue: Annotated[str, Field(description="The code of an existing issue to follow instead.")] = ""
    kept: dict[str, str] = Field(
        default_factory=dict,
        description="The marks of what looks personal and stays, each with the reason.",
    )
    seen: Annotated[
        list[str] | None,
        Field(description="The marks that a preview told: if there are more by now, it is refused."),
    ] = None


class Recognised(Answer):
    """Something that looks personal."""

    mark: str
    kind: str
    text: str
    may_stay: Annotated[bool, Field(description="Whether it can be kept for a reason; logins cannot.")]


class FilingPreview(Answer):
    """What an issue would say, and what would be cut out of it."""

    summary: str
    details: str
    found: list[Recognised]


class Kept(Sent):
    """What looks personal and stays in an issue."""

    typed: Annotated[str, Field(description="Exactly as it was found, like `192.0.2.7`.")]
    reason: str


class Filed(Answer):
    """The issue that a request follows."""

    issue: str
    ticket: TicketShort


class PageChoice(Query):
    """A page that may answer a request."""

    guide: Annotated[str, Field(max_length=80, description="The name of a public guide in addresses.")] = ""
    url: Annotated[str, Field(max_length=2000, description="Or the address of a page elsewhere.")] = ""


class Pointed(Sent):
    """A page that may answer a request, and the email that points there."""

    guide: Annotated[str, Field(description="The name of a public guide in addresses.")] = ""
    url: Annotated[str, Field(description="Or the address of a page elsewhere.")] = ""
    body: Annotated[str, Field(description="The email; the address of the page has to be in it.")]
    claim: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `claim_number` of the ticket.")]
    thread: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `thread` of the ticket.")]
    topic: Annotated[str, Field(description="The id of the question that it was, if it is known.")] = ""
    naming: Annotated[str, Field(description="Or the question in a few words.")] = ""


class Question(Sent):
    """A question that no page answers."""

    topic: Annotated[str, Field(description="The id of a question that is known.")] = ""
    naming: Annotated[str, Field(description="Or the question in a few words.")] = ""


class Gap(Answer):
    """A question or a page, and how often it came up lately."""

    id: int
    kind: Annotated[str, Field(description="`question` or `page`.")]
    name: str
    guide: Annotated[str, Field(description="The name of the guide in addresses; empty: no guide.")]
    asked: int
    helped: int
    not_helped: int
    no_page: Annotated[int, Field(description="How often no page answered it.")]
    silent: Annotated[int, Field(description="How many customers never said whether it helped.")]
    issue: Annotated[str, Field(description="The open issue about it; empty: none.")]


@get("/requests")
def list_requests(ctx: Context, query: PageQuery) -> Page[RequestRow]:
    """List the requests that wait for a decision, the oldest first."""
    wanted = Wanted(part=Part.UNASSIGNED, workflow=REQUEST.name, after=key_of(query.after, "submitted"))
    found = queue.page(ctx.session, wanted, ctx.now, query.limit)
    came = {each.ticket_id: each for each in intakes(ctx.session, [row.id for row in found.rows])}
    page = page_of(ctx, found)
    rows = []
    for row, told in zip(found.rows, page.items, strict=True):
        intake = came.get(row.id)
        rows.append(
            RequestRow(
                **told.model_dump(),
                channel=intake.channel if intake else "form",
                purpose=intake.purpose if intake else "",
                organisation=intake.organisation if intake else "",
                caller=intake.caller if intake else "",
            )
        )
    return Page[RequestRow](items=rows, next=page.next)


@post("/requests/<code>/decision")
def decide_request(ctx: Context, code: str, body: Decided, version: int, key: str) -> TicketShort:
    """Say what a request is; of simultaneous decisions exactly one succeeds."""
    return short(triage.decide(ctx, code, body.decision, version=version, key=key, note=body.note))


@post("/requests/<code>/not-spam")
def undo_spam(ctx: Context, code: str, version: int, key: str) -> TicketShort:
    """Undo that a request is spam: it waits again where it was."""
    return short(triage.undo_spam(ctx, code, version=version, key=key))


@get("/requests/<code>/issue")
def draft_filing(ctx: Context, code: str, query: Numbers) -> FilingDraft:
    """Get an issue as it could be made of a request."""
    ticket = by_code(ctx.session, code)
    numbers = [query.message] if isinstance(query.message, int) else query.message
    draft = filing.draft(ctx, ticket, numbers)
    against = translate(filing.against(ctx, ticket))
    return FilingDraft(summary=draft.summary, details=draft.details, stage=draft.stage, against=against)


@post("/requests/<code>/issue/preview")
def preview_filing(ctx: Context, code: str, body: NewFiling) -> FilingPreview:
    """Say what would be cut out of an issue made of a request, unless it is kept."""
    found = filing.preview(ctx, by_code(ctx.session, code), _filing(body))
    return FilingPreview(
        summary=_said(found.summary),
        details=_said(found.details),
        found=[
            Recognised(mark=each.mark, kind=each.kind, text=each.text, may_stay=each.may_stay)
            for each in found.found
        ],
    )


@post("/requests/<code>/issue", status=201)
def file_request(ctx: Context, code: str, body: NewFiling, version: int, key: str) -> Filed:
    """Let a request follow an issue: a new one made of it, or an existing one.

    Personal data is cut out of the issue, except for what is kept for a reason.
    """
    issue = filing.file(ctx, code, _filing(body), version=version, key=key)
    return Filed(issue=issue.code, ticket=short(by_code(ctx.session, code)))


@post("/issues/<code>/kept", status=201)
def keep_in_issue(ctx: Context, code: str, body: Kept, key: str) -> IssueShort:
    """Keep in an issue what looks personal, for a reason that all its readers see."""
    return short_of_issue(privacy.keep(ctx, code, body.typed, body.reason, key=key))


@get("/requests/<code>/answer")
def draft_answer_with_page(ctx: Context, code: str, query: PageChoice) -> Opening:
    """Get the email that points the customer to a page."""
    ticket = by_code(ctx.session, code)
    opening = documented.draft(ctx, ticket, documented.chosen(ctx, query.guide, query.url))
    return opening_of(ticket, opening.kind, opening.subject, opening.body)


@post("/requests/<code>/answer", status=201)
def answer_with_page(ctx: Context, code: str, body: Pointed, version: int, key: str) -> TicketShort:
    """Answer a request with a page; the customer is asked whether it helped.

    A request that waits is claimed with it.
    """
    chosen = documented.chosen(ctx, body.guide, body.url)
    draft = Draft(body.body, body.claim, body.thread, key)
    question = Choice(body.topic, body.naming)
    return short(documented.point(ctx, code, chosen, draft, version=version, question=question))


@post("/requests/<code>/gap", status=201)
def note_gap(ctx: Context, code: str, body: Question, version: int, key: str) -> TicketShort:
    """Note that no page answers a request: its question is counted, and the request is claimed."""
    choice = Choice(body.topic, body.naming)
    return short(gaps.undocumented(ctx, code, choice, version=version, key=key))


@get("/gaps")
def list_gaps(ctx: Context) -> Page[Gap]:
    """List questions and pages by how much a better page is needed."""
    found = gaps.overview(ctx)
    rows = [line for kind in (TopicKind.QUESTION, TopicKind.PAGE) for line in found[kind]]
    return Page[Gap](
        items=[
            Gap(
                id=line.topic_id,
                kind=line.kind,
                name=line.name,
                guide=line.slug,
                asked=line.counts.asked,
                helped=line.counts.helped,
                not_helped=line.counts.unhappy,
                no_page=line.counts.nowhere,
                silent=line.silent,
                issue=line.issue,
            )
            for line in rows
        ]
    )


def _filing(body: NewFiling) -> Filing:
    return Filing(**body.model_dump())


def _said(pieces: list[tuple[Piece, str]]) -> str:
    return "".join(piece.text if piece.span is None else f"[{mark}]" for piece, mark in pieces)
