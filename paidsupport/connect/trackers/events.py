"""The kind of event that trackers add to the histories of issues."""

from __future__ import annotations

from paidsupport.issues.events import ISSUE
from paidsupport.kernel.events import Kind
from paidsupport.kernel.i18n.messages import gettext as _

KINDS = (Kind(ISSUE, "filed-there", _("{who} filed the issue in {where}")),)
