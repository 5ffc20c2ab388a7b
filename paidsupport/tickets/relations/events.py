"""Kinds of events between tickets: links, merging, further requests of the same customer."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import label
from paidsupport.tickets.events import OTHER, event
from paidsupport.tickets.notices.rules import FOLLOWERS

_STANDS = {
    "related": "related to",
    "follows": "came out of",
    "followed-by": "followed by",
    "duplicates": "a duplicate of",
    "duplicated-by": "duplicated by",
}
_between = partial(
    event,
    fields=OTHER | {"stands": label("kind", _STANDS)},
    keeps=frozenset({"other", "kind", "message"}),
)

KINDS = (
    _between("linked", "{who} linked it: {stands} {other}", audience=FOLLOWERS),
    _between("unlinked", "{who} took a link away: {stands} {other}"),
    _between("merged", "{who} merged it into {other}"),
    _between("merged-here", "{who} merged {other} into it", audience=FOLLOWERS),
    _between("taken-apart", "{who} took it apart again from {other}"),
    _between("request-opened", "{who} opened a new request from it, {other}", audience=FOLLOWERS),
)
