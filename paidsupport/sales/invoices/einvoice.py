"""Invoices for programs: EN 16931 in the syntax UN/CEFACT CII, written and checked by `drafthorse`.

XRechnung and Factur-X (ZUGFeRD) are based on it. It needs the extra `invoices`; without it there is no XML.
"""

from __future__ import annotations

from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.money import Money
from paidsupport.sales.invoices.rules import Amounts, InvoiceKind, Paper, Untaxed

if TYPE_CHECKING:
    from drafthorse.models.document import Document

#: The rules it follows, and the schema that the library validates it against.
GUIDELINE = "urn:cen.eu:en16931:2017"
_SCHEMA = "FACTUR-X_EN16931"
#: UNTDID 1001: the kind of document; UNTDID 4461: transfer to an account; Rec 20: one unit.
_TYPES = {InvoiceKind.INVOICE: "380", InvoiceKind.CREDIT_NOTE: "381"}
_TRANSFER = "58"
_PIECE = "C62"
_MAIL = "EM"
#: The VAT category of an untaxed line, by the reason.
_CATEGORIES = {Untaxed.EXEMPT.value: "E", Untaxed.REVERSE_CHARGE.value: "AE"}


#: Characters that XML cannot contain, and no page shows.
_NEVER = dict.fromkeys((0xFFFE, 0xFFFF))


def is_available(currency: str) -> bool:
    """Whether the library is installed and the format supports this currency (at most two decimals)."""
    return find_spec("drafthorse") is not None and len(Money(1, currency).plain.partition(".")[2]) <= 2  # noqa: PLR2004


def render(paper: Paper) -> bytes:
    """The invoice as XML, validated. Raises NotFoundError if `is_available` is false."""
    if not is_available(paper.currency):
        raise NotFoundError
    from drafthorse.models.document import Document  # noqa: PLC0415  # the extra may be missing

    made = Document()
    made.context.guideline_parameter.id = GUIDELINE
    made.header.id = paper.serial
    made.header.type_code = _TYPES[paper.kind]
    made.header.issue_date_time = paper.issued_on
    _parties(made, paper)
    for position, _ in enumerate(paper.lines, 1):
        _line(made, paper, position)
    _settlement(made, paper)
    written: bytes = made.serialize(schema=_SCHEMA)
    return written


def _parties(made: Document, paper: Paper) -> None:
    from drafthorse.models.party import TaxRegistration  # noqa: PLC0415  # likewise

    agreement, seller, buyer = made.trade.agreement, paper.seller, paper.buyer
    if buyer.buyer_reference:
        agreement.buyer_reference = _text(buyer.buyer_reference)
    for party, said in ((agreement.seller, seller), (agreement.buyer, buyer)):
        party.name = _text(said.name)
        party.address.postcode = _text(said.postcode)
        party.address.line_one = _text(said.street)
        party.address.city_name = _text(said.city)
        party.address.country_id = said.country
        if said.email:
            party.electronic_address.uri_ID = (_MAIL, said.email)
        if said.vat_id:
            party.tax_registrations.add(TaxRegistration(id=("VA", said.vat_id)))
    contact = agreement.seller.contact
    contact.person_name, contact.email.address = seller.name, seller.email
    if seller.phone:
        contact.telephone.number = seller.phone
    if seller.registration:
        agreement.seller.legal_organization.id = seller.registration
    if seller.tax_number:
        agreement.seller.tax_registrations.add(TaxRegistration(id=("FC", seller.tax_number)))
    agreement.seller_order.issuer_assigned_id = paper.code


def _line(made: Document, paper: Paper, position: int) -> None:
    from drafthorse.models.tradelines import LineItem  # noqa: PLC0415  # likewise

    said, line = paper.lines[position - 1], LineItem()
    line.document.line_id = str(position)
    line.product.name = _text(said.description)
    # the price of the whole quantity, so that nothing has to be rounded
    line.agreement.net.amount = _amount(paper, said.amounts.net)
    line.agreement.net.basis_quantity = (Decimal(said.quantity), _PIECE)
    line.delivery.billed_quantity = (Decimal(said.quantity), _PIECE)
    _taxed(line.settlement.trade_tax, paper, said.rate)
    line.settlement.monetary_summation.total_amount = _amount(paper, said.amounts.net)
    made.trade.items.add(line)


def _settlement(made: Document, paper: Paper) -> None:
    from drafthorse.models.accounting import ApplicableTradeTax  # noqa: PLC0415  # likewise
    from drafthorse.models.payment import PaymentMeans, PaymentTerms  # noqa: PLC0415  # likewise

    made.trade.delivery.event.occurrence = paper.issued_on
    settlement = made.trade.settlement
    settlement.payment_reference = paper.serial
    settlement.currency_code = paper.currency
    means = PaymentMeans()
    means.type_code = _TRANSFER
    means.payee_account.iban = paper.seller.iban
    means.payee_account.account_name = paper.seller.name
    if paper.seller.bic:
        means.payee_institution.bic = paper.seller.bic
    settlement.payment_means.add(means)
    for rate, sums in paper.by_rate:
        tax = ApplicableTradeTax()
        tax.calculated_amount = _amount(paper, sums.tax)
        tax.basis_amount = _amount(paper, sums.net)
        _taxed(tax, paper, rate)
        if not rate:
            tax.exemption_reason = _text(paper.untaxed_reason) or "Reverse charge"
        settlement.trade_tax.add(tax)
    terms = PaymentTerms()
    terms.due = paper.due_on
    settlement.terms.add(terms)
    if paper.credits:
        settlement.invoice_referenced_document.issuer_assigned_id = paper.credits
    _sums(settlement.monetary_summation, paper, paper.total)


def _sums(summation: Any, paper: Paper, total: Amounts) -> None:  # noqa: ANN401  # the library has no types
    summation.line_total = _amount(paper, total.net)
    summation.tax_basis_total = _amount(paper, total.net)
    summation.tax_total = (_amount(paper, total.tax), paper.currency)
    summation.grand_total = _amount(paper, total.gross)
    summation.due_amount = _amount(paper, total.gross)


def _taxed(tax: Any, paper: Paper, rate: int) -> None:  # noqa: ANN401  # likewise
    tax.type_code = "VAT"
    tax.category_code = "S" if rate else _CATEGORIES.get(paper.untaxed, "E")
    tax.rate_applicable_percent = Decimal(rate) / 100


def _text(said: str) -> str:
    return said.translate(_NEVER)


def _amount(paper: Paper, minor: int) -> Decimal:
    return Decimal(Money(minor, paper.currency).plain)
