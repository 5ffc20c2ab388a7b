"""The forms in which staff write to customers."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, IntegerField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.tickets.emails.rules import PLACEHOLDERS


class EmailForm(Form):
    """An email to the customer, with the claim and the state of the thread its author saw."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])
    files = MultipleFileField("Files")
    #: The remarks on its tone that were shown; never kept from what came in.
    seen = HiddenField()


class PreparedForm(VersionedForm):
    """An email that the desk has prepared, with the claim and the state of the thread its author saw."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])
    #: The remarks on its tone that were shown.
    seen = HiddenField()


class BoilerplateForm(Form):
    """A text to start messages from."""

    title = StringField("Title", [line])
    body = TextAreaField("Text", [text])
    shared = BooleanField("Everybody at the desk may use and change it")


def placeholders() -> list[tuple[str, str]]:
    """What can stand between braces in boilerplate, with what it becomes."""
    return [(f"{{{name}}}", meaning) for name, meaning in PLACEHOLDERS.items()]
