"""The forms for counting a question, and for answering it with a page."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)

from paidsupport.intake.gaps.operations.gaps import Choice, Proposal
from paidsupport.intake.gaps.rules import Counts
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.web.forms import VersionedForm, line
from paidsupport.tickets.conversation.forms import PreparedForm


class HelpedForm(VersionedForm):
    """Whether the page that a customer was pointed to has helped."""

    choice = StringField()
    words = TextAreaField(_("If not, what is missing?"), description=_("A few words help us to help you."))


class QuestionForm(VersionedForm):
    """The question of a request: one that was named before, or a new one."""

    question = RadioField(_("Question"), validate_choice=False, default="")
    naming = StringField(
        _("Another question"),
        [line],
        description=_("In a few words. It may appear in an issue, so leave out anything about the customer."),
    )

    def propose(self, proposals: Sequence[Proposal]) -> None:
        """Offer these questions for the choice, or none."""
        none = _("None of these") if proposals else _("New question")
        self.question.choices = [
            *(
                SelectChoice(
                    str(one.topic_id), _("%(name)s (%(counts)s)", name=one.name, counts=counted(one.counts))
                )
                for one in proposals
            ),
            SelectChoice("", none),
        ]

    def choice(self) -> Choice:
        """What was chosen and typed."""
        return Choice(self.question.data or "", self.naming.data or "")


class PointerForm(PreparedForm, QuestionForm):
    """The email that points a customer to a page, which the address names."""


def counted(counts: Counts) -> str:
    """How often something came up lately, and the answers."""
    return ngettext(
        "asked %(num)s time, helped %(helped)s",
        "asked %(num)s times, helped %(helped)s",
        counts.asked,
        helped=counts.helped,
    )
