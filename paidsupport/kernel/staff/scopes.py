"""What a token of the JSON API may be used for."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """How far a token reaches; each one includes those before it."""

    #: Read what its person may read.
    READ = "read"
    #: Do what developers do.
    WRITE = "write"
    #: Do what managers do, for a token of a manager.
    MANAGE = "manage"

    def includes(self, other: Scope) -> bool:
        """Whether a token of this scope may do what needs the `other`."""
        order = list(Scope)
        return order.index(self) >= order.index(other)
