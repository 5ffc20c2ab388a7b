"""Forms about something that others may change at the same time: they carry what they showed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from paidsupport.kernel.configuration.merging import ChangedMeanwhileError
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.web.forms import Form, set_data


class ShownForm(Form):
    """A form that carries what its page showed, in a field that browsers can change as they like."""

    seen = HiddenField(default="{}")

    @property
    def was(self) -> dict[str, Any]:
        """What the page showed when it was opened; nothing if that cannot be read."""
        try:
            found = json.loads(self.seen.data or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class MergedForm(ShownForm):
    """A form whose values are merged, field by field, with what was stored since it was opened."""

    def show(self, values: Mapping[str, Any]) -> None:
        """Say what the form is about to show, unless it was sent: then it knows what it showed.

        Args:
            values: By field, as `json` can write them.
        """
        if not self.is_submitted():
            set_data(self.seen, _packed(values))

    def _refuse(self, error: PaidSupportError, *, in_full: bool) -> None:
        super()._refuse(error, in_full=in_full)
        if isinstance(error, ChangedMeanwhileError):
            # sent once more, it replaces what it has been told of, and nothing else
            told = {name: error.now[name] for name in error.problems if name in error.now}
            set_data(self.seen, _packed({**self.was, **told}))


def _packed(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
