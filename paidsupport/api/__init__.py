"""The same verbs in JSON, for programs that act for a person of the desk (design §6)."""

from paidsupport.api import tickets
from paidsupport.api.blueprint import blueprint

__all__ = ["blueprint", "tickets"]
