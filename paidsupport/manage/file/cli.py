"""`flask paidsupport configuration …`: everything that managers set up as one file."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from paidsupport.kernel.cli import as_operator
from paidsupport.kernel.configuration import file as configured
from paidsupport.kernel.configuration import loading
from paidsupport.kernel.configuration.file import Plan
from paidsupport.kernel.configuration.scanning import LARGEST
from paidsupport.kernel.context import Context
from paidsupport.manage.file import telling

commands = AppGroup("configuration", help="Write all that managers set up to a file, or load one.")


@commands.command("dump")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def configuration_dump(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Write the whole configuration to a TOML file with comments, or to standard output."""
    with as_operator(reads=True) as ctx:
        file.write(configured.dump(ctx))


@commands.command("load")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what the file would change.")
@click.option("--word", default="", help="What is changed, and why; for the list of changes.")
def configuration_load(file: Any, word: str, *, dry_run: bool) -> None:  # noqa: ANN401  # as above
    """Load a TOML file: all of it or nothing, with what it changes."""
    with as_operator(reads=dry_run) as ctx:
        text = loading.decoded(file.read(LARGEST + 1))
        planned = configured.plan(ctx, text) if dry_run else loading.load_at_once(ctx, text, word)
        _tell(ctx, planned)
    if not dry_run:
        click.echo("Configuration loaded.")


@commands.command("undo")
def configuration_undo() -> None:
    """Undo the file that was loaded last: everything is as it was before it."""
    with as_operator() as ctx:
        _tell(ctx, loading.undo_newest(ctx))
    click.echo("The import is undone.")


def _tell(ctx: Context, planned: Plan) -> None:
    for line in (*planned.notes, *telling.as_text(ctx, planned.differences)):
        click.echo(line)
    if not planned.differences:
        click.echo("The file changes nothing.")
