"""The time that reading one mail may take, checked at every step."""

from __future__ import annotations

import time

from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

_TOO_LONG = storable(_("Reading it took too long."))


class UnreadableError(PaidSupportError):
    """A mail that exceeds a limit or cannot be parsed; the text says why, and can be stored."""


class Deadline:
    """The moment at which reading a mail is given up."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def check(self) -> None:
        """Raise UnreadableError if the time is up."""
        if time.monotonic() > self._at:
            raise UnreadableError(_TOO_LONG)
