"""The forms on which managers set services up."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from paidsupport.catalogue.rules.deadlines import NONE
from paidsupport.catalogue.services.operations.editing import New
from paidsupport.catalogue.services.operations.values import CONSEQUENCES, PAYEES
from paidsupport.catalogue.wording import SERVICE
from paidsupport.kernel.faults import at
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.merging import ShownForm
from paidsupport.kernel.web.worded import TextsForm

_TIME = _("Working time, like 30m, 8h or 3d (working days). “%(none)s”: no deadline.", none=NONE)
_DECIMAL = {"inputmode": "decimal"}
_NUMERIC = {"inputmode": "numeric"}


class Checkboxes(SelectMultipleField):
    """Any number of choices, each with a checkbox."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewServiceForm(Form):
    """A new service, with what cannot be changed later."""

    name = StringField(_("Name"))
    slug = StringField(
        _("Address"),
        description=_(
            "Small letters, digits and hyphens. If empty, made from the name. It can't be changed later."
        ),
    )
    workflow = SelectField(
        _("Workflow"),
        description=_("What happens to its tickets. It can't be changed later."),
        validate_choice=False,
    )
    copy_of = SelectField(_("Start from"), validate_choice=False)
    price = StringField(_("Price"), render_kw=_DECIMAL)
    currency = StringField(_("Currency"))

    def new(self) -> New:
        """What was typed, as the operation takes it."""
        return New(**{name: self[name].data or "" for name in New.__dataclass_fields__})


class ServiceForm(TextsForm):
    """The draft of a service."""

    worded = SERVICE.names

    name = StringField(_("Name"))
    summary = StringField(_("Summary"), description=_("One sentence for the list of services."))
    description = TextAreaField(
        _("Description"),
        description=_("It stands above the order form. Empty lines separate paragraphs."),
    )
    price = StringField(_("Price"), render_kw=_DECIMAL)
    currency = StringField(_("Currency"), description=_("The three letters of a currency, like EUR or USD."))
    payee = RadioField(
        _("Paid to"),
        choices=[SelectChoice(payee, at(label, CONSEQUENCES[payee])) for payee, label in PAYEES.items()],
        validate_choice=False,
    )
    asks_host = BooleanField(_("Ask which site to work on, and how to reach it"))
    settings_help = TextAreaField(
        _("Help with settings"),
        description=_("How customers change settings later: a part of the closing report."),
    )
    purposes = StringField(
        _("Purposes"),
        description=_("Calls and mailboxes with these purposes lead to it, like support, sales."),
    )
    traits = Checkboxes(
        _("Traits"),
        description=_("Every order of it has these; they decide which checklist items apply."),
        validate_choice=False,
    )
    first_contact = StringField(_("First contact"), description=_TIME)
    answer = StringField(_("Answer"), description=_TIME)
    resolution = StringField(_("Resolution"), description=_TIME)
    warn = StringField(
        _("Warn staff after"),
        render_kw=_NUMERIC,
    )
    claim_hours = StringField(
        _("Hours until a claim lapses"),
        render_kw=_NUMERIC,
    )
    work_hours = StringField(
        _("Hours until a claim lapses during work"),
        render_kw=_NUMERIC,
    )


class RequirementForm(TextsForm):
    """A requirement, in every language of the desk."""

    worded = ("text",)

    text = TextAreaField(_("Requirement"), description=_("A sentence that the customer confirms."))


class WordForm(Form):
    """What was changed, and why."""

    word = TextAreaField(_("What was changed, and why"), description=_("It stands in the list of versions."))


class PublishForm(WordForm, ShownForm):
    """Which drafts to publish, with what was shown of them."""

    chosen = SelectMultipleField(_("Services"), validate_choice=False)
    offers_checklist = BooleanField(
        _("Offer the new checklist to tickets under way"),
        description=_("Their owners can take it over. Without it, they keep the checklist they have."),
    )
