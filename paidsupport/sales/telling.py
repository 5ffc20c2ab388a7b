"""What the values of providers of payments are called, and how they are told."""

from __future__ import annotations

from paidsupport.kernel.configuration.telling import Field, Things, choice
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.labels import fields_of
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.setup.forms import ProviderForm
from paidsupport.sales.payments.setup.operations import field_of


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    values = {
        field_of(kind, each): Field(each.label, choice(each.choices) if each.choices else None)
        for kind in configured.kinds(current().services).values()
        for each in kind.values
    }
    return {"provider": {**fields_of(ProviderForm), **values}}
