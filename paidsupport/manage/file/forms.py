"""The forms for loading a file of the configuration."""

from __future__ import annotations

from wtforms import FileField, HiddenField, TextAreaField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form


class FileForm(Form):
    """A file, chosen or pasted."""

    file = FileField(_("File"), description=_("A TOML file that was downloaded here, of 2 MB at most."))
    text = TextAreaField(_("Or its text"))


class LoadForm(Form):
    """What was changed, and why; with what was shown of the file."""

    seen = HiddenField()
    word = TextAreaField(_("What was changed, and why"), description=_("It stands in the list of changes."))
