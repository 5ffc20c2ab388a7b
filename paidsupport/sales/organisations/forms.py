"""The forms of organisations and leads."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import EmailInput, HiddenInput, TelInput

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.forms import Form, VersionedForm, address
from paidsupport.kernel.web.typed import typed_into
from paidsupport.sales.leads.operations.blockers import KINDS
from paidsupport.sales.leads.operations.wishes import DECISIONS, Decided, Typed
from paidsupport.sales.organisations.operations import contacts
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.sales.organisations.rules import Kind
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.forms import ONLY_US

#: Labels of the kinds of organisations.
KIND_LABELS = {
    Kind.MERCHANT: _("Merchant"),
    Kind.BANK: _("Bank"),
    Kind.OPERATOR: _("Operator"),
    Kind.OTHER: _("Other"),
}
_BUILT = _("Copied into the issue. Leave out names and addresses.")


class RecordForm(Form):
    """What is known about an organisation."""

    #: The version that was seen; 0 for a new record.
    version = IntegerField(widget=HiddenInput(), default=0)
    name = StringField(_("Name"))
    kind = RadioField(
        _("Kind"),
        choices=[SelectChoice(kind.value, label) for kind, label in KIND_LABELS.items()],
        default=Kind.MERCHANT.value,
        validate_choice=False,
    )
    holder = SelectField(
        _("Account manager"), description=_("The colleague who looks after them."), validate_choice=False
    )
    notes = TextAreaField(_("Notes"), description=ONLY_US)
    billing_name = StringField(_("Name on invoices"), description=_("If empty, the name above."))
    billing_address = TextAreaField(_("Address on invoices"))
    billing_email = StringField(_("Email for invoices"), [address], widget=EmailInput())
    vat_id = StringField(_("VAT number"))
    currency = StringField(_("Currency"), description=_("Three letters, like EUR."))

    def record(self) -> Record:
        """What was filled in."""
        return typed_into(self, Record)


class ContactForm(Form):
    """A contact of an organisation."""

    contact_name = StringField(_("Name"))
    email = StringField(_("Email address"), [address], widget=EmailInput())
    phone = StringField(_("Phone number"), widget=TelInput())
    role = StringField(_("Role"), description=_("What they do there, like “accounts”."))
    contact_note = StringField(_("Note"), description=ONLY_US)

    def person(self) -> contacts.Person:
        """What was filled in."""
        name, note = self.contact_name.data or "", self.contact_note.data or ""
        return typed_into(self, contacts.Person, name=name, note=note)

    def blame(self, problems: object) -> None:
        """Show the errors of the operation at the fields of this form, whose names differ."""
        own = {"name": "contact_name", "note": "contact_note"}
        super().blame({own.get(name, name): said for name, said in dict(problems).items()})  # type: ignore[call-overload]


class MergeOrganisationForm(VersionedForm):
    """The organisation to merge this one into."""

    organisation = StringField(_("Other organisation"), description=_("Its exact name."))


class BelongingForm(Form):
    """The organisation of a ticket."""

    organisation = StringField(_("Organisation"))


class BlockerForm(Form):
    """A blocker of a lead."""

    blocker_kind = SelectField(
        _("Kind of blocker"),
        choices=[SelectChoice(kind, label) for kind, label in KINDS.items()],
        validate_choice=False,
    )
    blocker = StringField(_("Blocker"))
    issue = StringField(
        _("Waiting for issue"),
        description=_("The code of an issue. The blocker is solved when the issue is."),
    )


class WishForm(Form):
    """Something technical that a lead asks for."""

    wish = StringField(_("What they want"))
    summary = StringField(_("Subject of the issue"), description=_BUILT)
    details = TextAreaField(_("What is to be built"), description=_BUILT)

    def typed(self) -> Typed:
        """What was filled in."""
        return typed_into(self, Typed, what=self.wish.data or "")


class DecideForm(Form):
    """Management's decision about a wish."""

    decision = RadioField(
        _("Decision"),
        choices=[SelectChoice(name, label) for name, label in DECISIONS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        _("Reason"),
        description=_("The owner of the lead reads it. It's used in the draft of a message that declines."),
    )
    summary = StringField(_("Subject of the issue"), description=_BUILT)
    details = TextAreaField(_("What is to be built"), description=_BUILT)

    def decided(self) -> Decided:
        """What was filled in."""
        return typed_into(self, Decided)


def record_form(everybody: Sequence[Person], found: Organisation | None = None) -> RecordForm:
    """The form for a new record, or for one that was found."""
    form = RecordForm(obj=found)
    form.holder.choices = [
        SelectChoice("", _("None")),
        *(SelectChoice(str(person.id), person.name) for person in everybody),
    ]
    if found is not None and not form.is_submitted():
        form.holder.data = str(found.holder_id or "")
    return form
