"""What a customer is told who pays a ticket by bank transfer."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.bank.kind import BANK, KIND, account_of
from paidsupport.sales.payments.bank.rules import payloads
from paidsupport.sales.payments.bank.rules.payloads import Account
from paidsupport.sales.payments.bank.rules.references import rf_of, spaced
from paidsupport.sales.payments.qr import drawing
from paidsupport.tickets.operations.payment import payee_of
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as the customer is to make it.

    Attributes:
        amount: All that is open.
        account: Where to.
        reference: What makes it known as theirs: the ticket's code with check digits, without gaps.
        epc: The text of a QR code that banking apps in the euro area read; empty if there is none.
        swiss: The text of the QR code that those in Switzerland and Liechtenstein read.
    """

    amount: Money
    account: Account
    reference: str
    epc: str = ""
    swiss: str = ""

    @property
    def iban(self) -> str:
        """The number of the account in groups of four."""
        return spaced(self.account.iban)

    @property
    def reference_spaced(self) -> str:
        """The reference in groups of four."""
        return spaced(self.reference)

    @property
    def epc_code(self) -> Markup:
        """The first QR code as a drawing."""
        return drawing(self.epc, _("QR code of the transfer"))

    @property
    def swiss_code(self) -> Markup:
        """The second one, with the Swiss cross."""
        return drawing(self.swiss, _("Swiss QR code of the transfer"), cross=True)


def transfer_for(ctx: Context, ticket: Ticket) -> Transfer | None:
    """How all that is open on a ticket is paid by bank transfer: one query.

    Returns:
        None if its developer is paid directly, nothing is open, or managers do not offer it in its currency.
    """
    left = Money(sums_of(ticket).left(ticket.price_minor), ticket.currency)
    directly = payee_of(ctx, ticket.payee) is Payee.DEVELOPER
    if directly or not left.minor or ticket.erased_at is not None:
        return None
    row = queries.provider(ctx.session, BANK)
    if row is None or not row.active or KIND.currencies is None:
        return None
    if ticket.currency not in KIND.currencies(row.values):
        return None
    account = account_of(row.values)
    return Transfer(
        left,
        account,
        rf_of(ticket.code),
        payloads.epc(account, left, ticket.code),
        payloads.swiss(account, left, ticket.code),
    )
