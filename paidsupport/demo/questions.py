"""Questions of the demonstration, one in every state."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.demo.acting import acting, deliver
from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.triage import operations as triage
from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order

_UPLOADS = "Every upload ends with an error.\nSmall photos work, large ones don't."
_TITLE = "Where do I change the title of my gallery?"
_SLIDESHOW = "The slideshow has shown nothing but a black page since yesterday."
_UMLAUT = "Photos with an umlaut in their name don't open. The thumbnails are there."
_ZIP = "Zip files are refused since I moved to another provider. How do I switch them on again?"
_COLOURS = "How do I get a darker background? I'd like black behind the photos."
_PRIZE = "You have won! Open the attached link to receive your prize."


def tell(owner: Actor) -> None:
    """Create a question in every state: two are in triage, the others were dealt with."""
    hours = timedelta(hours=1)
    ask("question", "Ingrid Dahl", "ingrid@example.net", _TITLE, 21 * hours)
    ask("question", "Ama Mensah", "ama@example.com", _SLIDESHOW, 3 * hours)
    _point(ask("question", "Tomás Rojas", "tomas@example.com", _UPLOADS, 30 * hours), owner, 20 * hours)
    broken = ask("question", "Marek Dvořák", "marek@example.net", _ZIP, 26 * hours)
    _decide(broken, owner, "take", 25 * hours)
    bug = ask("question", "Grete Holm", "grete@example.org", _UMLAUT, 80 * hours)
    _decide(bug, owner, "bug", 78 * hours, "Photos with an umlaut in their name are not shown.")
    _decide(
        ask("question", "Prize Office", "prize@example.org", _PRIZE, 50 * hours), owner, "spam", 49 * hours
    )
    helped = ask("question", "Dele Adeyemi", "dele@example.com", _COLOURS, 60 * hours)
    _point(helped, owner, 58 * hours, "title-colours-and-language")
    with acting(CUSTOMER, 40 * hours) as ctx:
        ticket = tickets.lock(ctx.session, helped)
        documented.answer(ctx, ticket, "helped", words="", version=ticket.version, key=new_key())


def _point(code: str, owner: Actor, ago: timedelta, page: str = "photos-do-not-upload") -> None:
    """Answer with a help page."""
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        found = documented.chosen(ctx, page, "")
        draft = Draft(documented.draft(ctx, ticket, found).body, 0, ticket.thread, new_key())
        documented.point(ctx, code, found, draft, version=ticket.version)
    deliver(ago)


def _decide(code: str, owner: Actor, decision: str, ago: timedelta, note: str = "") -> None:
    with acting(owner, ago) as ctx:
        triage.decide(ctx, code, decision, version=1, key=new_key(), note=note)


def ask(service: str, name: str, email: str, details: str, ago: timedelta) -> str:
    """Send the form of a service that costs nothing; returns the code."""
    with acting(Actor("visitor", "a visitor"), ago) as ctx:
        order = Order(
            service=service,
            name=name,
            email=email,
            host_url="",
            host_access="",
            details=details,
            acknowledged=frozenset(),
            answers={},
            key=new_key(),
        )
        return submissions.submit(ctx, order, client=f"demonstration {name}").code
