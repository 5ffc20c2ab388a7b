"""What a member of staff says about themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import EmailField, SelectField, StringField
from wtforms.validators import Email

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.public_keys import check_public_key, is_private
from paidsupport.kernel.text import BadTextError
from paidsupport.kernel.web.forms import Form, line, set_data


class ProfileForm(Form):
    """Where notices go, how customers pay, and how they let somebody in."""

    email = EmailField(
        "E-mail address for notices",
        [line, Email("Write an e-mail address, for example ada@example.org.")],
        description="What you want to be told by mail goes here, and warnings before a claim lapses.",
    )
    payment = StringField(
        "How customers pay you",
        [line],
        description="One line, for example “PayPal: ada@example.org”. Every first contact must have it.",
    )
    public_key = StringField(
        "Your public SSH key",
        description=(
            "The line of your .pub file. Customers who can add it to their host need not give you a password."
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
