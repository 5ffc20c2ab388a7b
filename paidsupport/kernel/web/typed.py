"""What was typed into a form, as operations take it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from paidsupport.kernel.web.forms import Form

T = TypeVar("T")


def typed_into(form: Form, kind: type[T], /, **otherwise: Any) -> T:  # noqa: ANN401  # whatever it holds
    """What was filled in, as a data class: each of its texts from the field of the same name.

    Args:
        form: The form.
        kind: The data class; what the form has no field for is as usual there.
        otherwise: What is no text, or comes from elsewhere.
    """
    every: Any = kind
    names = [each.name for each in fields(every) if each.name in form and each.name not in otherwise]
    return kind(**{name: form[name].data or "" for name in names}, **otherwise)
