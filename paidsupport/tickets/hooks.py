"""Hooks: where other capabilities take part in what happens to a ticket, without being known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.web.lists import OwnWork
from paidsupport.kernel.workflow import State
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A text of staff, what it is called, and how to hide it where others than staff may read it."""

    name: str
    text: str
    hide: Callable[[Context], object] | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice of the desk to the customer of a ticket."""

    serial: str
    #: Its name in addresses.
    reference: str
    due_on: date | None
    #: When it was paid; None while it is not.
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Received:
    """Money for a ticket that goes to its developer directly; false while nothing of it has arrived.

    Attributes:
        minor: The total that arrived.
        on: When the last of it came.
        payee: Who received it, or is to confirm it.
        said: What the customer says that they have paid, and the developer has not confirmed yet.
        said_at: When they said so.
        missed: Whether the developer has answered that it has not arrived.
    """

    minor: int
    on: date | None
    payee: str
    said: int = 0
    said_at: datetime | None = None
    missed: bool = False

    def __bool__(self) -> bool:
        """Whether any of it has arrived."""
        return self.minor > 0


#: An event was added to the history of a ticket: its kind and its data. Subscribers must not change the
#: ticket, because the operation may go on with it.
HAPPENED: Hook[[Context, Ticket, str, Mapping[str, object]], object] = Hook("happened")
#: The same, once for all lines of one kind that were added together.
LINES_WRITTEN: Hook[[Context, str, Sequence[tuple[Ticket, Mapping[str, object]]]], object] = Hook("written")
#: A person, by their id, was removed from the staff: what they hold is passed on.
LEFT: Hook[[Context, int], object] = Hook("left")
#: A ticket came in from a customer whom staff or a proven mail vouch for; with their phone number, if known.
TICKET_RECEIVED: Hook[[Context, Ticket, str], None] = Hook("received")
#: The address of a ticket has just been proven to be its customer's.
ADDRESS_PROVEN: Hook[[Context, Ticket], None] = Hook("address proven")
#: A ticket was opened for a further request on an earlier one of the same customer.
SPLIT_OFF: Hook[[Context, Ticket, Ticket], None] = Hook("split off")
#: The same happened to some tickets, and other programs may want to know: its name, and for each ticket plain
#: facts, none of them personal.
ANNOUNCED: Hook[[Context, str, Sequence[tuple[Ticket, Mapping[str, object]]]], object] = Hook("announced")
#: Names in a text that no customer may learn of.
SECRET_NAMES: Hook[[Session, str], Iterable[str]] = Hook("secret names")
#: JSON or a text without what this person may not see.
CENSORED: Hook[[Session, Actor, Any], Any] = Hook("censored")
#: Dates that a ticket's customer may be promised.
DATES: Hook[[Context, Ticket], Iterable[date]] = Hook("dates")
#: Why the credentials of a ticket must not be shown to its owner, in a sentence; empty if they may. The flag
#: asks to lock what the answer depends on.
AGAINST_SHOWING: Hook[[Context, Ticket, bool], str] = Hook("against showing")
#: Tables whose rows belong to tickets: their name, and the query for the ids of the tickets of some rows.
TICKETS_OF: Hook[[], tuple[str, Callable[..., Select[Any]]]] = Hook("tickets of")
#: What staff wrote about things that belong to these tickets (their ids), beside the tickets themselves.
TEXTS_ABOUT: Hook[[Context, Collection[int]], Iterable[Place]] = Hook("texts about")

#: Why an email that is due must not leave any more, in a sentence; empty if it may.
AGAINST_LEAVING: Hook[[Context, Email], str] = Hook("against leaving")
#: The mails of the customer on a ticket that arrived before this email, oldest first: their Message-ID
#: without angle brackets, and the moment.
MAILS_BEFORE: Hook[[Session, Email], Iterable[tuple[str, datetime]]] = Hook("mails before")
#: Values are cut out of everything the customer wrote on these tickets (their ids); the last argument
#: replaces them.
VALUES_CUT: Hook[[Context, Collection[int], Sequence[str], str], None] = Hook("values cut")
#: A credential was cut out of a message of the customer.
MESSAGE_CUT: Hook[[Context, Message], None] = Hook("message cut")
#: The customer has written: the text, and whether files came with it.
MESSAGE_RECEIVED: Hook[[Context, Ticket, str, bool], object] = Hook("message received")
#: The function to ask for consent with instead of `decisions.ask_consent`, if the form's address calls for
#: one.
ASKS_FOR_CONSENT: Hook[[Mapping[str, str]], Callable[..., Decision] | None] = Hook("asks for consent")
#: Further columns of the queue: a heading, and the cells by ticket id.
QUEUE_COLUMNS: Hook[[Session, Sequence[int]], tuple[str, Mapping[int, str]]] = Hook("queue columns")
#: What a person (by their id) has to do besides tickets: lines of their list, and what surrounds it.
OWN_WORK: Hook[[Context, int], OwnWork] = Hook("own work")
#: A person has read all of their news, up to what the sections of the page have marked as shown.
NEWS_READ: Hook[[Context, Mapping[str, int]], object] = Hook("news read")
#: Why nothing can be offered to the customer now, in a sentence; empty if something can.
AGAINST_OFFER: Hook[[Context, Ticket], str] = Hook("against offer")
#: An offer is on its way to the customer, in the transaction that writes it.
OFFER_MADE: Hook[[Context, Ticket], None] = Hook("offer made")
#: The customer has answered an offer.
OFFER_ANSWERED: Hook[[Context, Ticket, Decision], None] = Hook("offer answered")
#: Text for the draft of an email that the form's address asks for; empty if it asks for none.
WORDS_FOR_DRAFT: Hook[[Context, Ticket, Mapping[str, str]], str] = Hook("words for draft")
#: The title of the guide with this slug; empty if there is none.
GUIDE_TITLE: Hook[[Session, str], str] = Hook("guide title")
#: For each state and transition that a guide explains: the guide's slug and title.
GUIDES: Hook[[Session], Mapping[str, tuple[str, str]]] = Hook("guides")
#: What the email about an end asks of the customer besides: lines, none if it asks nothing.
CLOSING_WORDS: Hook[[Context, Ticket, State], Iterable[str]] = Hook("closing words")
#: The invoice of the desk for a ticket; None if its developer is paid directly.
BILLED: Hook[[Context, Ticket], Bill | None] = Hook("billed")
#: What the developer of a ticket has received for it, and what the customer says of it; None if there is
#: nothing to say.
RECEIVED: Hook[[Context, Ticket], Received | None] = Hook("received money")
#: Why a ticket must not be merged into another one, in a sentence; empty if it may.
AGAINST_MERGING: Hook[[Context, Ticket], str] = Hook("against merging")
#: A ticket is about to be merged into another one, and ends with that.
MERGED: Hook[[Context, Ticket, Ticket], None] = Hook("merged")


def censored(ctx: Context, value: T) -> T:
    """JSON or a text without what `ctx` may not see."""
    for censor in ctx.services.hooks.of(CENSORED):
        value = censor(ctx.session, ctx.by, value)
    return value


HOOKS = (
    HAPPENED,
    LINES_WRITTEN,
    LEFT,
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
    AGAINST_LEAVING,
    MAILS_BEFORE,
    VALUES_CUT,
    MESSAGE_CUT,
    MESSAGE_RECEIVED,
    ASKS_FOR_CONSENT,
    QUEUE_COLUMNS,
    OWN_WORK,
    NEWS_READ,
    AGAINST_OFFER,
    OFFER_MADE,
    OFFER_ANSWERED,
    WORDS_FOR_DRAFT,
    GUIDE_TITLE,
    GUIDES,
    CLOSING_WORDS,
    BILLED,
    RECEIVED,
    AGAINST_MERGING,
    MERGED,
)
