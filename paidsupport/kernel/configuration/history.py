"""Changing the configuration: under one lock, once per form, never without a line in its history.

with configuration.edit(ctx, key=key, content=("service", slug, values)) as change:
if change.repeated:
return
…
tell(change, "changed", "service:upgrade", "Upgrade", before, after)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from paidsupport.kernel.configuration import tables
from paidsupport.kernel.configuration.events import CONFIGURATION
from paidsupport.kernel.configuration.tables import DESK, Configuration, ConfigurationEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change, Content
from paidsupport.kernel.errors import ManagersOnlyError, for_managers
from paidsupport.kernel.history import History
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as staff

#: An amount is told with its currency.
AMOUNTS = ("price", "price_minor")
CURRENCY = "currency"
#: What stands in a line for a value that nobody may read.
HIDDEN = "•••"
#: What developers are told who try to change it.
FOR_MANAGERS = for_managers(_("Only a manager can set up the desk."))
#: Where a session says in which transaction it holds the configuration for a manager.
_HELD = "configuration"


class ConfigurationHistory(History[Context, Configuration]):
    """The history of the configuration, whose lines can be found by what they are about and say."""

    def next_line(
        self,
        context: Context,
        record: Configuration,
        kind: str,
        data: Mapping[str, object] | None = None,
        **line: Any,  # noqa: ANN401  # as of all histories
    ) -> dict[str, object]:
        """The columns of the next line, with what it is found by."""
        made = super().next_line(context, record, kind, data, **line)
        told: Mapping[str, Any] = data or {}
        return {**made, "about": told.get("about", ""), "words": words_of(told)}


def _locked(ctx: Context, _code: str) -> Configuration:
    """The configuration, held for who acts; a manager may have been made a developer a moment before."""
    record = tables.lock(ctx.session)
    transaction = ctx.session.get_transaction()
    # asked once: what they do under the lock may be to make themselves a developer
    if ctx.by.is_manager and ctx.session.info.get(_HELD) is not transaction:
        if ctx.by.id not in staff.managers(ctx.session):
            raise ManagersOnlyError(FOR_MANAGERS)
        ctx.session.info[_HELD] = transaction
    return record


CONFIGURATIONS = ConfigurationHistory(
    CONFIGURATION,
    ConfigurationEvent,
    "configuration_id",
    lock=_locked,
    change=tables.change,
    salt=(CONFIGURATION,),
)


def edit(ctx: Context, *, key: str | None = None, content: Content = ()) -> Change[Context, Configuration]:
    """Begin a change of the configuration, which is locked until the transaction ends.

    Args:
        ctx: Who acts.
        key: The one-time key of the form.
        content: What came with the key.

    Raises:
        KeyReusedError: The key came with other content before.
        ManagersOnlyError: Who acts as a manager is none any more.
    """
    return CONFIGURATIONS.edit(ctx, DESK, key=key, content=content)


def tell(  # each is a part of the line
    change: Change[Context, Configuration],
    kind: str,
    about: str,
    label: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **more: object,
) -> bool:
    """Write what has changed; returns whether anything has.

    Args:
        change: The change under way.
        kind: One of `events.KINDS`.
        about: What was changed, as a kind and a name: `service:upgrade`.
        label: What staff call it.
        before: What it was, by field; of these, only what differs is kept.
        after: What it is now.
        more: Further facts of the line.
    """
    old, new = before or {}, after or {}
    # one secret after another: they are told alike, and have changed all the same
    names = [*differing(old, new), *(name for name in new if old.get(name) == new[name] == HIDDEN)]
    if kind == "changed" and not names:
        return False
    facts = {"about": about, "label": label, **more}
    if names:
        facts["before"] = {name: old[name] for name in names if name in old}
        facts["after"] = {name: new[name] for name in names if name in new}
    change.tell(kind, facts)
    return True


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the fields that differ; an amount and its currency differ together."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    amounts = [name for name in AMOUNTS if name in before or name in after]
    if amounts and CURRENCY in {**before, **after} and {*amounts, CURRENCY} & set(names):
        names += [name for name in (*amounts, CURRENCY) if name not in names]
    return names


def words_of(data: Mapping[str, Any]) -> str:
    """All that a line says, in small letters, for the search."""
    return " ".join(_texts(data)).casefold()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
    elif value is not None:
        yield json.dumps(value, default=str)
