"""Deliveries: written with the operation, sent by workers at least once, to a real server in a thread."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from paidsupport.connect.webhooks import operations as webhooks
from paidsupport.connect.webhooks.operations import NotDeliveredError, Receiver
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.outbox.operations import BACK_OFF, LOST_AFTER
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.tables import Email
from tests import nursery
from tests.concurrency.processes import in_threads, wait_until
from tests.connect.webhooks.receivers import SECRET, Site
from tests.memory import MemoryReceiver
from tests.ops.test_worker import LONG_AGO, PATIENCE, WORKER, environment
from tests.people import Desk, press, sign_in
from tests.postgres import free_port
from tests.tickets.ordering.ordering import words

pytestmark = pytest.mark.row("T7")


@pytest.fixture
def site() -> Iterator[Site]:
    """A receiver that takes everything."""
    with Site() as found:
        yield found


def connect(desk: Desk, url: str, cascade: str = "") -> None:
    """Let the desk tell this address, and the tickets of these workflows climb."""
    settings = {
        "webhook_url": url,
        "webhook_secret": SECRET,
        "webhook_private": True,
        "cascade": cascade,
    }
    with desk.ctx() as ctx:
        for name, value in settings.items():
            object.__setattr__(ctx.services.settings, name, value)  # they are frozen


def tell(desk: Desk, event: str = "cascade", **facts: object) -> str:
    """Tell of something on a new ticket; returns the code."""
    code = desk.order(email=f"{os.urandom(4).hex()}@example.com")
    with desk.ctx() as ctx:
        webhooks.tell(ctx, tickets.lock(ctx.session, code), event, facts)
    return code


def deliveries(desk: Desk, receiver: Receiver) -> Deliveries:
    """What a worker sends to `receiver`."""
    mount = mount_of(desk.app)
    return Deliveries(mount.services, mount.database, receiver, desk.clock)


def states(desk: Desk) -> list[tuple[str, int]]:
    """Every delivery: its state and how often it was tried."""
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(Delivery).order_by(Delivery.id))
        return [(row.state, row.attempts) for row in rows]


def test_a_cascade_is_told_without_anything_of_the_customer(desk: Desk, site: Site) -> None:
    """Signed, with the ticket, who was told, and where to look; names are those of the desk alone."""
    connect(desk, site.url, cascade="paid")
    code = desk.order(details="A secret wish.", name="Jane Doe", email="jane@example.com")
    desk.clock.forward(minutes=30)
    desk.work()
    [hit] = site.hits
    assert hit.is_signed
    said = json.loads(hit.body)
    assert said == {
        "id": hit.headers["webhook-id"],
        "event": "cascade",
        "at": "2034-03-14T09:30:00+00:00",
        "ticket": code,
        "workflow": "paid",
        "state": "open",
        "link": f"http://127.0.0.1:5000/support/desk/tickets/{code}",
        "told": [desk.mia.id],
        "step": 1,
        "management": True,
    }
    assert states(desk) == [("delivered", 1)]
    desk.work()
    assert len(site.hits) == 1
    assert desk.broken() == {}


def test_any_verb_can_tell_and_cannot_pretend(desk: Desk, site: Site) -> None:
    """What is always said is said of the ticket, whatever the facts are called."""
    connect(desk, site.url)
    code = tell(desk, "organisation-set", amount=12, ticket="PS-0000-0000", id="x")
    desk.work()
    said = json.loads(site.hits[0].body)
    assert (said["event"], said["amount"], said["ticket"]) == ("organisation-set", 12, code)
    assert said["id"] == site.hits[0].headers["webhook-id"] != "x"


def test_nothing_is_told_of_what_did_not_happen(desk: Desk, site: Site) -> None:
    """The operation and its delivery are one transaction; without a webhook there is nothing at all."""
    code = tell(desk)
    connect(desk, site.url)
    with desk.ctx() as ctx:
        webhooks.tell(ctx, tickets.lock(ctx.session, code), "cascade", {})
        ctx.session.flush()
        ctx.session.rollback()
    desk.work()
    assert states(desk) == []
    assert site.hits == []


def test_a_receiver_that_was_down_hears_of_it_later(desk: Desk) -> None:
    """Under the same id and with the same bytes, after the pause and not before; emails left meanwhile."""
    down = free_port()
    connect(desk, f"http://127.0.0.1:{down}/hook")
    tell(desk)
    assert len(desk.work()) == 1, "the letter of the order"
    assert states(desk) == [("queued", 1)]
    with Site(status=503) as site:
        connect(desk, site.url)
        desk.work()
        assert site.hits == []
        desk.clock.forward(minutes=1)
        desk.work()
        assert states(desk) == [("queued", 2)]
        site.status = 200
        desk.clock.forward(minutes=1)
        desk.work()
        assert len(site.hits) == 1
        desk.clock.forward(minutes=1)
        desk.work()
        assert len({(hit.body, hit.headers["webhook-id"]) for hit in site.hits}) == 1
        assert [hit.is_signed for hit in site.hits] == [True, True]
        assert site.hits[0].headers["webhook-timestamp"] < site.hits[1].headers["webhook-timestamp"]
    assert states(desk) == [("delivered", 3)]


def test_it_is_given_up_shown_and_can_be_sent_again(desk: Desk, site: Site) -> None:
    """After the last attempt; one click on the page of stuck emails begins anew."""
    connect(desk, f"http://127.0.0.1:{free_port()}/hook/s3cret")
    code = tell(desk)
    desk.work()
    for pause in BACK_OFF:
        desk.clock.forward(seconds=pause.total_seconds())
        desk.work()
    assert states(desk) == [("failed", len(BACK_OFF) + 1)]
    desk.clock.forward(days=30)
    desk.work()
    assert states(desk) == [("failed", len(BACK_OFF) + 1)]
    assert desk.broken() == {}
    ada = sign_in(desk.app, "ada")
    page = ada.get("/support/desk/outbox").text
    told = words(page)
    assert f"cascade · {code} · The webhook could not be reached: ConnectionError." in told.replace(
        f"{code}:", f"{code} :"
    )
    assert "s3cret" not in page
    connect(desk, site.url)
    with desk.ctx() as ctx:
        reference = ctx.session.scalars(select(Delivery.reference)).one()
    again = f"/support/desk/outbox/deliveries/{reference}"
    for form in ("/support/desk/outbox", "/support/desk/profile"):
        assert press(ada, form, again).status_code == 303, "twice is once"
    assert press(ada, "/support/desk/profile", "/support/desk/outbox/deliveries/none").status_code == 404
    desk.work()
    assert len(site.hits) == 1
    assert states(desk) == [("delivered", 1)]
    assert "Refused by the webhook" not in ada.get("/support/desk/outbox").text


def test_what_an_earlier_webhook_has_left_comes_to_an_end(desk: Desk) -> None:
    """Also without a webhook: nothing waits for ever."""
    connect(desk, "http://127.0.0.1:9/hook")
    tell(desk)
    connect(desk, "")
    mount = mount_of(desk.app)
    for pause in (timedelta(), *BACK_OFF):
        desk.clock.forward(seconds=pause.total_seconds())
        Worker(mount.services, mount.database, mount.transport, mount.clock).round()
    assert states(desk) == [("failed", len(BACK_OFF) + 1)]


def test_many_workers_send_each_once(desk: Desk) -> None:
    """Eight at the same outbox: who takes a delivery has it alone."""
    connect(desk, "https://hooks.example/")
    for _ in range(10):
        tell(desk)
    receiver = MemoryReceiver()

    def send(_: int) -> None:
        deliveries(desk, receiver).send_all()

    in_threads(send, 8)
    # who lost a race thinks that there is nothing more
    send(0)
    references = [posted.reference for posted in receiver.posted]
    assert len(references) == len(set(references)) == 10
    assert states(desk) == [("delivered", 1)] * 10


def test_a_receiver_that_raises_anything_stops_no_other(desk: Desk) -> None:
    """One of the site's own may be broken in any way."""

    class Broken(MemoryReceiver):
        """Fails at first."""

        def post(self, reference: str, body: bytes, at: datetime) -> None:
            super().post(reference, body, at)
            if len(self.posted) == 1:
                raise ZeroDivisionError

    connect(desk, "https://hooks.example/")
    tell(desk)
    tell(desk)
    receiver = Broken()
    deliveries(desk, receiver).send_all()
    assert states(desk) == [("queued", 1), ("delivered", 1)]


def test_a_slow_receiver_keeps_no_letter_waiting(desk: Desk) -> None:
    """A running worker: the receiver holds its first request while mail leaves."""
    mount = mount_of(desk.app)
    with Site(holds=True) as site:
        connect(desk, site.url)
        tell(desk)
        transport, stop = MemoryTransport(), threading.Event()
        worker = Worker(mount.services, mount.database, transport, desk.clock, stop)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            assert site.reached.wait(PATIENCE)
            code = desk.order(email="other@example.com")
            wait_until(lambda: any(code in str(mail["Subject"]) for mail in transport.sent), "the letter", 20)
            assert states(desk) == [("sending", 1)]
            site.let_go()
            wait_until(lambda: states(desk) == [("delivered", 1)], "the delivery", 20)
        finally:
            stop.set()
            thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_worker_killed_while_it_tells_is_followed_by_another_that_tells_again(desk: Desk) -> None:
    """SIGKILL after the receiver has it and before the worker has its answer: the same id comes twice."""
    with Site(holds=True) as site:
        connect(desk, site.url)
        tell(desk)
        with desk.ctx() as ctx:
            ctx.session.execute(update(Delivery).values(due_at=LONG_AGO))
            ctx.session.execute(update(Email).values(due_at=LONG_AGO))
        hook = {
            "FLASK_PAIDSUPPORT_WEBHOOK_URL": site.url,
            "FLASK_PAIDSUPPORT_WEBHOOK_SECRET": SECRET,
            "FLASK_PAIDSUPPORT_WEBHOOK_PRIVATE": "true",
        }
        process = nursery.start(*WORKER, env=environment(desk, "keep:") | hook)
        try:
            assert site.reached.wait(PATIENCE)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
        assert states(desk) == [("sending", 1)]
        site.let_go()
        with desk.ctx() as ctx:
            taken = ctx.session.scalars(select(Delivery.taken_at)).one()
        assert taken
        desk.clock.now = taken + LOST_AFTER
        desk.work()
        assert states(desk) == [("sending", 1)], "it may still be under way"
        desk.clock.forward(seconds=1)
        desk.work()
        assert states(desk) == [("delivered", 2)]
        assert len(site.hits) == 2
        assert len({hit.headers["webhook-id"] for hit in site.hits}) == 1
    assert desk.broken() == {}


def test_a_worker_that_was_given_up_says_nothing_about_the_next_attempt(desk: Desk) -> None:
    """It comes back after another one has begun: only the latest attempt counts."""
    connect(desk, "https://hooks.example/")
    tell(desk)
    begun, go_on = threading.Event(), threading.Event()

    class Slow(MemoryReceiver):
        """Fails once another worker has begun."""

        def post(self, *_: object) -> None:
            desk.clock.forward(minutes=6)
            assert deliveries(desk, self).give_up_lost() == 1
            pool.submit(deliveries(desk, patient).send_next)
            assert begun.wait(PATIENCE)
            raise NotDeliveredError("Too late.")

    class Patient(MemoryReceiver):
        """Says that it has it when it is told to."""

        def post(self, *_: object) -> None:
            begun.set()
            assert go_on.wait(PATIENCE)

    patient = Patient()
    with ThreadPoolExecutor(1) as pool:
        deliveries(desk, Slow()).send_next()
        assert states(desk) == [("sending", 2)]
        go_on.set()
    assert states(desk) == [("delivered", 2)]
