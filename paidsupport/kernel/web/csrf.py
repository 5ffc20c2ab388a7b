"""CSRF tokens of forms: on the desk each names the person whom its page was drawn for, and needs the session.

Public forms need no session, and none is made. Where the site's cookie is `SameSite=Strict`, a visitor
who follows a link in an email comes without it, and a new session would replace theirs. Their tokens are
signed for one page (the private page of one ticket, the order form of one service), and the browser says
whether the form was sent from a page of ours.
"""

from __future__ import annotations

from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from flask_wtf.csrf import _FlaskFormCSRF, generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import HiddenField, ValidationError
from wtforms.csrf.core import CSRFTokenField

from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mount import current

if TYPE_CHECKING:
    from wtforms.form import BaseForm
    from wtforms.meta import DefaultMeta

    from paidsupport.kernel.actors import Actor

_SALT = "paidsupport-form-of-person"
_PUBLIC_SALT = "paidsupport-public-form"
#: How long a public form may stay open.
_PUBLIC_SECONDS = 7 * 24 * 3600
#: What is said of a form that a page of another site has sent.
FROM_ELSEWHERE = _("This form came from a page of another site. Check it and send it again from here.")


class _TokenField(CSRFTokenField):
    """Its token is made when it is drawn: most forms that are sent never are."""

    def process(self, formdata: Any, *more: Any, **named: Any) -> None:  # noqa: ANN401  # as WTForms has it
        """As any field."""
        HiddenField.process(self, formdata, *more, **named)

    def _value(self) -> str:
        return page_token()


class PageCSRF(_FlaskFormCSRF):
    """On pages of the desk the usual token, signed together with who is signed in; else one of the page."""

    meta: DefaultMeta
    field_class = _TokenField

    def validate_csrf_token(self, form: BaseForm, field: CSRFTokenField) -> None:
        """Refuse what is no token of this page or session, or of another person. Raises ValidationError.

        No form of ours holds the host's own token, so it names no person; programs may send it.
        """
        secret, person = str(self.meta.csrf_secret), g.get("paidsupport_person")
        if person is None:
            if _is_from_elsewhere():
                raise ValidationError(FROM_ELSEWHERE)
            if _is_of_this_page(secret, field.data or ""):
                return
        drawn_for, token = _read(secret, field.data or "")
        if drawn_for is None:
            super().validate_csrf_token(form, field)
            return
        if person is None or drawn_for != person.id:
            raise ValidationError("The CSRF token is not one of this person.")
        # ours is signed already, so it holds what the session does as it is
        if not compare_digest(str(session.get(field_name())).encode(), str(token).encode()):
            raise ValidationError("The CSRF token is not one of this session.")


def page_token() -> str:
    """The token of all forms of this page, made once for each request."""
    person = g.get("paidsupport_person")
    found: tuple[object, str] | None = g.get("paidsupport_page_token")
    if found is None or found[0] is not person:
        found = g.paidsupport_page_token = person, _new_token(_secret(), person)
    return found[1]


def _new_token(secret: str, person: Actor | None) -> str:
    if person is None:
        return str(_public_signer(secret).dumps(""))
    name = field_name()
    if name not in session:
        generate_csrf(secret_key=secret, token_key=name)
    return _signed(secret, person.id, str(session[name]))


@lru_cache(maxsize=512)  # it is as good as the session, and signing takes long
def _signed(secret: str, person_id: int | None, of_session: str) -> str:
    """The token of all pages of one session."""
    return str(_signer(secret).dumps([person_id, of_session]))


def _secret() -> str:
    return str(current_app.config.get("WTF_CSRF_SECRET_KEY") or current_app.secret_key)


def objection() -> PaidSupportError | None:
    """Why nothing may be done with the form of this request; `paidsupport.kernel.web.unsent` finds it."""
    found: PaidSupportError | None = g.get("paidsupport_objection")
    return found


def field_name() -> str:
    """What the host calls the field of the token."""
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def drawn_for() -> int | None:
    """The id of the person whose page the form now sent stood on; None if it does not say."""
    return _read(_secret(), request.form.get(field_name(), ""))[0]


def _read(secret: str, token: str) -> tuple[int | None, str]:
    """Whom a token was made for, and the token of their session; looked at once a request."""
    known = g.setdefault("paidsupport_tokens_read", {})
    if token not in known:
        try:
            person_id, inner = _signer(secret).loads(token)
        except (BadData, ValueError, TypeError):
            person_id, inner = None, ""
        known[token] = person_id, inner
    found: tuple[int | None, str] = known[token]
    return found


@lru_cache(maxsize=8)  # an application has one secret, and making a signer takes as long as signing
def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)


def _is_of_this_page(secret: str, token: str) -> bool:
    try:
        _public_signer(secret).loads(token, max_age=_PUBLIC_SECONDS)
    except (BadData, ValueError):
        return False
    return True


def _public_signer(secret: str) -> URLSafeTimedSerializer:
    """Signs for the private page that was asked for, with all forms on it, or else for this address alone."""
    page = g.get("paidsupport_token") or [request.endpoint, *sorted((request.view_args or {}).items())]
    return URLSafeTimedSerializer(secret, salt=f"{_PUBLIC_SALT} {page}")


def _is_from_elsewhere() -> bool:
    """Whether the browser says that a page of another site has sent this form.

    `Sec-Fetch-Site` is right behind every proxy, but browsers send it by https only, and old ones never.
    Programs send none of the three headers.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in {"same-origin", "none"}
    sender = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(sender) and _host_of(str(sender)) not in _our_hosts()


def is_opened_from_here() -> bool:
    """Whether a page was opened from one of this site: by a link, a form, Back or reload.

    What waits under a token in an address is only shown then, or only gone on with: whoever sends such a link
    knows the token too. Programs and old browsers say nothing, and are believed.
    """
    site, sender = request.headers.get("Sec-Fetch-Site"), request.headers.get("Referer")
    if site != "same-origin" and sender:
        return _host_of(sender) in _our_hosts()
    return site in {None, "same-origin"}


def _our_hosts() -> set[str]:
    return {request.host.lower(), urlsplit(current().settings.base_url).netloc.lower()}


def _host_of(address: str) -> str:
    """Host and port of an address; empty if it has none, like the origin “null” of hidden senders."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
