"""The form that asks for an export."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    StringField,
)

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, line
from paidsupport.ops.export.tables import ALL, ONE


class ExportForm(Form):
    """What to export."""

    kind = RadioField(
        _("What to export"),
        choices=[
            SelectChoice(ALL, _("Everything on this desk")),
            SelectChoice(ONE, _("What is stored about one customer")),
        ],
        default=ALL,
    )
    customer = StringField(
        _("Customer"),
        [line],
        description=_("An email address, a phone number or the code of one of their tickets."),
    )
    with_notes = BooleanField(
        _("Include internal notes"),
        description=_("Annotations, histories and whatever else only staff see."),
    )
