"""What managers set, as they type it: checked, merged with what others have set meanwhile, and told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.configuration import checks, history, queries
from paidsupport.kernel.configuration.managed import MANAGED, SELLER, SELLER_FIELDS, SETTINGS, Kind
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.configuration.operations import set_values
from paidsupport.kernel.configuration.sealing import is_secret, sealed
from paidsupport.kernel.configuration.tables import Configuration, Setting
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import ConfigurationError, InvalidInputError, existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import tidied
from paidsupport.kernel.text import BadTextError
from paidsupport.settings import Settings

_DEFAULTS = {each.name: each.default for each in fields(Settings)}


class Source(StrEnum):
    """Where the present value of a setting comes from."""

    DEFAULT = "default"
    CONFIGURED = "configuration"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Value:
    """The present value of a setting.

    Attributes:
        text: As it stands in its field; nothing of a secret.
        is_set: Whether there is anything, for secrets.
        configured: As `text`, without the changes of managers.
        by: Who changed it.
        at: When.
    """

    text: str
    is_set: bool
    source: Source
    configured: str
    by: str = ""
    at: datetime | None = None


def texts_of(settings: Settings, workflows: Collection[str]) -> dict[str, str]:
    """Every setting as it stands in its field; secrets are empty.

    Args:
        settings: Where the values are.
        workflows: The names of those that are mounted.
    """
    seller = asdict(settings.seller) if settings.seller else dict.fromkeys(SELLER_FIELDS, "")
    found = {name: checks.told(getattr(settings, name)) for name in MANAGED if name in _DEFAULTS}
    climbing = {name.strip() for name in settings.cascade.split(",")}
    found["cascade"] = ",".join(sorted(climbing.intersection(workflows)))
    found |= {name: "" for name in found if is_secret(name)}
    return found | {f"{SELLER}{name}": text for name, text in seller.items()}


def values(ctx: Context) -> dict[str, Value]:
    """Every setting of managers as it is now, by its name."""
    rows = queries.settings(ctx.session)
    settings, configured = ctx.services.settings, ctx.services.present.configured
    texts, before = (texts_of(each, ctx.services.workflows) for each in (settings, configured))
    found = {}
    for name, each in MANAGED.items():
        is_set, row = bool(getattr(settings, each.setting)), rows.get(each.setting)
        source = source_of(each.setting, configured, row)
        by, at = (row.changed_by, row.changed_at) if row and source is Source.CHANGED else ("", None)
        found[name] = Value(texts[name], is_set, source, before[name], by, at)
    return found


def source_of(name: str, configured: Settings, row: Setting | None) -> Source:
    """Where the present value of a setting comes from."""
    if row is not None and row.value is not None:
        return Source.CHANGED
    return Source.DEFAULT if getattr(configured, name) == _DEFAULTS[name] else Source.CONFIGURED


def choose(
    ctx: Context, typed: Mapping[str, str], *, seen: Mapping[str, str] | None = None, key: str | None = None
) -> list[str]:
    """Set what managers have typed; an empty secret is kept as it is.

    Args:
        ctx: Who sets it.
        typed: By the name in `MANAGED`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Returns:
        The names of the settings that have changed.

    Raises:
        InvalidInputError: Something that was typed cannot be taken.
        ChangedMeanwhileError: Someone else has changed a field to something else.
    """
    with history.edit(ctx, key=key, content=_content(ctx, typed)) as change:
        if change.repeated:
            return []
        chosen, _settings = _chosen(ctx, _now(ctx), typed, seen)
        changed = store(ctx, change, chosen)
        if not changed:
            change.nothing_new()
        return changed


def tried(ctx: Context, typed: Mapping[str, str], *, seen: Mapping[str, str] | None = None) -> Settings:
    """What the settings would be, if this was set. Raises as `choose`."""
    return _chosen(ctx, ctx.services.settings, typed, seen)[1]


def _chosen(
    ctx: Context, now: Settings, typed: Mapping[str, str], seen: Mapping[str, str] | None
) -> tuple[dict[str, Any], Settings]:
    """The values of what differs from the settings as they are now, and the settings with them."""
    before = texts_of(now, ctx.services.workflows)
    wanted = merged(before, seen or before, typed)
    changes = {name: text for name, text in wanted.items() if text != before[name]}
    chosen = _read(ctx, wanted, changes)
    return chosen, _fitting(ctx, now, chosen)


def restore(ctx: Context, name: str, *, key: str | None = None) -> bool:
    """Let a setting be as it is configured again; returns whether a manager had changed it.

    Raises:
        NotFoundError: Managers have no such setting.
        InvalidInputError: Without it, others cannot be as they are.
    """
    existing(name if name in SETTINGS else None)
    with history.edit(ctx, key=key, content=("restore", name)) as change:
        if change.repeated:
            return False
        row = queries.settings(ctx.session).get(name)
        if row is None or row.value is None:
            change.nothing_new()
            return False
        _fitting(ctx, _now(ctx), {name: _as_stored(name, getattr(ctx.services.present.configured, name))})
        return bool(store(ctx, change, {name: None}))


def _content(ctx: Context, typed: Mapping[str, str]) -> tuple[object, ...]:
    digest = ctx.services.links.digest
    return tuple(
        (name, digest("configuration", text) if is_secret(name) else text)
        for name, text in sorted(typed.items())
    )


def _now(ctx: Context) -> Settings:
    """The settings as they are stored, read under the lock."""
    present = ctx.services.present
    present.expire(ctx.session)
    return present.of(ctx.services, ctx.session, ctx.now).settings


def _read(ctx: Context, wanted: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, Any]:
    """The values of what has changed, by the name of the setting."""
    chosen, problems = dict[str, Any](), dict[str, str]()
    for name, text in changes.items():
        try:
            value = checks.read(MANAGED[name], text, ctx.services)
        except BadTextError as error:
            problems[name] = error.args[0]
        else:
            chosen[name] = value
    if parts := {name for name in chosen if MANAGED[name].kind is Kind.SELLER}:
        said, wrong = _seller(wanted)
        problems |= {f"{SELLER}{name}": sentence for name, sentence in wrong.items()}
        chosen = {name: value for name, value in chosen.items() if name not in parts} | {"seller": said}
    if problems:
        raise InvalidInputError({name: [sentence] for name, sentence in problems.items()})
    return chosen


def _seller(wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields in which something stands, and what is wrong with them; all may be empty."""
    typed = {name: wanted[f"{SELLER}{name}"].strip() for name in SELLER_FIELDS}
    given = {name: text for name, text in typed.items() if text}
    # what always has a value does not make a seller
    if not given.keys() - {"tax_percent", "pay_days"}:
        return {}, {}
    return tidied(given)


def _fitting(ctx: Context, now: Settings, chosen: Mapping[str, Any]) -> Settings:
    """The settings with others, unless they do not go together. Raises InvalidInputError."""
    try:
        settings = now.overlaid(chosen)
        if settings.webhook_url and not settings.webhook_secret:
            sentence = _("Enter the secret as well: the receiver needs it to check who sends.")
            raise InvalidInputError({"webhook_secret": [sentence]})
        hours_of(settings)
        for check in ctx.services.capabilities.all("checks"):
            check(settings)
    except ConfigurationError as error:
        raise InvalidInputError({"": [str(error)]}) from None
    return settings


def store(ctx: Context, change: Change[Context, Configuration], chosen: Mapping[str, Any]) -> list[str]:
    """Store values that were checked, by the name of the setting; None: as it is configured.

    Returns the names of those that have changed.
    """
    configured = ctx.services.present.configured

    def told(name: str, value: Any) -> Any:  # noqa: ANN401  # JSON
        """What the history says: what holds, set by a manager or configured."""
        if is_secret(name):
            return history.HIDDEN if value is not None or getattr(configured, name) else ""
        held = _as_stored(name, getattr(configured, name)) if value is None else value
        if held and MANAGED.get(name) and MANAGED[name].kind is Kind.LINK:
            # what stands behind the host of an address may be as good as a password
            return {"host": urlsplit(held).hostname, "value": history.HIDDEN}
        return held

    stored = {
        name: sealed(ctx.services.links, name, value) if is_secret(name) and value is not None else value
        for name, value in chosen.items()
    }
    return set_values(ctx, change, stored, label_of, told)


def _as_stored(name: str, value: Any) -> Any:  # noqa: ANN401  # JSON
    if name == "seller":
        return {each: text for each, text in asdict(value).items() if text} if value else {}
    return value


def label_of(name: str) -> str:
    """What staff call a setting."""
    return str(_("Seller")) if name == "seller" else MANAGED[name].label


def names_of(names: Iterable[str]) -> list[str]:
    """What staff call settings, in the order in which they stand."""
    wanted = set(names)
    return [label_of(name) for name in SETTINGS if name in wanted]
