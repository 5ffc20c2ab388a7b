"""What the viewer of a ticket can do with its logins; the words are in `_access.html`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Sealed
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.queries.pages import DeskPage


@dataclass(frozen=True, slots=True)
class Access:
    """Whether this person may view and destroy logins, the obstacle to viewing, and forms for the buttons."""

    may_look: bool
    may_destroy: bool
    closed: str
    press: Callable[[], Sealed]


def access(ctx: Context, page: DeskPage) -> Access:
    """Work out what this person can do on this page. No queries."""
    is_owner = page.ticket.owner_id is not None and page.ticket.owner_id == ctx.by.id
    return Access(
        may_look=correspondence.may_write(ctx, page.ticket),
        may_destroy=is_owner or ctx.by.is_manager,
        closed=ctx.services.vault.fault,
        press=Sealed,
    )
