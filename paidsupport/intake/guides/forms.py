"""The forms of guides."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.web.forms import Form

PUBLIC = "It stands on the help pages, and customers can be pointed to it."


class GuideForm(Form):
    """A guide in Markdown, with the edition that its author read."""

    edition = IntegerField(widget=HiddenInput(), validators=[InputRequired("The edition is missing.")])
    title = StringField("Title")
    body = TextAreaField("Text")
    public = BooleanField("Customers can read it", description=PUBLIC)


class NewGuideForm(Form):
    """A guide that is not there yet."""

    title = StringField("Title")
    slug = StringField("Address", description="Empty: made of the title.")
    body = TextAreaField("Text")
    public = BooleanField("Customers can read it", description=PUBLIC)
