"""The customer's forms on their page, and the two look-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields import Field
from wtforms.validators import DataRequired
from wtforms.widgets import EmailInput

from paidsupport.kernel.context import Context
from paidsupport.kernel.files import MEGABYTE, Upload
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.csrf import field_name, objection
from paidsupport.kernel.web.forms import Form, address, line, uploads
from paidsupport.tickets.conversation.queries import bytes_of_files
from paidsupport.tickets.ordering import form_files
from paidsupport.tickets.ordering.tables import FormFile
from paidsupport.tickets.tables import Ticket

_CHOOSE_AGAIN = _("Choose your files again: your browser did not keep them.")


def empty(_form: FlaskForm, field: Field) -> None:
    """Validate that the field was left empty."""
    if field.data:
        raise ValidationError(_("Please leave this field empty, then send the order again."))


class FilesForm(Form):
    """A form that takes files; when it is refused, those that can be kept are kept with it for a day."""

    files = MultipleFileField(_("Files"))

    def __init__(self, ctx: Context, **values: object) -> None:
        self._ctx = ctx
        super().__init__(**values)
        #: Files that come with it now.
        self.uploads = uploads()
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

    @cached_property
    def kept(self) -> Sequence[FormFile]:
        """Files that were added to it before."""
        return form_files.files_of(self._ctx, self.key.data or "")

    @property
    def is_ours(self) -> bool:
        """Whether the request comes from one of our pages, so that its content may be stored."""
        return not (objection() or self.key.errors or any(token.errors for token in self._tokens()))

    @property
    def used(self) -> int:
        """The bytes that the files of its ticket have already."""
        return 0

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check everything at once, also which of its files can be added."""
        fine = super().validate(extra_validators)
        if self.uploads and (wrong := self.sorted_files()[2]):
            self.blame({"files": wrong})
        return fine and not self.files.errors

    def sorted_files(self) -> tuple[list[Upload], list[Upload], list[str]]:
        """The files that come with it: those that can be added, the others, and the reasons."""
        return form_files.sort_out(self._ctx, self.kept, self.uploads, used=self.used if self.uploads else 0)

    def add_files(self) -> bool:
        """Store those of the sent files that can be added. Raises StorageFullError, TooManyError."""
        client = request.remote_addr or ""
        form_files.add(self._ctx, self.key.data or "", self.sorted_files()[0], client=client)
        return True

    def choose_again(self) -> None:
        """Say that files have to be chosen again: they were not kept, and a page cannot hold them."""
        if self.uploads:
            self.blame({"files": [_CHOOSE_AGAIN]})

    def _tokens(self) -> list[Field]:
        """The field with the page's token, if the site uses one."""
        return [self._fields[name] for name in (field_name(),) if name in self._fields]


class MessageForm(FilesForm):
    """A message from the customer on the private page."""

    body = TextAreaField(_("Your message"))

    def __init__(self, ctx: Context, ticket: Ticket, **values: object) -> None:
        self._ticket = ticket
        super().__init__(ctx, **values)
        if not self.is_submitted():
            self.kept = ()  # its key is new
        self._first_key = self.key.data or ""

    @property
    def used(self) -> int:
        """The bytes that the files of the ticket have already."""
        return bytes_of_files(self._ctx.session, self._ticket)

    @property
    def taken(self) -> tuple[str, ...]:
        """The references of the files that its page listed."""
        return tuple(request.form.getlist("kept"))

    def keep_files(self, removed: str = "") -> None:
        """It was refused, or a file was to be `removed`: keep what can be kept until it is sent again."""
        if not self.is_ours:
            self.choose_again()
            return
        key = self.key.data or ""
        if not self.attempt(self._ctx, self.add_files):
            self.choose_again()
        if key != self._first_key:
            form_files.move(self._ctx, self._first_key, key)
        form_files.remove(self._ctx, key, removed)
        self.kept = form_files.files_of(self._ctx, key)


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
