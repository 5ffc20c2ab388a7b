"""What the pages of services share: their addresses."""

from __future__ import annotations

from flask import current_app, url_for

from paidsupport.kernel.i18n.languages import spoken

#: All services, and one of them by its slug.
SERVICES = "/desk/setup/services"
SERVICE = f"{SERVICES}/<service>"
#: Ids and numbers of versions; larger ones would not fit into the database's integers.
NUMBER = f"int(max={2**31 - 1})"


def mark() -> str:
    """What stands before the decimals in the language of the person who reads the page."""
    return spoken().formats.mark


def example() -> str:
    """An amount as that person writes it."""
    return f"25{mark()}50"


def again(endpoint: str, button: str, **parts: object) -> str:
    """The address of a list, where a button has the focus again.

    Args:
        endpoint: The page.
        button: The id of the button.
        parts: The parts of the address.
    """
    return url_for(endpoint, **parts, focus=button, _anchor=button)  # type: ignore[arg-type]


def is_there(endpoint: str) -> bool:
    """Whether the desk has a page: capabilities above this one may have some about services."""
    return endpoint in current_app.view_functions
