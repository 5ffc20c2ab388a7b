"""The forms in which staff write to customers."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, IntegerField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.catalogue.rules.placeholders import PLACEHOLDER_NAMES, PLACEHOLDERS
from paidsupport.kernel.i18n.messages import SPOKEN, _
from paidsupport.kernel.i18n.placeholders import localised
from paidsupport.kernel.web.forms import Form, VersionedForm, line, renew, text
from paidsupport.kernel.web.merging import MergedForm
from paidsupport.kernel.web.worded import WordedForm
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.queries.pages import DeskPage, Spoken


class ThreadForm(Form):
    """What is written under the claim and the state of the thread that the author saw."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The claim is missing."))])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The thread is missing."))])

    def follow(self, page: DeskPage) -> list[Spoken]:
        """The messages added since the author's page was shown; sent again, the form takes them as seen."""
        ticket = page.ticket
        seen = self.thread.data if self.conflict else ticket.thread
        if self.conflict or self.claim.data is None or self.thread.data is None:
            renew(self, {"claim": ticket.claim_number, "thread": ticket.thread})
        return [spoken for spoken in page.thread if spoken.message.number > (seen or 0)]


class LetterForm(ThreadForm):
    """An email to the customer."""

    body = TextAreaField(_("Message"), [text])

    def draft(self) -> Draft:
        """What was filled in."""
        return Draft(self.body.data or "", self.claim.data or 0, self.thread.data or 0, self.key.data or "")


class EmailForm(LetterForm):
    """An email that its author writes."""

    files = MultipleFileField(_("Files"))
    #: The remarks on its tone that were shown; always set by us.
    seen = HiddenField()


class PreparedForm(LetterForm, VersionedForm):
    """An email that the desk has prepared."""

    #: The remarks on its tone that were shown.
    seen = HiddenField()


class BoilerplateForm(WordedForm, MergedForm):
    """A canned reply."""

    title = StringField(_("Title"), [line])
    body = TextAreaField(_("Text"), [text])
    shared = BooleanField(_("All staff can use and change it"))


def placeholders() -> list[tuple[str, str]]:
    """The placeholders of canned replies, each with what it is replaced with."""
    local = localised(PLACEHOLDER_NAMES, SPOKEN.get())
    return [(f"{{{local[name]}}}", meaning) for name, meaning in PLACEHOLDERS.items()]
