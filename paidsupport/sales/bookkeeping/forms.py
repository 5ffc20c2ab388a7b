"""Forms of bookkeeping."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import SelectField, StringField
from wtforms.widgets import DateInput

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, line
from paidsupport.kernel.web.typed import typed_into
from paidsupport.sales.bookkeeping.operations.payouts import Paid


class PayoutForm(Form):
    """A sum that was paid out to a developer."""

    amount = StringField(_("Amount"), [line], render_kw={"inputmode": "decimal"})
    # the operation finds nothing to pay out in other currencies
    currency = SelectField(_("Currency"), validate_choice=False)
    day = StringField(_("Paid on"), [line], widget=DateInput())
    note = StringField(
        _("Note (optional)"), [line], description=_("For example, the number of the transfer.")
    )

    def offer(self, currencies: Sequence[str]) -> None:
        """Let these currencies be chosen."""
        self.currency.choices = [(each, each) for each in currencies]

    def typed(self) -> Paid:
        """What was filled in."""
        return typed_into(self, Paid)
