"""Every table there is: importing this module fills the metadata."""

from paidsupport.store import catalogue, conversation, people, post, tickets
from paidsupport.store.base import Base

metadata = Base.metadata

__all__ = ["catalogue", "conversation", "metadata", "people", "post", "tickets"]
