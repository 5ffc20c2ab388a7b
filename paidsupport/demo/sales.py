"""Sales of the demonstration: a museum that has had its archive upgraded, and wants more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from paidsupport.demo.acting import acting, deliver
from paidsupport.demo.questions import ask
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.sales.invoices.operations import invoices
from paidsupport.sales.invoices.rules import Buyer
from paidsupport.sales.leads.operations import blockers, wishes
from paidsupport.sales.leads.operations.wishes import Decided, Typed
from paidsupport.sales.leads.queries import wishes_of
from paidsupport.sales.organisations.operations import contacts, matching, records
from paidsupport.sales.organisations.operations.contacts import Person
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import Offer
from paidsupport.tickets.operations import claims

_MUSEUM = Record(
    "River Museum",
    kind="other",
    notes="Their archive has 12,000 scans. They decide in the first week of a month.",
    billing_name="River Museum Foundation",
    billing_address="4 Quay Street\n8021 Zürich\nSwitzerland",
    billing_email="accounts@museum.example",
)
_BUYER = Buyer(
    name="River Museum Foundation",
    street="4 Quay Street",
    postcode="8021",
    city="Zürich",
    country="CH",
    email="accounts@museum.example",
)
_WISH = Typed(
    "Visitors order prints of the scans",
    "Let visitors order prints of photos",
    "A button below each photo leads to a form for size and number. The owner of the site gets an email.",
)
_OFFER = Offer(
    what="Orders of prints, with a form below each photo",
    why="Includes the email to the museum's shop, in German and English.",
    price="480.00",
    days=30,
)


def tell(people: Sequence[Actor], upgraded: str) -> None:
    """Create an invoice for the ticket `upgraded`, a lead with an offer, and an unclaimed lead."""
    ada, manager = people[0], people[-1]
    museum = _organisation(manager)
    with acting(manager, timedelta(days=2)) as ctx:
        matching.assign(ctx, upgraded, museum, key=new_key())
    _invoice(upgraded, manager)
    _lead(ada, manager, museum)
    ask(
        "talk",
        "Hannah Vogel",
        "vogel@example.net",
        "We run 14 schools and plan one gallery for all of them. What would that take?",
        timedelta(hours=7),
    )


def _organisation(manager: Actor) -> str:
    with acting(manager, timedelta(days=24)) as ctx:
        museum = records.create(ctx, _MUSEUM, key=new_key()).reference
    for person in (
        Person("Sofia Lindqvist", "sofia@example.com", role="Archive"),
        Person("Emil Brunner", "emil@museum.example", "+41 44 555 01 20", "Museum shop"),
    ):
        with acting(manager, timedelta(days=24)) as ctx:
            contacts.add(ctx, museum, person, key=new_key())
    return museum


def _invoice(code: str, manager: Actor) -> None:
    """Create an invoice that is issued and sent to the customer, but not paid yet."""
    ago = timedelta(days=1)
    with acting(manager, ago) as ctx:
        invoice = invoices.draft(ctx, code, key=new_key(), buyer=_BUYER)
        reference, version = invoice.reference, invoice.version
    with acting(manager, ago) as ctx:
        invoices.issue(ctx, code, reference, version=version, key=new_key())
    with acting(manager, ago) as ctx:
        invoices.tell(ctx, code, reference, key=new_key())
    deliver(ago)


def _lead(ada: Actor, manager: Actor, museum: str) -> None:
    """Create a qualified lead with a priced wish, and an offer that has no answer yet."""
    details = "Could visitors order prints? Our shop sells about forty a week by email today."
    code = ask("talk", "Emil Brunner", "emil@museum.example", details, timedelta(days=6))
    with acting(ada, timedelta(days=5)) as ctx:
        claims.claim(ctx, code, version=1, key=new_key())
    with acting(ada, timedelta(days=5)) as ctx:
        matching.assign(ctx, code, museum, key=new_key())
    with acting(ada, timedelta(days=4)) as ctx:
        wishes.note(ctx, code, _WISH, key=new_key())
        wish = wishes_of(ctx.session, tickets.lock(ctx.session, code))[0].reference
    with acting(manager, timedelta(days=3)) as ctx:
        decided = Decided("offer", "Two days of work.", _WISH.summary, _WISH.details)
        wishes.decide(ctx, code, wish, decided, key=new_key())
    with acting(ada, timedelta(days=2)) as ctx:
        blockers.note(
            ctx, code, "contract", "Their lawyer will have read our terms by Friday.", key=new_key()
        )
    with acting(ada, timedelta(days=2)) as ctx:
        ticket = tickets.lock(ctx.session, code)
        claim, thread = ticket.claim_number, ticket.thread
        decisions.make_offer(ctx, code, _OFFER, claim=claim, thread=thread, key=new_key())
    deliver(timedelta(days=2))
