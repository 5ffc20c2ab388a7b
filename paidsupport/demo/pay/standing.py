"""The stand-ins of the demo site, where no real money moves: PayPal, a backend of GNU Taler, and a bank."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from paidsupport.demo.pay import bank, paypal, taler
from paidsupport.demo.pay.server import Server
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.sales.payments.setup import operations


@dataclass(frozen=True, slots=True)
class StandIns:
    """PayPal, and where the backend of GNU Taler is; the bank is a page of the site."""

    paypal: paypal.PayPal
    taler: str

    def set_up(self, ctx: Context) -> None:
        """Set all up as a manager does, unless they are set up like that."""
        at_paypal = {"environment": "test", "client": paypal.CLIENT, "webhook": paypal.WEBHOOK}
        _set_up(ctx, "paypal", {"address": self.paypal.url, **at_paypal}, {"secret": paypal.SECRET})
        there = {"address": f"{self.taler}/instances/desk/", "currency": "USD"}
        _set_up(ctx, "taler", there, {"token": taler.TOKEN})
        _set_up(ctx, "bank", bank.ACCOUNT, {})


@contextmanager
def standing(site: str, port: int) -> Iterator[StandIns]:
    """Both, in threads, as long as the site runs.

    Args:
        site: The address of the site, which PayPal tells of payments.
        port: The first of two ports: the same ones at each start, so that what is set up stays right. 0: any.
    """
    hook = f"{site}/support/pay/hints/paypal"
    with (
        paypal.PayPal(hook=hook, port=_free(port)) as first,
        Server(taler.Merchant("USD"), _free(port + 1 if port else 0)) as second,
    ):
        yield StandIns(first, second.url)


def _free(port: int) -> int:
    """This port, if no other program has it; else 0, which stands for any."""
    with suppress(OSError), socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", port))
        return port
    return 0


def _set_up(ctx: Context, name: str, values: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    kind = operations.kind_of(ctx, name)
    row = operations.row_of(ctx, name)
    now = operations.values_of(kind, row)
    wanted = {**now, **{f"{name}_{each}": value for each, value in values.items()}}
    if row is None or wanted != now:
        given = {f"{name}_{each}": value for each, value in secrets.items()}
        operations.keep(ctx, kind, wanted, given, seen=now if row else {}, key=new_key())
