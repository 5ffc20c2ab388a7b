"""Moving in on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from paidsupport.connect.importing import running
from paidsupport.connect.importing.operations import runs
from paidsupport.connect.importing.operations.writing import Plan
from paidsupport.connect.importing.running import Report
from paidsupport.connect.importing.sources.kinds import KINDS
from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.cli import OPERATOR, as_operator
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, PaidSupportError
from paidsupport.kernel.mount import current


class _Desk:
    """Transactions of the operator."""

    def __init__(self) -> None:
        mount = current()
        self._desk = ByClock(mount.services, mount.database, mount.clock)

    @contextmanager
    def reading(self) -> Iterator[Context]:
        with self._desk.reading() as ctx:
            yield replace(ctx, by=OPERATOR)

    @contextmanager
    def writing(self) -> Iterator[Context]:
        with self._desk.writing() as ctx:
            yield replace(ctx, by=OPERATOR)


@click.command("import")
@click.argument("path", metavar="FILE|FOLDER", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what is unknown, and write nothing.")
@click.option(
    "--from",
    "kind",
    default="lines",
    type=click.Choice([kind.name for kind in KINDS.values() if not kind.asks]),
    help="What has written it.",
)
@click.option("--source", default="", help="What the system is called, such as helpdesk:desk.example.org.")
@click.option(
    "--service", "services", multiple=True, metavar="[QUEUE=]SERVICE", help="The service for a queue."
)
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="A column of a table.")
@click.option(
    "--dates", default="ymd", type=click.Choice(["ymd", "dmy", "mdy"]), help="Order of dates in a table."
)
@click.option(
    "--ours", multiple=True, metavar="ADDRESS", help="An address or @domain of the desk's own emails."
)
@click.option(
    "--open", "open_", is_flag=True, help="Leave conversations open whose last email is a customer's."
)
@with_appcontext
def import_(  # noqa: PLR0913  # each is an option
    path: Path,
    *,
    dry_run: bool,
    kind: str,
    source: str,
    services: tuple[str, ...],
    columns: tuple[str, ...],
    dates: str,
    ours: tuple[str, ...],
    open_: bool,
) -> None:
    """Move tickets in from FILE or FOLDER. Run it again, and it goes on where it was stopped."""
    desk, report = _Desk(), Report()
    name = source or kind
    options = {
        "columns": dict(each.split("=", 1) for each in columns if "=" in each),
        "dates": dates,
        "ours": list(ours),
        "open": open_,
    }
    plan = Plan({queue: slug for queue, _equals, slug in (each.rpartition("=") for each in services)})
    try:
        with desk.reading() as ctx:
            wanted = runs.wanted(ctx, name, path, options)
            runs.check_services(ctx, plan.services.values())
        found = KINDS[kind].open(wanted)
        try:
            if dry_run:
                running.look(desk, found, plan, report)
            else:
                with as_operator() as ctx:
                    runs.note(ctx, name)
                running.move(desk, found, plan, report)
        finally:
            found.close()
    except InvalidInputError as error:
        said = [sentence for sentences in error.problems.values() for sentence in sentences]
        raise click.ClickException("\n".join(map(str, said))) from None
    except PaidSupportError as error:
        raise click.ClickException(str(error)) from None
    finally:
        _say(report, dry=dry_run)


def _say(report: Report, *, dry: bool) -> None:
    counts = dict(report.counts)
    known = counts.pop("known", 0)
    for name, number in counts.items():
        click.echo(f"{'Would move in' if dry else 'Moved in'}: {number} {name}")
    if known:
        click.echo(f"There already: {known}")
    for about, word, number, first in report.told:
        click.echo(
            f"Unknown {about}: {word} ({number}, first in {first})" if first else f"Unknown {about}: {word}"
        )
