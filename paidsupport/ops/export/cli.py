"""Exporting data on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from paidsupport.kernel.cli import OPERATOR, as_operator
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.mount import current
from paidsupport.ops.erasure import erasure
from paidsupport.ops.erasure import export as personal
from paidsupport.ops.export import customer as one
from paidsupport.ops.export import everything, operations
from paidsupport.ops.export.archive import Archive, write_folder, write_zip
from paidsupport.ops.export.operations import Found


class _OrAddress(AppGroup):
    """A group that takes an address in place of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named; else the one that prints what is kept of an address."""
        if args and args[0] not in self.commands:
            return _address.name, _address, args
        return super().resolve_command(ctx, args)


@click.group("export", cls=_OrAddress)
def export() -> None:
    """Export everything, or what is stored about one customer.

    With an email address or phone number in place of a command, all that an erasure would remove is printed.
    """


@click.command("address")
@click.argument("address")
@with_appcontext
def _address(address: str) -> None:
    """Print everything stored about a customer as JSON, by email address or phone number."""
    with as_operator() as ctx:
        operations.note(ctx, Found(address, erasure.found(ctx, address)), with_notes=True)
    with as_operator(reads=True) as ctx:
        click.echo(json.dumps(personal.of_customer(ctx, address), ensure_ascii=False))


@export.command("all")
@click.argument("target", type=click.Path(path_type=Path))
def export_all(target: Path) -> None:
    """Export everything into TARGET: a new zip if its name ends in .zip, else a new folder."""
    with as_operator() as ctx:
        operations.note(ctx, None)
    with _snapshot() as ctx:
        lines = _written(ctx, target, partial(everything.fill, ctx))
    click.echo(f"Lines exported: {lines}.")


@export.command("customer")
@click.argument("customer")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--notes", is_flag=True, help="Include annotations and whatever else only staff see.")
def export_customer(customer: str, target: Path, *, notes: bool) -> None:
    """Export what is stored about CUSTOMER (email address, phone number or ticket code) into a new zip."""
    with as_operator() as ctx:
        operations.note(ctx, operations.customer(ctx, customer), with_notes=notes)
    with _snapshot() as ctx:
        gathered = one.gathered(ctx, customer, with_notes=notes)
        _written(ctx, target, partial(one.fill, ctx, gathered))
    click.echo(f"Tickets exported: {len(gathered.tickets)}.")


@contextmanager
def _snapshot() -> Iterator[Context]:
    mount = current()
    with mount.database.snapshot() as session:
        try:
            yield Context(mount.services, session, OPERATOR, mount.clock())
        except PaidSupportError as error:
            raise click.ClickException(str(error)) from None


def _written(ctx: Context, target: Path, fill: Callable[[Archive], Iterator[int]]) -> int:
    try:
        if target.suffix == ".zip":
            return write_zip(target, fill, ctx.services.hours.local(ctx.now))
        return write_folder(target, fill)
    except FileExistsError as error:
        raise click.ClickException(f"{error} is there already. Choose another name.") from None
    except OSError as error:
        raise click.ClickException(f"Nothing was exported: {error.strerror}.") from None
