"""The form of the closing report."""

from __future__ import annotations

from wtforms import TextAreaField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import text
from paidsupport.tickets.conversation.forms import EmailForm


class ReportForm(EmailForm):
    """The closing report."""

    body = TextAreaField(_("Report"), [text], description=_("Drafted from your work. Edit freely."))
