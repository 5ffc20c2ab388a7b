"""What managers set up in the browser, as a capability."""

from __future__ import annotations

from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.manage.audit import views as audit
from paidsupport.manage.setup import views as setup
from paidsupport.manage.staff.views import invitations, people, roles


def _background() -> Background:
    from paidsupport.manage.staff.jobs import JOBS  # noqa: PLC0415  # late: no page needs it

    return Background(JOBS)


MANAGE = Capability(
    name="manage",
    requires=("tickets",),
    views=(setup, audit, people, invitations, roles),
    navigation=(
        Entry(92, _("Set up"), "paidsupport.setup", "e", Group.MANAGEMENT, "edit", for_managers=True),
    ),
    areas=(
        Area(
            50,
            _("Staff"),
            _("Who works here, invitations, roles, and the tokens of programs."),
            "paidsupport.staff_list",
            "person",
        ),
        Area(
            90,
            _("Changes"),
            _("Who changed what here, and what it was before."),
            "paidsupport.changes",
            "clock",
        ),
    ),
    background=_background,
)
