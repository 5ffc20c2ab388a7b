"""Lines of the histories of tickets that moved in: told to no person, whatever happened before."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Kind, count, typed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext

_FIELDS = {
    "source": typed("source"),
    "what": typed("what"),
    "before": typed("before"),
    "after": typed("after"),
    "files": count("files", lambda number: ngettext("%(num)s file", "%(num)s files", number)),
}
_event = partial(Kind, "ticket", fields=_FIELDS)

#: What the history begins with, and what it goes on with once it is here.
OPENED, MOVED_IN = "imported", "moved-in"

KINDS = (
    _event(OPENED, _("{who} opened it in {source}"), keeps=frozenset({"source", "service"})),
    _event("imported-message", _("{who} wrote a message[, with {files}]"), keeps=frozenset({"source"})),
    _event("imported-note", _("{who} left an annotation[, with {files}]")),
    _event("imported-work", _("{who} added an entry to the work log")),
    _event("imported-change", _("{who} changed {what}[ from {before}][ to {after}]")),
    _event(
        MOVED_IN, _("{who} moved it in from {source}"), keeps=frozenset({"source", "from", "to", "claim"})
    ),
)
