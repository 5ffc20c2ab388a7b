"""The form of a provider of payments, made from what its kind wants to know."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.entered import EnteredForm, form_of
from paidsupport.sales.payments.providers import Kind


class ProviderForm(EnteredForm):
    """A provider; its secrets are never in it."""

    active = BooleanField(_("Customers can choose it"))

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field, without secrets."""
        return {**super().typed, "active": bool(self.active.data)}


def form_of_kind(kind: Kind) -> type[ProviderForm]:
    """The form of a kind of provider."""
    return form_of(ProviderForm, kind.name, kind.values)
