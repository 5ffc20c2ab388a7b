"""What managers set up in the browser, as a capability."""

from __future__ import annotations

from paidsupport.kernel.capability import Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.manage.audit import views as audit
from paidsupport.manage.setup import views as setup

MANAGE = Capability(
    name="manage",
    requires=("tickets",),
    views=(setup, audit),
    navigation=(
        Entry(92, _("Set up"), "paidsupport.setup", "e", Group.MANAGEMENT, "edit", for_managers=True),
    ),
    areas=(
        Area(
            90,
            _("Changes"),
            _("Who changed what here, and what it was before."),
            "paidsupport.changes",
            "clock",
        ),
    ),
)
