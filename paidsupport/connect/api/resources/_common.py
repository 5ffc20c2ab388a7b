"""What several resources have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.models import Answer
from paidsupport.kernel.configuration.history import FOR_MANAGERS
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ManagersOnlyError
from paidsupport.kernel.staff import queries as people

#: The id of something, as it stands in answers; larger numbers belong to nothing.
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class PersonRef(Answer):
    """A member of staff, present or former."""

    id: int
    name: str


def refs(ctx: Context) -> Callable[[int | None], PersonRef | None]:
    """What tells who stands behind an id: one query for all of them."""
    names = people.names(ctx.session)

    def ref(person_id: int | None) -> PersonRef | None:
        return None if person_id is None else PersonRef(id=person_id, name=names.get(person_id, ""))

    return ref


def managers_only(ctx: Context) -> None:
    """Refuse to show what managers set up. Raises ManagersOnlyError for all others."""
    if not ctx.by.is_manager:
        raise ManagersOnlyError(FOR_MANAGERS)
