"""The catalogue of events and the feed: all that is said is declared, and nothing personal or lost."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.connect.log import catalogue
from paidsupport.connect.log import operations as log
from paidsupport.connect.log.catalogue import ALWAYS
from paidsupport.connect.log.facts import KEPT
from paidsupport.connect.log.tables import Announcement
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.staff import operations as people
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from scripts import events
from tests.leading import contact, decide, lead, organisation, wish
from tests.people import Desk

pytestmark = pytest.mark.row("P12")


class Feed:
    """A program that reads what happens."""

    def __init__(self, desk: Desk, name: str = "ada") -> None:
        self._client = desk.app.test_client()
        with desk.ctx() as ctx:
            self._token = people.new_token(ctx, f"{name}@example.org", "feed", 1, "read")

    def get(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """Read something."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._client.get(f"/support/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json


def schemas(feed: Feed) -> dict[str, Any]:
    """The schema of each type, without room for anything undeclared."""
    found = {each["name"]: each["json_schema"] for each in feed.get("/event-types")["items"]}
    for schema in found.values():
        schema["additionalProperties"] = schema["properties"]["data"]["additionalProperties"] = False
    return found


def live(desk: Desk) -> list[str]:
    """Let much happen; returns the codes of tickets."""
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    won = lead(desk)
    decide(desk, won, wish(desk, won))
    desk.offer(won, desk.ada, price="500")
    code = desk.order(email="karla@example.com")
    desk.claim(code, desk.ada)
    followed = desk.order()
    issue = desk.open_issue(desk.ada, followed)
    desk.issue_move(issue, "grab", desk.ada)
    desk.clock.forward(minutes=60 * 24 * 3)
    desk.work()
    return [won, code, followed]


def test_everything_that_happens_fits_its_declared_schema(desk: Desk) -> None:
    """Each event says what its type declares and nothing else, once, in order, and nothing personal."""
    codes = live(desk)
    feed = Feed(desk)
    found = feed.get("/events?limit=1000")
    known = schemas(feed)
    assert found["next"] is None
    assert {each["data"].get("ticket") for each in found["items"]} > set(codes)
    for each in found["items"]:
        jsonschema_rs.validate(known[each["type"]], each)
    seen = {each["type"] for each in found["items"]}
    assert seen > {"ticket.claim", "ticket.organisation_set", "issue.grab", "issue.opened"}
    assert not re.search(r"\b(karla|jane|ada|shop\.example|pictures)\b", str(found).lower())
    with desk.ctx() as ctx:
        written = list(ctx.session.scalars(select(Announcement.reference).order_by(Announcement.position)))
    assert [each["data"]["id"] for each in found["items"]] == written


def test_the_feed_goes_on_where_it_ended_and_can_be_narrowed_down(desk: Desk) -> None:
    """Page by page nothing is missed or doubled; types are chosen by a name or a pattern."""
    live(desk)
    feed = Feed(desk)
    everything = feed.get("/events?limit=1000")
    paged, after = [], 0
    while True:
        page = feed.get(f"/events?limit=3&after={after}")
        paged += page["items"]
        after = page["position"]
        if page["next"] is None:
            break
    assert paged == everything["items"]
    assert feed.get(f"/events?after={after}") == {"items": [], "next": None, "position": after}
    code = desk.order()
    desk.work()
    [new, *_] = feed.get(f"/events?after={after}")["items"]
    assert (new["type"], new["data"]["ticket"]) == ("ticket.submitted", code)
    issues = feed.get("/events?type=issue.*")["items"]
    assert issues
    assert issues == [each for each in everything["items"] if each["type"].startswith("issue.")]
    assert {each["type"] for each in feed.get("/events?type=ticket.claim")["items"]} == {"ticket.claim"}
    assert feed.get("/events?type=ticket_claim")["items"] == []


def test_private_issues_are_in_the_feed_of_those_who_may_see_them_alone(desk: Desk) -> None:
    """Neither their own events nor their codes on tickets reach anyone else."""
    code = desk.order()
    private = desk.open_issue(desk.mia, code, private=True)
    desk.work()
    of_ben = Feed(desk, "ben").get("/events?limit=1000")["items"]
    of_mia = Feed(desk, "mia").get("/events?limit=1000")["items"]
    assert private in str(of_mia)
    assert private not in str(of_ben)
    assert not [each for each in of_ben if each["type"].startswith("issue.")]


def test_what_is_announced_undeclared_is_refused(lite_desk: Desk) -> None:
    """An event without a declaration, and one with facts that its declaration does not name."""
    code = lite_desk.order()
    for event, facts, said in (
        ("unheard-of", {}, "declares the announced event “unheard-of”"),
        ("lead-won", {"customer": "Jane"}, "declares organisation, price, currency, and not customer"),
    ):
        with lite_desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, code)
            with pytest.raises(ConfigurationError, match=said):
                log.announced(ctx, event, [(ticket, facts)])


def test_the_catalogue_is_whole_and_the_page_is_what_it_says(lite_app: Flask) -> None:
    """Each type has a name of its own, each fact is explained, and none hides what every event says."""
    with lite_app.app_context():
        services = mount_of(lite_app).services
        types = catalogue.types(services)
        told = [kind for kind in services.events if kind.history != "configuration"]
        assert len({each.name for each in types}) == len(types) == len(told)
        assert {name for kind in told for name in kind.keeps} <= KEPT.keys()
        assert not any(ALWAYS.keys() & {*kind.facts, *kind.keeps} for kind in told)
        assert catalogue.webhooks(services).keys() == {each.name for each in types}
        assert events.PATH.read_text(encoding="utf-8") == events.text(services), "run make schema"
