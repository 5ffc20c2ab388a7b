"""The form in which a customer decides."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form


class DecisionForm(Form):
    """The answer, and the hash of the text that was read."""

    text_hash = HiddenField()
    choice = StringField(validators=[InputRequired(_("Choose one of the two buttons."))])
    word = TextAreaField(_("Message to your developer"))
