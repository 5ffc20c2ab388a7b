"""The forms in which the owner asks the customer to decide."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.widgets import HiddenInput, NumberInput

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.typed import typed_into
from paidsupport.tickets.conversation.forms import ThreadForm
from paidsupport.tickets.decisions.operations import MOST_DAYS, Ask, Offer


class AskingForm(ThreadForm):
    """Something for the customer to decide."""

    #: The fields that are shown, in their order.
    shown: tuple[str, ...] = ()

    @property
    def seen(self) -> dict[str, int]:
        """The claim and thread numbers, as the operations take them."""
        return {"claim": self.claim.data or 0, "thread": self.thread.data or 0}


class ConsentForm(AskingForm):
    """A question for consent; `item` is the checklist item that waits for it, chosen from a list."""

    # the operation explains what is wrong with an item that cannot be chosen any more
    item = SelectField(
        _("Checklist item"),
        validate_choice=False,
        description=_("The answer counts for this item, so the customer is asked once."),
    )
    what = StringField(
        _("What do you want to do?"),
        description=_("One line that the customer can approve or not, like “Restart Apache on web1”."),
    )
    why = TextAreaField(_("Why?"), description=_("In plain, non-technical words."))
    risk = TextAreaField(
        _("What can go wrong?"), description=_("Say also what will not work, and for how long.")
    )
    undo = TextAreaField(_("How can it be undone?"))

    shown = ("what", "why", "risk", "undo")

    def ask(self) -> Ask:
        """What was filled in."""
        return typed_into(self, Ask)


class UseForm(Form):
    """Use the answer to an earlier question for an item of the checklist, too."""

    item = HiddenField()


class OfferForm(AskingForm):
    """Extra work at a price; `about` is the number of the message that asked for it."""

    about = IntegerField(widget=HiddenInput(), default=0)
    what = StringField(
        _("What do you offer?"),
        description=_("One line. Once it is accepted, it is an item of the checklist and of the report."),
    )
    why = TextAreaField(_("What is included, and why?"))
    price = StringField(_("Extra cost"), render_kw={"inputmode": "decimal"})
    # a text field, so that anything but a number gets an error message of ours
    days = StringField(
        _("Valid for (days)"),
        description=_("From 1 to %(most)s.", most=MOST_DAYS),
        default="14",
        widget=NumberInput(min=1, max=MOST_DAYS),
    )

    shown = ("what", "why", "price", "days")

    def offer(self) -> Offer:
        """What was filled in; without a number of days, None."""
        days = whole_number((self.days.data or "").strip(), digits=4) or 0
        return typed_into(self, Offer, days=days, about=self.about.data or 0)
