"""Customers, leads and invoices of the desk in an ERP: each made once, in order, never overwritten (T8, T19).

What happens becomes tasks (`react`), all those of a customer in one chain: the customer's record comes before
the lead, and both before the draft of an invoice. Whatever a task asks for is looked for there first, by our
reference, so that it can be asked again whenever its end is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import queries as remotes
from paidsupport.connect.connections.kinds import Done
from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.erp import queries
from paidsupport.connect.erp.protocol import Draft, Erp, Item, Lead, Party, Stage, What
from paidsupport.connect.erp.queries import PREFIX
from paidsupport.connect.log.tables import Announcement
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.money import Money
from paidsupport.sales.invoices.operations import directly, invoicing
from paidsupport.sales.invoices.operations.invoices import known_buyer
from paidsupport.sales.invoices.rules import Buyer, Priced, addressed, amounts
from paidsupport.sales.organisations.queries import records
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.tables import Ticket

#: Which customers are kept there: values of `parties`.
ALL, OF_LEADS = "all", "leads"
#: Who writes the invoice: values of `invoices`.
THERE, HERE = "there", "here"
#: What is told there of messages: values of `messages`.
NOTHING, LINK, TEXT = "nothing", "link", "text"
#: What tasks do, besides `What`.
WON, LOST, NOTE = "won", "lost", "note"

_STAGES = {What.LEAD: Stage.OFFERED, WON: Stage.WON, LOST: Stage.LOST}
#: Characters of a message that are written there.
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class ToKeep:
    """A customer's record; `version`: of the organisation, 0 for a person."""

    party: Party
    version: int


@dataclass(frozen=True, slots=True)
class ToStage:
    """A lead, and how far it is."""

    ref: str
    stage: Stage
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class ToNote:
    """A note on a record."""

    what: What
    ref: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What something of ours is there."""

    what: What
    ours: str
    id: str
    link: str
    version: int = 0


def react(ctx: Context, connection: Connection, happened: Sequence[Announcement]) -> None:
    """Queue what customers and leads are to be there."""
    for each in happened:
        if each.ticket_id is not None and each.type in _REACTIONS:
            _REACTIONS[each.type](ctx, connection, each, tickets.by_id(ctx.session, each.ticket_id))


def _belongs(ctx: Context, connection: Connection, about: Announcement, ticket: Ticket) -> None:
    if connection.values.get("parties", ALL) == ALL and _trusted(ctx, ticket):
        _queue(ctx, connection, about, ticket, What.PARTY)


def _accepted(ctx: Context, connection: Connection, about: Announcement, ticket: Ticket) -> None:
    # a person is told to an ERP only for an invoice
    if _trusted(ctx, ticket):
        _queue(ctx, connection, about, ticket, What.PARTY, What.LEAD)


def _won(ctx: Context, connection: Connection, about: Announcement, ticket: Ticket) -> None:
    invoiced = connection.values.get("invoices", THERE) == THERE and bool(_items(ctx, ticket))
    if invoiced or _trusted(ctx, ticket):
        last = (What.INVOICE,) if invoiced else ()
        _queue(ctx, connection, about, ticket, What.PARTY, What.LEAD, WON, *last)


def _lost(ctx: Context, connection: Connection, about: Announcement, ticket: Ticket) -> None:
    if remotes.remote_of(ctx.session, connection.id, What.LEAD, ticket.code) is not None:
        _queue(ctx, connection, about, ticket, LOST)


def _said(ctx: Context, connection: Connection, about: Announcement, ticket: Ticket) -> None:
    if connection.values.get("messages", NOTHING) != NOTHING:
        which = str(about.data.get("message") or about.data.get("letter") or "")
        _queue(ctx, connection, about, ticket, NOTE, body=f"{about.type.rpartition('_')[2]} {which}")


_REACTIONS = {
    "ticket.organisation_set": _belongs,
    "lead.accepted": _accepted,
    "lead.won": _won,
    "lead.lost": _lost,
    "ticket.message_in": _said,
    "ticket.message_out": _said,
}


def _queue(
    ctx: Context, connection: Connection, about: Announcement, ticket: Ticket, *whats: str, body: str = ""
) -> None:
    chain = _party_of(ctx, ticket)
    for what in whats:
        connections.queue(ctx, connection, str(what), about=about, chain=chain, body=body)
        # in the order of their ids they are done
        ctx.session.flush()


def prepare(ctx: Context, connection: Connection, task: ConnectionTask) -> Any:  # noqa: ANN401  # as in Kind
    """What a task needs to know; None if there is nothing left to do."""
    if task.ticket_id is None:
        found = records.by_reference(ctx.session, task.chain.removeprefix(PREFIX))
        return ToKeep(_party(found), found.version)
    ticket = tickets.by_id(ctx.session, task.ticket_id)
    if ticket.erased_at is not None:
        return None
    if task.what == What.PARTY:
        return _to_keep(ctx, connection, ticket)
    if task.what == NOTE:
        return _to_note(ctx, connection, task, ticket)
    if task.what == What.INVOICE:
        return _to_bill(ctx, connection, ticket)
    return _to_stage(ctx, connection, task, ticket)


def _to_stage(ctx: Context, connection: Connection, task: ConnectionTask, ticket: Ticket) -> ToStage:
    row = _row(ctx, connection, What.LEAD, ticket.code, ticket)
    if task.what == What.LEAD and row.agreed.get("stage"):
        # it was there before: it goes on from where it is
        return ToStage(ticket.code, Stage.OFFERED)
    lead = _lead(ctx, ticket) if task.what == What.LEAD else None
    return ToStage(ticket.code, _STAGES[task.what], lead)


def _to_keep(ctx: Context, connection: Connection, ticket: Ticket) -> ToKeep:
    found = _trusted(ctx, ticket)
    ours = _party_of(ctx, ticket)
    _row(ctx, connection, What.PARTY, ours, None if found else ticket)
    if found is not None:
        return ToKeep(_party(found), found.version)
    return ToKeep(_addressed(ours, known_buyer(ctx, ticket)), 0)


def _to_bill(ctx: Context, connection: Connection, ticket: Ticket) -> Draft | None:
    known = remotes.remote_of(ctx.session, connection.id, What.INVOICE, ticket.code)
    items = _items(ctx, ticket)
    if not items or (known is not None and known.remote is not None):
        return None
    _row(ctx, connection, What.INVOICE, ticket.code, ticket)
    return Draft(ticket.code, _party_of(ctx, ticket), items, note=_page(ctx, ticket))


def _to_note(ctx: Context, connection: Connection, task: ConnectionTask, ticket: Ticket) -> ToNote | None:
    """On its lead, or else on its organisation's record; nothing if neither is there."""
    for what, ours in ((What.LEAD, ticket.code), (What.PARTY, _party_of(ctx, ticket))):
        row = remotes.remote_of(ctx.session, connection.id, what, ours)
        if row is not None and row.remote is not None:
            break
    else:
        return None
    way, _space, which = task.body.partition(" ")
    whole = connection.values.get("messages") == TEXT
    if way == "in":
        found = queries.message(ctx.session, ticket.id, int(which)) if which else None
    else:
        found = queries.message_out(ctx.session, which)
    if found is None:
        return None
    who = translate(_("From the customer") if way == "in" else _("To the customer"))
    said = f"{who}, {ctx.services.hours.local(found.at):%Y-%m-%d %H:%M}: {_page(ctx, ticket)}"
    text = f"{said}\n\n{found.body[:_LONGEST]}" if whole else said
    return ToNote(what, ours, task.reference, text)


def perform(client: Erp, _task: ConnectionTask, wanted: Any) -> Done:  # noqa: ANN401  # what `prepare` gives
    """Make the requests of a task."""
    match wanted:
        case ToKeep(party, version):
            return Done(found=_kept(client, What.PARTY, party.ref, client.party(party), version))
        case ToStage(ref, stage, lead):
            id_ = client.lead(lead) if lead else client.find(What.LEAD, ref)
            client.stage(ref, stage)
            return Done(found=(_kept(client, What.LEAD, ref, id_), stage))
        case Draft():
            return Done(found=_kept(client, What.INVOICE, wanted.ref, client.invoice_draft(wanted)))
        case ToNote(what, ref, key, text):
            client.note(what, ref, key, text)
            return Done()
    raise AssertionError(wanted)


def _kept(client: Erp, what: What, ours: str, id_: str, version: int = 0) -> Kept:
    return Kept(what, ours, id_, client.link(what, id_) if id_ else "", version)


def note(ctx: Context, connection: Connection, task: ConnectionTask, done: Done) -> None:
    """Write down what came of a task."""
    kept, stage = done.found if isinstance(done.found, tuple) else (done.found, None)
    if kept is None:
        return
    ticket = tickets.by_id(ctx.session, task.ticket_id) if task.ticket_id is not None else None
    row = _row(ctx, connection, kept.what, kept.ours, None if kept.version else ticket)
    other = remotes.remote_by_id(ctx.session, connection.id, kept.what, kept.id)
    if kept.id and other in {None, row}:
        row.remote, row.link = kept.id, kept.link
    row.looked_at = ctx.now
    if stage is not None:
        row.agreed = {**row.agreed, "stage": str(stage)}
    ctx.session.flush()
    if kept.version and kept.version != _version(ctx, kept.ours):
        # it was changed while it was on its way
        connections.queue(ctx, connection, str(What.PARTY), chain=kept.ours)


def poll(client: Erp, _watermark: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """See whether the ERP still has all that the desk needs. Raises NotSentError."""
    if problem := client.check():
        raise NotSentError(problem, permanent=False)
    return None, {}


def take_in(ctx: Context, connection: Connection, _found: None) -> None:
    """Queue the records of organisations that were changed here since they were last there."""
    for each in queries.changed(ctx.session, connection.id):
        connections.queue(ctx, connection, str(What.PARTY), chain=PREFIX + each.reference)
    ctx.session.flush()


def _row(ctx: Context, connection: Connection, what: What, ours: str, ticket: Ticket | None) -> Remote:
    """What is known of something there; from now on, it may be there."""
    row = remotes.remote_of(ctx.session, connection.id, what, ours)
    if row is None:
        row = Remote(
            connection_id=connection.id,
            what=str(what),
            ours=ours,
            ticket_id=ticket.id if ticket is not None else None,
            agreed={},
            created_at=ctx.now,
        )
        ctx.session.add(row)
        ctx.session.flush()
    return row


def _trusted(ctx: Context, ticket: Ticket) -> Organisation | None:
    """The organisation of a ticket, if more than an order form says that it is theirs."""
    belongs = records.belonging(ctx.session, ticket.id)
    if belongs is None or not (belongs.how == "hand" or records.is_vouched_for(ctx.session, ticket)):
        return None
    return ctx.session.get_one(Organisation, belongs.organisation_id)


def _party_of(ctx: Context, ticket: Ticket) -> str:
    """Our name of the customer of a ticket."""
    found = _trusted(ctx, ticket)
    return PREFIX + (found.reference if found is not None else ticket.code)


def _party(found: Organisation) -> Party:
    """An organisation as far as it concerns bookkeeping: neither its contacts nor our notes."""
    buyer = Buyer(name=found.billing_name or found.name, email=found.billing_email)
    return _addressed(PREFIX + found.reference, addressed(buyer, found.billing_address))


def _addressed(ours: str, buyer: Buyer) -> Party:
    name = buyer.name or buyer.email or ours
    where = {"street": buyer.street, "postcode": buyer.postcode, "city": buyer.city}
    return Party(ours, name, buyer.email, country=buyer.country, **where)


def _lead(ctx: Context, ticket: Ticket) -> Lead:
    works = invoicing.accepted(ctx, ticket)
    price = sum(work.price for work in works)
    # what was agreed on is ours; what customers wrote may name anybody
    title = works[0].description if works else ticket.code
    whole = Money(price, ticket.currency) if price else None
    return Lead(ticket.code, _party_of(ctx, ticket), title, whole, _page(ctx, ticket))


def _items(ctx: Context, ticket: Ticket) -> list[Item]:
    """What the customer agreed to pay for, without the tax that our prices include."""
    if directly.refusal(ctx, ticket):
        return []
    works, seller = invoicing.accepted(ctx, ticket), ctx.services.settings.seller
    rate = seller.tax_rate if seller is not None else 0
    nets = [each.net for each in amounts([Priced(1, work.price, rate) for work in works])]
    return [
        Item(work.description, Money(net, ticket.currency), Decimal(1))
        for work, net in zip(works, nets, strict=True)
    ]


def _page(ctx: Context, ticket: Ticket) -> str:
    settings = ctx.services.settings
    return f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}"


def _version(ctx: Context, ours: str) -> int:
    return records.by_reference(ctx.session, ours.removeprefix(PREFIX)).version
