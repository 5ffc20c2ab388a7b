"""Who is signed in, as the host tells it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app, session
from flask_login import current_user, login_fresh, login_url, user_logged_in, user_login_confirmed

from paidsupport.kernel.errors import NoFreshnessError
from paidsupport.kernel.mount import Visitor, current

#: Where the host's session keeps when its user signed in: Flask-Login itself only keeps that they did.
SIGNED_IN = "paidsupport_signed_in"


def flask_login_visitor() -> Visitor | None:
    """Flask-Login's current user, if the host uses it; a host without it has no signed-in visitors."""
    # the user once, not the proxy again and again
    user = current_user._get_current_object() if hasattr(current_app, "login_manager") else None  # noqa: SLF001
    if user is None or not user.is_authenticated:
        return None
    return Visitor(
        id=str(user.get_id()),
        name=str(getattr(user, "name", "") or ""),
        email=str(getattr(user, "email", "") or ""),
    )


def flask_login_fresh() -> bool:
    """Whether Flask-Login's user signed in lately, not by a remembered cookie.

    Raises NoFreshnessError for a host without Flask-Login.
    """
    if not hasattr(current_app, "login_manager"):
        raise NoFreshnessError
    signed_in = session.get(SIGNED_IN)
    if not login_fresh() or not isinstance(signed_in, int):
        return False
    age = timedelta(seconds=current().clock().timestamp() - signed_in)
    # clocks of two servers may differ a little; what lies far ahead says nothing
    return abs(age) <= timedelta(minutes=current().settings.fresh_minutes)


def note_sign_ins(app: Flask) -> None:
    """Keep in the session when Flask-Login signs a user in; without Flask-Login this does nothing."""
    for signal in (user_logged_in, user_login_confirmed):
        signal.connect(_note_sign_in, app)


def _note_sign_in(_app: Flask, **_about: object) -> None:
    session[SIGNED_IN] = int(current().clock().timestamp())


def flask_login_page(path: str) -> str:
    """Where Flask-Login signs a user in again and then leads to `path`; empty if the host does not say."""
    manager = getattr(current_app, "login_manager", None)
    view = manager and (manager.refresh_view or manager.login_view)
    return str(login_url(view, next_url=path)) if view else ""


def usual_nonce() -> str:
    """What `csp_nonce()` gives in the host's templates, as with Flask-Talisman; empty where there is none."""
    make = current_app.jinja_env.globals.get("csp_nonce")
    return str(make()) if callable(make) else ""
