"""The forms of reasons."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, StringField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.worded import TextsForm


class LabelForm(TextsForm):
    """What a reason is called of which customers are told nothing."""

    worded: Sequence[str] = ("label",)

    label = StringField(_("Reason"), description=_("What staff choose."))


class ReasonForm(LabelForm):
    """What a reason is called, and what customers are told."""

    worded = ("label", "told")

    told = StringField(
        _("Sentence for the customer"),
        description=_("Stands in the email about the end. If empty, that email gives no reason."),
    )


class OfferForm(Form):
    """Whether a reason can be chosen."""

    offered = BooleanField()
