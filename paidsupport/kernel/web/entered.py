"""Forms made from what managers enter: one field for each value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    Field,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)

from paidsupport.kernel.configuration.entering import field_of
from paidsupport.kernel.configuration.values import Value
from paidsupport.kernel.web.merging import MergedForm

_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class EnteredForm(MergedForm):
    """What was entered; secrets are never shown in it."""

    #: The names of the fields of the kind, in order, and those of them that are secrets.
    given: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field, without secrets."""
        return {name: self[name].data or "" for name in self.given if name not in self.hidden}

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that were typed, by field."""
        return {name: self[name].data or "" for name in self.hidden}


F = TypeVar("F", bound=EnteredForm)


def form_of(form: type[F], kind: str, values: Sequence[Value]) -> type[F]:
    """A form with a field for each value of a kind."""
    made: dict[str, object] = {field_of(kind, each): field(each) for each in values}
    hidden = frozenset(field_of(kind, each) for each in values if each.secret)
    return type(f"{form.__name__}OfKind", (form,), {**made, "given": tuple(made), "hidden": hidden})


def field(value: Value) -> Field:
    """The field for one value."""
    if value.secret:
        return PasswordField(value.label, description=value.help, render_kw={"autocomplete": "new-password"})
    if value.choices:
        choices = [SelectChoice(name, label) for name, label in value.choices.items()]
        return RadioField(value.label, description=value.help, choices=choices, validate_choice=False)
    return StringField(value.label, description=value.help, render_kw=_TYPED)
