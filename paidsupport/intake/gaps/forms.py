"""The forms in which a question is counted, or answered with a page."""

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
from paidsupport.kernel.web.forms import VersionedForm, line
from paidsupport.tickets.conversation.forms import PreparedForm


class HelpedForm(VersionedForm):
    """Whether a page that a customer was pointed to has helped."""

    choice = StringField()
    words = TextAreaField("If not, what is missing?", description="A word or two help us to help you.")


class QuestionForm(VersionedForm):
    """Which question a request asks: one that was named before, or a new one."""

    question = RadioField("Which question is this?", validate_choice=False, default="")
    naming = StringField(
        "Another question, in a few words",
        [line],
        description="It is counted under this name, and may stand in an issue: nothing about whoever asks.",
    )

    def propose(self, proposals: Sequence[Proposal]) -> None:
        """Let one of these questions be chosen, or none."""
        none = "None of these" if proposals else "It has no name yet"
        self.question.choices = [
            *(SelectChoice(str(one.topic_id), f"{one.name} ({counted(one.counts)})") for one in proposals),
            SelectChoice("", none),
        ]

    def choice(self) -> Choice:
        """What was chosen and typed."""
        return Choice(self.question.data or "", self.naming.data or "")


class PointerForm(PreparedForm, QuestionForm):
    """The email that points a customer to a page; which one stands in the address."""


def counted(counts: Counts) -> str:
    """How often something came up lately, and what came of it."""
    asked = "asked once" if counts.asked == 1 else f"asked {counts.asked} times"
    return f"{asked}, helped {counts.helped}"
