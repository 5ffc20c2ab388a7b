"""The form for triaging a request."""

from __future__ import annotations

from wtforms import StringField

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import VersionedForm, line


class TriageForm(VersionedForm):
    """What a request is; `note` says where a bug is tracked."""

    decision = StringField()
    note = StringField(
        _("Where the bug is tracked"), [line], description=_("The number or the address of the issue.")
    )
