"""The forms of moving in: what from, which column is what, which service a queue becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)

from paidsupport.connect.importing.operations.runs import Typed
from paidsupport.connect.importing.sources.kinds import KINDS
from paidsupport.connect.importing.sources.table import FIELDS, ORDERS
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, line


class ImportForm(Form):
    """What to move in from."""

    kind = RadioField(
        _("Move in from"),
        choices=[SelectChoice(kind.name, kind.label) for kind in KINDS.values()],
        default="lines",
        validate_choice=False,
    )
    file = FileField(
        _("File"), description=_("The export of the other system. A zip can hold its files, too.")
    )
    url = StringField(
        _("Address"), [line], description=_("Of Request Tracker or Zammad, like https://desk.example.org.")
    )
    secret = PasswordField(
        _("Token or password"), description=_("A token, or user name and password like root:password.")
    )
    ours = StringField(
        _("Addresses of your desk"),
        [line],
        description=_("From which the desk wrote its emails, such as support@example.org or @example.org."),
    )
    open = BooleanField(_("Leave conversations open whose last email is a customer’s"))
    dates = SelectField(
        _("Order in dates"),
        choices=[SelectChoice(name, label) for name, label in ORDERS.items()],
        validate_choice=False,
    )
    service = SelectField(
        _("Service"), description=_("Which service the tickets get."), choices=[], validate_choice=False
    )
    source = StringField(
        _("Name of the system"),
        [line],
        description=_("To tell several of a kind apart, such as rt:desk.example.org."),
    )

    def offer(self, services: Sequence[Any]) -> None:
        """Offer these services."""
        first = SelectChoice("", _("The first service for requests"))
        self.service.choices = [first, *(SelectChoice(each.slug, each.name) for each in services)]

    @property
    def typed(self) -> Typed:
        """What was filled in."""
        names = ("source", "service", "url", "secret", "ours", "dates")
        values = {name: self[name].data or "" for name in names}
        return Typed(kind=self.kind.data or "", open=self.open.data, **values)


def columns_form(names: Sequence[str]) -> type[Form]:
    """The form with a field for each thing that a column can be."""
    choices = [SelectChoice("", _("No column")), *(SelectChoice(name, name) for name in names)]
    fields = {
        f"column_{name}": SelectField(label, choices=choices, validate_choice=False)
        for name, label in FIELDS.items()
    }
    made: type[Form] = type("ColumnsForm", (Form,), fields)
    return made


def start_form(queues: Sequence[str], services: Sequence[Any]) -> type[Form]:
    """The form with a service for each queue that is not known."""
    first = SelectChoice("", _("As all others"))
    choices = [first, *(SelectChoice(each.slug, each.name) for each in services)]
    fields = {
        f"queue_{number}": SelectField(queue, choices=choices, validate_choice=False)
        for number, queue in enumerate(queues)
    }
    made: type[Form] = type("StartForm", (Form,), fields)
    return made
