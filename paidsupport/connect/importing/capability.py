"""Moving in from other systems, as a capability."""

from __future__ import annotations

from paidsupport.connect.importing import events, views
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.navigation import Area


def _background() -> Background:
    from paidsupport.connect.importing.cli import import_  # noqa: PLC0415  # late: no page needs it
    from paidsupport.connect.importing.jobs import JOBS  # noqa: PLC0415  # as above

    return Background(JOBS, commands=(import_,))


IMPORTING = Capability(
    name="importing",
    requires=("tickets",),
    views=(views,),
    areas=(
        Area(
            81,
            _("Move in"),
            _("Tickets of another system, with their times, authors and files."),
            "paidsupport.move_in",
            "move",
        ),
    ),
    events=events.KINDS,
    background=_background,
)
