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

#: What the kinds of organisations are called.
KIND_LABELS = {
    Kind.MERCHANT: "Merchant",
    Kind.BANK: "Bank",
    Kind.OPERATOR: "Operator",
    Kind.OTHER: "Other",
}
_BUILT = "It goes into the issue: no names, no addresses."


class RecordForm(Form):
    """What is known of an organisation."""

    #: As it was seen; a new one was seen at none.
    version = IntegerField(widget=HiddenInput(), default=0)
    name = StringField("Name")
    kind = RadioField(
        "Kind",
        choices=[SelectChoice(kind.value, label) for kind, label in KIND_LABELS.items()],
        default=Kind.MERCHANT.value,
        validate_choice=False,
    )
    holder = SelectField("Account holder", description="Who of us looks after them.", validate_choice=False)
    notes = TextAreaField("Notes", description=ONLY_US)
    billing_name = StringField("Name on invoices", description="Empty: the name above.")
    billing_address = TextAreaField("Address on invoices")
    billing_email = StringField("Invoices go to", [address], widget=EmailInput())
    vat_id = StringField("VAT number")
    currency = StringField("Currency", description="Three letters, for example EUR.")

    def record(self) -> Record:
        """What was filled in."""
        return typed_into(self, Record)


class ContactForm(Form):
    """Somebody who speaks for an organisation."""

    contact_name = StringField("Name")
    email = StringField("E-mail address", [address], widget=EmailInput())
    phone = StringField("Phone number", widget=TelInput())
    role = StringField("Role", description="What they do there, for example “accounts”.")
    contact_note = StringField("Note", description=ONLY_US)

    def person(self) -> contacts.Person:
        """What was filled in."""
        name, note = self.contact_name.data or "", self.contact_note.data or ""
        return typed_into(self, contacts.Person, name=name, note=note)

    def blame(self, problems: object) -> None:
        """Sentences of the operation stand at the fields of this form, which have names of their own."""
        own = {"name": "contact_name", "note": "contact_note"}
        super().blame({own.get(name, name): said for name, said in dict(problems).items()})  # type: ignore[call-overload]


class MergeOrganisationForm(VersionedForm):
    """The organisation that this one is in truth."""

    organisation = StringField("The other organisation", description="Its name, exactly as it is listed.")


class BelongingForm(Form):
    """Whose ticket it is."""

    organisation = StringField("Organisation")


class BlockerForm(Form):
    """Something in the way of a lead."""

    blocker_kind = SelectField(
        "What stands in the way?",
        choices=[SelectChoice(kind, label) for kind, label in KINDS.items()],
        validate_choice=False,
    )
    blocker = StringField("In a few words")
    issue = StringField(
        "Waits for the issue", description="Its code. It is solved by itself when the issue is."
    )


class WishForm(Form):
    """Something technical that a lead asks for."""

    wish = StringField("What do they wish for?")
    summary = StringField("Summary of the issue", description=_BUILT)
    details = TextAreaField("What is to be built", description=_BUILT)

    def typed(self) -> Typed:
        """What was filled in."""
        return typed_into(self, Typed, what=self.wish.data or "")


class DecideForm(Form):
    """What management decides about a wish."""

    decision = RadioField(
        "Decision",
        choices=[SelectChoice(name, label) for name, label in DECISIONS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        "Why?", description="The owner of the lead reads it; the draft of a refusal begins with it."
    )
    summary = StringField("Summary of the issue", description=_BUILT)
    details = TextAreaField("What is to be built", description=_BUILT)

    def decided(self) -> Decided:
        """What was filled in."""
        return typed_into(self, Decided)


def record_form(everybody: Sequence[Person], found: Organisation | None = None) -> RecordForm:
    """The form for a new record, or for one that was found."""
    form = RecordForm(obj=found)
    form.holder.choices = [
        SelectChoice("", "Nobody in particular"),
        *(SelectChoice(str(person.id), person.name) for person in everybody),
    ]
    if found is not None and not form.is_submitted():
        form.holder.data = str(found.holder_id or "")
    return form
