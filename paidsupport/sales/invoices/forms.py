"""The draft of an invoice as a form: the buyer, and the text and tax rate of each line."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.widgets import NumberInput

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import MOST_DAYS
from paidsupport.kernel.web.forms import VersionedForm
from paidsupport.kernel.web.typed import typed_into
from paidsupport.sales.invoices.rules import Untaxed, spelled_rate
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine
from paidsupport.sales.invoices.typed import Typed

_UNTAXED = [
    SelectChoice("", _("Every line is taxed")),
    SelectChoice(Untaxed.EXEMPT.value, _("Exempt, for the reason below")),
    SelectChoice(Untaxed.REVERSE_CHARGE.value, _("The buyer owes the tax (reverse charge)")),
]


class InvoiceForm(VersionedForm):
    """What can be changed in a draft; amounts are those that were accepted, and are never typed."""

    buyer_name = StringField(_("Name"), description=_("The organisation, or the person if there is none."))
    buyer_street = StringField(_("Street and number"))
    buyer_postcode = StringField(_("Postcode"))
    buyer_city = StringField(_("Town"))
    buyer_country = StringField(_("Country"), description=_("Two letters, like DE."), render_kw={"size": 4})
    buyer_email = StringField(_("Email for electronic invoices"), render_kw={"inputmode": "email"})
    buyer_vat_id = StringField(_("VAT number"))
    buyer_reference = StringField(
        _("Buyer reference"), description=_("For public buyers in Germany: their Leitweg-ID.")
    )
    # a text field, so that anything but a number gets an error message of ours
    pay_days = StringField(
        _("Days to pay"),
        description=_("From 1 to %(most)s.", most=MOST_DAYS),
        widget=NumberInput(min=1, max=MOST_DAYS),
    )
    untaxed = SelectField(_("Lines without tax"), choices=_UNTAXED, validate_choice=False)
    untaxed_reason = StringField(_("Reason printed on the invoice"))

    #: The number of lines.
    count = 0

    buyer = (
        *("buyer_name", "buyer_street", "buyer_postcode", "buyer_city", "buyer_country"),
        *("buyer_vat_id", "buyer_email", "buyer_reference"),
    )
    #: Fields that may stay empty.
    optional = frozenset({"buyer_postcode", "buyer_email", "buyer_vat_id", "buyer_reference"})

    def typed(self) -> Typed:
        """What was filled in."""
        names = (f"line_{position}" for position in range(1, self.count + 1))
        lines = [(self[f"{at}_description"].data or "", self[f"{at}_rate"].data or "") for at in names]
        return typed_into(self, Typed, lines=lines)


def invoice_form(invoice: Invoice, lines: Sequence[InvoiceLine]) -> InvoiceForm:
    """The form of one draft: two fields for each of its lines."""
    fields: dict[str, object] = {"count": len(lines)}
    given: dict[str, object] = {"version": invoice.version}
    for line in lines:
        at = f"line_{line.position}"
        fields[f"{at}_description"] = StringField(_("Line %(number)s: description", number=line.position))
        fields[f"{at}_rate"] = StringField(
            _("Line %(number)s: tax rate in percent", number=line.position),
            render_kw={"inputmode": "decimal", "size": 6},
        )
        given |= {f"{at}_description": line.description, f"{at}_rate": spelled_rate(line.rate)}
    names = (*InvoiceForm.buyer, "pay_days", "untaxed", "untaxed_reason")
    given |= {name: getattr(invoice, name) for name in names}
    made: InvoiceForm = type("InvoiceFormOf", (InvoiceForm,), fields)(data=given)
    return made
