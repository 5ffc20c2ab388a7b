"""What all forms share: a CSRF token, a one-time key, and the way an operation's refusal becomes a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import HiddenField, IntegerField, ValidationError
from wtforms.fields import Field
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.addresses import reachable
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    GivenAwayError,
    InvalidInputError,
    KeyReusedError,
    Outcome,
    PaidSupportError,
)
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, many_lines, one_line
from paidsupport.kernel.web.csrf import FROM_ELSEWHERE, PageCSRF, field_name, objection, page_token
from paidsupport.kernel.web.form_texts import TEXTS, Texts
from paidsupport.kernel.web.jinja import as_html

T = TypeVar("T")

#: The field with which a form says that it stands on the page of its record: refused, it comes back there.
HERE = "here"
#: The types of fields that people type into.
TYPED = frozenset({"StringField", "TextAreaField"})
#: What is said on top of a form that can be sent again later.
_LATER = (Outcome.TOO_MANY, Outcome.FULL, Outcome.CLOSED)
_KEY_LENGTH = 32
_NOTHING = Markup()
#: Longer than any session lasts.
_SESSION_SECONDS = 10 * 365 * 24 * 3600
_NO_PROOF = _("This form has been open for too long. Check it and send it again.")
#: For staff: public forms need no cookie.
_NO_COOKIE = _(
    "This form has been open for too long. Check it and send it again."
    " If that does not help, allow cookies for this site."
)


class Sealed:
    """What a form of buttons sends unseen: the token of the page, a one-time key, and these values."""

    errors = ()
    conflict = None

    def __init__(self, **values: object) -> None:
        self._values = values

    @property
    def sealed(self) -> Markup:
        """The hidden fields of one form."""
        values = [("key", new_key()), *self._values.items(), *_standing()]
        return _hidden(values, after=_token())


def stand_here() -> None:
    """Let every form that is drawn from now on say that it stands on the page of its record."""
    g.paidsupport_here = True


def stood_here() -> bool:
    """Whether the form of this request stood on the page of its record."""
    return request.method == "POST" and HERE in request.form


def _standing() -> list[tuple[str, object]]:
    return [(HERE, 1)] if g.get("paidsupport_here") else []


def own(refused: Form | None, kind: type[Form]) -> Form | Sealed:
    """The form that was refused on a page, if it is one of this kind; else what a fresh one sends unseen."""
    return refused if isinstance(refused, kind) else Sealed()


def _token() -> Markup:
    """The field with the token, made once for each page."""
    person, known = g.get("paidsupport_person"), g.get("paidsupport_token_field")
    if known is None or known[0] is not person:
        wanted = current_app.config.get("WTF_CSRF_ENABLED", True)
        known = g.paidsupport_token_field = (
            person,
            _hidden([(field_name(), page_token())]) if wanted else _NOTHING,
        )
    found: Markup = known[1]
    return found


def _hidden(values: Iterable[tuple[str, object]], after: Markup = _NOTHING) -> Markup:
    fields = (
        f'<input name="{as_html(name)}" type="hidden" value="{as_html(value)}">' for name, value in values
    )
    return Markup("".join([after, *fields]))  # noqa: S704  # just escaped


class Form(FlaskForm):
    """A form that is sent once, whatever the browser or the network does."""

    class Meta:
        """A queue may stay open all day: the token of the desk is good as long as the session."""

        csrf_class = PageCSRF
        # None would mean the host's limit, an hour by default
        csrf_time_limit = _SESSION_SECONDS

        def get_translations(self, form: FlaskForm) -> Texts:
            """Ours, whatever the host has."""
            del form
            return TEXTS

        def wrap_formdata(self, form: FlaskForm, formdata: object) -> MultiDict[str, str] | None:
            """Texts only, never a file or JSON where a text is expected; `uploads` has the files."""
            del form
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if request.method == "POST" else None

    key = HiddenField(default=new_key)

    #: The status the page should have after `send`.
    status: int = 200
    #: What stood against it, if the form was right and the moment was not.
    conflict: PaidSupportError | None = None

    @property
    def sealed(self) -> Markup:
        """All that travels unseen with it: the token of the page, the key, and what else is hidden."""
        hidden = (field for field in self if getattr(field.widget, "input_type", "") == "hidden")
        values = [(field.name, field._value()) for field in hidden]  # noqa: SLF001  # as widgets do
        return _hidden([*values, *_standing()])

    def texts(self) -> list[str]:
        """Every text that a person typed into it."""
        typed = [field for field in self if field.type in TYPED]
        return [field.data for field in typed if isinstance(field.data, str) and field.data]

    def validate_key(self, field: Field) -> None:
        """Refuse a form that was not made by us; it goes back with a good key, and everything typed."""
        typed = "".join((field.raw_data or [])[:1])
        if not is_key(typed):
            field.data = new_key()
            raise ValidationError(_("This form came back incomplete. Check it and send it again."))

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all is right; what is wrong with the token is said in words for people."""
        fine: bool = super().validate(extra_validators)
        token = self._fields.get(field_name())
        if token and token.errors and FROM_ELSEWHERE not in token.errors:
            token.errors = [_NO_COOKIE if g.get("paidsupport_person") else _NO_PROOF]
        return fine

    def send(self, ctx: Context, act: Callable[[], T]) -> T | None:
        """Do `act` if the form was sent and is right; None if not, with `status` and errors set.

        What a refused operation had written already is taken back; what was typed stays in the form.
        """
        if not self.is_submitted():
            return None
        if against := objection():
            g.paidsupport_form = g.paidsupport_refused = self
            self.conflict, self.status = against, 409
            return None
        if not self.validate():
            self.status = 422
            g.paidsupport_refused = self
            return None
        return self.attempt(ctx, act)

    def attempt(self, ctx: Context, act: Callable[[], T]) -> T | None:
        """Do `act`; None if it was refused, with `status` and errors set."""
        try:
            return act()
        except PaidSupportError as error:
            ctx.session.rollback()
            self._refuse(error, in_full=ctx.by.is_person)
        return None

    def _refuse(self, error: PaidSupportError, *, in_full: bool) -> None:
        """Put what an operation said where it belongs; what no form can show is raised again.

        `in_full`: with what only staff are told.
        """
        self.status = error.status
        g.paidsupport_refused = self
        if isinstance(error, InvalidInputError):
            self.blame(self._at_its_field(error) if isinstance(error, GivenAwayError) else error.problems)
        elif error.outcome is Outcome.CONFLICT:
            self.conflict = error
            if isinstance(error, KeyReusedError):
                # nothing typed is lost: sent once more, it is an operation of its own
                self.key.data = new_key()
        elif error.outcome in _LATER:
            self.form_errors.append(error.for_staff if in_full else str(error))
        else:
            raise error

    def _at_its_field(self, error: GivenAwayError) -> Mapping[str, Sequence[str]]:
        """What an operation said of a column, of the fields that it was typed into; else as it was said."""
        texts = {field.name: field.data for field in self if isinstance(field.data, str)}
        found = {name: error.said_of(text) for name, text in texts.items() if text}
        return {name: sentences for name, sentences in found.items() if sentences} or error.problems

    def blame(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Put each sentence at its field, or on top of the form where there is no such field."""
        for name, sentences in problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, *sentences]
            else:
                self.form_errors.extend(sentences)


class VersionedForm(Form):
    """A form about a ticket as it was seen: the version is never optional."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The version is missing."))])


def is_key(text: str) -> bool:
    """Whether this can be the one-time key of a form of ours."""
    return len(text) == _KEY_LENGTH and text.isalnum()


def line(_form: FlaskForm, field: Field) -> None:
    """A validator: one line without anything hidden in it."""
    _tidy(field, one_line)


def text(_form: FlaskForm, field: Field) -> None:
    """A validator: any number of lines without control characters, and not endless."""
    _tidy(field, many_lines)


def address(_form: FlaskForm, field: Field) -> None:
    """A validator: an address that mail can be sent to, in the one way of writing that we keep."""
    _tidy(field, reachable)


def uploads(name: str = "files") -> list[Upload]:
    """The files of the current request in field `name`; empty fields send nameless ones."""
    return [_upload(file) for file in request.files.getlist(name) if file.filename]


def _upload(file: FileStorage) -> Upload:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return Upload(file.filename or "", size, file.stream)


def _tidy(field: Field, tidy: Callable[[str], str]) -> None:
    try:
        field.data = tidy(field.data or "")
    except BadTextError as error:
        raise ValidationError(str(error)) from None


def choices_of(values: Sequence[Any]) -> list[tuple[str, str]]:
    """Pairs for a select from things that have a `name` and a `label`."""
    return [(value.name, value.label) for value in values]


def renew(form: Form, values: Mapping[str, int]) -> None:
    """Let `form` carry what the page shows now, so that sending it again applies to that.

    A key that was used up is replaced as well.
    """
    for name, value in values.items():
        set_data(form[name], value)
    if isinstance(form.conflict, KeyReusedError):
        form.key.data = new_key()


def focus(form: Form) -> None:
    """Let the first field of a form that something is wrong with have the focus."""
    for field in form:
        if field.errors and getattr(field.widget, "input_type", "") != "hidden":
            field.render_kw = {**(field.render_kw or {}), "autofocus": True}
            return


def set_data(field: Field, value: object) -> None:
    """Give `field` another value than the one that was typed."""
    field.raw_data = None
    field.data = value
