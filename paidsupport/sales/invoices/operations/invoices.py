"""Invoices: drafted from what customers accepted, numbered without gaps, never changed after that (T19).

Managers write them; the amounts are those that were accepted and are never typed. The ticket's owner sends
the email about an invoice; if the ticket has no owner, the desk does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import update

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import (
    ManagersOnlyError,
    NotTheOwnerError,
    TransitionRefusedError,
    for_managers,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.seller import Seller
from paidsupport.kernel.workflow import Part
from paidsupport.sales.invoices import queries as rows
from paidsupport.sales.invoices.operations import directly, paying, readiness
from paidsupport.sales.invoices.operations.invoicing import (
    Work,
    buyer_of,
    columns,
    content_hash,
    managers_only,
    may_tell,
    names,
    open_work,
    serial_of,
)
from paidsupport.sales.invoices.rules import (
    COMES_FROM,
    Amounts,
    Buyer,
    InvoiceKind,
    InvoiceState,
    Priced,
    Untaxed,
    addressed,
    amounts,
    due_on,
    series,
)
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine, next_number
from paidsupport.sales.invoices.typed import Typed, checked
from paidsupport.sales.organisations.queries.records import belonging, is_vouched_for
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.sales.payments.operations import settling
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import history
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

_FOR_WRITING = for_managers(_("Only a manager can write invoices."))
_FOR_ISSUING = for_managers(_("Only a manager can issue invoices."))
_FOR_PAYING = for_managers(_("Only a manager can mark invoices as paid."))
_FOR_CANCELLING = for_managers(_("Only a manager can cancel invoices."))

NOTHING = _("There's nothing to invoice: the price and all accepted offers are invoiced already.")
CHANGED = _("This invoice has changed since you opened it. Check it and try again.")


def start(ctx: Context, ticket: Ticket, buyer: Buyer | None = None) -> Invoice | None:
    """Draft the invoice of a ticket that came from sales and is resolved, unless that was done before (T19).

    Works for any actor. Returns the draft there is; None if there is no seller, nothing to pay, the developer
    is paid directly, or all of it was drafted before, even if that draft was discarded.
    """
    ticket = tickets.lock_by_id(ctx.session, ticket.id)
    if ctx.services.settings.seller is None or ticket.erased_at is not None or directly.refusal(ctx, ticket):
        return None
    if before := _draft_of(ctx, ticket):
        return before
    known = {line.work for line in rows.lines_of_ticket(ctx.session, ticket)}
    fresh = [work for work in open_work(ctx, ticket) if work.name not in known]
    return _draft(ctx, history.edit(ctx, ticket), fresh, buyer) if fresh else None


def draft(ctx: Context, code: str, *, key: str, buyer: Buyer | None = None) -> Invoice:
    """Draft an invoice for everything that was accepted and not invoiced; returns an existing draft, if any.

    Raises:
        NotFoundError: There is no such ticket.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: There is no seller, nothing to invoice, the developer is paid directly, or the
            customer is erased.
    """
    managers_only(ctx, _FOR_WRITING)
    with history.edit(ctx, code, key=key, content=("invoice", code)) as edit:
        ticket = edit.record
        if edit.repeated:
            return rows.find(ctx.session, ticket, edit.earlier["invoice"])
        if found := _draft_of(ctx, ticket):
            edit.nothing_new()
            return found
        readiness.seller_of(ctx, code)
        if ticket.erased_at is not None:
            raise TransitionRefusedError(
                code, [_("The customer's data was erased, so no invoice can be written.")]
            )
        if refusal := directly.refusal(ctx, ticket):
            raise TransitionRefusedError(code, [refusal])
        works = open_work(ctx, ticket)
        if not works:
            raise TransitionRefusedError(code, [NOTHING])
        return _draft(ctx, edit, works, buyer)


def change(ctx: Context, code: str, reference: str, typed: Typed, *, version: int, key: str) -> Invoice:
    """Save what was typed into a draft, and compute its sums again. What is missing can be added later.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: It is not a draft, or has changed since it was seen.
        InvalidInputError: By field as in `Typed`; lines as `line_1_rate`.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx, _FOR_WRITING)
    ticket, invoice = _locked(ctx, code, reference)
    with history.edit(
        ctx, ticket, key=key, content=("change", reference, version, sorted(asdict(typed).items()))
    ) as edit:
        if edit.repeated:
            return invoice
        lines = rows.lines_of(ctx.session, invoice)
        values, told = checked(typed, len(lines))
        refuse_quotes(ctx, ticket, "\n".join([*map(str, values.values()), *(said for said, _ in told)]))
        sums = amounts(
            [
                Priced(line.quantity, line.unit_minor, rate)
                for line, (_, rate) in zip(lines, told, strict=True)
            ]
        )
        _advance(ctx, code, invoice, version, (InvoiceState.DRAFT,), **values, **_totals(sums))
        for line, (description, rate), each in zip(lines, told, sums, strict=True):
            line.description, line.rate = description, rate
            line.net_minor, line.tax_minor, line.gross_minor = each.net, each.tax, each.gross
        data = {"invoice": reference, "price": sum(each.gross for each in sums)}
        edit.tell("invoice-changed", data)
    return invoice


def issue(ctx: Context, code: str, reference: str, *, version: int, key: str) -> Invoice:
    """Give a draft its number and date; from then on, its content never changes.

    Of simultaneous submits exactly one gets a number.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: It is no longer a draft, has changed since it was seen, has no seller or one
            whose details are wrong, or an offer on it has changed.
        InvalidInputError: Something is missing or wrong.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx, _FOR_ISSUING)
    ticket, invoice = _locked(ctx, code, reference)
    with history.edit(ctx, ticket, key=key, content=("issue", reference, version)) as edit:
        if edit.repeated:
            return invoice
        seller = readiness.seller_of(ctx, code)
        lines = rows.lines_of(ctx.session, invoice)
        if invoice.state == InvoiceState.DRAFT:
            readiness.refuse_unready(ctx, ticket, invoice, lines)
        _number(ctx, ticket, invoice, InvoiceKind.INVOICE, seller, version)
        _seal(ctx, ticket, invoice, lines)
        edit.tell("invoice-issued", names(invoice))
        # who has paid before the work owes nothing more
        paying.agree(ctx, ticket)
    return invoice


def check(ctx: Context, code: str, reference: str) -> None:
    """Check whether a draft can be issued as it is.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        TransitionRefusedError: There is no seller, the seller's details are wrong, or an offer on it has
            changed.
        InvalidInputError: Something is missing or wrong.
    """
    ticket, invoice = _locked(ctx, code, reference)
    readiness.refuse_unready(ctx, ticket, invoice, rows.lines_of(ctx.session, invoice))


def tell(ctx: Context, code: str, reference: str, *, key: str) -> Invoice:
    """Email the customer where the invoice is; by the ticket's owner or, if it has none, by a manager.

    While the ticket has an owner, raises as `correspondence.send`, too.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        TransitionRefusedError: The customer was told already, cannot be emailed, or it has no number yet.
    """
    ticket, invoice = _locked(ctx, code, reference)
    with history.edit(ctx, ticket, key=f"{key} told", content=("tell", reference)) as edit:
        if edit.repeated:
            return invoice
        if invoice.number is None:
            raise TransitionRefusedError(code, [_("Issue the draft first.")])
        email = ctx.session.get(Email, invoice.letter_id) if invoice.letter_id else None
        if email is not None and email.state != EmailState.WITHDRAWN:
            raise TransitionRefusedError(code, [_("The customer already has an email about this.")])
        if not may_tell(ctx, ticket):
            if ticket.part != Part.PENDING:
                raise ManagersOnlyError(
                    _("The ticket has no owner. Only a manager can write to this customer now.")
                )
            raise NotTheOwnerError(code, holder_name(ctx.session, ticket))
        written = _email(ctx, ticket, invoice, key)
        ctx.session.flush()
        _set(ctx, invoice, letter_id=written.id)
        data = {"invoice": reference, "serial": serial_of(invoice), "letter": written.reference}
        edit.tell("invoice-told", data)
    return invoice


def tells_by_itself(ctx: Context, code: str) -> bool:
    """Whether issuing also sends the email: the ticket has no owner who would have to write it."""
    ticket = tickets.lock(ctx.session, code)
    return ticket.part != Part.PENDING and may_tell(ctx, ticket)


def mark_paid(ctx: Context, code: str, reference: str, *, key: str) -> Invoice:
    """Record that the money has arrived (or, for a credit note, was paid back), as far as it has not before.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: It has no number yet, or is paid or cancelled already; or the money of a
            credit note has to be paid back through a provider.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx, _FOR_PAYING)
    ticket, invoice = _locked(ctx, code, reference)
    with history.edit(ctx, ticket, key=key, content=("paid", reference)) as edit:
        if edit.repeated:
            return invoice
        paying.record(ctx, ticket, invoice)
        sources = COMES_FROM[InvoiceState.PAID]
        _advance(ctx, code, invoice, invoice.version, sources, state=InvoiceState.PAID, paid_at=ctx.now)
        edit.tell("invoice-paid", names(invoice), None, **settling.resum(ctx, ticket))
        paying.agree(ctx, ticket)
    return invoice


def cancel(ctx: Context, code: str, reference: str, *, key: str) -> Invoice:
    """Discard a draft, or cancel an issued invoice by a credit note; returns that, or the draft.

    What was on it can be invoiced again.

    Raises:
        NotFoundError: There is no such ticket or invoice.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: It is cancelled already, or is a credit note.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx, _FOR_CANCELLING)
    ticket, invoice = _locked(ctx, code, reference)
    with history.edit(ctx, ticket, key=key, content=("cancel", reference)) as edit:
        if edit.repeated:
            return rows.find(ctx.session, ticket, edit.earlier["other"])
        if invoice.kind == InvoiceKind.CREDIT_NOTE:
            raise TransitionRefusedError(code, [_("A credit note can't be cancelled. Write a new invoice.")])
        was_draft = invoice.number is None
        sources = COMES_FROM[InvoiceState.CANCELLED]
        gone = {"state": InvoiceState.CANCELLED, "cancelled_at": ctx.now}
        _advance(ctx, code, invoice, invoice.version, sources, **gone)
        lines = rows.lines_of(ctx.session, invoice)
        for line in lines:
            line.counts = False
        ctx.session.flush()
        note = invoice if was_draft else _credit(ctx, ticket, invoice, lines)
        data = names(note) | {"invoice": reference, "other": note.reference, "of": serial_of(invoice)}
        edit.tell("invoice-discarded" if was_draft else "invoice-cancelled", data)
    return note


def _locked(ctx: Context, code: str, reference: str) -> tuple[Ticket, Invoice]:
    ticket = tickets.lock(ctx.session, code)
    return ticket, rows.find(ctx.session, ticket, reference)


def _draft_of(ctx: Context, ticket: Ticket) -> Invoice | None:
    known = rows.of_ticket(ctx.session, ticket)
    return next((invoice for invoice in known if invoice.state == InvoiceState.DRAFT), None)


def known_buyer(ctx: Context, ticket: Ticket) -> Buyer:
    """The recipient of an invoice: the billing data of the ticket's organisation, or the customer (T8)."""
    theirs = belonging(ctx.session, ticket.id)
    # an order form can name any address: only a person can say which organisation it belongs to
    if theirs is None or not (theirs.how == "hand" or is_vouched_for(ctx.session, ticket)):
        return Buyer(name=ticket.customer_name, email=ticket.customer_email)
    found = ctx.session.get_one(Organisation, theirs.organisation_id)
    return addressed(
        Buyer(
            name=found.billing_name or found.name,
            email=found.billing_email or ticket.customer_email,
            vat_id=found.vat_id,
        ),
        found.billing_address,
    )


def _draft(
    ctx: Context, edit: Change[Context, Ticket], works: Sequence[Work], buyer: Buyer | None
) -> Invoice:
    ticket = edit.record
    seller = readiness.seller_of(ctx, ticket.code)
    to = buyer or known_buyer(ctx, ticket)
    rate = seller.tax_rate
    sums = amounts([Priced(1, work.price, rate) for work in works])
    invoice = Invoice(
        reference=new_reference(),
        ticket_id=ticket.id,
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        currency=ticket.currency,
        seller=_copied(seller),
        untaxed=Untaxed.EXEMPT if not rate and seller.untaxed_reason else "",
        untaxed_reason=seller.untaxed_reason if not rate else "",
        pay_days=int(seller.pay_days),
        drafted_by=ctx.by.name,
        drafted_at=ctx.now,
        **columns(to),
        **_totals(sums),
    )
    ctx.session.add(invoice)
    ctx.session.flush()
    for position, (work, each) in enumerate(zip(works, sums, strict=True), 1):
        ctx.session.add(_line(invoice, position, work, rate, each))
    ctx.session.flush()
    edit.tell("invoice-drafted", {"invoice": invoice.reference, "price": invoice.total_minor})
    return invoice


def _line(invoice: Invoice, position: int, work: Work, rate: int, each: Amounts) -> InvoiceLine:
    return InvoiceLine(
        invoice_id=invoice.id,
        ticket_id=invoice.ticket_id,
        position=position,
        work=work.name,
        description=work.description,
        unit_minor=work.price,
        rate=rate,
        net_minor=each.net,
        tax_minor=each.tax,
        gross_minor=each.gross,
    )


def _credit(ctx: Context, ticket: Ticket, invoice: Invoice, lines: Sequence[InvoiceLine]) -> Invoice:
    """The credit note for a whole invoice, with a number of its own, issued at once."""
    copied = {
        name: getattr(invoice, name)
        for name in (
            "currency",
            "seller",
            "untaxed",
            "untaxed_reason",
            "net_minor",
            "tax_minor",
            "total_minor",
        )
    }
    note = Invoice(
        reference=new_reference(),
        ticket_id=ticket.id,
        kind=InvoiceKind.CREDIT_NOTE,
        credits_id=invoice.id,
        state=InvoiceState.DRAFT,
        pay_days=0,
        drafted_by=ctx.by.name,
        drafted_at=ctx.now,
        **copied,
        **columns(buyer_of(invoice)),
    )
    number = _next(ctx, InvoiceKind.CREDIT_NOTE)
    note.state, note.series, note.number = InvoiceState.ISSUED, number[0], number[1]
    note.issued_by, note.issued_at = ctx.by.name, ctx.now
    note.issued_on = note.due_on = ctx.today
    ctx.session.add(note)
    ctx.session.flush()
    same = ("position", "work", "description", "quantity", "unit_minor", "rate", "net_minor", "tax_minor")
    for line in lines:
        values = {name: getattr(line, name) for name in (*same, "gross_minor")}
        ctx.session.add(InvoiceLine(invoice_id=note.id, ticket_id=ticket.id, counts=False, **values))
    ctx.session.flush()
    _seal(ctx, ticket, note, rows.lines_of(ctx.session, note))
    return note


def _next(ctx: Context, kind: InvoiceKind) -> tuple[str, int]:
    counted_in = series(kind, ctx.today)
    return counted_in, next_number(ctx.session, counted_in)


def _number(
    ctx: Context, ticket: Ticket, invoice: Invoice, kind: InvoiceKind, seller: Seller, version: int
) -> None:
    """Issue a draft in one conditional update; of two at once, the second does not use up a number."""
    if invoice.state != InvoiceState.DRAFT or invoice.version != version:
        raise TransitionRefusedError(ticket.code, [CHANGED])
    counted_in, number = _next(ctx, kind)
    day = ctx.today
    _advance(
        ctx,
        ticket.code,
        invoice,
        version,
        COMES_FROM[InvoiceState.ISSUED],
        state=InvoiceState.ISSUED,
        series=counted_in,
        number=number,
        seller=_copied(seller),
        issued_by=ctx.by.name,
        issued_at=ctx.now,
        issued_on=day,
        due_on=due_on(day, invoice.pay_days),
    )


def _seal(ctx: Context, ticket: Ticket, invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    _set(ctx, invoice, content_hash=content_hash(ctx, ticket.code, invoice, lines))


def _advance(
    ctx: Context,
    code: str,
    invoice: Invoice,
    version: int,
    sources: Sequence[InvoiceState],
    **values: object,
) -> None:
    """Write `values` if it has not changed since it was read: the condition is part of the UPDATE."""
    ctx.session.flush()
    done = (
        update(Invoice)
        .where(Invoice.id == invoice.id, Invoice.version == version, Invoice.state.in_(sources))
        .values(version=version + 1, **values)
    )
    if changed(ctx.session, done) != 1:
        raise TransitionRefusedError(code, [CHANGED])
    ctx.session.refresh(invoice)


def _set(ctx: Context, invoice: Invoice, **values: object) -> None:
    """Write columns that are not part of the invoice's content."""
    ctx.session.flush()
    changed(ctx.session, update(Invoice).where(Invoice.id == invoice.id).values(**values))
    ctx.session.refresh(invoice)


def _email(ctx: Context, ticket: Ticket, invoice: Invoice, key: str) -> Email:
    credited = ctx.session.get(Invoice, invoice.credits_id) if invoice.credits_id else None
    held = ticket.part == Part.PENDING
    context = {
        "invoice": invoice,
        "serial": serial_of(invoice),
        "amount": Money(invoice.total_minor, invoice.currency),
        "credited": serial_of(credited) if credited else "",
        "author": ctx.by.name if held else None,
    }
    kind = EmailKind.INVOICE
    subject, body = emails.written(ctx, kind, ticket, **context)
    if not held:
        return emails.to_customer(ctx, ticket, kind, subject, body)
    said = Draft(body, ticket.claim_number, ticket.thread, f"{key} letter")
    return correspondence.send(ctx, ticket, said, kind=kind, subject=subject)


def _totals(sums: Sequence[Amounts]) -> dict[str, int]:
    return {
        "net_minor": sum(each.net for each in sums),
        "tax_minor": sum(each.tax for each in sums),
        "total_minor": sum(each.gross for each in sums),
    }


def _copied(seller: Seller) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(seller).items()}
