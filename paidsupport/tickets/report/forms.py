"""The form of the closing report."""

from __future__ import annotations

from wtforms import TextAreaField

from paidsupport.kernel.web.forms import text
from paidsupport.tickets.conversation.forms import EmailForm


class ReportForm(EmailForm):
    """The closing report."""

    body = TextAreaField("The report", [text], description="Drawn from the work. Change what you like.")
