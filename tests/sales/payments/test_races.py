"""Workers that are killed, and people, webhooks and workers who come at once: everything happens once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.operations import beginning, configured, refunds, settling
from paidsupport.sales.payments.operations.tasks import Tasks
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.testing import mount_of
from tests import nursery
from tests.concurrency.processes import in_threads
from tests.ops.test_worker import environment
from tests.people import Desk
from tests.sales.payments.remote import WORKER, Bank, Client, serving
from tests.sales.payments.test_settling import begin, hint, offered, sums

pytestmark = pytest.mark.row("P16")


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Bank, str]]:
    """A provider on a real socket, and its address; the workers of this process use it."""
    counting = Bank()
    with serving(counting) as url:
        monkeypatch.setattr(configured, "made", lambda _make, _values: Client(url))
        yield counting, url


def tasks(desk: Desk) -> Tasks:
    """A worker for payments."""
    mount = mount_of(desk.app)
    with desk.app.app_context():
        return Tasks(mount.services, mount.database, desk.clock)


def work(desk: Desk, workers: int = 1) -> None:
    """Let so many workers do at once what is due."""
    those = [tasks(desk) for _worker in range(workers)]

    def send(position: int) -> None:
        with desk.app.app_context():
            those[position].send_all()

    in_threads(send, workers)


def killed(desk: Desk, bank: Bank, url: str, what: str) -> None:
    """A worker process gets SIGKILL when the provider has done `what`, and before it has answered."""
    bank.holds = what
    now = desk.clock().isoformat()
    process = nursery.start(url, now, code=WORKER, env=environment(desk, "keep:"))
    assert bank.is_held.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    bank.is_held.clear()
    bank.may_answer.set()


def test_a_worker_killed_after_a_capture_or_a_refund_leaves_one(desk: Desk, bank: tuple[Bank, str]) -> None:
    """Its payment is looked at once it has been gone for long enough, and nothing is done again."""
    provider, url = bank
    code = offered(desk)
    reference = begin(desk, code)
    killed(desk, provider, url, "capture")
    hint(desk, "E-1", reference)
    work(desk)
    assert sums(desk, code) == (0, 0, "begun")
    for ask in (False, True):
        if ask:
            with desk.ctx(desk.mia) as ctx:
                refunds.ask(ctx, code, reference, "20", "Why.", key=new_key())
            killed(desk, provider, url, "refund")
        desk.clock.forward(minutes=2)
        assert tasks(desk).give_up_lost() == 1
        desk.clock.forward(minutes=1)
        work(desk)
    assert (provider.done["capture"], provider.done["refund"]) == (1, 1)
    assert sums(desk, code) == (2500, 2000, "")
    assert desk.broken() == {}


def test_workers_webhooks_and_returns_at_once_make_one_capture(desk: Desk, bank: tuple[Bank, str]) -> None:
    """All of them want the payment to be looked at; one payment counts."""
    provider, _url = bank
    code = offered(desk)
    reference = begin(desk, code)
    those = [tasks(desk) for _worker in range(3)]

    def run(position: int) -> None:
        if position < len(those):
            with desk.app.app_context():
                for _time in range(4):
                    those[position].send_next()
        elif position % 2:
            hint(desk, f"E-{position % 3}", reference)
        else:
            with desk.ctx() as ctx:
                beginning.came_back(ctx, reference)

    in_threads(run, 9)
    for _time in range(3):
        desk.clock.forward(minutes=1)
        work(desk, 2)
    assert provider.done["capture"] == 1
    assert sums(desk, code) == (4500, 0, "")
    assert desk.broken() == {}


def test_refunds_at_once_are_never_above_what_came(desk: Desk, bank: tuple[Bank, str]) -> None:
    """Of managers who refund all of it at once, all but one are refused."""
    provider, _url = bank
    code = offered(desk)
    reference = begin(desk, code)
    work(desk)
    desk.clock.forward(minutes=1)
    work(desk)
    assert sums(desk, code) == (4500, 0, "")
    refused: list[str] = []

    def refund(_position: int) -> None:
        try:
            with desk.ctx(desk.mia) as ctx:
                refunds.ask(ctx, code, reference, "45", "Why.", key=new_key())
        except (InvalidInputError, TransitionRefusedError) as error:
            refused.append(str(error))

    in_threads(refund, 4)
    assert len(refused) == 3
    assert all("left to refund" in sentence for sentence in refused)
    work(desk, 2)
    assert provider.done["refund"] == 1
    assert sums(desk, code) == (0, 4500, "")
    assert desk.broken() == {}


def test_a_refund_and_a_reversal_at_once(desk: Desk, bank: tuple[Bank, str]) -> None:
    """Whichever is first: the money counts no more, and no refund is left to be made."""
    assert bank
    code = offered(desk)
    reference = begin(desk, code)
    work(desk)
    with desk.ctx() as ctx:
        id_ = ctx.session.query(Payment.id).filter(Payment.reference == reference).scalar() or 0
        settling.settle(ctx, id_, Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1"))

    def run(position: int) -> None:
        if position:
            with suppress(InvalidInputError, TransitionRefusedError), desk.ctx(desk.mia) as ctx:
                refunds.ask(ctx, code, reference, "20", "Why.", key=new_key())
        else:
            with desk.ctx() as ctx:
                settling.settle(ctx, id_, Truth(PaymentStep.REVERSED, remote="R-1"))

    in_threads(run, 2)
    assert sums(desk, code) == (0, 0, "")
    with desk.ctx() as ctx:
        assert {row.state for row in ctx.session.query(PaymentRefund)} <= {"failed"}
    assert desk.broken() == {}
