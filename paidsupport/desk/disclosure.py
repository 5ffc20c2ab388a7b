"""No customer learns of what is kept from them: what people write is asked about before it leaves (T13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from paidsupport.desk.hooks import SECRET_NAMES
from paidsupport.desk.visit import House, Visit
from paidsupport.errors import InvalidInputError


def refuse_secret_names(visit: Visit, text: str, field: str = "body") -> None:
    """Refuse a text of staff to a customer that names what no customer may learn of.

    Raises:
        InvalidInputError: at `field`.
    """
    if visit.by.is_person and (found := secret_names_in(visit.house, visit.session, text)):
        sentence = f"{', '.join(found)} is private: no customer may learn of it. Take it out."
        raise InvalidInputError({field: [sentence]})


def secret_names_in(house: House, session: Session, text: str) -> list[str]:
    """What a text names that no customer may learn of."""
    return [name for names in house.hooks.call(SECRET_NAMES, session, text) for name in names]
