"""ERPs, as a capability of their own: the JSON API and the webhook go without sales."""

from __future__ import annotations

from collections.abc import Iterable

from paidsupport.connect.connections.kinds import CONNECTION_KINDS, Kind
from paidsupport.connect.erp import sentences as _sentences  # noqa: F401  # pages say what is kept of answers
from paidsupport.connect.erp import views
from paidsupport.connect.erp.kind import KINDS
from paidsupport.kernel.capability import Capability


def _kinds() -> Iterable[Kind]:
    return KINDS


ERP = Capability(
    name="erp",
    requires=("connect", "sales"),
    sections=views.SECTIONS,
    subscriptions=(CONNECTION_KINDS.by(_kinds),),
)
