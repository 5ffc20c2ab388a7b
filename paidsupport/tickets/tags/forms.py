"""The form of a tag."""

from __future__ import annotations

from wtforms import StringField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form


class TagForm(Form):
    """A tag to add to a ticket."""

    tag = StringField(_("New tag"))
