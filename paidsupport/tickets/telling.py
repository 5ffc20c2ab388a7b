"""What the fields of rules of tone, canned replies and views are called, and how their values are told."""

from __future__ import annotations

from paidsupport.kernel.configuration.telling import Field, Things, language
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.labels import fields_of
from paidsupport.tickets.conversation.forms import BoilerplateForm
from paidsupport.tickets.saved.forms import ViewForm
from paidsupport.tickets.tone.forms import ToneRuleForm


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    return {
        "tone": fields_of(ToneRuleForm, language=Field("", language)),
        "reply": fields_of(BoilerplateForm),
        "view": fields_of(ViewForm, query=Field(_("Filters"))),
    }
