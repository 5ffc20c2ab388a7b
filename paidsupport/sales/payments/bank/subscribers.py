"""What bank transfer adds to payments: its kind of provider."""

from __future__ import annotations

from paidsupport.sales.payments.bank.kind import KIND
from paidsupport.sales.payments.hooks import KINDS
from paidsupport.sales.payments.providers import Kind


def _kinds() -> tuple[Kind, ...]:
    return (KIND,)


SUBSCRIPTIONS = (KINDS.by(_kinds),)
