"""The forms of saved views."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, StringField

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form


class ViewForm(Form):
    """The name of a view, and who sees it."""

    name = StringField(_("Name"))
    shared = BooleanField(_("Share with all staff"))
    query = HiddenField()


class NameForm(Form):
    """A new name."""

    name = StringField(_("Name"))
