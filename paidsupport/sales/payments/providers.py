"""What a provider of payments does for the desk: one protocol for all of them (P16).

A provider is only ever called by a worker, outside of any transaction. Whatever it answers is the whole
`Truth` about one payment, and `operations.settling` brings the desk in line with it: so it does not matter in
which order answers come, or how often. A browser that comes back and a webhook are hints to look again.

It tells three ends apart: it answered; nothing was done (NotSentError, with whether trying again makes
sense); or the result is unknown (UnclearError). After the last one nothing is repeated before `look` has said
how things are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.rules import PaymentStep

log = logging.getLogger("paidsupport.payments")


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the desk wants it.

    Attributes:
        reference: Our own name of it, under which the provider does it once.
        amount: What is to be paid back.
        total: What is to be paid back of this payment all in all, with this one and all before it.
        reason: Why, in words the customer may read.
        done: Whether the provider has confirmed it.
    """

    reference: str
    amount: Money
    total: Money
    reason: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk knows of one payment: all that a provider may be told.

    Attributes:
        reference: Our own name of it, under which the provider knows it once.
        code: The code of the ticket.
        amount: What is to be paid.
        summary: What it is for, in the customer's language.
        language: The customer's language.
        back: Where the browser goes when the customer has paid, or has left it.
        until: When the offer to pay ends.
        remote: The provider's own name of it; empty before it is begun.
        capture: The provider's name of the money that was taken.
        version: What the provider marked its last answer with (an ETag).
        refunds: All refunds that were asked for, oldest first.
    """

    reference: str
    code: str
    amount: Money
    summary: str
    language: str
    back: str
    until: datetime
    remote: str = ""
    capture: str = ""
    version: str = ""
    refunds: Sequence[Refund] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """How one payment stands at its provider.

    Attributes:
        step: How far it is; None: the provider has never heard of it.
        received: What came, before refunds; None: nothing.
        refunds: What was paid back, by our references; what the provider did on its own under names of its
            own.
        pending: The refunds that the provider has accepted and not carried out yet.
        remote: As in `Known`, and so are `capture` and `version`.
        address: Where the customer pays; empty once there is nothing to pay.
        uri: What wallets read, as a link and as a QR code.
        problem: Why it ended or is held, in the words of the provider.
        same: Nothing has changed since `Known.version`: all else is empty.
    """

    step: PaymentStep | None
    received: Money | None = None
    refunds: Mapping[str, Money] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    remote: str = ""
    capture: str = ""
    version: str = ""
    address: str = ""
    uri: str = ""
    problem: str = ""
    same: bool = False


class ForgedHintError(PaidSupportError):
    """A hint that does not come from the provider; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says: something has happened to a payment. What, is asked of the provider.

    Attributes:
        event: The provider's name of the event: the same one counts once.
        kind: What it says has happened, in the provider's words.
        reference: Our name of the payment, if it says that.
        remote: The provider's name of it, or of its capture, if it says that.
    """

    event: str
    kind: str
    reference: str = ""
    remote: str = ""


class Provider(Protocol):
    """Where a payment is made. All of these raise NotSentError and UnclearError."""

    def begin(self, known: Known) -> Truth:
        """Make the payment known; the same reference again gives the same payment."""

    def look(self, known: Known) -> Truth:
        """How it stands. Without `known.remote`, it is looked for by our reference."""

    def capture(self, known: Known) -> Truth:
        """Take the money of an approved payment, once."""

    def refund(self, known: Known, refund: Refund) -> Truth:
        """Pay back, once for each reference."""

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Read a webhook, without any request; None: it is genuine and says nothing about payments.

        Raises ForgedHintError.
        """

    def check(self) -> str:
        """Call the provider and return what is wrong, in a sentence; empty if it can be used."""


#: The name of one more value, which is given to `Kind.make`: where webhooks of the provider arrive.
HINTS = "hints_at"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider that managers can set up.

    Attributes:
        name: In addresses and in the database: `paypal`.
        label: What customers and staff call it.
        values: What managers enter.
        wrong: What is wrong with the values, by name; the values come without outer spaces.
        make: The provider, from the values; imported when it is first needed. None: money comes without any
            request, as by bank transfer.
        is_test: Whether no real money moves with these values.
        currencies: The currencies it takes; None: any.
        binding: The values to which its secrets belong: with another one of these, they are entered again.
        help: What to do there first, in a sentence or two.
    """

    name: str
    label: Message
    values: Sequence[Value]
    wrong: Callable[[Values], Mapping[str, Message]]
    make: Callable[[Values], Provider] | None = None
    is_test: Callable[[Values], bool] = lambda _values: False
    currencies: Callable[[Values], frozenset[str]] | None = None
    binding: Sequence[str] = ()
    help: Message | str = ""


class NullProvider:
    """Takes nothing: whatever is begun stays open. For sites that are being tried out."""

    def begin(self, known: Known) -> Truth:
        return Truth(PaymentStep.OPEN, remote=known.reference)

    def look(self, known: Known) -> Truth:
        return self.begin(known)

    def capture(self, known: Known) -> Truth:
        return self.begin(known)

    def refund(self, known: Known, refund: Refund) -> Truth:  # noqa: ARG002  # as above
        return self.begin(known)

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint | None:  # noqa: ARG002  # as above
        return None

    def check(self) -> str:
        return ""


class ConsoleProvider:
    """Logs what would be asked of a provider, and takes every payment at the first look after its begin."""

    def begin(self, known: Known) -> Truth:
        log.info("%s: %s for %s is begun", known.reference, known.amount, known.code)
        return Truth(PaymentStep.OPEN, remote=known.reference)

    def look(self, known: Known) -> Truth:
        if not known.remote:
            return Truth(None)
        back = {each.reference: each.amount for each in known.refunds if each.done}
        return Truth(PaymentStep.RECEIVED, known.amount, back, remote=known.remote, capture=known.remote)

    def capture(self, known: Known) -> Truth:
        log.info("%s: %s is taken", known.reference, known.amount)
        return self.look(known)

    def refund(self, known: Known, refund: Refund) -> Truth:
        log.info("%s: %s is paid back", known.reference, refund.amount)
        asked = [
            replace(each, done=True) if each.reference == refund.reference else each for each in known.refunds
        ]
        return self.look(replace(known, refunds=asked))

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint | None:  # noqa: ARG002  # the protocol's
        return None

    def check(self) -> str:
        return ""


def _nothing_wrong(_values: Values) -> Mapping[str, Message]:
    return {}


def _null(_values: Values) -> Provider:
    return NullProvider()


def _console(_values: Values) -> Provider:
    return ConsoleProvider()


def _always(_values: Values) -> bool:
    return True


NULL = Kind("null", _("Nothing (for trying out)"), (), _nothing_wrong, _null, _always)
CONSOLE = Kind("console", _("Log (for trying out)"), (), _nothing_wrong, _console, _always)
