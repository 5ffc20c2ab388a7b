"""Counting what is asked, by page and by question, to find documentation gaps (T5, N8).

Staff who answer a request with a page can say which question it was, or that no page answers it. The counts
hold nothing about customers. `paidsupport.intake.gaps.operations.missing` opens the issues.
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

#: The kind of the event for “no page answers this”.
UNDOCUMENTED = "undocumented"
#: The most questions to suggest, and the most to search for suggestions.
_PROPOSED, _LOOKED_THROUGH = 6, 500
#: A page that the question was answered with weighs as much as this many shared words.
_PAGE_WEIGHT = 2

_NO_QUESTION = _("Choose a question, or enter it in a few words.")
_GONE = _("Choose another question, or enter it. This one is no longer counted.")


@dataclass(frozen=True, slots=True)
class Choice:
    """The question of a request: one that has a name, or a new one in a few words (which wins)."""

    topic: str = ""
    naming: str = ""

    @property
    def is_made(self) -> bool:
        """Whether anything was chosen or typed."""
        return bool(self.topic.strip() or self.naming.strip())


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggested question, with its counts."""

    topic_id: int
    name: str
    counts: Counts


def proposals(ctx: Context, text: str, page_key: str = "") -> list[Proposal]:
    """The questions that `text` may ask, the likeliest first: by shared words, and by the page chosen.

    If none fits, the most frequent ones. Two queries; one without a page.
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
    """Recent counts of each guide that customers were pointed to: one query."""
    rows = counted.of_topics(ctx.session, TopicKind.PAGE, ctx.now, _LOOKED_THROUGH)
    return {topic.guide_id: counts for topic, counts in rows if topic.guide_id is not None}


def overview(ctx: Context, most: int = counted.MOST) -> dict[TopicKind, list[CountedLine]]:
    """Documentation gaps, by page and by question, the most needed first: two queries."""
    return {kind: counted.lines(ctx.session, ctx.by, kind, ctx.now, most) for kind in TopicKind}


def question(ctx: Context, ticket: Ticket, choice: Choice) -> Topic | None:
    """The question that was chosen or named; None if neither. A name must not contain personal data.

    Raises:
        InvalidInputError: By field (`question`, `naming`).
        VaultClosedError: The name cannot be compared with secrets now.
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

    The caller holds the ticket's lock. Raises as `question`.
    """
    asked = question(ctx, ticket, choice)
    key = rules.page_key(pointer.url, pointer.guide_id)
    page = _topic(ctx, TopicKind.PAGE, key, rules.bare(pointer.url), pointer.guide_id)
    ctx.session.flush()
    for topic in (page, asked) if asked else (page,):
        _add(ctx, topic, ticket, pointer)


def undocumented(ctx: Context, code: str, choice: Choice, *, version: int, key: str) -> Ticket:
    """Record that no page answers a request: its question is counted, and this person answers it.

    An unassigned request is claimed with it.

    Raises:
        NotFoundError: There is no such request.
        StaleTicketError: A colleague was faster.
        TransitionRefusedError: It is not for this person to answer.
        InvalidInputError: By field (`question`, `naming`).
        KeyReusedError: The form was sent with other content.
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
    """The topic with this `key`, created if it is new; two workers who create it at once get the same one."""
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
