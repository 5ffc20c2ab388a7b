"""Taking in a whole export on the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from paidsupport.connect.importing.sources.places import Place
from paidsupport.kernel.cli import as_operator
from paidsupport.ops import reindexing
from paidsupport.ops.export.everything import LINES
from paidsupport.ops.importing import everything


@click.command("import-all")
@click.argument("path", metavar="ZIP|FOLDER", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--send-waiting", "sends", is_flag=True, help="Send what waited there: that desk is switched off."
)
@with_appcontext
def import_all(path: Path, *, sends: bool) -> None:
    """Take a whole export into this desk, which must be empty."""
    with as_operator() as ctx:
        place = Place(path, (LINES,))
        try:
            with place.main() as lines:
                done = everything.take_in(ctx, iter(lines.readline, b""), place.beside, sends=sends)
        finally:
            place.close()
    for part in (reindexing.tickets, reindexing.issues):
        last: int | None = 0
        while last is not None:
            with as_operator() as ctx:
                last = part(ctx, last)
    click.echo(f"Rows taken in: {done.rows}.")
    if done.held:
        click.echo(f"Emails that may have left already, for staff to decide: {done.held}.")
    if done.missing:
        click.echo(f"Files whose content is not in the export: {done.missing}.")
