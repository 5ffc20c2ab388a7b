"""What a member of staff says about themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.fields import Field
from wtforms.validators import Email

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.operations import WAY
from paidsupport.kernel.staff.public_keys import check_public_key, is_private
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import BadTextError
from paidsupport.kernel.ways.rules import WayToPay
from paidsupport.kernel.web.forms import Form, line, set_data

F = TypeVar("F", bound="PayableForm")


class PayableForm(Form):
    """How customers pay a person; it has a field for each way that is offered (see `with_ways`)."""

    #: The ways to pay that it has fields for.
    ways: Sequence[WayToPay] = ()

    payment = StringField(
        _("Anything else"),
        [line],
        description=_("One line of your own, like “Cash at the next meeting”. It comes last."),
    )

    @property
    def of_ways(self) -> list[Field]:
        """The fields for ways, in order."""
        return [self[f"{WAY}{way.name}"] for way in self.ways]

    @property
    def details(self) -> dict[str, str]:
        """What was filled in for ways, by field; a form that was opened without such a field leaves it."""
        return {field.name: field.data or "" for field in self.of_ways if field.raw_data}


def with_ways(ctx: Context, kind: type[F]) -> type[F]:
    """This kind of form, with a field for each way to pay that is offered."""
    ways = [way for way in ctx.services.present.ways if way.offered]
    fields: dict[str, object] = {"ways": ways}
    for way in ways:
        fields[f"{WAY}{way.name}"] = StringField(way.label, [line], description=way.help)
    return type(f"{kind.__name__}WithWays", (kind,), fields)


def filled_in(ctx: Context, person: Person) -> dict[str, str]:
    """What a form shows of what a person filled in for ways, by field: nothing is something, too."""
    ways = [way for way in ctx.services.present.ways if way.offered]
    return {f"{WAY}{way.name}": person.pay_details.get(way.name, "") for way in ways}


class ProfileForm(PayableForm):
    """Where notifications go, how customers pay this person, and their public key."""

    email = EmailField(
        _("Email address for notifications"),
        [line, Email(_("Enter an email address like ada@example.org."))],
        description=_("For the notifications you choose below, and for warnings before a claim lapses."),
    )
    public_key = StringField(
        _("Your public SSH key"),
        description=(
            _("The line of your .pub file. Customers who add it to their server needn't share a password.")
        ),
    )

    language = SelectField(
        _("Language"),
        validate_choice=False,
        description=_("Of your pages and of the emails to you. Without a choice, your browser's."),
    )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """As for every form. A private key is not even shown again."""
        fine = super().validate(extra_validators)
        if is_private(self.public_key.data or ""):
            self.blame(_private_key_problem(self.public_key.data or ""))
            set_data(self.public_key, "")
            return False
        return fine


def _private_key_problem(typed: str) -> dict[str, list[str]]:
    try:
        check_public_key(typed)
    except BadTextError as error:
        return {"public_key": [str(error)]}
    return {}


class TokenForm(Form):
    """A token for a program of this person."""

    label = StringField(
        _("What the token is for"), [line], description=_("Like “backup script on my laptop”.")
    )
    scope = RadioField(_("What it allows"), default=Scope.READ.value, validate_choice=False)
    days = SelectField(
        _("Valid for"),
        choices=[
            SelectChoice("7", _("A week")),
            SelectChoice("30", _("A month")),
            SelectChoice("90", _("Three months")),
            SelectChoice("365", _("A year")),
        ],
        default="90",
        validate_choice=False,
    )

    def offer(self, *, manages: bool) -> None:
        """The scopes that a person can choose from."""
        self.scope.choices = [
            SelectChoice(scope.value, label)
            for scope, label in SCOPES.items()
            if manages or scope is not Scope.MANAGE
        ]


#: What each scope is called.
SCOPES = {
    Scope.READ: _("Read: everything you can read"),
    Scope.WRITE: _("Write: also what developers do"),
    Scope.MANAGE: _("Manage: also what managers do"),
}
