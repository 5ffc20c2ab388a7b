"""What the values of connections are called, and how they are told."""

from __future__ import annotations

from paidsupport.connect.connections import configured
from paidsupport.connect.connections.setup.forms import ConnectionForm
from paidsupport.kernel.configuration.telling import Field, Things, choice
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.labels import entered_fields, fields_of


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    kinds = configured.kinds(current().services)
    values = {
        name: each for kind in kinds.values() for name, each in entered_fields(kind.name, kind.values).items()
    }
    kind = Field(_("Kind"), choice({name: each.label for name, each in kinds.items()}))
    return {"connection": {**fields_of(ConnectionForm), "kind": kind, **values}}
