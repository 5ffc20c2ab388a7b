"""Counting what is asked, by page and by question, to know which documentation is missing (T5, N8).

Whoever answers a request with a page may say which question it was, and that no page answers it. What is
counted holds nothing of customers. `paidsupport.intake.gaps.operations.missing` opens the issues.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from paidsupport.intake.gaps import queries as counted
from paidsupport.intake.gaps import rules
from paidsupport.intake.gaps.queries import CountedLine
from paidsupport.intake.gaps.rules import Counts, TopicKind
from paidsupport.intake.gaps.tables import Asked, Topic
from paidsupport.intake.requests.tables import Pointer
from paidsupport.intake.workflow import REQUEST, TRIAGE
from paidsupport.issues.operations import privacy
from paidsupport.kernel import fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, StaleTicketError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.words import index_words
from paidsupport.tickets.operations import claims, history
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: The history's word for “no page answers this”.
UNDOCUMENTED = "undocumented"
#: Questions that are proposed, and those that are looked through for them.
_PROPOSED, _LOOKED_THROUGH = 6, 500
#: A page that the question was answered with says as much as so many of its words.
_PAGE_WEIGHT = 2

_NO_QUESTION = _("Choose a question, or enter it in a few words.")
_GONE = _("Choose another question, or enter it. This one is no longer counted.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which question a request asks: one that has a name, or a new one in a few words (which wins)."""

    topic: str = ""
    naming: str = ""

    @property
    def is_made(self) -> bool:
        """Whether anything was chosen or typed."""
        return bool(self.topic.strip() or self.naming.strip())


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that may be the one, with what was counted of it."""

    topic_id: int
    name: str
    counts: Counts


def proposals(ctx: Context, text: str, page_key: str = "") -> list[Proposal]:
    """The questions that `text` may ask, the likeliest first: by words they share, and by the page chosen.

    Where none fits, those that are asked most. Two queries, one without a page.
    """
    topics = counted.of_topics(ctx.session, TopicKind.QUESTION, ctx.now, _LOOKED_THROUGH)
    on_page = counted.with_page(ctx.session, page_key, ctx.now) if page_key else set()
    words = index_words(text)
    scored = [
        (
            rules.overlap(topic.name, words) + _PAGE_WEIGHT * (topic.id in on_page),
            counts.asked,
            -topic.id,
            topic,
        )
        for topic, counts in topics
    ]
    of = {topic.id: counts for topic, counts in topics}
    fitting = [row for row in scored if row[0]] or scored
    best = sorted(fitting, key=lambda row: row[:3], reverse=True)[:_PROPOSED]
    return [Proposal(topic.id, topic.name, of[topic.id]) for *_, topic in best]


def of_guides(ctx: Context) -> dict[int, Counts]:
    """What was counted lately of each guide that customers were pointed to: one query."""
    rows = counted.of_topics(ctx.session, TopicKind.PAGE, ctx.now, _LOOKED_THROUGH)
    return {topic.guide_id: counts for topic, counts in rows if topic.guide_id is not None}


def overview(ctx: Context, most: int = counted.MOST) -> dict[TopicKind, list[CountedLine]]:
    """What is missing, pages and questions, the most needed first: two queries."""
    return {kind: counted.lines(ctx.session, ctx.by, kind, ctx.now, most) for kind in TopicKind}


def question(ctx: Context, ticket: Ticket, choice: Choice) -> Topic | None:
    """The question that was chosen or named; None if neither. Nothing of whoever asks may be in a name.

    Raises InvalidInputError (fields `question`, `naming`), VaultClosedError.
    """
    if choice.naming.strip():
        who = f"{ticket.customer_name} {ticket.customer_email.partition('@')[0]}"
        name = fields.read("naming", choice.naming, lambda typed: rules.tidy_question(typed, who))
        privacy.refuse_personal(ctx, [ticket], name, "naming")
        refuse_quotes(ctx, ticket, name, "naming")
        return _topic(ctx, TopicKind.QUESTION, rules.question_key(name), name)
    if not choice.topic.strip():
        return None
    topic = ctx.session.get(Topic, whole_number(choice.topic) or 0)
    if topic is None or topic.kind != TopicKind.QUESTION:
        raise InvalidInputError({"question": [_GONE]})
    return topic


def count(ctx: Context, pointer: Pointer, choice: Choice, ticket: Ticket) -> None:
    """Count that a customer was pointed to a page, for the page and for the question if it was named.

    The caller holds the ticket's lock. Raises what `question` raises.
    """
    asked = question(ctx, ticket, choice)
    key = rules.page_key(pointer.url, pointer.guide_id)
    page = _topic(ctx, TopicKind.PAGE, key, rules.bare(pointer.url), pointer.guide_id)
    ctx.session.flush()
    for topic in (page, asked) if asked else (page,):
        _add(ctx, topic, ticket, pointer)


def undocumented(ctx: Context, code: str, choice: Choice, *, version: int, key: str) -> Ticket:
    """Say that no page answers a request: its question counts as missing, and whoever says so answers it.

    A request that nobody holds is claimed with it. Raises NotFoundError, StaleTicketError,
    TransitionRefusedError, InvalidInputError (fields `question`, `naming`), KeyReusedError.
    """
    with history.edit(ctx, code, key=key, content=(UNDOCUMENTED, code, choice, ctx.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if not choice.is_made:
            raise InvalidInputError({"naming": [_NO_QUESTION]})
        if claims.ensure(ctx, ticket, version) != ticket.version:
            raise StaleTicketError(code, holder_name(ctx.session, ticket))
        if ticket.workflow != REQUEST.name or ticket.state != TRIAGE.name or ticket.owner_id != ctx.by.id:
            raise TransitionRefusedError(code, [_("Claim the ticket first, while it's in triage.")])
        topic = question(ctx, ticket, choice)
        assert topic is not None  # noqa: S101  # a choice was made
        _add(ctx, topic, ticket, None)
        change.tell(UNDOCUMENTED, **history.renewed_lease(ctx, ticket))
    return ticket


def _add(ctx: Context, topic: Topic, ticket: Ticket, pointer: Pointer | None) -> None:
    ctx.session.add(
        Asked(
            topic_id=topic.id,
            ticket_id=ticket.id,
            pointer_id=pointer.id if pointer else None,
            answer="" if pointer else "nowhere",
            asked_at=ctx.now,
            counted_at=ctx.now,
        )
    )
    ctx.session.flush()


def _topic(ctx: Context, kind: TopicKind, key: str, name: str, guide_id: int | None = None) -> Topic:
    """What is known by `key`, begun if it is new. Of two who begin it at once, both get the same."""
    if found := counted.topic(ctx.session, kind, key):
        return found
    try:
        with ctx.session.begin_nested():
            new = Topic(kind=kind, key=key, name=name, guide_id=guide_id, created_at=ctx.now)
            ctx.session.add(new)
            ctx.session.flush()
    except IntegrityError:
        return _topic(ctx, kind, key, name, guide_id)
    return new
