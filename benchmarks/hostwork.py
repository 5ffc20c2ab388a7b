"""Work on a host: what a tick costs beside a plain page, in one process without a server.

`python -m benchmarks.hostwork` prints medians in milliseconds on SQLite, taken in turns, and their ratios.
"""

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.client import field, form_with
from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.demo.acting import acting
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff.tables import Person
from paidsupport.testing import take_over, work
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order

_ROUNDS = 60


def main() -> None:
    """Prepare a full ticket, ask and tick in turns, print."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "SECRET_KEY": "for a benchmark only",
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
                "PAIDSUPPORT_FILES": str(Path(folder) / "files"),
            }
        )
        with app.app_context():
            demo.prepare(0)
            code = _full_ticket(app)
        client = _signed_in(app)
        token = form_with(client.get("/support/desk/profile").text, "key")["csrf_token"]
        took = _in_turns(
            {
                "plain page": lambda _n: client.get("/support/desk/profile"),
                "full ticket": lambda _n: client.get(f"/support/desk/tickets/{code}"),
                "tick": lambda n: _tick(client, code, f"extra-{n}", token),
            }
        )
    for name, milliseconds in took.items():
        ratio = milliseconds / took["plain page"]
        sys.stdout.write(f"{name:12} {milliseconds:6.1f} ms  {ratio:5.2f} x a plain page\n")


def _full_ticket(app: Flask) -> str:
    """A ticket under work with sixty lines and two hundred messages."""
    take_over(app)
    ada = _person("Ada")
    with acting(Actor("visitor", "a visitor")) as ctx:
        order = Order(
            service="installation",
            name="Jane Doe",
            email="jane@example.com",
            host_url="https://gallery.example.com",
            host_access="SSH",
            details="A gallery.",
            acknowledged=frozenset({0, 1, 2}),
            answers={"php": ["8.2"], "database": ["PostgreSQL"]},
            key=new_key(),
        )
        code = submissions.submit(ctx, order, client="bench").code
    with acting(ada) as ctx:
        ticket = claims.claim(ctx, code, version=1, key=new_key())
        opening = correspondence.open_email(ctx, ticket)
        draft = Draft(opening.body, ticket.claim_number, ticket.thread, new_key())
        correspondence.write(ctx, code, draft)
    work(app)
    with acting(ada) as ctx:
        transitions.make(ctx, code, "start", version=2, key=new_key(), filled=Filled(note="On the phone."))
    with acting(ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        for number in range(_ROUNDS):
            checklists.add_extra(ctx, ticket, f"extra-{number}", f"One more thing, number {number}")
        for number in range(ticket.thread + 1, 201):
            ctx.session.add(
                Message(
                    ticket_id=ticket.id,
                    number=number,
                    direction="in",
                    author_name="Jane",
                    raw="One more word about it. " * 10,
                    at=datetime.now(UTC),
                )
            )
        tickets.change(ctx.session, ticket, thread=200)
    return code


def _person(name: str) -> Actor:
    with acting(Actor("operator", "the benchmark")) as ctx:
        row = ctx.session.scalars(select(Person).where(Person.name == name)).one()
        return Actor("person", row.name, row.id, Role(row.role))


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = field(client.get("/login").text, "csrf_token")
    known = {"email": "ada@example.org", "password": "demo", "csrf_token": token}
    assert client.post("/login", data=known).status_code == 303
    return client


def _tick(client: FlaskClient, code: str, name: str, token: str) -> Any:  # noqa: ANN401  # a response
    form = {"csrf_token": token, "key": uuid.uuid4().hex, "version": "1", "action": "tick"}
    return client.post(f"/support/desk/tickets/{code}/items/{name}", data=form)


def _in_turns(deeds: dict[str, Callable[[int], Any]]) -> dict[str, float]:
    """Milliseconds of each, the median of many in turns, so that what else happens falls on all alike."""
    took: dict[str, list[float]] = {name: [] for name in deeds}
    for number in range(_ROUNDS):
        for name, act in deeds.items():
            began = time.perf_counter()
            answer = act(number)
            took[name].append((time.perf_counter() - began) * 1000)
            assert answer.status_code in {200, 303}, (name, answer.status_code)
    return {name: statistics.median(each[5:]) for name, each in took.items()}


if __name__ == "__main__":
    main()
