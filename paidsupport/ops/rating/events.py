"""What histories of tickets tell of ratings."""

from __future__ import annotations

from paidsupport.kernel.events import label
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.ops.rating.operations import CHOICES
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import OWNER

KINDS = (
    event(
        "rated",
        _("{who} rated the work[: {choice}]"),
        {"choice": label("choice", CHOICES)},
        audience=OWNER,
        keeps=frozenset({"choice", "mentions"}),
    ),
)
