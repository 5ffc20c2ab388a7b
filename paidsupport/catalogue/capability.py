"""The catalogue as a capability: every desk has one."""

from __future__ import annotations

from paidsupport.catalogue.questions import views as questions
from paidsupport.kernel.capability import Background, Capability


def _background() -> Background:
    from paidsupport.catalogue import invariants  # noqa: PLC0415  # late: no page needs it
    from paidsupport.kernel.configuration import invariants as configuration  # noqa: PLC0415  # as above

    return Background(invariants=(invariants, configuration))


CATALOGUE = Capability(name="catalogue", views=(questions,), background=_background)
