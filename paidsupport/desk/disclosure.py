"""No customer learns of a private issue: what people write to them is compared with what is hidden (T13)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import issue_codes_in
from paidsupport.errors import InvalidInputError
from paidsupport.store.issues import Issue


def refuse_private_issues(visit: Visit, text: str, field: str = "body") -> None:
    """Refuse a text of a person that names the code of a private issue, or links to one.

    Raises InvalidInputError at `field`. No query for a text that names no issue.
    """
    if visit.by.is_person and (found := private_issues_in(visit.session, text)):
        sentence = f"{', '.join(found)} is private: no customer may learn of it. Take it out."
        raise InvalidInputError({field: [sentence]})


def private_issues_in(session: Session, text: str) -> Sequence[str]:
    """The codes of private issues that a text names. No query for a text that names no issue."""
    named = issue_codes_in(text)
    if not named:
        return ()
    hidden = select(Issue.code).where(Issue.code.in_(named), Issue.private).order_by(Issue.code)
    return session.scalars(hidden).all()
