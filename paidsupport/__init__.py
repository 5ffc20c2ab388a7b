"""paidsupport: the support desk that a project mounts into the Flask site it already has."""

from paidsupport.extension import PaidSupport
from paidsupport.mount import Visitor
from paidsupport.store.migrate import keep_out

__all__ = ["PaidSupport", "Visitor", "keep_out"]
