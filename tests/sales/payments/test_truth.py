"""Whatever happens at a provider and on the way to it: in the end the ledger is what the provider knows.

The provider of this test does everything as often as it is asked: what is asked twice happens twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from paidsupport.kernel.outbox.operations import End
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import configured, refunds
from paidsupport.sales.payments.operations.tasks import Tasks
from paidsupport.sales.payments.providers import ConsoleProvider, Known, Refund, Truth
from paidsupport.sales.payments.rules import COUNTS, PaymentStep
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from tests.people import Desk
from tests.sales.payments.test_settling import begin, hint, offered

pytestmark = pytest.mark.row("P16")


@dataclass
class Account:
    """What the provider knows of one payment."""

    amount: Money
    approved: bool = False
    captures: int = 0
    back: dict[str, int] = field(default_factory=dict)
    disputed: bool = False
    reversed: bool = False


class Honest(ConsoleProvider):
    """Tells the truth, but may break off before or after it has done something."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.breaks = ""
        #: How often a refund was carried out.
        self.refunded: dict[str, int] = {}

    def begin(self, known: Known) -> Truth:
        self._break("before")
        self.accounts.setdefault(known.reference, Account(known.amount))
        return self._answer(known)

    def look(self, known: Known) -> Truth:
        self._break("before")
        return self._answer(known)

    def capture(self, known: Known) -> Truth:
        self._break("before")
        account = self.accounts[known.reference]
        if not account.approved:
            raise NotSentError("not approved", permanent=True)
        account.captures += 1
        return self._answer(known)

    def refund(self, known: Known, refund: Refund) -> Truth:
        self._break("before")
        account = self.accounts[known.reference]
        more = sum(account.back.values()) + refund.amount.minor
        if account.reversed or account.disputed or more > account.amount.minor:
            raise NotSentError("refused", permanent=True)
        self.refunded[refund.reference] = self.refunded.get(refund.reference, 0) + 1
        account.back[refund.reference] = refund.amount.minor
        return self._answer(known)

    def _break(self, where: str) -> None:
        if self.breaks == where:
            self.breaks = ""
            raise UnclearError(where)
        if self.breaks == "away":
            self.breaks = ""
            raise NotSentError("away", permanent=False)

    def _answer(self, known: Known) -> Truth:
        self._break("after")
        account = self.accounts.get(known.reference)
        if account is None:
            return Truth(None)
        remote = f"R-{known.reference}"
        back = {name: Money(minor, account.amount.currency) for name, minor in account.back.items()}
        if account.reversed:
            return Truth(PaymentStep.REVERSED, remote=remote)
        if not account.captures:
            step = PaymentStep.APPROVED if account.approved else PaymentStep.OPEN
            return Truth(step, remote=remote, address="https://pay.example.org")
        step = PaymentStep.DISPUTED if account.disputed else PaymentStep.RECEIVED
        return Truth(step, account.amount, back, remote=remote, capture=f"C-{known.reference}")


class Dying(Tasks):
    """A worker that dies after the provider has done what it was asked, or before it was asked."""

    def __init__(self, like: Tasks, *, early: bool) -> None:
        super().__init__(like.services, like.database, like.clock)
        self.early = early

    def _handed_over(self, taken: Any) -> tuple[End, str, timedelta | None]:  # noqa: ANN401  # as in the outbox
        return (End.SENT, "", None) if self.early else super()._handed_over(taken)

    def _note(self, *_args: object, **_more: object) -> None:
        pass


class World:
    """A ticket, its payments at the provider, and the workers."""

    def __init__(self, desk: Desk, provider: Honest) -> None:
        self.desk, self.provider = desk, provider
        mount = mount_of(desk.app)
        self.tasks = Tasks(mount.services, mount.database, desk.clock)
        self.code = offered(desk) if not provider.accounts else self._another()
        self.mine: list[str] = []
        self.events = 0

    def _another(self) -> str:
        code = self.desk.order()
        with self.desk.ctx() as ctx:
            tickets.change(ctx.session, tickets.lock(ctx.session, code), payee="before")
        return code

    @property
    def accounts(self) -> list[Account]:
        """What the provider knows of this ticket's payments."""
        return [self.provider.accounts[name] for name in self.mine if name in self.provider.accounts]

    @property
    def _taken(self) -> Account | None:
        """The newest payment, if its money was taken."""
        return self.accounts[-1] if self.accounts and self.accounts[-1].captures else None

    def do(self, what: str, amount: int) -> None:
        """One thing that happens."""
        getattr(self, f"_{what.replace(' ', '_')}")(amount)

    def _begin(self, _amount: int) -> None:
        with suppress(TransitionRefusedError):
            name = begin(self.desk, self.code)
            self.mine += [name] * (name not in self.mine)

    def _more(self, amount: int) -> None:
        with self.desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            tickets.change(ctx.session, ticket, price_minor=ticket.price_minor + amount)

    def _approve(self, _amount: int) -> None:
        for account in self.accounts[-1:]:
            account.approved = True

    def _own_refund(self, amount: int) -> None:
        account = self._taken
        if account and not account.reversed and sum(account.back.values()) + amount <= account.amount.minor:
            account.back[f"own {len(self.provider.accounts)} {len(account.back)}"] = amount

    def _dispute(self, _amount: int) -> None:
        if account := self._taken:
            account.disputed = not account.disputed

    def _reverse(self, _amount: int) -> None:
        if account := self._taken:
            account.reversed = True

    def _hint(self, amount: int) -> None:
        self.events += amount % 2  # every other one comes twice
        for name in self.mine[-1:]:
            hint(self.desk, f"{self.code} {self.events}", name)

    def _refund(self, amount: int) -> None:
        for name in self.mine[-1:]:
            with suppress(TransitionRefusedError, InvalidInputError), self.desk.ctx(self.desk.mia) as ctx:
                refunds.ask(ctx, self.code, name, f"{amount / 100:.2f}", "Why.", key=new_key())

    def _before(self, _amount: int) -> None:
        self.provider.breaks = "before"

    def _after(self, _amount: int) -> None:
        self.provider.breaks = "after"

    def _away(self, _amount: int) -> None:
        self.provider.breaks = "away"

    def _work(self, amount: int) -> None:
        for _time in range(1 + amount % 3):
            self.tasks.send_next()

    def _die_early(self, _amount: int) -> None:
        Dying(self.tasks, early=True).send_next()

    def _die_late(self, _amount: int) -> None:
        Dying(self.tasks, early=False).send_next()

    def _wait(self, amount: int) -> None:
        self.desk.clock.forward(seconds=amount)
        self.tasks.give_up_lost()

    def settle(self) -> None:
        """Let everything come to rest."""
        self.provider.breaks = ""
        for pause in (*(timedelta(hours=2),) * 3, *(timedelta(days=n) for n in (2, 4, 8))):
            self.desk.clock.forward(minutes=pause.total_seconds() / 60)
            self.tasks.give_up_lost()
            for _time in range(30):
                if not self.tasks.send_next():
                    break


THINGS = (
    *("begin", "approve", "work", "work", "wait", "hint", "refund", "own refund", "dispute", "reverse"),
    *("before", "after", "away", "die early", "die late", "more"),
)
STEPS = st.lists(st.tuples(st.sampled_from(THINGS), st.integers(1, 3000)), max_size=25)
#: To the end of a payment, with all that breaks where it hurts.
PAID = (("begin", 1), ("work", 2), ("approve", 1), ("hint", 1), ("work", 2), ("work", 2))


def _check(desk: Desk, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    provider = Honest()
    monkeypatch.setattr(configured, "made", lambda _make, _values: provider)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @example(
        steps=[*PAID, ("refund", 1500), ("die late", 1), ("own refund", 3000), ("wait", 600), ("work", 2)],
        paid=False,
    )
    @example(steps=[*PAID, ("refund", 1500), ("refund", 1500), ("reverse", 1), ("work", 2)], paid=False)
    @example(
        steps=[*PAID[:3], ("hint", 1), ("work", 1), ("die late", 1), ("hint", 1), ("wait", 100), ("work", 1)],
        paid=False,
    )
    @example(steps=[*PAID, ("more", 2000), *PAID, ("refund", 700), ("after", 1), ("work", 1)], paid=False)
    @given(steps=STEPS, paid=st.booleans())
    def run(*, steps: list[tuple[str, int]], paid: bool) -> None:
        world = World(desk, provider)
        for what, amount in [*(PAID if paid else ()), *steps]:
            world.do(what, amount)
        world.settle()
        with desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, world.code)
            kept = back = 0
            rows = {row.reference: row for row in payments.of(ctx.session, ticket)}
            for name in world.mine:
                row, account = rows[name], provider.accounts.get(name)
                assert account is not None or row.step == PaymentStep.ENDED
                if account is None:
                    continue
                assert account.captures <= 1
                if account.captures and not account.reversed:
                    assert row.step in COUNTS
                    assert row.received_minor == account.amount.minor
                    assert row.refunded_minor == sum(account.back.values())
                    done = [each for each in payments.refunds_of(ctx.session, row) if each.state == "done"]
                    assert {each.reference: each.amount_minor for each in done} == account.back
                    kept += row.received_minor - row.refunded_minor
                    back += row.refunded_minor
                elif account.reversed:
                    assert row.step == PaymentStep.REVERSED
            assert (ticket.paid_minor, ticket.refunded_minor) == (kept, back)
            assert not [name for name, times in provider.refunded.items() if times > 1]

    with desk.app.app_context():
        run()
    # no offer was accepted for what costs more
    assert set(desk.broken()) <= {"prices follow from offers"}


def test_the_ledger_is_what_the_provider_knows(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any sequence of things that happen, go wrong or get lost; nothing is done twice."""
    _check(lite_desk, monkeypatch, 40)


def test_it_is_so_on_postgresql(pg_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer of them."""
    _check(pg_desk, monkeypatch, 8)
