"""`flask paidsupport …`: the desk's commands, of the mounted capabilities and of the desk as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import migrate
from paidsupport.kernel.errors import ConfigurationError, InvalidInputError, PaidSupportError
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import first

#: Who acts when a command does.
OPERATOR = Actor(kind="operator", name="the operator")


@contextmanager
def as_operator(*, reads: bool = False) -> Iterator[Context]:
    """A transaction of the operator; a refusal is printed as a sentence and ends with exit code 1."""
    mount = current()
    try:
        with mount.database.reading() if reads else mount.database.writing() as session:
            yield Context(mount.services, session, OPERATOR, mount.clock())
    except InvalidInputError as error:
        lines = [sentence for sentences in error.problems.values() for sentence in sentences]
        raise click.ClickException("\n".join(lines)) from None
    except PaidSupportError as error:
        raise click.ClickException(str(error)) from None


db = AppGroup("db", help="Manage the desk's own tables.")


def commands_of(capabilities: Capabilities) -> Mapping[str, click.Command]:
    """The commands of a desk, by their names."""
    return {command.name or "": command for command in (db, *capabilities.background.commands)}


@db.command("upgrade")
@click.argument("revision", default="head")
def db_upgrade(revision: str) -> None:
    """Upgrade the tables to the newest revision, or to REVISION."""
    mount = current()
    adopted = migrate.upgrade(mount.database.engine, revision)
    if adopted and (counts := [count for count in adopted.rows.values() if count]):
        click.echo(f"Added {sum(counts)} existing rows of {len(counts)} tables to the ledger.")
    if adopted and adopted.is_new:
        # the journal may know one that a downgrade took away; of a site without its keys, too
        with mount.database.reading() as session:
            heads.restored(session, mount.files, mount.clock())
    for fault in adopted.wrong if adopted else ():
        click.echo(f"Look into this with doctor: {fault.chain}: {fault.about} {fault.what}")
    revision_now = migrate.current(mount.database.engine)
    click.echo(f"The tables are at revision {revision_now}.")
    if revision_now == migrate.newest():
        _tell_setup_code()


def _tell_setup_code() -> None:
    """Say how a desk without a manager gets one in the browser, if it has pages for that."""
    mount = current()
    if "manage" not in mount.capabilities.names:
        return
    try:
        services = mount.services
    except ConfigurationError:
        return  # without a SECRET_KEY there is no code, and the site says so itself
    with mount.database.reading() as session:
        code = first.setup_code(services.links, session)
    if code:
        page = f"{services.settings.base_url}{services.settings.url_prefix}/desk/begin"
        click.echo(f"This desk has no manager yet. Sign in to the site and open {page}")
        click.echo(f"Set-up code: {code}")


@db.command("downgrade")
@click.argument("revision", default="base")
def db_downgrade(revision: str) -> None:
    """Downgrade the tables to REVISION. Without one, delete all of them and everything in them."""
    migrate.downgrade(current().database.engine, revision)
    click.echo(f"The tables are at revision {migrate.current(current().database.engine) or 'none'}.")


@db.command("current")
def db_current() -> None:
    """Print the revision of the tables."""
    click.echo(migrate.current(current().database.engine) or "none")


@db.command("check")
def db_check() -> None:
    """Check the tables, the layout, and that the site's own migrations leave our tables alone."""
    engine = current().database.engine
    if migrate.current(engine) != migrate.newest():
        raise click.ClickException("The tables are not up to date. Run: flask paidsupport db upgrade")
    if differences := migrate.differences(engine):
        raise click.ClickException("\n".join(str(difference) for difference in differences))
    click.echo("The tables match the code.")
    if fault := current().layout_fault():
        raise click.ClickException(fault)
    if "migrate" in current_app.extensions and not _keeps_out():
        click.echo(
            "Warning: the site's own migrations include our tables and would propose to drop them."
            " Add include_name=paidsupport.keep_out to context.configure() in the site's env.py."
        )


def _keeps_out() -> bool:
    """Whether the env.py of the host's Flask-Migrate names our filter, directly or in its arguments."""
    extension = current_app.extensions["migrate"]
    if extension.configure_args.get("include_name"):
        return True
    env = Path(current_app.root_path, extension.directory, "env.py")
    if not env.exists():
        env = Path(extension.directory, "env.py")
    return env.exists() and "keep_out" in env.read_text()
