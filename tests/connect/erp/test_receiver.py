"""An ERP hears of organisations and leads through the outbox, at least once each (T8)."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import update

from paidsupport.connect.erp.receiver import Erp, ErpReceiver, Fact
from paidsupport.connect.webhooks.operations import NotDeliveredError
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.kernel.outbox.operations import BACK_OFF
from paidsupport.testing import mount_of
from paidsupport.tickets.emails.tables import Email
from tests.leading import contact, decide, lead, organisation, wish
from tests.people import Desk

pytestmark = pytest.mark.row("T8")


class Books:
    """An ERP that is away at first."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.away = True

    def record(self, fact: Fact) -> None:
        """Keep it, if it is there."""
        if self.away:
            raise NotDeliveredError("It is away.")
        self.facts.append(fact)


def hand_over(desk: Desk, erp: Erp) -> None:
    """Do what a worker does with all that is due."""
    mount = mount_of(desk.app)
    with desk.app.app_context():
        Deliveries(mount.services, mount.database, ErpReceiver(erp), desk.clock).send_all()


def test_an_erp_hears_of_each_step_once_it_is_back(desk: Desk) -> None:
    """Whose ticket it is, what was agreed on and for how much; with the name of the record, and nobody's."""
    with desk.ctx() as ctx:
        settings = ctx.services.settings
        object.__setattr__(settings, "webhook_url", "https://hooks.example/")  # they are frozen
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    code = lead(desk)
    decide(desk, code, wish(desk, code))
    offer = desk.offer(code, desk.ada, price="500")
    desk.clock.forward(minutes=1)
    books = Books()
    hand_over(desk, books)
    assert books.facts == []
    books.away = False
    desk.clock.forward(minutes=BACK_OFF[0].total_seconds() / 60)
    hand_over(desk, books)
    assert [(fact.event, fact.ticket, fact.organisation) for fact in books.facts] == [
        ("organisation-set", code, reference)
    ]
    with desk.ctx() as ctx:
        # its email has left
        left = update(Email).where(Email.state == "queued").values(state="sent", sent_at=ctx.now)
        ctx.session.execute(left)
    desk.answer(code, offer, "approved")
    hand_over(desk, books)
    won = books.facts[-1]
    assert (won.event, won.organisation, won.price_minor, won.currency) == (
        "lead-accepted",
        reference,
        50_000,
        "USD",
    )
    assert isinstance(won.at, datetime)
    assert code in won.link
    assert "jane" not in repr(books.facts).lower()
