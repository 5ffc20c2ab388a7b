"""Who is signed in, as the host tells it."""

from __future__ import annotations

from flask import current_app
from flask_login import current_user, login_fresh, login_url

from paidsupport.mount import Visitor


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
    """Whether Flask-Login's user has typed their password in this session; true for a host without it."""
    return not hasattr(current_app, "login_manager") or bool(login_fresh())


def flask_login_page(path: str) -> str:
    """Where Flask-Login signs somebody in anew and then leads to `path`; empty if the host does not say."""
    manager = getattr(current_app, "login_manager", None)
    view = manager and (manager.refresh_view or manager.login_view)
    return str(login_url(view, next_url=path)) if view else ""


def usual_nonce() -> str:
    """What `csp_nonce()` gives in the host's templates, as with Flask-Talisman; empty where there is none."""
    make = current_app.jinja_env.globals.get("csp_nonce")
    return str(make()) if callable(make) else ""
