"""CSRF tokens of forms for staff: each names the person whom its page was drawn for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g, request
from flask_wtf.csrf import _FlaskFormCSRF, validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import ValidationError

from paidsupport.errors import PaidSupportError

if TYPE_CHECKING:
    from wtforms.csrf.core import CSRFTokenField
    from wtforms.form import BaseForm
    from wtforms.meta import DefaultMeta

_SALT = "paidsupport-form-of-person"


class PersonCSRF(_FlaskFormCSRF):
    """On pages of the desk: the usual token, signed together with who is signed in."""

    meta: DefaultMeta

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """A token for the forms of this page."""
        token = str(super().generate_csrf_token(csrf_token_field))
        person = g.get("paidsupport_person")
        return str(_signer(str(self.meta.csrf_secret)).dumps([person.id, token])) if person else token

    def validate_csrf_token(self, form: BaseForm, field: CSRFTokenField) -> None:
        """Refuse what is no token of this session, or of another person. Raises ValidationError.

        The host's own token stands in no form of ours, so it names nobody; programs may send it.
        """
        person = g.get("paidsupport_person")
        drawn_for, token = _read(str(self.meta.csrf_secret), field.data or "")
        if drawn_for is None:
            super().validate_csrf_token(form, field)
            return
        if person is None or drawn_for != person.id:
            raise ValidationError("The CSRF token is not one of this person.")
        validate_csrf(
            token,
            secret_key=self.meta.csrf_secret,
            time_limit=self.meta.csrf_time_limit,
            token_key=self.meta.csrf_field_name,
        )


def objection() -> PaidSupportError | None:
    """Why nothing may be done with the form of this request; `paidsupport.web.unsent` finds it."""
    found: PaidSupportError | None = g.get("paidsupport_objection")
    return found


def field_name() -> str:
    """What the host calls the field of the token."""
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def drawn_for() -> int | None:
    """The id of the person whose page the form now sent stood on; None if it does not say."""
    secret = current_app.config.get("WTF_CSRF_SECRET_KEY", current_app.secret_key)
    return _read(str(secret), request.form.get(field_name(), ""))[0]


def _read(secret: str, token: str) -> tuple[int | None, str]:
    try:
        person_id, inner = _signer(secret).loads(token)
    except (BadData, ValueError, TypeError):
        return None, ""
    return person_id, inner


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)
