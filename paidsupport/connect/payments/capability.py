"""The providers of payments, as a capability of their own: the JSON API and the webhook go without sales."""

from __future__ import annotations

from collections.abc import Iterable

from paidsupport.connect.payments.paypal import KIND as PAYPAL
from paidsupport.connect.payments.taler_kind import TALER
from paidsupport.kernel.capability import Capability
from paidsupport.sales.payments.hooks import KINDS
from paidsupport.sales.payments.providers import Kind

_PROVIDERS = (PAYPAL, TALER)


def _kinds() -> Iterable[Kind]:
    return _PROVIDERS


PROVIDERS = Capability(
    name="providers",
    requires=("sales",),
    subscriptions=(KINDS.by(_kinds),),
    words={kind.name: kind.label for kind in _PROVIDERS},
)
