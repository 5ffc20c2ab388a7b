"""The forms of the staff pages."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web import transitions
from paidsupport.kernel.web.forms import Form, text
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.operations.transitions import Filled

ONLY_US = _("Only staff see it.")


class AnnotationForm(Form):
    """A note for colleagues, with files."""

    body = TextAreaField(_("New annotation"), [text], description=ONLY_US)
    files = MultipleFileField(_("Files"))
    #: Whether it holds what was typed into another form, which is not there any more.
    left_over: bool = False


class TransitionForm(transitions.TransitionForm):
    """What a transition of a ticket asks for."""

    colleague = SelectField(_("New owner"), validate_choice=False)
    destroy = BooleanField(_("Delete the customer's login"))
    note = TextAreaField(_("Annotation"), [text], description=ONLY_US)

    def filled(self) -> Filled:
        """What was filled in."""
        return Filled(**self.shared(), destroy=bool(self.typed("destroy")))


class SubjectForm(Form):
    """The subject of a ticket."""

    subject = StringField(_("Subject"), id="ps-subject")


class SettleForm(Form):
    """What became of a stuck email; `back` is the page to go back to."""

    decision = StringField(validators=[InputRequired(_("Choose what became of the email."))])
    back = HiddenField()


class ReadForm(Form):
    """Mark notices as read, up to the newest one that the page showed."""

    until = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("Say what you have read."))])


def transition_form(
    transition: Transition, people: Iterable[tuple[int, str]], version: int
) -> TransitionForm:
    """Build the form with exactly the fields of a transition; `people`: those it can be handed over to."""
    form = TransitionForm(version=version)
    form.take(transition, people, _("Choose a colleague"))
    return form
