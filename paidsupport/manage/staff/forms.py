"""The forms of the staff."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import Email

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.forms import PayableForm
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.forms import Form, line
from paidsupport.kernel.web.merging import MergedForm
from paidsupport.manage.staff.operations.leaving import RELEASE

#: The fields of the form about a person.
SHOWN = ("name", "email", "role", "payment")
_ADDRESS = Email(_("Enter an email address like ada@example.org."))
ROLES = (SelectChoice("developer", _("Developer")), SelectChoice("manager", _("Manager")))
_ROLE_HINT = _(
    "Developers work on tickets and issues. Managers also set up the desk and look after the staff."
)


def _role() -> RadioField:
    return RadioField(
        _("Role"), choices=ROLES, default="developer", validate_choice=False, description=_ROLE_HINT
    )


class PersonForm(MergedForm, PayableForm):
    """What managers change about a member of staff."""

    name = StringField(_("Name"), [line], description=_("Customers and colleagues see it."))
    email = EmailField(_("Email address"), [line, _ADDRESS], description=_("Notifications go there."))
    role = _role()

    def typed(self) -> dict[str, str]:
        """What was filled in."""
        return {**{name: self[name].data or "" for name in SHOWN}, **self.details}


class LinkForm(Form):
    """A user of the host who becomes a member of staff at once."""

    host_user_id = StringField(
        _("User id"), [line], description=_("The id of the user in the site, as its database has it.")
    )
    name = StringField(_("Name"), [line], description=_("Customers and colleagues see it."))
    email = EmailField(_("Email address"), [line, _ADDRESS], description=_("Notifications go there."))
    role = _role()

    def typed(self) -> dict[str, str]:
        """What was filled in."""
        return {name: self[name].data or "" for name in ("host_user_id", "name", "email", "role")}


class InviteForm(Form):
    """Whom to invite."""

    email = EmailField(_("Email address"), [line], description=_("The invitation goes there."))
    role = _role()


class JoinForm(Form):
    """What a person who was invited says of themselves."""

    name = StringField(_("Your name"), [line], description=_("Customers and colleagues see it."))


class LeaveForm(Form):
    """What becomes of that which a person holds who leaves."""

    tickets = SelectField(_("Hand the tickets over to"), validate_choice=False)
    issues = SelectField(_("Assign the issues to"), validate_choice=False)

    def offer(self, colleagues: Sequence[Person]) -> None:
        """The colleagues who can take something over."""
        others = [SelectChoice(str(person.id), person.name) for person in colleagues]
        self.tickets.choices = [
            SelectChoice("", _("Choose a colleague")),
            *others,
            SelectChoice(RELEASE, _("Release them to the queue")),
        ]
        self.issues.choices = [SelectChoice("", _("Choose a colleague")), *others]
