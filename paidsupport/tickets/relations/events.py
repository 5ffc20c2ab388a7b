"""Kinds of events between tickets: links, merges, further requests of the same customer."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import label
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import OTHER, event
from paidsupport.tickets.notices.rules import FOLLOWERS

_STANDS = {
    "related": _("related to"),
    "follows": _("came out of"),
    "followed-by": _("followed by"),
    "duplicates": _("a duplicate of"),
    "duplicated-by": _("duplicated by"),
}
_between = partial(
    event,
    fields=OTHER | {"stands": label("kind", _STANDS)},
    keeps=frozenset({"other", "kind", "message"}),
)

KINDS = (
    _between("linked", _("{who} linked it: {stands} {other}"), audience=FOLLOWERS),
    _between("unlinked", _("{who} removed a link: {stands} {other}")),
    _between("merged", _("{who} merged it into {other}")),
    _between("merged-here", _("{who} merged {other} into it"), audience=FOLLOWERS),
    _between("taken-apart", _("{who} separated it from {other} again")),
    _between("request-opened", _("{who} opened a new request from it, {other}"), audience=FOLLOWERS),
)
