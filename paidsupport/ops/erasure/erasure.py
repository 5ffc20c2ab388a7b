"""Erasing a customer: everything personal goes, figures and the shape of history stay (P13).

A backup may bring an erased ticket back. So every erasure is remembered in a journal beside the files,
before anything else happens, and `replay` does again what has come undone or was never finished.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import Table, update

from paidsupport.intake.arrivals.queries import called_from
from paidsupport.intake.mail import strays
from paidsupport.intake.mail.queries import full_mails
from paidsupport.issues.operations import leaving
from paidsupport.issues.queries.followers import issues_of, lock_issues
from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import emptying as emptied
from paidsupport.kernel.db import gate, search
from paidsupport.kernel.db.base import PREFIX, metadata
from paidsupport.kernel.errors import NotEndedError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.ops import queries
from paidsupport.ops.erasure import emptying
from paidsupport.ops.export import ending
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.organisations.operations import forgetting
from paidsupport.sales.organisations.queries.records import contacts_known_by
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.operations import history
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket

#: Tickets read at once.
_BATCH = 1000

_TICKETS = metadata.tables[Ticket.__tablename__]


@dataclass(frozen=True, slots=True)
class Erased:
    """The codes of the tickets that were erased, and how many rows of what was in them."""

    codes: list[str]
    counts: Counter[str]
    #: Those among them that have not ended: only a restored backup has such.
    unended: list[str]
    #: The numbers of invoices that the law wants kept: their buyers are in them until it does no more.
    kept: list[str] = field(default_factory=list)


def found(ctx: Context, address: str) -> list[str]:
    """The codes of the tickets of this mail address, or of calls from this number, however it is spelled."""
    return [ticket.code for ticket in _of(ctx, address)]


def erase(ctx: Context, address: str) -> Erased:
    """Take everything personal out of all tickets of a mail address or of a caller's number, for good.

    Raises NotEndedError while one of them has not ended, and TransitionRefusedError while an email is just
    leaving. Nothing is found any more when it is done twice. If the transaction fails after all, the
    contents of files are gone already, and `replay` completes the rest.
    """
    ending.hold(ctx)
    locked = _locked(ctx, [ticket.id for ticket in _of(ctx, address)])
    locked = [ticket for ticket in locked if ticket.erased_at is None]
    if unended := [ticket.code for ticket in locked if ticket.part != "closed"]:
        raise NotEndedError(unended)
    for ticket in locked:
        _refuse_while_leaving(ctx, ticket)
    people = contacts_known_by(ctx.session, address)
    loose = strays.of(ctx, address) if "@" in address else []
    if locked or people or loose:
        line = {
            "at": ctx.now.isoformat(),
            "codes": [ticket.code for ticket in locked],
            "contacts": [contact.reference for contact in people],
            "mails": [mail.reference for mail in loose],
        }
        ctx.services.files.remember(json.dumps(line))
        ending.forget_all(ctx)
    forgetting.forget(ctx, people, address)
    for mail in loose:
        strays.forget(ctx, mail)
    limits.forget_all_of(ctx, address)
    return _all(ctx, locked)


def replay(ctx: Context) -> Erased:
    """Erase once more whatever the journal names and a restored backup has brought back.

    Also what has not ended in the backup: it had, when it was erased.
    """
    ending.hold(ctx)
    lines = [json.loads(line) for line in ctx.services.files.remembered()]
    codes = {code for line in lines for code in line["codes"]}
    forgetting.forget_again(ctx, {name for line in lines for name in line.get("contacts", ())})
    for mail in full_mails(ctx.session, {name for line in lines for name in line.get("mails", ())}):
        strays.forget(ctx, mail)
    names, ids = iter(sorted(codes)), list[int]()
    while batch := list(islice(names, _BATCH)):
        ids += (ticket.id for ticket in by_codes(ctx.session, *batch).values())
    ending.forget_all(ctx)
    locked = _locked(ctx, ids)
    for ticket in locked:
        _drop_contents(ctx, ticket)
    again: Counter[str] = Counter()
    for ticket in locked:
        if ticket.erased_at is not None:
            again += emptying.empty_again(ctx, ticket, ticket.erased_at)
    erased = _all(ctx, [ticket for ticket in locked if ticket.erased_at is None])
    return replace(erased, counts=erased.counts + again)


def _locked(ctx: Context, ids: list[int]) -> list[Ticket]:
    """In one order: two erasures at once never wait for each other in a circle."""
    return [tickets.lock_by_id(ctx.session, id_) for id_ in sorted(ids)]


def _of(ctx: Context, address: str) -> list[Ticket]:
    """However the address is spelled; who called may have left a number alone."""
    if "@" not in address:
        return [tickets.by_id(ctx.session, id_) for id_ in sorted(called_from(ctx.session, address))]
    return queries.tickets_of(ctx.session, address, strays.tickets_of(ctx, address))


def _refuse_while_leaving(ctx: Context, ticket: Ticket) -> None:
    if queries.is_leaving(ctx.session, ticket):
        sentence = _(
            "An email of %(code)s is being sent right now. Nothing was erased. Try again in a few minutes.",
            code=ticket.code,
        )
        raise TransitionRefusedError(ticket.code, [sentence])


def _all(ctx: Context, wanted: Sequence[Ticket]) -> Erased:
    counts: Counter[str] = Counter()
    unended = [ticket.code for ticket in wanted if ticket.part != "closed"]
    codes = [ticket.code for ticket in wanted]
    lock_issues(ctx.session, issues_of([ticket.id for ticket in wanted]))
    # a customer is erased even if the vault cannot be opened
    with gate.set_aside(ctx.session):
        for ticket in wanted:
            counts += _erase(ctx, ticket)
        ctx.session.flush()
        invoicing.forget(ctx)
    ctx.session.expire_all()
    return Erased(codes, counts, unended, invoicing.kept(ctx, [ticket.id for ticket in wanted]))


_CUSTOMER_ERASED = storable(_("The customer was erased."))


def _erase(ctx: Context, ticket: Ticket) -> Counter[str]:
    """One ticket, whose lock is held; returns how many rows of what were emptied."""
    # a customer with another name or number on another ticket is the same person
    people = contacts_known_by(ctx.session, ticket.customer_email)
    forgetting.forget(ctx, people, ticket.customer_email, ticket.customer_name)
    for email in queries.lock_unsent(ctx.session, ticket):
        emails.withdraw(ctx, ticket, email, _CUSTOMER_ERASED)
    ctx.session.flush()
    _drop_contents(ctx, ticket)
    leaving.erased(ctx, ticket)
    counts = emptying.empty_ticket(ctx, ticket)
    _settle(ctx, ticket)
    search.forget(ctx.session, ticket.id)
    # neither a private link nor a reply address leads here any more
    void = {"link_edition": ticket.link_edition + 1, "reference": new_reference(), "awaits": ""}
    values = void | {"erased_at": ctx.now} | deadlines.drop(ctx, ticket)
    personal = emptied.values(_TICKETS)
    history.tell(ctx, ticket, "erased", counts, **personal, **values)
    return counts


def _drop_contents(ctx: Context, ticket: Ticket) -> None:
    """What lies in the store of files: contents, and the keys of secrets."""
    of_ticket = RawMail.ticket_id == ticket.id
    ctx.session.execute(update(RawMail).where(of_ticket).values(dropped_at=ctx.now))
    emptying.drop_contents(ctx, ticket)


def _settle(ctx: Context, ticket: Ticket) -> None:
    """Nothing waits for a person any more, and every secret has an end: states, not texts."""
    invoicing.drop_drafts(ctx, ticket)
    decision, reminder, secret = _table("decision"), _table("reminder"), _table("secret")
    delivery = _table("delivery")
    ctx.session.execute(
        update(delivery)
        .where(delivery.c.ticket_id == ticket.id, delivery.c.state != "delivered")
        .values(state="failed")
    )
    ctx.session.execute(
        update(decision)
        .where(decision.c.ticket_id == ticket.id, decision.c.answer == "")
        .values(answer="withdrawn", answered_at=ctx.now)
    )
    ctx.session.execute(
        update(reminder)
        .where(reminder.c.ticket_id == ticket.id, reminder.c.done_at.is_(None))
        .values(done_at=ctx.now, outcome="dropped")
    )
    ctx.session.execute(
        update(secret)
        .where(secret.c.ticket_id == ticket.id, secret.c.destroyed_at.is_(None))
        .values(destroyed_by=ctx.by.name, destroyed_at=ctx.now)
    )


def _table(name: str) -> Table:
    return metadata.tables[f"{PREFIX}{name}"]
