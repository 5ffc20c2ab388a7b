"""What workers do for moving in."""

from __future__ import annotations

from paidsupport.connect.importing import working
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import LOOK, Job, Thread

JOBS = (
    Job(_("move tickets in"), working.move_next, LOOK, Thread.GOES_OUT),
    Job(_("forget files of imports"), working.forget_all),
)
