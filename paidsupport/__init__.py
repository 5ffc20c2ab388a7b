"""paidsupport: the support desk that a project mounts into the Flask site it already has."""

# ruff: noqa: E402  # what is too old is told in one sentence, before an import stumbles over it
from paidsupport.versions import check

check()

from paidsupport.extension import PaidSupport
from paidsupport.mount import Visitor
from paidsupport.store.migrate import keep_out

__all__ = ["PaidSupport", "Visitor", "keep_out"]
