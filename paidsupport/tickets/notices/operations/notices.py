"""Making notices from the histories, and emailing them, each once (P8).

No request makes notices: a worker reads what was added to the histories, so that a claim, an order or a
message takes no longer because of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, or_, text, update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import changed, new_rows, write
from paidsupport.kernel.events import Remaining
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.kernel.workflow import Part, state_named
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.decisions.queries import asked
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.notices import queries
from paidsupport.tickets.notices import tables as rows
from paidsupport.tickets.notices.rules import Happening, Told, told
from paidsupport.tickets.notices.tables import HIGHEST, Notice
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.tables import Event, Ticket

#: Notices are deleted this long after they were made, if they were read, and if not.
KEPT, KEPT_UNREAD = timedelta(days=30), timedelta(days=90)
#: For this long after an email about a message, further messages of the same customer cause none.
QUIET = timedelta(hours=1)

_FRESH = new_rows(Base.metadata.tables[Notice.__tablename__])
_TRANSACTIONS = text("SELECT txid_snapshot_xmin(txid_current_snapshot()) AS oldest, txid_current() AS mine")


def is_behind(ctx: Context) -> bool:
    """Whether there may be events without notices: two look-ups by key."""
    progress = queries.progress(ctx.session)
    return bool(progress.gaps) or rows.newest_event(ctx.session) > progress.last_event


def notice(ctx: Context) -> bool:
    """Make the notices of the next events; returns whether there may be more.

    Every event is read once, by any worker. Ids are assigned before transactions end: an id that is not
    visible yet is remembered until it is, or until its transaction can no longer commit.
    """
    progress = queries.lock_progress(ctx.session)
    if progress is None:
        return False  # another worker is at it
    gaps = progress.gaps
    # before the events are read, so that the events of all transactions that have ended are visible
    oldest, mine = _transactions(ctx) if gaps else (0, 0)
    events = queries.untold_events(ctx.session, progress)
    _tell(ctx, events)
    ids, full = [event.id for event in events], len(events) == queries.BATCH
    # a gap gets the number of the first transaction that looked again: once all that began before it have
    # ended, the ids of the gap were never used
    waiting = [gap for gap in gaps if full or not gap[2] or gap[2] > oldest]
    left = [[*rest, later or mine] for first, last, later in waiting for rest in _missing(ids, first, last)]
    if _is_postgres(ctx):
        left += [[*rest, 0] for rest in _missing(ids, progress.last_event + 1, max(ids, default=0))]
    progress.gaps, progress.last_event = left, max(progress.last_event, *ids, 0)
    return full


def due(ctx: Context) -> list[int]:
    """The first notice of each ticket and person that is to be sent by email at once."""
    return queries.due(ctx.session)


def tend(ctx: Context, notice_id: int) -> bool:
    """Write one email for a notice and all others of its ticket and person; returns whether it was needed.

    Runs under the ticket's lock, in case another worker has written it.
    """
    first = ctx.session.get_one(Notice, notice_id)
    person_id = first.person_id
    ticket = tickets.lock_by_id(ctx.session, first.ticket_id)
    found = rows.waiting(ctx.session, person_id, Way.NOW, ticket_id=ticket.id)
    if not found:
        return False
    decided = {row.reference: row.what for row in asked(ctx.session, ticket)}
    happened = [
        each | {"what": decided.get(each["data"].get("decision"), "")}
        for each in lines(ctx, found, person_id)
    ]
    email = emails.to_person(ctx, ticket, EmailKind.NOTICE, person_id, happened=happened)
    ctx.session.flush()
    told_by(ctx, [row[0].id for row in found], email.id)
    return True


def told_by(ctx: Context, ids: Iterable[int], letter_id: int) -> int:
    """Record the email that tells of these notices, if none does yet; returns their number."""
    return change(ctx, Notice.id.in_(list(ids)), Notice.letter_id.is_(None), letter_id=letter_id)


def change(ctx: Context, *which: Any, **values: object) -> int:  # noqa: ANN401  # SQL expressions
    """Write `values` into notices; returns how many were changed.

    Always in the order of ids, so that two transactions which change the same ones never deadlock.
    """
    ids = queries.lock_notices(ctx.session, *which)
    return changed(ctx.session, update(Notice).where(Notice.id.in_(ids)).values(**values)) if ids else 0


def lines(ctx: Context, found: Iterable[Row[Notice, Event, Ticket]], person_id: int) -> list[Any]:
    """The values an email needs to say what happened: figures and names of ours, nothing that was typed."""
    return [_said(ctx, *row, {person_id: "you"}) for row in found]


def _said(
    ctx: Context, notice: Notice, event: Event, ticket: Ticket, names: Mapping[int, str]
) -> dict[str, Any]:
    data = ctx.events.cut(TICKET, event.kind, event.data)
    remaining = Remaining(event.kind, event.actor_kind, event.actor_name, data)
    said = ctx.events.say(TICKET, remaining, ctx.services.workflows[ticket.workflow], names)
    return {"said": said, "kind": event.kind, "data": data, "concern": notice.concern}


def read(ctx: Context, *, until: int, code: str | None = None) -> int:
    """Mark this person's notices as read, of one ticket or of all, up to the newest one that was shown.

    Returns how many there were. Raises NotFoundError.
    """
    mine = and_(Notice.person_id == ctx.by.id, Notice.id <= max(0, min(until, HIGHEST)))
    if code is not None:
        mine = and_(mine, Notice.ticket_id == by_code(ctx.session, code).id)
    return _mark_read(ctx, mine)


def forget(ctx: Context) -> None:
    """Delete notices that are too old."""
    over = or_(Notice.read_at.is_not(None), Notice.at < ctx.now - KEPT_UNREAD)
    ctx.session.execute(delete(Notice).where(Notice.at < ctx.now - KEPT, over))


def _transactions(ctx: Context) -> tuple[int, int]:
    """The oldest running transaction, and this one. PostgreSQL only: other databases have no gaps."""
    row = ctx.session.execute(_TRANSACTIONS).one()
    return row.oldest, row.mine


def _is_postgres(ctx: Context) -> bool:
    return ctx.session.get_bind().dialect.name == "postgresql"


def _missing(ids: Iterable[int], first: int, last: int) -> list[tuple[int, int]]:
    """The ranges between `first` and `last` that are missing from the sorted `ids`."""
    found = []
    for id_ in (*(id_ for id_ in ids if first <= id_ <= last), last + 1):
        if id_ > first:
            found.append((first, id_ - 1))
        first = id_ + 1
    return found


def _tell(ctx: Context, events: Iterable[queries.Line]) -> None:
    """Make the notices of these events, and end those that the events settle, in order."""
    worth = [event for event in events if ctx.events.of(TICKET, event.kind).audience]
    if not worth:
        return
    ids = {event.ticket_id for event in worth}
    owners, watchers = queries.owners(ctx.session, ids), queries.watchers(ctx.session, ids)
    people = queries.ways_of_staff(ctx.session)
    for event in worth:
        happening = _happening(ctx, event, owners, watchers)
        if happening.takes:
            _settle_unassigned(ctx, event.ticket_id)
        if event.kind == "message-out":
            # the author had read what it answers, because no email is sent to a thread with new messages
            answered = Notice.ticket_id == event.ticket_id, Notice.person_id == event.actor_id
            _mark_read(ctx, *answered, Notice.kind == "message-in", Notice.number < event.number)
        _keep(ctx, event, list(told(happening, people)))


def _keep(ctx: Context, event: queries.Line, found: list[Told]) -> None:
    if not found:
        return
    silent = set()
    if event.kind == "message-in":
        # a customer who writes three times in a row waits for one answer
        silent = queries.mailed_of_messages(ctx.session, event.ticket_id, event.at - QUIET)
    values = [
        {
            "person_id": each.person_id,
            "ticket_id": event.ticket_id,
            "number": event.number,
            "kind": event.kind,
            "concern": each.concern,
            "at": event.at,
            "way": Way.PAGE if each.way is Way.NOW and each.person_id in silent else each.way,
        }
        for each in found
    ]
    write(ctx.session, _FRESH[ctx.session.get_bind().dialect.name], values)


def _happening(
    ctx: Context,
    event: queries.Line,
    owners: Mapping[tuple[int, int], int],
    watchers: Mapping[int, set[int]],
) -> Happening:
    numbers = [event.claim_number, *([event.claim_number - 1] if event.kind == "hand-over" else [])]
    held = (owners.get((event.ticket_id, number)) for number in numbers)
    target, kind = event.data.get("to"), ctx.events.of(TICKET, event.kind)
    return Happening(
        audience=kind.audience if kind.is_news(event) else frozenset(),
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        quiet=kind.quiet,
        emails_owner=kind.emails_owner,
        is_transition=target is not None,
        frees=target is not None and _frees(ctx, event.workflow, target),
        owners=frozenset(id_ for id_ in held if id_ is not None),
        watchers=frozenset(watchers[event.ticket_id]),
        mentions=frozenset(event.data.get("mentions", ())),
    )


def _frees(ctx: Context, workflow: str, target: str) -> bool:
    """Whether a ticket in the state `target` has no owner; the ticket may be in another `workflow` by now."""
    state = state_named(ctx.services.workflows, target, workflow)
    return state is not None and state.part is Part.UNASSIGNED


def _settle_unassigned(ctx: Context, ticket_id: int) -> None:
    """The ticket has an owner: end the notices about it that were neither read nor sent."""
    theirs = Notice.ticket_id == ticket_id, Notice.concern == Concern.UNASSIGNED, Notice.read_at.is_(None)
    if ids := queries.lock_notices(ctx.session, *theirs, Notice.letter_id.is_(None)):
        ctx.session.execute(delete(Notice).where(Notice.id.in_(ids)))
    _mark_read(ctx, *theirs)


def _mark_read(ctx: Context, *which: Any) -> int:  # noqa: ANN401  # SQL expressions
    return change(ctx, Notice.read_at.is_(None), *which, read_at=ctx.now)
