"""The form of the deadlines of a workflow."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import StringField

from paidsupport.catalogue.deadlines.operations import FIELDS
from paidsupport.catalogue.rules.deadlines import NONE, WARN_AFTER, DeadlineKind
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.web.merging import MergedForm

#: What the deadlines are called, by kind.
LABELS: Mapping[DeadlineKind, str] = {
    DeadlineKind.FIRST_CONTACT: pgettext("deadline", "First contact"),
    DeadlineKind.ANSWER: pgettext("deadline", "Answer"),
    DeadlineKind.RESOLUTION: pgettext("deadline", "Resolution"),
}
_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "size": 8, "dir": "ltr"}


class DeadlinesForm(MergedForm):
    """How much working time each deadline allows; empty for none."""

    first_contact = StringField(
        LABELS[DeadlineKind.FIRST_CONTACT],
        description=_("From the order until the first email to the customer."),
        render_kw=_TYPED,
    )
    answer = StringField(
        LABELS[DeadlineKind.ANSWER],
        description=_("From a message of the customer until staff write to them."),
        render_kw=_TYPED,
    )
    resolution = StringField(
        LABELS[DeadlineKind.RESOLUTION],
        description=_("From the order until the end, without the time in which we wait for the customer."),
        render_kw=_TYPED,
    )
    warn = StringField(
        _("Warn staff after"),
        description=_(
            "A percentage of the time, from 1 to 100; 100 means no warning. Empty: %(percent)s.",
            percent=WARN_AFTER,
        ),
        render_kw={**_TYPED, "inputmode": "numeric"},
    )

    @property
    def typed(self) -> dict[str, str]:
        """What stands in each field."""
        return {name: self[name].data or "" for name in FIELDS}


#: What can be entered for a time.
RULE = _("Working time, like 30m, 8h or 3d (working days). “%(none)s”: no deadline.", none=NONE)
