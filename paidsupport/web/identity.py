"""Who is signed in, as the host tells it."""

from __future__ import annotations

from flask import current_app
from flask_login import current_user

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
