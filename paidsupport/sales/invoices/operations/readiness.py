"""Whether a draft can be issued: what is missing or breaks EN 16931, and if prices have changed (T19)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from paidsupport.kernel import seller as sellers
from paidsupport.kernel.configuration.managed import MANAGED
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import Seller
from paidsupport.sales.invoices import queries as rows
from paidsupport.sales.invoices.operations import directly, invoicing
from paidsupport.sales.invoices.rules import InvoiceKind, Paper, due_on, serial, series
from paidsupport.sales.invoices.standard import SELLER, Breach, breaches
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine
from paidsupport.sales.invoices.typed import faults
from paidsupport.tickets.tables import Ticket

NO_SELLER = _(
    "Invoices aren't set up yet. A manager has to enter the seller under Set up, Settings, Invoices."
)


def seller_of(ctx: Context, code: str) -> Seller:
    """Who invoices are from now. Raises TransitionRefusedError if managers have not entered that."""
    seller = ctx.services.settings.seller
    if seller is None:
        raise TransitionRefusedError(code, [NO_SELLER])
    return seller


def expected(ctx: Context) -> str:
    """The number that the next invoice gets, if it is issued today and no other comes first."""
    counted_in = series(InvoiceKind.INVOICE, ctx.today)
    return serial(counted_in, rows.last_number(ctx.session, counted_in) + 1)


def preview(ctx: Context, ticket: Ticket, invoice: Invoice, lines: Sequence[InvoiceLine]) -> Paper:
    """What a draft would say if it was issued now. Raises TransitionRefusedError without a seller."""
    due, seller = due_on(ctx.today, invoice.pay_days), seller_of(ctx, ticket.code)
    return invoicing.said(ticket, invoice, lines, seller, expected(ctx), (ctx.today, due))


def of_seller(ctx: Context, shown: invoicing.Shown) -> list[Message]:
    """What has to be changed in the settings before a draft can be issued, as sentences."""
    if shown.invoice.number is not None or ctx.services.settings.seller is None:
        return []
    found = _breaches(preview(ctx, shown.ticket, shown.invoice, shown.lines))
    return [_of_seller(breach) for breach in found if breach.of_seller]


def refuse_unready(ctx: Context, ticket: Ticket, invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Refuse to issue a draft as it is, before it takes a number.

    Raises:
        InvalidInputError: Something in the draft is missing or wrong: a sentence at each field.
        TransitionRefusedError: There is no seller, the seller's details are wrong, the developer is paid
            directly, or an offer has changed.
    """
    found = list(_breaches(preview(ctx, ticket, invoice, lines)))
    # the draft may be from a time when fewer checks were made
    wrong = faults(invoice)
    for breach in found:
        if not breach.of_seller:
            wrong.setdefault(breach.field, [breach.sentence])
    if wrong:
        raise InvalidInputError(wrong)
    if refusal := directly.refusal(ctx, ticket):
        raise TransitionRefusedError(ticket.code, [refusal])
    if seller := [_of_seller(breach) for breach in found if breach.of_seller]:
        raise TransitionRefusedError(ticket.code, seller)
    prices = {work.name: work.price for work in invoicing.accepted(ctx, ticket)}
    if any(prices.get(line.work) != line.gross_minor for line in lines):
        sentence = _("The accepted prices have changed. Discard this draft and make a new one.")
        raise TransitionRefusedError(ticket.code, [sentence])


def _breaches(paper: Paper) -> Iterator[Breach]:
    """The rules that are broken; where a library finds more to say about the seller, what it says."""
    known = {f"{SELLER}{name}": sentence for name, sentence in sellers.faults(asdict(paper.seller))}
    yield from (Breach("", field, sentence) for field, sentence in known.items())
    yield from (breach for breach in breaches(paper) if breach.field not in known)


def _of_seller(breach: Breach) -> Message:
    return _("Seller, %(label)s: %(sentence)s", label=MANAGED[breach.field].label, sentence=breach.sentence)
