"""The forms in which the owner asks the customer to decide."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.widgets import HiddenInput, NumberInput

from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.typed import typed_into
from paidsupport.tickets.conversation.forms import ThreadForm
from paidsupport.tickets.decisions.operations import MOST_DAYS, Ask, Offer


class AskingForm(ThreadForm):
    """Something that the customer decides."""

    #: The fields that are shown, in their order.
    shown: tuple[str, ...] = ()

    @property
    def seen(self) -> dict[str, int]:
        """The numbers as the operations take them."""
        return {"claim": self.claim.data or 0, "thread": self.thread.data or 0}


class ConsentForm(AskingForm):
    """May we do this? `item` is the line that waits for the answer; the page says which there are."""

    # the operation says what is wrong with a line that is not on offer any more
    item = SelectField(
        "For which line of the checklist?",
        validate_choice=False,
        description="The answer is then the answer for this line, and nobody asks the customer again.",
    )
    what = StringField(
        "What exactly do you want to do?",
        description="One line that the customer can say yes or no to, for example “Restart Apache on web1”.",
    )
    why = TextAreaField("Why?", description="In words that somebody understands who is no administrator.")
    risk = TextAreaField("What can go wrong?", description="Also for how long something is away.")
    undo = TextAreaField("How is it undone?")

    shown = ("what", "why", "risk", "undo")

    def ask(self) -> Ask:
        """What was filled in."""
        return typed_into(self, Ask)


class UseForm(Form):
    """The answer to a question that was asked already serves a line of the checklist, too."""

    item = HiddenField()


class OfferForm(AskingForm):
    """Something more, for so much; `about` is the number of the message that wished for it."""

    about = IntegerField(widget=HiddenInput(), default=0)
    what = StringField(
        "What do you offer?",
        description="One line; once it is accepted it is a line of the checklist, and of the report.",
    )
    why = TextAreaField("What belongs to it, and why?")
    price = StringField("Price on top", render_kw={"inputmode": "decimal"})
    # a text underneath, so that what is no number gets a sentence of ours
    days = StringField(
        "For how many days does it stand?",
        description=f"From 1 to {MOST_DAYS}.",
        default="14",
        widget=NumberInput(min=1, max=MOST_DAYS),
    )

    shown = ("what", "why", "price", "days")

    def offer(self) -> Offer:
        """What was filled in; no number of days is none."""
        days = whole_number((self.days.data or "").strip(), digits=4) or 0
        return typed_into(self, Offer, days=days, about=self.about.data or 0)
