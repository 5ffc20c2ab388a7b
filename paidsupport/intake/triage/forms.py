"""The form in which a request is sorted."""

from __future__ import annotations

from wtforms import StringField

from paidsupport.kernel.web.forms import VersionedForm, line


class TriageForm(VersionedForm):
    """What a request is; `note` says where a bug is followed."""

    decision = StringField()
    note = StringField("Where is it followed?", [line], description="The number or the address of the issue.")
