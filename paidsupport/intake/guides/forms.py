"""The forms of guides."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.worded import WordedForm

PUBLIC = _("Listed on the help pages. You can point customers to it.")


class GuideForm(WordedForm):
    """A guide in Markdown, with the edition that its author read."""

    edition = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(_("Open the guide again: the version is missing."))]
    )
    title = StringField(_("Title"))
    body = TextAreaField(_("Text"))
    public = BooleanField(_("Public"), description=PUBLIC)


class NewGuideForm(WordedForm):
    """A new guide."""

    title = StringField(_("Title"))
    slug = StringField(_("Address"), description=_("If empty, made from the title."))
    body = TextAreaField(_("Text"))
    public = BooleanField(_("Public"), description=PUBLIC)
