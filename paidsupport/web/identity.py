"""Who is signed in, as the host tells it."""

from __future__ import annotations

from flask import current_app
from flask_login import current_user

from paidsupport.mount import Visitor


def flask_login_visitor() -> Visitor | None:
    """Flask-Login's current user, if the host uses it; a host without it has no signed-in visitors."""
    if not hasattr(current_app, "login_manager") or not current_user.is_authenticated:
        return None
    return Visitor(
        id=str(current_user.get_id()),
        name=str(getattr(current_user, "name", "") or ""),
        email=str(getattr(current_user, "email", "") or ""),
    )
