"""Two people change the same thing at once: what only one of them changed is merged, the rest is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _


class ChangedMeanwhileError(InvalidInputError):
    """Fields that someone else has changed to something else since the form was opened.

    Attributes:
        now: What the fields are now, by name: the form is sent again on top of it.
    """

    def __init__(self, now: Mapping[str, Any], sentences: Mapping[str, str]) -> None:
        self.now = dict(now)
        super().__init__({name: [sentence] for name, sentence in sentences.items()})


def merged(
    now: Mapping[str, Any],
    seen: Mapping[str, Any],
    typed: Mapping[str, Any],
    shown: Callable[[str, Any], object] = lambda _name, value: value,
) -> dict[str, Any]:
    """The values to store of a form.

    A field that was left as it was seen keeps what it is now; one that was changed is as it was typed.

    Args:
        now: What is stored, read under the lock.
        seen: What the form showed when it was opened.
        typed: What was sent.
        shown: How a value of a field is told to people.

    Raises:
        ChangedMeanwhileError: A field was changed by both, and differently.
    """
    values, conflicts = dict(now), dict[str, str]()
    for name, value in typed.items():
        before, present = seen.get(name, now.get(name)), now.get(name)
        if value in (before, present):
            continue
        if present != before:
            told = shown(name, present)
            conflicts[name] = (
                _("This was changed to “%(now)s” meanwhile. Save again to replace that.", now=told)
                if told
                else _("Someone emptied this meanwhile. Save again to replace that.")
            )
        values[name] = value
    if conflicts:
        raise ChangedMeanwhileError(now, conflicts)
    return values


def filled_in(
    now: Mapping[str, Any] | None,
    seen: Mapping[str, Any],
    typed: Mapping[str, Any],
    new: Mapping[str, Any],
    shown: Callable[[str, Any], object] = lambda _name, value: value,
) -> dict[str, Any]:
    """The values to store of a form about a thing that may be a new one; see `merged`.

    Args:
        now: What is stored; None: it is a new one.
        seen: What the form showed when it was opened.
        typed: What was sent.
        new: What stands in the form of a new one.
        shown: How a value of a field is told to people.

    Raises:
        ChangedMeanwhileError: A field was changed by both, and differently.
    """
    return {**new, **typed} if now is None else merged(now, seen, typed, shown)
