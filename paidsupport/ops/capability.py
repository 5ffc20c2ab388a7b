"""What those who run the desk need, as a capability."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.ops.export import views as export
from paidsupport.ops.overview import views as overview
from paidsupport.ops.rating import events as rating_events
from paidsupport.ops.rating import views as rating
from paidsupport.ops.rating.operations import ask
from paidsupport.tickets.hooks import CLOSING_WORDS


def _background() -> Background:
    from paidsupport.ops.cli import commands  # noqa: PLC0415  # as above
    from paidsupport.ops.doctor.invariants import ledger as doctor_ledger  # noqa: PLC0415  # late: no page needs it
    from paidsupport.ops.doctor.invariants import rows as doctor_rows  # noqa: PLC0415  # late: no page needs it
    from paidsupport.ops.jobs import JOBS  # noqa: PLC0415  # as above

    return Background(JOBS, (doctor_ledger, doctor_rows), tuple(commands.commands.values()))


def _api(_mounted: frozenset[str]) -> Sequence[ModuleType]:
    from paidsupport.ops.export import api as export_api  # noqa: PLC0415  # late: it needs pydantic
    from paidsupport.ops.overview import api as overview_api  # noqa: PLC0415  # as above

    return (export_api, overview_api)


OPS = Capability(
    name="ops",
    requires=("tickets",),
    views=(overview, rating, export),
    navigation=(
        Entry(91, _("Overview"), "paidsupport.overview", "w", Group.MANAGEMENT, "chart", for_managers=True),
    ),
    areas=(
        Area(
            80,
            _("Export data"),
            _("Everything as one file, or what is stored about one customer."),
            "paidsupport.export",
            "copy",
        ),
    ),
    events=rating_events.KINDS,
    sections=rating.SECTIONS,
    subscriptions=(CLOSING_WORDS.by(ask),),
    background=_background,
    api=_api,
)
