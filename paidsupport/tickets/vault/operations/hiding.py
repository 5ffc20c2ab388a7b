"""Hides a secret that was written before the customer shared it, and tells the owner where (G15).

A text that others than staff could read, such as an issue, is hidden from then on, and an annotation on the
ticket tells its owner where it is. An ordinary word gives nothing away by having been written before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import exposure
from paidsupport.tickets.vault.operations.masking import is_ordinary


def tell(ctx: Context, ticket: Ticket, secret: str) -> list[str]:
    """Hide public texts that contain a secret just shared, and note on the ticket where they are.

    The caller holds the ticket's lock. Issues are locked as well, so what is written on them at that moment
    is either found here or compared with the secret. Returns the places.
    """
    if is_ordinary(secret):
        return []
    found = [place for place in exposure.places(ctx, ticket) if exposure.says(place.text, secret)]
    if not found:
        return []
    public = {place.name: place.hide for place in found if place.hide}
    clock = replace(ctx, by=CLOCK)
    for _name, hide in sorted(public.items()):
        hide(clock)
    names = list(dict.fromkeys(place.name for place in found))
    annotation.keep(clock, ticket, _note(names, sorted(public)), about="exposed")
    ctx.session.flush()
    return names


_FOUND = storable(
    _(
        "The login that the customer has just shared is already in: %(places)s. Ask the customer for another"
        " login if others may have read it."
    )
)
_FOUND_AND_HIDDEN = storable(
    _(
        "The login that the customer has just shared is already in: %(places)s. Hidden until it is taken out"
        " there: %(hidden)s. Ask the customer for another login if others may have read it."
    )
)


def _note(names: Sequence[str], hidden: Sequence[str]) -> str:
    places = ", ".join(names)
    if hidden:
        return filled(_FOUND_AND_HIDDEN, places=places, hidden=", ".join(hidden))
    return filled(_FOUND, places=places)
