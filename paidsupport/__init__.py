"""paidsupport: the support desk that a project mounts into the Flask site it already has."""

# ruff: noqa: E402  # what is too old is told in one sentence, before an import stumbles over it
from paidsupport.versions import check

check()

from paidsupport.extension import PaidSupport
from paidsupport.kernel.db.migrate import keep_out
from paidsupport.kernel.mount import Visitor

__all__ = ["PaidSupport", "Visitor", "keep_out"]
