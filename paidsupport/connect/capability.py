"""The JSON API and connections to other programs, as capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from paidsupport.connect.api import views as reference
from paidsupport.connect.connections.kinds import CONNECTION_KINDS, Kind
from paidsupport.connect.connections.setup import views as connections
from paidsupport.connect.log import operations as log
from paidsupport.connect.trackers import views as trackers
from paidsupport.connect.trackers.events import KINDS as TRACKER_EVENTS
from paidsupport.connect.trackers.kind import FORGEJO, GITHUB, GITLAB, MANTISBT
from paidsupport.connect.webhooks import endpoint_views
from paidsupport.connect.webhooks import views as webhooks
from paidsupport.connect.webhooks.operations import SUBSCRIPTIONS
from paidsupport.connect.webhooks.receiver import receiver_of
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area


def _background() -> Background:
    from paidsupport.connect.connections import invariants as doctor_connections  # noqa: PLC0415  # late: no page needs it
    from paidsupport.connect.jobs import JOBS  # noqa: PLC0415  # as above
    from paidsupport.connect.webhooks import invariants as doctor_deliveries  # noqa: PLC0415  # as above

    return Background(JOBS, (doctor_deliveries, doctor_connections))


def _kinds() -> Iterable[Kind]:
    from paidsupport.connect.chat.kind import MATTERMOST, SLACK  # noqa: PLC0415  # late: few pages need them
    from paidsupport.connect.webhooks.kind import WEBHOOK  # noqa: PLC0415  # as above

    return (WEBHOOK, SLACK, MATTERMOST)


def _api(mounted: frozenset[str]) -> Sequence[ModuleType]:
    from paidsupport.connect.api.resources import modules  # noqa: PLC0415  # late: its models are large

    return modules(mounted)


def _configured() -> Sequence[Any]:
    from paidsupport.connect.connections.setup.file import Connections  # noqa: PLC0415  # late: it needs tomlkit

    return (Connections(),)


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.connect.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


CONNECT = Capability(
    name="connect",
    requires=("tickets",),
    views=(webhooks, endpoint_views, connections, reference),
    api=_api,
    sections=(*webhooks.SECTIONS, *connections.SECTIONS),
    areas=(
        Area(
            58,
            _("Connections"),
            _("Other programs: webhooks, chat, issue trackers, bookkeeping."),
            "paidsupport.connections_setup",
            "attach",
        ),
    ),
    hooks=(CONNECTION_KINDS,),
    subscriptions=(*SUBSCRIPTIONS, *log.SUBSCRIPTIONS, CONNECTION_KINDS.by(_kinds)),
    configured=_configured,
    things=_things,
    background=_background,
    checks=(receiver_of,),
)


def _sentences() -> Background:
    from paidsupport.connect.trackers import gitlab, mantis  # noqa: F401, PLC0415  # late: for what it says alone

    return Background()


def _trackers() -> Iterable[Kind]:
    return (MANTISBT, GITHUB, FORGEJO, GITLAB)


#: What concerns issues, for desks that have them.
TRACKERS = Capability(
    name="trackers",
    requires=("connect", "issues"),
    views=(trackers,),
    sections=trackers.SECTIONS,
    events=TRACKER_EVENTS,
    subscriptions=(*log.SUBSCRIPTIONS_OF_ISSUES, CONNECTION_KINDS.by(_trackers)),
    background=_sentences,
)
