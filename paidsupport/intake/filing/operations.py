"""Making an issue of a request: the request keeps the customer's data, and follows the issue (T3, T4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from paidsupport.intake.arrivals.queries import intakes
from paidsupport.intake.workflow import CLAIM, FOLLOW, FOLLOWING, REQUEST
from paidsupport.issues.operations import access, followers, history, notes, privacy
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.operations.privacy import Reader, Recognised
from paidsupport.issues.queries.contents import marks_kept
from paidsupport.issues.queries.followers import follower
from paidsupport.issues.rules.kinds import STAGES, Stage
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    StaleTicketError,
    TransitionRefusedError,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import LINE_LIMIT, TEXT_LIMIT, shorten
from paidsupport.kernel.titles import title_of
from paidsupport.kernel.workflow import Part
from paidsupport.privacy import redaction
from paidsupport.privacy.personal import recognition as personal
from paidsupport.privacy.personal.recognition import Piece
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.queries import from_customer
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations import history as ticket_history
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

#: The subject (`about`) of annotations with what an issue must not contain.
ABOUT = "issue"
#: Shown on the request; only people who may see the issue are told which one it is.
_FOLLOWED = _("Waiting for an issue of this desk.")
#: Kinds of customers who try new versions on a system of their own first.
_EARLY = frozenset({"merchant", "bank"})
_UNSEEN = _("Check the personal data that is removed below, then submit again. Some of it is new.")


@dataclass(frozen=True, slots=True)
class Filing:
    """What was typed to make an issue of a request.

    `issue`: the code of an existing issue to follow instead. `kept`: the marks of what looks personal and is
    kept, each with the reason. `seen`: the marks of everything that was shown; None if nothing was.
    """

    kind: str = "bug"
    summary: str = ""
    details: str = ""
    private: bool = False
    #: Critical facts that must not be in an issue: they stay on the request.
    note: str = ""
    stage: str = Stage.PRODUCTION
    issue: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    seen: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something the customer said that can be copied into an issue; `number` 0 is the original request."""

    number: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The texts of a filing in pieces, each with its mark, and everything that was recognised."""

    summary: list[tuple[Piece, str]]
    details: list[tuple[Piece, str]]
    found: list[Recognised]


def said(ctx: Context, ticket: Ticket) -> list[Said]:
    """What the customer said on a request, in order, without credentials: one query."""
    messages = from_customer(ctx.session, ticket)
    begun = Said(0, ticket.customer_name, redaction.masked(ticket.details))
    spoken = [Said(message.number, message.author_name, message.body) for message in messages]
    return [each for each in (begun, *spoken) if each.text.strip()]


def draft(ctx: Context, ticket: Ticket, numbers: Collection[int] | None = None) -> Filing:
    """The draft of an issue: the request's subject, and the texts with these numbers.

    Without numbers, it is the first text. Nothing is cut out yet.
    """
    heard = said(ctx, ticket)
    chosen = [each for each in heard if each.number in numbers] if numbers is not None else heard[:1]
    details = "\n\n".join(each.text.strip() for each in chosen)[:TEXT_LIMIT]
    summary = title_of(redaction.masked(ticket.summary), details, limit=LINE_LIMIT)
    return Filing(summary=summary[:LINE_LIMIT], details=details, stage=stage_for(ctx, ticket))


def stage_for(ctx: Context, ticket: Ticket) -> str:
    """The stage at which a solution is of use to a customer, by their kind."""
    callers = {intake.caller for intake in intakes(ctx.session, [ticket.id])}
    return Stage.STAGING if callers & _EARLY else Stage.PRODUCTION


def preview(ctx: Context, ticket: Ticket, filing: Filing) -> Preview:
    """What will be cut out of the texts of a filing unless it is kept, and where it is."""
    reader = Reader(ctx, [ticket])
    summary, details = (
        [
            (piece, reader.mark(piece.span) if piece.span else "")
            for piece in personal.pieces(text, reader.spans(text))
        ]
        for text in (filing.summary, filing.details)
    )
    return Preview(summary, details, reader.recognised(filing.summary, filing.details))


def against(ctx: Context, ticket: Ticket) -> str:
    """Why this person cannot let the request follow an issue, as a sentence; empty if they can."""
    possible = {*CLAIM.sources, FOLLOWING.name, *FOLLOW.sources}
    if ticket.workflow != REQUEST.name or ticket.state not in possible or ticket.erased_at is not None:
        return _("Reopen the ticket first. Only an open request can wait for an issue.")
    if ticket.part == Part.PENDING and ticket.owner_id != ctx.by.id:
        return _(
            "Only the owner can let this request wait for an issue. It's with %(name)s.",
            name=holder_name(ctx.session, ticket),
        )
    return ""


def file(ctx: Context, code: str, filing: Filing, *, version: int, key: str) -> Issue:
    """Let the request `code` follow an issue: a new one made of `filing`, or the one that it names.

    The request is claimed if it has no owner, and is following afterwards; all in one transaction. A new
    issue is always new, unassigned and tagged. Personal data is cut out, except for what is kept. A repeated
    key changes nothing.

    Raises:
        NotFoundError: There is no such request or issue for this person.
        InvalidInputError: By field as in `Filing`; `why-` and a mark for a reason.
        StaleTicketError: The request has changed since it was seen.
        TransitionRefusedError: The request cannot follow an issue now.
        KeyReusedError: The form was sent with other content.
        VaultClosedError: The texts cannot be compared with secrets now.
    """
    content = ("file-issue", code, _spelled(filing))
    with ticket_history.edit(ctx, code, key=key, content=content) as change:
        ticket = change.record
        if change.repeated:
            return access.see(ctx, change.earlier["issue"])
        _check(ctx, ticket, filing, version)
        existing = bool(filing.issue.strip())
        issue = _existing(ctx, ticket, filing) if existing else _opened(ctx, ticket, filing, key)
        _hold(ctx, ticket, version)
        access.let_read(ctx, issue, ticket.owner_id)
        followers.follow(ctx, issue, ticket, filing.stage, change)
        if note := notes.tidied(filing.note, "note", ""):
            annotation.keep(ctx, ticket, note, about=ABOUT)
            ctx.session.flush()
    return issue


def _spelled(filing: Filing) -> list[object]:
    """Everything that was typed; what was shown beside it does not make it a different filing."""
    texts = (filing.kind, filing.summary, filing.details, filing.note, filing.stage, filing.issue)
    return [*texts, filing.private, sorted(filing.kept.items())]


def _check(ctx: Context, ticket: Ticket, filing: Filing, version: int) -> None:
    """Refuse what is sure to fail, before anything is written."""
    if ticket.version != version:
        raise StaleTicketError(ticket.code, holder_name(ctx.session, ticket))
    if filing.stage not in STAGES:
        raise InvalidInputError({"stage": [_("Choose the stage the customer is waiting for.")]})
    if sentence := against(ctx, ticket):
        raise TransitionRefusedError(ticket.code, [sentence])


def _hold(ctx: Context, ticket: Ticket, version: int) -> None:
    """Claim the request if it has no owner, and make it follow if it does not yet."""
    held = claims.ensure(ctx, ticket, version)
    if ticket.state != FOLLOWING.name:
        transitions.apply(ctx, ticket, FOLLOW.name, version=held, filled=Filled(note=_FOLLOWED))


def _opened(ctx: Context, ticket: Ticket, filing: Filing, key: str) -> Issue:
    reader = Reader(ctx, [ticket])
    found = reader.recognised(filing.summary, filing.details)
    kept = {each.mark: filing.kept[each.mark] for each in found if each.mark in filing.kept}
    problems = privacy.check_reasons(found, kept)
    if filing.seen is not None and {each.mark for each in found} - {*filing.seen}:
        problems["details"] = [_UNSEEN]
    if problems:
        raise InvalidInputError(problems)
    opening = Opening(
        kind=filing.kind,
        summary=reader.cut(filing.summary, kept),
        details=reader.cut(filing.details, kept),
        private=filing.private,
    )
    issue = open_issue(ctx, opening, key=key, about=[ticket], kept=kept)
    privacy.note_kept(ctx, history.edit(ctx, issue), found, kept)
    return issue


def _existing(ctx: Context, ticket: Ticket, filing: Filing) -> Issue:
    try:
        issue = access.lock(ctx, filing.issue)
    except NotFoundError:
        raise InvalidInputError({"issue": [_("Check the code: there's no such issue.")]}) from None
    if issue.state == "closed":
        raise InvalidInputError(
            {"issue": [_("%(code)s is closed. Reopen it first, or file a new issue.", code=issue.code)]}
        )
    known = follower(ctx.session, issue, ticket)
    if known is not None and known.ended_at is None:
        raise InvalidInputError(
            {"issue": [_("The request is already waiting for %(code)s.", code=issue.code)]}
        )
    kept = marks_kept(ctx.session, issue)
    named = Reader(ctx, [ticket]).identified(issue.summary, issue.details)
    named = [each for each in named if each.mark not in kept]
    if named:
        shown = shorten(named[0].text, LINE_LIMIT)
        raise InvalidInputError(
            {
                "issue": [
                    _(
                        "File a new issue. %(code)s contains “%(text)s”, which is about this customer.",
                        code=issue.code,
                        text=shown,
                    )
                ]
            }
        )
    return issue
