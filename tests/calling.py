"""Phone calls as tests make them, and a catalogue that takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import update

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.catalogue.tables import Service
from paidsupport.intake.calls import operations as calls
from paidsupport.intake.calls.operations import Call
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

QUESTION = """
[[service]]
slug = "question"
name = "Question"
price = "0"
currency = "USD"
workflow = "request"
purposes = ["support"]
asks_host = false
"""
TALK = """
[[service]]
slug = "talk"
name = "Talk about an offer"
price = "0"
currency = "USD"
workflow = "sales"
purposes = ["sales"]
asks_host = false
"""
#: A call that can be kept; its time is before every clock of a test.
CALL = Call(
    name="Jane Doe",
    caller="merchant",
    organisation="Example Shop",
    email="jane@shop.example.com",
    phone="+49 (0)30 1234567",
    subject="The shop cannot show photos",
    notes="They see a white page since Monday.\nPHP was renewed then.",
)


def take_calls(desk: Desk, *services: str) -> None:
    """Add services that take calls to the catalogue, by default all, where they are not in it."""
    with desk.ctx() as ctx:
        there = [f'slug = "{service.slug}"' for service in catalogue.every_service(ctx.session)]
        missing = [text for text in services or (QUESTION, TALK) if text.split("\n")[2] not in there]
        if missing:  # the file takes a tenth of a second
            catalogue_file.load(ctx, catalogue_file.dump(ctx) + "".join(missing))


def offer(desk: Desk, *slugs: str, active: bool) -> None:
    """These services take something, or nothing any more."""
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Service).where(Service.slug.in_(slugs)).values(active=active))


def call(desk: Desk, by: Actor | None = None, key: str = "", **changed: Any) -> Ticket:  # noqa: ANN401
    """Ada, or somebody else, takes a call just now."""
    with desk.ctx(by or desk.ada) as ctx:
        noted = {"called_at": f"{ctx.now:%Y-%m-%d %H:%M}"} | changed
        return calls.record(ctx, replace(CALL, **noted), key or new_key())


def same(desk: Desk, code: str, by: Actor | None = None, key: str = "", **changed: Any) -> Ticket:  # noqa: ANN401
    """They call about a ticket that is there."""
    with desk.ctx(by or desk.ada) as ctx:
        noted = {"called_at": f"{ctx.now:%Y-%m-%d %H:%M}"} | changed
        return calls.add(ctx, code, replace(CALL, **noted), key or new_key())


def earlier(desk: Desk, **who: str) -> list[tuple[str, int]]:
    """The codes that are found for whoever calls, each with the reason."""
    with desk.ctx(desk.ada) as ctx:
        return [(row.code, row.why) for row in calls.earlier(ctx, **who)]
