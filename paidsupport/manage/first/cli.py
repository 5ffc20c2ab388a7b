"""`flask paidsupport setup-code`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from paidsupport.kernel.cli import as_operator
from paidsupport.kernel.staff.first import setup_code


@click.command("setup-code")
@with_appcontext
def command() -> None:
    """Print the code with which a user of the site becomes the first manager."""
    with as_operator(reads=True) as ctx:
        code = setup_code(ctx.services.links, ctx.session)
        settings = ctx.services.settings
    if not code:
        raise click.ClickException("This desk has a manager, so there is no set-up code.")
    click.echo(code)
    page = f"{settings.base_url}{settings.url_prefix}/desk/begin"
    click.echo(f"Sign in to the site, open {page} and enter it.", err=True)
