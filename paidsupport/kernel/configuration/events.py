"""Kinds of changes of the configuration. They are hashed into its history: none is ever renamed."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Kind, one_of, typed
from paidsupport.kernel.i18n.messages import gettext as _

#: The record that this history belongs to.
CONFIGURATION = "configuration"
_kind = partial(Kind, CONFIGURATION, fields={"what": typed("label"), "word": typed("word")})

KINDS = (
    _kind("added", _("{who} added {what}")),
    _kind("changed", _("{who} changed {what}")),
    _kind("moved", _("{who} moved {what}")),
    _kind("removed", _("{who} removed {what}")),
    _kind("published", _("{who} published {what}[: {word}]")),
    _kind("retired", _("{who} retired {what}")),
    _kind("reinstated", _("{who} put {what} back on offer")),
    _kind("disabled", _("{who} disabled {what}")),
    _kind("enabled", _("{who} enabled {what}")),
    _kind("invited", _("{who} invited {what}")),
    _kind("joined", _("{who} accepted an invitation")),
    _kind("began", _("{who} became the first manager")),
    _kind("withdrawn", _("{who} withdrew the invitation of {what}")),
    _kind("token-made", _("{who} created a token for {what}[: {word}]")),
    _kind("token-revoked", _("{who} revoked a token of {what}[: {word}]")),
    _kind("loaded", _("{who} loaded a file[: {word}]")),
    _kind("undone", _("{who} undid a change[: {word}]")),
    _kind("imported", _("{who} moved tickets in from {what}")),
    # not changes, but data that left the desk: managers look for both in one place
    _kind(
        "exported",
        one_of(
            "whose",
            {"customer": _("{who} exported a customer’s data[: {what}]")},
            _("{who} exported all data"),
        ),
    ),
    _kind(
        "downloaded",
        one_of(
            "whose",
            {"customer": _("{who} downloaded a customer’s data[: {what}]")},
            _("{who} downloaded all data"),
        ),
    ),
)
