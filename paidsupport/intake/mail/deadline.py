"""The time that reading one mail may take, asked for at every step of it."""

from __future__ import annotations

import time

from paidsupport.kernel.errors import PaidSupportError


class UnreadableError(PaidSupportError):
    """A mail that breaks a limit or that nobody could read; the text says why."""


class Deadline:
    """The moment at which reading a mail is given up."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def check(self) -> None:
        """Raise UnreadableError if it is over."""
        if time.monotonic() > self._at:
            raise UnreadableError("Reading it took too long.")
