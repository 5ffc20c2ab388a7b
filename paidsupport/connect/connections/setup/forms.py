"""The form of a connection, made from what its kind wants to know."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, StringField

from paidsupport.connect.connections.kinds import Kind
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.entered import EnteredForm, form_of
from paidsupport.kernel.web.forms import Form


class ConnectionForm(EnteredForm):
    """A connection; its secrets are never in it."""

    name = StringField(_("Name"), description=_("What staff call it."))
    active = BooleanField(_("Switched on"))

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field, without secrets."""
        return {"name": self.name.data or "", **super().typed, "active": bool(self.active.data)}


class SettleForm(Form):
    """Which side of a conflict stays: `ours` or `theirs`, as its button says."""

    side = HiddenField()


class SwitchForm(Form):
    """Whether a connection is switched `on` or `off`."""

    to = HiddenField()


def form_of_kind(kind: Kind) -> type[ConnectionForm]:
    """The form of a kind of connection."""
    return form_of(ConnectionForm, kind.name, kind.values)
