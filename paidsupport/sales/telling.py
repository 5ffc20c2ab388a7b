"""What the values of providers of payments are called, and how they are told."""

from __future__ import annotations

from paidsupport.kernel.configuration.telling import Things
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.labels import entered_fields, fields_of
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.setup.forms import ProviderForm


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    values = {
        name: each
        for kind in configured.kinds(current().services).values()
        for name, each in entered_fields(kind.name, kind.values).items()
    }
    return {"provider": {**fields_of(ProviderForm), **values}}
