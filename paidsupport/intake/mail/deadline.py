"""The time that reading one mail may take, asked for at every step of it."""

from __future__ import annotations

import time

from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

_TOO_LONG = storable(_("Reading it took too long."))


class UnreadableError(PaidSupportError):
    """A mail that breaks a limit or that nobody could read; the text says why, and can be stored."""


class Deadline:
    """The moment at which reading a mail is given up."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def check(self) -> None:
        """Raise UnreadableError if it is over."""
        if time.monotonic() > self._at:
            raise UnreadableError(_TOO_LONG)
