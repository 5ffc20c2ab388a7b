"""The JSON API and the webhook, as a capability."""

from __future__ import annotations

from paidsupport.connect.api import tickets
from paidsupport.connect.webhooks import views as webhooks
from paidsupport.connect.webhooks.operations import SUBSCRIPTIONS
from paidsupport.connect.webhooks.receiver import receiver_of
from paidsupport.kernel.capability import Background, Capability


def _background() -> Background:
    from paidsupport.connect.jobs import JOBS  # noqa: PLC0415  # late: no page needs it
    from paidsupport.connect.webhooks import invariants as doctor_deliveries  # noqa: PLC0415  # as above

    return Background(JOBS, (doctor_deliveries,))


CONNECT = Capability(
    name="connect",
    requires=("tickets",),
    views=(webhooks,),
    api=(tickets,),
    sections=webhooks.SECTIONS,
    subscriptions=SUBSCRIPTIONS,
    background=_background,
    checks=(receiver_of,),
)
