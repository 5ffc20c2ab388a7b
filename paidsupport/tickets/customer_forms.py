"""The customer's forms on their page, and the two look-ups."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields import Field
from wtforms.validators import DataRequired
from wtforms.widgets import EmailInput

from paidsupport.kernel.context import Context
from paidsupport.kernel.files import MEGABYTE
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.forms import Form, T, address, line, uploads

_CHOOSE_AGAIN = _("Choose your files again: your browser did not keep them.")


def empty(_form: FlaskForm, field: Field) -> None:
    """Validate that the field was left empty."""
    if field.data:
        raise ValidationError(_("Please leave this field empty, then send the order again."))


class FilesForm(Form):
    """A form that takes files."""

    files = MultipleFileField(_("Files"))

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        settings = current().settings
        self.files.description = _(
            "Screenshots or texts that show what you mean: up to %(most)s files, %(size)s MB each.",
            most=settings.files_at_once,
            size=settings.file_megabytes,
        )
        most = settings.files_at_once * settings.file_megabytes
        too_large = _(
            "Choose smaller files, or fewer: up to %(most)s MB can be sent at once.",
            most=most,
        )
        self.files.render_kw = {"data-ps-most": most * MEGABYTE, "data-ps-too-large": translate(too_large)}

    def send(self, ctx: Context, act: Callable[[], T]) -> T | None:
        """Like any form; since a page that is shown again cannot hold files, it says to choose them again."""
        done = super().send(ctx, act)
        if done is None and self.is_submitted() and uploads():
            self.blame({"files": [_CHOOSE_AGAIN]})
        return done


class MessageForm(FilesForm):
    """A message from the customer on the private page."""

    body = TextAreaField(_("Your message"))


class VerifyForm(Form):
    """“Is this really my developer?”: the code from an email."""

    code = StringField(
        _("Confirmation code"),
        [line, DataRequired(_("Enter the code from the email."))],
        description=_("It starts with PS, for example PS-7K3F-9QXM."),
    )


class LostLinkForm(Form):
    """“Where is my private page?”: the address of the order."""

    email = StringField(
        _("Your email address"),
        [address, DataRequired(_("Enter the email address you ordered with."))],
        description=_("The one you ordered with."),
        widget=EmailInput(),
    )


class AddressForm(Form):
    """A correction of a mistyped address."""

    email = StringField(
        _("Correct email address"),
        [address, DataRequired(_("Enter your email address."))],
        widget=EmailInput(),
    )


class NewAddressForm(Form):
    """A new address for an order and, once it was sent there, the code."""

    email = StringField(
        _("New email address"),
        [address, DataRequired(_("Enter your email address."))],
        widget=EmailInput(),
    )
    code = StringField(_("Code from the email"), [line])
