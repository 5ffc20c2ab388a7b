"""Moving in from other systems, as a capability."""

from __future__ import annotations

from paidsupport.connect.importing import events
from paidsupport.kernel.capability import Background, Capability


def _background() -> Background:
    from paidsupport.connect.importing.cli import import_  # noqa: PLC0415  # late: no page needs it

    return Background(commands=(import_,))


IMPORTING = Capability(
    name="importing",
    requires=("tickets",),
    events=events.KINDS,
    background=_background,
)
