"""The form of a provider of payments, made from what its kind wants to know."""

from __future__ import annotations

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)

from paidsupport.kernel.configuration.values import Value
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.merging import MergedForm
from paidsupport.sales.payments.providers import Kind
from paidsupport.sales.payments.setup.operations import field_of

_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ProviderForm(MergedForm):
    """A provider; its secrets are never in it."""

    #: The names of its fields, in order, and those of them that are secrets.
    given: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    active = BooleanField(_("Customers can choose it"))

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field, without secrets."""
        names = [name for name in self.given if name not in self.hidden]
        return {**{name: self[name].data or "" for name in names}, "active": bool(self.active.data)}

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that were typed, by field."""
        return {name: self[name].data or "" for name in self.hidden}


def form_of(kind: Kind) -> type[ProviderForm]:
    """The form of a kind of provider."""
    made: dict[str, object] = {field_of(kind, each): field(each) for each in kind.values}
    hidden = frozenset(field_of(kind, each) for each in kind.values if each.secret)
    return type("ProviderFormOfKind", (ProviderForm,), {**made, "given": tuple(made), "hidden": hidden})


def field(value: Value) -> Field:
    """The field for one value."""
    if value.secret:
        return PasswordField(value.label, description=value.help, render_kw={"autocomplete": "new-password"})
    if value.choices:
        choices = [SelectChoice(name, label) for name, label in value.choices.items()]
        return RadioField(value.label, description=value.help, choices=choices, validate_choice=False)
    return StringField(value.label, description=value.help, render_kw=_TYPED)
