"""Every table there is: importing this module fills the metadata."""

from paidsupport.store import (
    catalogue,
    conversation,
    decisions,
    guides,
    hostwork,
    people,
    post,
    tickets,
    vault,
)
from paidsupport.store.base import Base

metadata = Base.metadata

__all__ = [
    "catalogue",
    "conversation",
    "decisions",
    "guides",
    "hostwork",
    "metadata",
    "people",
    "post",
    "tickets",
    "vault",
]
