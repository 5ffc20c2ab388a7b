"""The providers as managers have set them up: made from their rows, with their secrets opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.hooks import KINDS
from paidsupport.sales.payments.providers import HINTS, Kind, Provider
from paidsupport.sales.payments.tables import BY_INVOICE, DIRECT, PaymentProvider


@dataclass(frozen=True, slots=True)
class Offered:
    """A provider that a customer can choose."""

    kind: Kind
    row: PaymentProvider
    test: bool


def kinds(services: Services) -> dict[str, Kind]:
    """All kinds of providers there are on this desk, by name."""
    return {kind.name: kind for kind in services.hooks.gather(KINDS)}


def offered(ctx: Context, amount: Money) -> list[Offered]:
    """The providers by which an amount can be paid now, in the order of the managers."""
    known = kinds(ctx.services)
    found = []
    for row in queries.providers(ctx.session):
        kind = known.get(row.kind)
        if kind is None or not row.active or not is_complete(kind, row):
            continue
        takes = kind.currencies(row.values) if kind.currencies else None
        if takes is None or amount.currency in takes:
            found.append(Offered(kind, row, kind.is_test(row.values)))
    return found


def is_complete(kind: Kind, row: PaymentProvider) -> bool:
    """Whether all secrets that it needs were entered: a file of the configuration has none."""
    return all(each.name in row.sealed for each in kind.values if each.secret and each.required)


def against_paying(ctx: Context, currency: str) -> str:
    """Why customers could not pay the desk in a currency, in a sentence; empty if they could."""
    if offered(ctx, Money(1, currency)):
        return ""
    return _("Customers couldn't pay yet: no provider of payments takes %(currency)s.", currency=currency)


def is_by_hand(services: Services, provider: str) -> bool:
    """Whether people note what comes and goes, because there is no provider that could be asked."""
    kind = kinds(services).get(provider)
    return provider in {DIRECT, BY_INVOICE} or kind is None or kind.make is None


def provider_of(ctx: Context, name: str) -> Provider | None:
    """The provider of a kind, active or not; None if it is not set up any more, or takes no requests.

    Raises:
        ConfigurationError: A secret was sealed under a key that the site does not have any more.
    """
    kind, row = kinds(ctx.services).get(name), queries.provider(ctx.session, name)
    if kind is None or row is None or kind.make is None or not is_complete(kind, row):
        return None
    ours = {HINTS: hints_at(ctx.services, name)}
    return made(kind.make, {**row.values, **opened(ctx.services, kind, row), **ours})


def hints_at(services: Services, name: str) -> str:
    """Where the webhooks of a kind of provider arrive."""
    return f"{services.settings.base_url}{services.settings.url_prefix}/pay/hints/{name}"


def made(make: Callable[[Values], Provider], values: Values) -> Provider:
    """A provider from its values: the same one for the same values, because it keeps what it was given."""
    return _made(make, tuple(sorted(values.items())))


@lru_cache(maxsize=16)
def _made(make: Callable[[Values], Provider], values: tuple[tuple[str, str], ...]) -> Provider:
    return make(dict(values))


def bound_to(kind: Kind, values: Mapping[str, str], secret: str) -> str:
    """What a secret is bound to: with other values, as for another server, it cannot be opened."""
    return ":".join(("payment", kind.name, secret, *(values.get(name, "") for name in kind.binding)))


def opened(services: Services, kind: Kind, row: PaymentProvider) -> dict[str, str]:
    """The secrets of a provider by name. Raises ConfigurationError."""
    return {
        name: sealing.open_text(services.links, bound_to(kind, row.values, name), content)
        for name, content in row.sealed.items()
    }
