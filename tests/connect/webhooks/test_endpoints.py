"""Endpoints of webhooks: verified by the official library, in order, for three days, each event once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from paidsupport.connect.connections import queries
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.connect.connections.tables import ConnectionState, ConnectionTask
from paidsupport.connect.webhooks import endpoints
from paidsupport.connect.webhooks.signing import new_secret
from paidsupport.issues.operations import access
from paidsupport.kernel.codes import new_key
from tests.connect.connections.connecting import connected
from tests.connect.webhooks.receivers import Hit, Site
from tests.forms import Opened
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P12")

DAY = 24 * 60


@pytest.fixture(autouse=True)
def _private(app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers are on this machine; and the library looks at the desk's clock."""
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "connections_private", True)  # they are frozen

    class Now(datetime):
        """The moment of the desk."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return desk.clock().astimezone(tz)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Now)


@pytest.fixture
def site() -> Iterator[Site]:
    """A receiver that takes everything."""
    with Site() as found:
        yield found


def endpoint(desk: Desk, site: Site, events: str = "*", secret: str = "") -> str:
    """An endpoint as a manager sets it up; its name in addresses."""
    return connected(desk, "webhook", {"url": site.url, "events": events}, {"secret": secret or new_secret()})


def verified(hit: Hit, secret: str) -> dict[str, Any]:
    """What the official library says that it is. Raises WebhookVerificationError."""
    found: dict[str, Any] = Webhook(secret).verify(hit.body, dict(hit.headers))
    return found


def state_of(desk: Desk, reference: str) -> ConnectionState:
    """How an endpoint stands."""
    with desk.ctx() as ctx:
        found = queries.state_of(ctx.session, queries.by_reference(ctx.session, reference).id)
        assert found is not None
        return found


def states(desk: Desk) -> list[str]:
    """How its deliveries stand, in their order."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(ConnectionTask.state).order_by(ConnectionTask.id)))


def test_each_endpoint_gets_the_chosen_events_signed_with_its_own_secret(desk: Desk, site: Site) -> None:
    """The same event has the same id everywhere; another secret, another body and old moments are refused."""
    one, other = new_secret(), new_secret()
    with Site() as second:
        endpoint(desk, site, secret=one)
        endpoint(desk, second, "issue.* ticket.claim", other)
        code = desk.order(email="karla@example.com")
        desk.claim(code, desk.ada)
        desk.open_issue(desk.mia, code, private=True)
        desk.work()
        seen = [verified(hit, one) for hit in site.hits]
        assert [each["type"] for each in seen][:2] == ["ticket.submitted", "ticket.claim"]
        assert not [each for each in seen if each["type"].startswith("issue.")], "it is private"
        assert "karla" not in str(seen).lower()
        assert "IS-" not in str(seen)
        [claim] = second.hits
        assert verified(claim, other) == seen[1]
        assert claim.headers["webhook-id"] == seen[1]["data"]["id"] == site.hits[1].headers["webhook-id"]
        changed = Hit(claim.path, claim.headers, claim.body + b" ")
        for hit, secret in ((claim, one), (changed, other)):
            with pytest.raises(WebhookVerificationError):
                verified(hit, secret)
        desk.clock.forward(minutes=6)
        with pytest.raises(WebhookVerificationError):
            verified(claim, other)
    assert desk.broken() == {}


def test_a_receiver_that_is_down_for_a_day_misses_nothing(desk: Desk, site: Site) -> None:
    """Nothing is lost, order and ids stay, it is asked rarely, and a killed worker changes nothing."""
    secret = new_secret()
    reference = endpoint(desk, site, secret=secret)
    site.status = 503
    codes = []
    for _ in range(24):
        codes.append(desk.order())
        for _ in range(4):
            desk.work()
            desk.clock.forward(minutes=15)
    while_down = len(site.hits)
    assert while_down < 20
    assert len({hit.headers["webhook-id"] for hit in site.hits}) == 1, "one is asked for, the others wait"
    assert len({hit.body for hit in site.hits}) == 1
    assert state_of(desk, reference).failures == while_down
    # a worker that was killed while it asked: its row stays as it is until that is noticed
    with desk.ctx() as ctx:
        first = ctx.session.scalars(select(ConnectionTask).order_by(ConnectionTask.id)).first()
        assert first is not None
        lost = {"state": "sending", "attempts": first.attempts + 1, "taken_at": ctx.now}
        ctx.session.execute(update(ConnectionTask).where(ConnectionTask.id == first.id).values(**lost))
    site.status = 204
    for _ in range(40):
        desk.clock.forward(minutes=60)
        desk.work()
    arrived = [verified_at(hit, secret) for hit in site.hits[while_down:]]
    ordered = [each["data"]["ticket"] for each in arrived if each["type"] == "ticket.submitted"]
    assert ordered == codes
    ids = [each["data"]["id"] for each in arrived]
    assert len(ids) == len(set(ids))
    assert set(states(desk)) == {"sent"}
    assert state_of(desk, reference).failures == 0
    assert desk.broken() == {}


def verified_at(hit: Hit, secret: str) -> dict[str, Any]:
    """The same as of the moment when it arrived."""
    webhook = Webhook(secret)
    moment = datetime.fromtimestamp(int(hit.headers["webhook-timestamp"]), tz=None).astimezone()
    expected = webhook.sign(hit.headers["webhook-id"], moment, hit.body.decode())
    assert expected in hit.headers["webhook-signature"].split(" ")
    found: dict[str, Any] = json.loads(hit.body)
    return found


def test_while_a_secret_is_replaced_both_verify(desk: Desk, site: Site) -> None:
    """For the chosen time there are two signatures; after that, the new one alone."""
    former = new_secret()
    reference = endpoint(desk, site, "ticket.submitted", former)
    with desk.ctx(desk.mia) as ctx:
        new = endpoints.renew(ctx, reference, days=1, key=new_key())
    assert new is not None
    desk.order()
    desk.work()
    assert verified(site.hits[0], former) == verified(site.hits[0], new)
    assert len(site.hits[0].headers["webhook-signature"].split(" ")) == 2
    desk.clock.forward(minutes=DAY)
    desk.order()
    desk.work()
    assert verified(site.hits[1], new)
    with pytest.raises(WebhookVerificationError):
        verified(site.hits[1], former)


def test_410_stops_an_endpoint_until_a_manager_switches_it_on(desk: Desk, site: Site) -> None:
    """With the reason; then it goes on with what happened meanwhile."""
    reference = endpoint(desk, site, "ticket.submitted")
    site.status = 410
    desk.order()
    desk.work()
    desk.order()
    desk.work()
    assert len(site.hits) == 1
    assert "410" in state_of(desk, reference).stopped
    site.status = 204
    with desk.ctx(desk.mia) as ctx:
        setup.switch(ctx, reference, on=True, key=new_key())
    desk.work()
    assert len(site.hits) == 2
    with desk.ctx(desk.mia) as ctx:
        assert endpoints.replay(ctx, reference, ctx.now - timedelta(days=1), everything=False) == 1
    desk.work()
    assert [hit.headers["webhook-id"] for hit in site.hits][2] == site.hits[0].headers["webhook-id"]


def test_what_a_receiver_cannot_deal_with_keeps_the_others_no_longer(desk: Desk, site: Site) -> None:
    """After some attempts the next ones pass; it is tried for three days itself."""
    endpoint(desk, site, "ticket.submitted")
    site.status = 500
    desk.order()
    for _ in range(4):
        desk.work()
        desk.clock.forward(minutes=60)
    site.status = 204
    desk.order()
    with desk.ctx() as ctx:
        ctx.session.execute(update(ConnectionTask).values(due_at=ctx.now + timedelta(hours=5)))
    desk.work()
    assert len(site.hits) == 4
    desk.clock.forward(minutes=5 * 60)
    desk.work()
    assert states(desk) == ["sent", "sent"]


def test_a_receiver_says_when_to_come_again(desk: Desk) -> None:
    """In seconds or as a date; at most a day."""
    with Site(status=429, retry_after="7200") as site:
        endpoint(desk, site, "ticket.submitted")
        desk.order()
        desk.work()
        desk.clock.forward(minutes=119)
        desk.work()
        assert len(site.hits) == 1
        desk.clock.forward(minutes=1)
        desk.work()
        assert len(site.hits) == 2


def test_the_check_sends_a_test_event(desk: Desk, site: Site) -> None:
    """Signed like all others, at the moment of the real world."""
    secret = new_secret()
    reference = endpoint(desk, site, secret=secret)
    with desk.ctx(desk.mia) as ctx:
        assert setup.check(ctx, reference) == ""
    assert verified_at(site.hits[0], secret)["type"] == "test.ping"
    site.status = 404
    with desk.ctx(desk.mia) as ctx:
        assert "404" in setup.check(ctx, reference)


def test_managers_make_a_new_secret_and_send_events_again_in_the_browser(desk: Desk, site: Site) -> None:
    """The secret is shown once; events go out again with their ids."""
    former = new_secret()
    reference = endpoint(desk, site, "ticket.submitted", former)
    page = f"/support/desk/setup/connections/{reference}/webhook"
    mia = sign_in(desk.app, "mia")
    answer = Opened(mia, page).send(days="1")
    [new] = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert "whsec_" not in mia.get(page).text
    desk.order()
    desk.work()
    assert verified(site.hits[0], new) == verified(site.hits[0], former)
    assert Opened(mia, page, "again").send(hours="24").status_code == 303
    desk.work()
    assert len(site.hits) == 1, "nothing was given up"
    Opened(mia, page, "again").send(hours="24", everything="y")
    desk.work()
    assert verified(site.hits[1], new) == verified(site.hits[0], new)
    history = mia.get("/support/desk/setup/changes").text
    assert new not in history
    assert "whsec_" not in history


def test_a_secret_that_was_not_entered_is_made(desk: Desk, site: Site) -> None:
    """So that no endpoint is ever without a signature."""
    connected(desk, "webhook", {"url": site.url, "events": "ticket.submitted"})
    desk.order()
    desk.work()
    assert site.hits[0].headers["webhook-signature"].startswith("v1,")


def test_what_became_private_meanwhile_is_told_no_more(desk: Desk, site: Site) -> None:
    """Neither when a receiver is back, nor when its events are sent again; other events are."""
    hook = endpoint(desk, site, "issue.*")
    code = desk.open_issue(desk.ada)
    desk.work()
    assert [json.loads(hit.body)["data"]["issue"] for hit in site.hits] == [code]
    before = len(site.hits)
    with desk.ctx(desk.mia) as ctx:
        access.set_private(ctx, code, private=True, key=new_key())
    other = desk.open_issue(desk.ada)
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        assert endpoints.replay(ctx, hook, ctx.now - timedelta(days=1), everything=True)
    desk.work()
    told = [json.loads(hit.body)["data"]["issue"] for hit in site.hits[before:]]
    assert set(told) == {other}
    assert desk.broken() == {}
