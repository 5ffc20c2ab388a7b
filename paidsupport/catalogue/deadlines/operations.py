"""Editing the deadlines of a workflow, which its services have if they have none of their own (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.deadlines import DURATION_RULE, KEYS, WARN, declaration_faults
from paidsupport.catalogue.tables import DeadlineRules
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.workflow import Workflow

#: The fields of the form, with the keys of the rules that they hold.
FIELDS: Mapping[str, str] = {key.replace("-", "_"): str(key) for key in KEYS}


def found(ctx: Context, workflow: str) -> Workflow:
    """The workflow of this name. Raises NotFoundError."""
    return existing(ctx.services.workflows.get(workflow))


def values_of(rules: Mapping[str, Any]) -> dict[str, str]:
    """The rules of a workflow as the form shows them."""
    return {field: str(rules.get(key, "")) for field, key in FIELDS.items()}


def keep(ctx: Context, workflow: str, typed: Mapping[str, str], *, seen: Mapping[str, Any], key: str) -> bool:
    """Change the deadlines of a workflow. Services take them over when they are published.

    Args:
        ctx: Who edits them.
        workflow: Its name.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such workflow.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    label = found(ctx, workflow).label
    filled = _tidied(typed)
    with configuration.edit(ctx, key=key, content=("deadlines", workflow, sorted(filled.items()))) as change:
        if change.repeated:
            return True
        row = catalogue.deadlines_of(ctx.session, workflow) or DeadlineRules(workflow=workflow, rules={})
        before = values_of(row.rules)
        after = merged(before, seen, filled)
        row.rules = _rules(after)
        ctx.session.add(row)
        rows.tell_kept(change, f"deadlines:{workflow}", label, before, after)
        ctx.session.flush()
    return True


def _tidied(typed: Mapping[str, str]) -> dict[str, str]:
    fields = Fields()
    found = {}
    for field, key in FIELDS.items():
        text = "".join(fields.one_line(field, typed.get(field, "")).lower().split())
        if key == WARN and text:
            number = whole_number(text)
            if number is None or declaration_faults({WARN: number}):
                fields.refuse(field, _("Enter a number from 1 to 100, or leave it empty."))
            text = str(number)
        elif text and declaration_faults({key: text}):
            fields.refuse(field, DURATION_RULE)
        found[field] = text
    fields.done()
    return found


def _rules(values: Mapping[str, str]) -> dict[str, str | int]:
    """What is stored: nothing for a field that is empty."""
    kept = {key: values[field] for field, key in FIELDS.items() if values[field]}
    return {key: int(value) if key == WARN else value for key, value in kept.items()}
