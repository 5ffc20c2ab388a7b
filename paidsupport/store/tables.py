"""Every table there is: importing this module fills the metadata."""

from paidsupport.store import (
    catalogue,
    conversation,
    decisions,
    guides,
    hostwork,
    inbox,
    notices,
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
    "inbox",
    "metadata",
    "notices",
    "people",
    "post",
    "tickets",
    "vault",
]
