"""Changing settings: rows over what the deployment has configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from paidsupport.kernel.configuration import history, queries
from paidsupport.kernel.configuration.tables import Configuration, Setting
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change


def set_values(
    ctx: Context,
    change: Change[Context, Configuration],
    values: Mapping[str, Any],
    label_of: Callable[[str], str] = lambda name: name,
    told: Callable[[str, Any], Any] = lambda _name, value: value,
) -> list[str]:
    """Set settings to values that were checked; None: as it is configured.

    Args:
        ctx: Who sets them.
        change: The change of the configuration under way, which holds its lock.
        values: By the name of the setting, as they are stored.
        label_of: What staff call a setting.
        told: What the history says of a value, or of None: nothing that is secret. What it says of a mapping
            is told field by field.

    Returns:
        The names of those that have changed.
    """
    known = queries.settings(ctx.session)
    changed = []
    for name, value in values.items():
        row = known.get(name)
        before = row.value if row is not None else None
        if before == value:
            continue
        _write(ctx.session, row or Setting(name=name, version=0), value, ctx)
        changed.append(name)
        about, label = f"setting:{name}", label_of(name)
        was, now = (_facts(told(name, each)) for each in (before, value))
        if value is None:
            now["configured"] = True  # so that it is told even where it makes no difference
        history.tell(change, "changed", about, label, was, now)
    ctx.session.flush()
    ctx.services.present.expire(ctx.session)
    return changed


def _facts(told: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return dict(told) if isinstance(told, Mapping) else {"value": told}


def _write(session: Session, row: Setting, value: Any, ctx: Context) -> None:  # noqa: ANN401  # JSON
    row.value, row.version = value, row.version + 1
    row.changed_at, row.changed_by = ctx.now, ctx.by.name
    session.add(row)
