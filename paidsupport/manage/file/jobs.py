"""What workers do for files of the configuration."""

from __future__ import annotations

from paidsupport.kernel.configuration import loading
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import written

JOBS = (written(_("forget files that were not loaded"), loading.forget),)
