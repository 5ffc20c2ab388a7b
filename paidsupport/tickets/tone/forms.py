"""The forms of rules of tone."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import SelectField, StringField, TextAreaField

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.merging import MergedForm
from paidsupport.tickets.tone.operations import NEW


class ToneRuleForm(MergedForm):
    """Words, and why they should be reconsidered."""

    words = TextAreaField(
        _("Words or phrases"),
        description=_("One on each line, as people write them. Small and capital letters are the same."),
    )
    reason = StringField(_("Why"), description=_("A sentence for the author."))
    suggestion = StringField(_("What to write instead"))
    language = SelectField(_("Emails in"), choices=[])

    def offer(self, tags: Iterable[str]) -> None:
        """The languages that can be chosen."""
        self.language.choices = [("", _("every language")), *choices(tags)]

    @property
    def typed(self) -> dict[str, str]:
        """What was filled in, by field."""
        return {name: self[name].data or "" for name in NEW}


class TryForm(Form):
    """A text to be checked; nothing is stored or sent."""

    text = TextAreaField(_("A text to try"))
