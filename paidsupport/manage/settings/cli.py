"""`flask paidsupport settings …`: every setting with its source, and changing those of managers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

import click
from flask.cli import AppGroup

from paidsupport.kernel.cli import as_operator
from paidsupport.kernel.configuration import choosing, queries
from paidsupport.kernel.configuration.managed import DEPLOYED, MANAGED, SELLER, SELLER_FIELDS
from paidsupport.kernel.context import Context
from paidsupport.settings import Settings

commands = AppGroup("settings", help="List the settings of the desk, and change those of managers.")

#: What holds passwords, besides what is never shown anyway.
_SECRET = frozenset({"mail_url", "mailboxes"})
_SET = "(set)"


@commands.command("list")
def settings_list() -> None:
    """List every setting with its value, where that comes from, and who owns it."""
    with as_operator(reads=True) as ctx:
        for line in _lines(ctx):
            click.echo(line)


@commands.command("set")
@click.argument("name")
@click.argument("value")
def settings_set(name: str, value: str) -> None:
    """Set the setting NAME to VALUE, as a manager does in the browser.

    The seller is a mapping in JSON, or one of its fields: seller_city.
    """
    with as_operator() as ctx:
        changed = choosing.choose(ctx, _typed(name, value))
    click.echo(f"Saved: {name}." if changed else "Nothing was different.")


@commands.command("unset")
@click.argument("name")
def settings_unset(name: str) -> None:
    """Let the setting NAME be as it is configured again."""
    with as_operator() as ctx:
        _refuse_unknown(name)
        changed = choosing.restore(ctx, name)
    click.echo(f"{name} is as configured." if changed else "Nothing was different.")


def _typed(name: str, value: str) -> dict[str, str]:
    if name != "seller":
        _refuse_unknown(name)
        return {name: value}
    try:
        given = json.loads(value or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict) or (unknown := set(given) - set(SELLER_FIELDS)):
        wrong = f": {min(unknown)} is not a field" if isinstance(given, dict) else ""
        raise click.ClickException(f"Give the seller as a mapping in JSON{wrong}.")
    return {f"{SELLER}{each}": str(given.get(each, "")) for each in SELLER_FIELDS}


def _refuse_unknown(name: str) -> None:
    if name in MANAGED or name == "seller":
        return
    if name in {each.name for each in fields(Settings)}:
        raise click.ClickException(f"{name} belongs to the deployment: change PAIDSUPPORT_{name.upper()}.")
    raise click.ClickException(f"There is no setting {name}. “settings list” names all of them.")


def _lines(ctx: Context) -> Iterator[str]:
    rows, configured = queries.settings(ctx.session), ctx.services.present.configured
    for each in fields(Settings):
        value = getattr(ctx.services.settings, each.name)
        row = rows.get(each.name)
        source = choosing.source_of(each.name, configured, row)
        told: str = (
            source if row is None or source is not choosing.Source.CHANGED else f"changed by {row.changed_by}"
        )
        owner = "deployment" if each.name in DEPLOYED else "managers"
        yield f"{each.name:26} {_told(each.name, value, shown=each.repr)}  [{told}; {owner}]"


def _told(name: str, value: object, *, shown: bool) -> str:
    if value in ("", None):
        return "(empty)"
    return _SET if not shown or name in _SECRET else str(value)
