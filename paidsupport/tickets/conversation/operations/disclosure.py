"""Keeps private names from customers: what staff write is checked before it leaves (T13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.hooks import SECRET_NAMES


def refuse_secret_names(ctx: Context, text: str, field: str = "body") -> None:
    """Refuse a text to a customer that names something no customer may learn of.

    Raises:
        InvalidInputError: At `field`.
    """
    if ctx.by.is_person and (found := secret_names_in(ctx.services, ctx.session, text)):
        sentence = _("This names something private: %(names)s. Take it out.", names=", ".join(found))
        raise InvalidInputError({field: [sentence]})


def secret_names_in(services: Services, session: Session, text: str) -> list[str]:
    """The names in a text that no customer may learn of."""
    return services.hooks.gather(SECRET_NAMES, session, text)
