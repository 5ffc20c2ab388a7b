"""Documentation issues that open automatically: one for each page or question that needs it (T5, N8).

A page that does not help, a question that keeps coming up, or one that no page answers gets an issue of the
kind `documentation`. Customers hear nothing of it: their requests count towards the issue, but do not follow
it.

When the issue has ended, its topic is counted from zero: earlier requests no longer count, and only later
ones open a new issue, which names the ended one. The ended one is not reopened, because a person has decided
about it. If a person reopens it, requests count towards it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from paidsupport.intake.gaps import queries as counted
from paidsupport.intake.gaps import rules
from paidsupport.intake.gaps.rules import Counts, Reason, TopicKind
from paidsupport.intake.gaps.tables import Asked, Gap, Topic
from paidsupport.intake.guides.tables import Guide
from paidsupport.issues.operations import opening
from paidsupport.issues.operations.opening import Opening
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.text import LINE_LIMIT, shorten

#: The most topics checked in one run of the clock.
ROUND = 100


def due(ctx: Context) -> Sequence[int]:
    """The ids of topics that need an issue, and of those whose issue has changed since they were counted."""
    settings = ctx.services.settings
    behind = counted.unsettled(ctx.session)
    needed = counted.needed(
        ctx.session, ctx.now, unhappy=settings.gap_unhappy, repeated=settings.gap_repeated
    )
    return list(dict.fromkeys((*behind, *needed)))[:ROUND]


def tend(ctx: Context, topic_id: int) -> str:
    """Open the issue of a topic, or count new requests towards it; returns `opened`, `counted` or "".

    Everything is read again under the topic's lock, in case another worker was faster. A unique key ensures
    that a topic has one open issue at most.
    """
    topic = counted.lock_topic(ctx.session, topic_id)
    if topic is None:
        return ""
    gap = _living(ctx, topic)
    rows = counted.uncounted(ctx.session, topic.id, ctx.now)
    if gap is not None:
        newer = [row for row in rows if row.topic_id == topic.id and row.counted_at >= gap.opened_at]
        return "counted" if _link(ctx, gap, newer, rows) else ""
    settings = ctx.services.settings
    own = [row for row in rows if row.topic_id == topic.id]
    counts = _counts(own)
    reason = rules.reason(counts, unhappy=settings.gap_unhappy, repeated=settings.gap_repeated)
    if reason is None:
        return ""
    issue = _open(ctx, topic, reason, counts)
    gap = Gap(
        topic_id=topic.id,
        reason=reason,
        issue_id=issue.id,
        issue_code=issue.code,
        opened_at=ctx.now,
    )
    ctx.session.add(gap)
    ctx.session.flush()
    _link(ctx, gap, own, rows)
    return "opened"


def _living(ctx: Context, topic: Topic) -> Gap | None:
    """The open gap of a topic, after it was updated from its issue.

    Requests from before the end of an issue still count towards it; later ones are counted from zero. A
    reopened issue counts on, unless a newer one has replaced it.
    """
    row = counted.newest_gap(ctx.session, topic)
    if row is None:
        return None
    gap, ended_at = row[0], row[1].ended_at
    if gap.ended_at is None and ended_at is not None:
        rows = counted.uncounted(ctx.session, topic.id, ctx.now)
        before = [row for row in rows if row.topic_id == topic.id and row.counted_at <= ended_at]
        _link(ctx, gap, before, rows)
    gap.ended_at = ended_at
    ctx.session.flush()
    return gap if ended_at is None else None


def _link(ctx: Context, gap: Gap, own: Sequence[Asked], rows: Sequence[Asked]) -> int:
    """Count `own` rows towards a gap, with those of `rows` about the same pointers; returns their number.

    So a request that is counted for a page and for a question opens one issue, not two.
    """
    pointers = {row.pointer_id for row in own} - {None}
    ids = {row.id for row in own} | {row.id for row in rows if row.pointer_id in pointers}
    if not ids:
        return 0
    wanted = update(Asked).where(Asked.id.in_(ids), Asked.gap_id.is_(None))
    return changed(ctx.session, wanted.values(gap_id=gap.id))


def _counts(rows: Sequence[Asked]) -> Counts:
    def of(answer: str | None = None) -> int:
        return len({row.ticket_id for row in rows if answer is None or row.answer == answer})

    return Counts(of(), of("helped"), of("not-helped"), of("nowhere"))


_SUMMARIES = {
    (TopicKind.PAGE, Reason.UNHAPPY): _("“%(name)s” doesn't help customers who are pointed to it"),
    (TopicKind.PAGE, Reason.REPEATED): _("“%(name)s” isn't found by customers who need it"),
    (TopicKind.QUESTION, Reason.NOWHERE): _("No page answers “%(name)s”"),
    (TopicKind.QUESTION, Reason.UNHAPPY): _("The pages for “%(name)s” don't help"),
    (TopicKind.QUESTION, Reason.REPEATED): _("“%(name)s” is asked again and again"),
}
_WANTED = {
    Reason.NOWHERE: _("Write a page that answers it."),
    Reason.UNHAPPY: _("Find out what is missing, and improve the page."),
    Reason.REPEATED: _("Make the answer easier to find."),
}


def _open(ctx: Context, topic: Topic, reason: Reason, counts: Counts) -> Issue:
    """Open the issue: it contains figures and names given by staff, nothing of customers."""
    guide = ctx.session.get(Guide, topic.guide_id) if topic.guide_id is not None else None
    name = guide.title if guide else topic.name
    days = rules.WINDOW.days
    lines = [
        translate(_figures(counts, days)),
        *(
            [translate(_("Page: %(url)s", url=topic.name))]
            if topic.kind == TopicKind.PAGE
            else _pages(ctx, topic)
        ),
        *_before(ctx, topic),
        translate(_WANTED[reason]),
    ]
    summary = translate(_SUMMARIES[TopicKind(topic.kind), reason]) % {"name": name}
    told = Opening(kind="documentation", summary=shorten(summary, LINE_LIMIT), details="\n\n".join(lines))
    # the topic is locked, so that no other worker opens its next issue
    return opening.open_issue(ctx, told, key=f"gap {topic.id} {ctx.now.isoformat()}")


def _figures(counts: Counts, days: int) -> str:
    return ngettext(
        "%(num)s request in %(days)s days: %(helped)s helped, %(unhappy)s not helped, %(nowhere)s no page.",
        "%(num)s requests in %(days)s days: %(helped)s helped, %(unhappy)s not helped, %(nowhere)s no page.",
        counts.asked,
        days=days,
        helped=counts.helped,
        unhappy=counts.unhappy,
        nowhere=counts.nowhere,
    )


def _pages(ctx: Context, topic: Topic) -> list[str]:
    """The pages that a question was answered with."""
    urls = counted.pages_for(ctx.session, topic, ctx.now)
    return ["\n".join([translate(_("Answered with:")), *(f"- {url}" for url in urls)])] if urls else []


def _before(ctx: Context, topic: Topic) -> list[str]:
    """The previous issue about the topic, if there was one that is not private."""
    row = counted.newest_gap(ctx.session, topic, ~Issue.private)
    if row is None:
        return []
    said = _(
        "%(code)s was about this before and is closed. These figures came after it.", code=row[0].issue_code
    )
    return [translate(said)]
