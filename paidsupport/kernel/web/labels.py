"""What the fields of a form are called, for pages that tell what was filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wtforms import Form
from wtforms.fields.core import UnboundField

from paidsupport.kernel.configuration.entering import field_of
from paidsupport.kernel.configuration.telling import Field, choice
from paidsupport.kernel.configuration.values import Value


def fields_of(form: type[Form], **others: Field) -> dict[str, Field]:
    """The fields of a form under their labels, and others; one without a label gets that of the form."""
    found = {name: Field(field.args[0]) for name, field in _declared(form).items() if field.args}
    named = {name: replace(each, label=each.label or found[name].label) for name, each in others.items()}
    return found | named


def entered_fields(kind: str, values: Sequence[Value]) -> dict[str, Field]:
    """The fields of what managers enter for a kind of thing."""
    return {
        field_of(kind, each): Field(each.label, choice(each.choices) if each.choices else None)
        for each in values
    }


def _declared(form: type[Form]) -> dict[str, UnboundField[Any]]:
    every = {name: getattr(form, name) for name in dir(form) if not name.startswith("_")}
    return {name: each for name, each in every.items() if isinstance(each, UnboundField)}
