"""Where other capabilities take part in what happens to a ticket, without being known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import Actor
from paidsupport.kernel.hooks import Hook
from paidsupport.store.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Place:
    """A text of staff, what it is called, and how it is hidden where others than staff may read it."""

    name: str
    text: str
    hide: Callable[[Visit], object] | None = None


#: A ticket came in from a customer whom staff or their mail vouch for; with their phone number, if known.
TICKET_RECEIVED: Hook[[Visit, Ticket, str], None] = Hook("received")
#: The address of a ticket has just been proven to be its customer's.
ADDRESS_PROVEN: Hook[[Visit, Ticket], None] = Hook("address proven")
#: A ticket was opened out of an earlier one of the same customer.
SPLIT_OFF: Hook[[Visit, Ticket, Ticket], None] = Hook("split off")
#: Something happened that other programs of the site may want to know; with its name and plain facts, none
#: of them personal.
ANNOUNCED: Hook[[Visit, Ticket, str, Mapping[str, object]], object] = Hook("announced")
#: Names in a text that no customer may learn of.
SECRET_NAMES: Hook[[Session, str], Sequence[str]] = Hook("secret names")
#: JSON or a text without what this person may not see.
CENSORED: Hook[[Session, Actor, Any], Any] = Hook("censored")
#: Dates that a ticket's customer may be promised.
DATES: Hook[[Visit, Ticket], Iterable[date]] = Hook("dates")
#: What stands against showing the credentials of a ticket to its owner, in a sentence. The flag asks that
#: what the answer rests on is locked.
AGAINST_SHOWING: Hook[[Visit, Ticket, bool], str] = Hook("against showing")
#: Tables whose rows belong to tickets: their name, and the ids of the tickets of some of their rows.
TICKETS_OF: Hook[[], tuple[str, Callable[..., Select[Any]]]] = Hook("tickets of")
#: What staff wrote on that which belongs to these tickets (their ids), beside the tickets themselves.
TEXTS_ABOUT: Hook[[Visit, Collection[int]], Iterable[Place]] = Hook("texts about")

HOOKS = (
    TICKET_RECEIVED,
    ADDRESS_PROVEN,
    SPLIT_OFF,
    ANNOUNCED,
    SECRET_NAMES,
    CENSORED,
    DATES,
    AGAINST_SHOWING,
    TICKETS_OF,
    TEXTS_ABOUT,
)
