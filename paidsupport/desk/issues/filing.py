"""Making an issue of a request: the request keeps who asked, and follows the issue from then on (T3, T4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from paidsupport.desk import annotation, claims, moves
from paidsupport.desk import history as ticket_history
from paidsupport.desk.issues import access, followers, history, notes, privacy
from paidsupport.desk.issues.opening import Opening, open_issue
from paidsupport.desk.issues.privacy import Reader, Recognised
from paidsupport.desk.moves import Filled
from paidsupport.desk.people import holder_name
from paidsupport.desk.visit import Visit
from paidsupport.domain import personal, redaction
from paidsupport.domain.issues import STAGES, Stage
from paidsupport.domain.personal import Piece
from paidsupport.domain.text import LINE_LIMIT, TEXT_LIMIT, shorten
from paidsupport.domain.titles import title_of
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.request import CLAIM, FOLLOW, FOLLOWING, REQUEST
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, StaleTicketError
from paidsupport.store.conversation import Annotation, Message
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.requests import Intake
from paidsupport.store.tickets import Ticket

#: What annotations are about that say what an issue must not.
ABOUT = "issue"
#: What stands on the request; which issue it is, only those are told who may see it.
_FOLLOWED = "It is followed by an issue of this desk."
#: Callers who look at what is new on a system of their own first.
_EARLY = frozenset({"merchant", "bank"})
_UNSEEN = (
    "This text has something in it that looks personal and that you have not looked at yet. See below what is"
    " cut out, and send it again."
)


@dataclass(frozen=True, slots=True)
class Filing:
    """What was filled in to make an issue of a request, as it was typed.

    `issue`: the code of one that is there already, which the request follows instead. `kept`: the marks of
    what looks personal and stays, each with the reason. `seen`: the marks of all that was shown; None where
    nothing was shown to anybody.
    """

    kind: str = "bug"
    summary: str = ""
    details: str = ""
    private: bool = False
    #: What is critical and must not be in an issue: stays on the request.
    note: str = ""
    stage: str = Stage.PRODUCTION
    issue: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    seen: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said on a request and can be taken into an issue; `number` 0 is how it began."""

    number: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How the texts of a filing read: their pieces with the mark of each, and all that was recognised."""

    summary: list[tuple[Piece, str]]
    details: list[tuple[Piece, str]]
    found: list[Recognised]


def said(visit: Visit, ticket: Ticket) -> list[Said]:
    """What the customer said on a request, in order, without credentials: one query."""
    wanted = select(Message).where(Message.ticket_id == ticket.id, Message.direction == "in")
    messages = visit.session.scalars(wanted.order_by(Message.number))
    begun = Said(0, ticket.customer_name, redaction.masked(ticket.details))
    spoken = [Said(message.number, message.author_name, message.body) for message in messages]
    return [each for each in (begun, *spoken) if each.text.strip()]


def draft(visit: Visit, ticket: Ticket, numbers: Collection[int] | None = None) -> Filing:
    """What an issue of a request begins with: its subject, and what was `numbers`ed of what was said.

    Without numbers the first thing that was said. Nothing is cut out yet.
    """
    heard = said(visit, ticket)
    chosen = [each for each in heard if each.number in numbers] if numbers is not None else heard[:1]
    details = "\n\n".join(each.text.strip() for each in chosen)[:TEXT_LIMIT]
    summary = title_of(redaction.masked(ticket.summary), details, limit=LINE_LIMIT)
    return Filing(summary=summary[:LINE_LIMIT], details=details, stage=stage_for(visit, ticket))


def stage_for(visit: Visit, ticket: Ticket) -> str:
    """How far a solution must come to be of use to a customer, by what kind of customer they are."""
    caller = visit.session.scalar(select(Intake.caller).where(Intake.ticket_id == ticket.id))
    return Stage.STAGING if caller in _EARLY else Stage.PRODUCTION


def preview(visit: Visit, ticket: Ticket, filing: Filing) -> Preview:
    """What is cut out of the texts of a filing unless it is kept, and where it stands in them."""
    reader = Reader(visit, [ticket])
    summary, details = (
        [
            (piece, reader.mark(piece.span) if piece.span else "")
            for piece in personal.pieces(text, reader.spans(text))
        ]
        for text in (filing.summary, filing.details)
    )
    return Preview(summary, details, reader.recognised(filing.summary, filing.details))


def against(visit: Visit, ticket: Ticket) -> str:
    """Why this person cannot let this request follow an issue, in a sentence; nothing if they can."""
    possible = {*CLAIM.sources, FOLLOWING.name, *FOLLOW.sources}
    if ticket.workflow != REQUEST.name or ticket.state not in possible or ticket.erased_at is not None:
        return "Only a request that is not over follows an issue."
    if ticket.part == Part.PENDING and ticket.owner_id != visit.by.id:
        return f"{holder_name(visit, ticket)} has this request: only they can let it follow an issue."
    return ""


def file(visit: Visit, code: str, filing: Filing, *, version: int, key: str) -> Issue:
    """Let the request `code` follow an issue: a new one made of `filing`, or the one that it names.

    The request is claimed if nobody has it, and is following afterwards; all in one transaction. A new issue
    is always new, nobody's and tagged. What is personal is cut out, but for what is kept. Raises
    NotFoundError, InvalidInputError (fields as in `Filing`; `why-` and a mark for a reason),
    StaleTicketError, MoveRefusedError, KeyReusedError, VaultClosedError. A resent key does nothing more.
    """
    content = ("file-issue", code, _spelled(filing))
    with ticket_history.edit(visit, code, key=key, content=content) as change:
        ticket = change.record
        if change.repeated:
            return access.see(visit, change.earlier["issue"])
        _check(visit, ticket, filing, version)
        existing = bool(filing.issue.strip())
        issue = _existing(visit, ticket, filing) if existing else _opened(visit, ticket, filing, key)
        _hold(visit, ticket, version)
        access.let_read(visit, issue, ticket.owner_id)
        followers.follow(visit, issue, ticket, filing.stage, change)
        if note := notes.tidied(filing.note, "note", ""):
            annotation.keep(visit, ticket, note, about=ABOUT)
            visit.session.flush()
    return issue


def private_notes(visit: Visit, issue: Issue) -> list[tuple[Annotation, str]]:
    """What must not be said in an issue, from the requests that follow it, each with the request's code."""
    wanted = (
        select(Annotation, Ticket.code)
        .join(Ticket, Ticket.id == Annotation.ticket_id)
        .join(Follower, Follower.ticket_id == Ticket.id)
        .where(Follower.issue_id == issue.id, Annotation.about == ABOUT)
        .order_by(Annotation.id)
    )
    return [(note, code) for note, code in visit.session.execute(wanted)]


def _spelled(filing: Filing) -> list[object]:
    """All that was typed; what was shown beside it makes it no other filing."""
    texts = (filing.kind, filing.summary, filing.details, filing.note, filing.stage, filing.issue)
    return [*texts, filing.private, sorted(filing.kept.items())]


def _check(visit: Visit, ticket: Ticket, filing: Filing, version: int) -> None:
    """Refuse what can be seen to fail before anything is written."""
    if ticket.version != version:
        raise StaleTicketError(ticket.code, holder_name(visit, ticket))
    if filing.stage not in STAGES:
        raise InvalidInputError({"stage": ["Choose what the customer waits for."]})
    if sentence := against(visit, ticket):
        raise MoveRefusedError(ticket.code, [sentence])


def _hold(visit: Visit, ticket: Ticket, version: int) -> None:
    """Take the request if nobody has it, and let it follow if it does not yet."""
    held = claims.ensure(visit, ticket, version)
    if ticket.state != FOLLOWING.name:
        moves.apply(visit, ticket, FOLLOW.name, version=held, filled=Filled(note=_FOLLOWED))


def _opened(visit: Visit, ticket: Ticket, filing: Filing, key: str) -> Issue:
    reader = Reader(visit, [ticket])
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
    issue = open_issue(visit, opening, key=key, about=[ticket], kept=kept)
    privacy.note_kept(visit, history.edit(visit, issue), found, kept)
    return issue


def _existing(visit: Visit, ticket: Ticket, filing: Filing) -> Issue:
    try:
        issue = access.lock(visit, filing.issue)
    except NotFoundError:
        raise InvalidInputError({"issue": ["There is no issue with this code."]}) from None
    if issue.state == "closed":
        raise InvalidInputError(
            {"issue": [f"{issue.code} is closed. Open it again first, or file a new one."]}
        )
    known = select(Follower.id).where(
        Follower.issue_id == issue.id, Follower.ticket_id == ticket.id, Follower.ended_at.is_(None)
    )
    if visit.session.scalar(known) is not None:
        raise InvalidInputError({"issue": [f"The request follows {issue.code} already."]})
    kept = privacy.kept_on(visit, issue)
    named = Reader(visit, [ticket]).identified(issue.summary, issue.details)
    named = [each for each in named if each.mark not in kept]
    if named:
        shown = shorten(named[0].text, LINE_LIMIT)
        raise InvalidInputError(
            {"issue": [f"{issue.code} says “{shown}”, which is about this customer. File a new one instead."]}
        )
    return issue
