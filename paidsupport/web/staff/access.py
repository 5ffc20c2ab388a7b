"""What whoever looks at a ticket can do about its ways in; the words are in `staff/_access.html`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paidsupport.desk import correspondence
from paidsupport.desk.visit import Visit
from paidsupport.store.pages import DeskPage
from paidsupport.web.forms import Sealed


@dataclass(frozen=True, slots=True)
class Access:
    """Whether this person may look and destroy, why nobody can look now, and a form for every button."""

    may_look: bool
    may_destroy: bool
    closed: str
    press: Callable[[], Sealed]


def access(visit: Visit, page: DeskPage) -> Access:
    """What this person can do on this page. No queries."""
    is_owner = page.ticket.owner_id is not None and page.ticket.owner_id == visit.by.id
    return Access(
        may_look=correspondence.may_write(visit, page.ticket),
        may_destroy=is_owner or visit.by.is_manager,
        closed=visit.house.vault.fault,
        press=Sealed,
    )
