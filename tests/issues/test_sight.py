"""A private issue is hidden from people who may not see it, in every form a ticket is handed out (T13)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from paidsupport.connect.webhooks import operations as deliveries
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.issues.queries.sight import HIDDEN, NOBODY, without_hidden
from paidsupport.issues.tables import Issue
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Event
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("T13")


def followed(desk: Desk) -> tuple[str, str]:
    """The codes of a ticket and of the private issue that it follows; Ada holds it, Mia knows the issue."""
    code = desk.in_progress(desk.ada)
    return code, desk.open_issue(desk.mia, code, private=True)


def as_text(desk: Desk, name: str, code: str) -> dict[str, str]:
    """Whatever the site gives a person of a ticket, by what it is."""
    client = sign_in(desk.app, name)
    with desk.ctx(CLOCK) as ctx:
        email = ctx.session.scalars(select(Person.email).where(Person.name == name.capitalize())).one()
        headers = {"Authorization": f"Bearer {people.new_token(ctx, email, 'test', days=1)}"}
    places = {
        "page": f"/support/desk/tickets/{code}",
        "history": f"/support/desk/tickets/{code}/history",
        "queue": "/support/desk/",
        "news": "/support/desk/news",
        "overview": "/support/desk/overview",
        "JSON": f"/support/api/v1/tickets/{code}",
        "JSON list": "/support/api/v1/tickets",
    }
    found = {what: client.get(url, headers=headers) for what, url in places.items()}
    assert {what for what, answer in found.items() if answer.status_code not in {200, 403}} == set()
    return {what: answer.text for what, answer in found.items()}


def test_no_form_of_a_ticket_tells_of_a_private_issue(lite_desk: Desk) -> None:
    """Pages, histories, JSON, `show`, notices, mails, webhooks: who may not see it reads no code of it."""
    desk = lite_desk
    code, issue = followed(desk)
    desk.annotate(code, desk.mia, f"Waiting for feedback on {issue.lower()}.")
    with desk.ctx(CLOCK) as ctx:
        assert issue in json.dumps([e.data for e in ctx.session.scalars(select(Event))])
        object.__setattr__(ctx.services.settings, "webhook_url", "https://hooks.example/")  # it is frozen
        deliveries.tell(ctx, tickets.lock(ctx.session, code), "cascade", {"issue": issue})
        object.__setattr__(ctx.services.settings, "webhook_url", "")
    desk.tell()
    told = as_text(desk, "ben", code) | {
        "mails": "".join(mail.as_string() for mail in desk.work() if "mia" not in str(mail["To"])),
        "show": run(desk, "show", code),
        "show --json": run(desk, "show", code, "--json"),
    }
    with desk.ctx() as ctx:
        told["webhook"] = "".join(ctx.session.scalars(select(Delivery.body)))
        lines = pages.history(ctx, tickets.lock(ctx.session, code))
        told["history by default"] = json.dumps([line.data for line in lines])
    assert {what for what, text in told.items() if issue in text.upper()} == set()
    assert HIDDEN in told["JSON"]
    assert HIDDEN in told["webhook"]


def test_who_may_see_it_reads_its_code(lite_desk: Desk) -> None:
    """Managers in JSON, and all once it is public again."""
    code, issue = followed(lite_desk)
    assert issue in as_text(lite_desk, "mia", code)["JSON"]
    assert issue not in as_text(lite_desk, "ben", code)["JSON"]
    with lite_desk.ctx() as ctx:
        ctx.session.execute(update(Issue).values(private=False))
    assert issue in as_text(lite_desk, "ben", code)["JSON"]


def test_a_code_is_found_wherever_it_stands(lite_desk: Desk) -> None:
    """In keys, lists, addresses and any case; what names no issue costs no query."""
    _, issue = followed(lite_desk)
    said = {"a": [f"https://desk.example/issues/{issue.lower()}?x", {issue: 1}], "b": 7, "c": None}
    with lite_desk.ctx() as ctx:
        shown = without_hidden(ctx.session, NOBODY, said)
        assert shown == {"a": [f"https://desk.example/issues/{HIDDEN}?x", {HIDDEN: 1}], "b": 7, "c": None}
        assert without_hidden(ctx.session, CLOCK, said) == said
    with lite_desk.statements() as seen, lite_desk.ctx() as ctx:
        without_hidden(ctx.session, NOBODY, {"a": ["nothing"]})
    assert not [each for each in seen if "paidsupport_issue" in each]


def test_letters_that_grow_as_capitals_hide_no_code(lite_desk: Desk) -> None:
    """“ß” becomes two characters in capitals: a code after many of them is cut where it is."""
    _, issue = followed(lite_desk)
    words = "Größe der Straße " * 20
    with lite_desk.ctx() as ctx:
        assert without_hidden(ctx.session, NOBODY, f"{words}{issue} ﬁx") == f"{words}{HIDDEN} ﬁx"


def run(desk: Desk, *args: str) -> str:
    """What a command prints."""
    done = desk.app.test_cli_runner().invoke(args=["paidsupport", *args])
    assert done.exit_code == 0, done.output
    return done.output
