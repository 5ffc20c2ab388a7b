"""Commands of the desk."""

from __future__ import annotations

import json
import signal
import threading
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import click
from flask.cli import AppGroup

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.kernel import keyring
from paidsupport.kernel.actors import PERSON_ROLES
from paidsupport.kernel.cli import OPERATOR, as_operator
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.worker import Worker
from paidsupport.tickets.conversation.operations import correspondence, files
from paidsupport.tickets.operations import claims, representation
from paidsupport.tickets.vault.operations import sealing

commands = AppGroup()


@commands.group("people")
def people_group() -> None:
    """Manage staff."""


@people_group.command("add")
@click.argument("email")
@click.option("--user-id", required=True, help="The id of the user in the site.")
@click.option("--name", required=True, help="The name that customers and colleagues see.")
@click.option("--role", type=click.Choice([*map(str, PERSON_ROLES)]), default="developer", show_default=True)
@click.option("--payment", default="", help="How customers pay this person, e.g. “PayPal: ada@example.org”.")
def people_add(email: str, user_id: str, name: str, role: str, payment: str) -> None:
    """Make a user of the site a member of staff, with this EMAIL address."""
    with as_operator() as ctx:
        people.add(ctx, host_user_id=user_id, name=name, email=email, role=role, payment=payment or None)
    click.echo(f"{name} is now staff, as a {role}.")


@people_group.command("remove")
@click.argument("email")
def people_remove(email: str) -> None:
    """Remove a member of staff. Their tickets become free to claim, their issues go to a manager.

    What they did stays, their tokens are revoked.
    """
    with as_operator() as ctx:
        click.echo(f"{claims.remove(ctx, email).name} is no longer staff.")


@people_group.command("revoke")
@click.argument("email")
def people_revoke(email: str) -> None:
    """Revoke all tokens of a member of staff."""
    with as_operator() as ctx:
        click.echo(f"Tokens revoked: {people.revoke_tokens(ctx, email)}.")


@people_group.command("list")
def people_list() -> None:
    """List all staff."""
    with as_operator(reads=True) as ctx:
        for person in staff.everybody(ctx.session):
            click.echo(f"{person.role:9}  {person.name}  <{person.email}>  user {person.host_user_id}")


@people_group.command("token")
@click.argument("email")
@click.option("--label", default="command line", help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="Days until the token expires.")
@click.option(
    "--scope",
    # plain strings: click would offer the names of the enumeration (READ), not its values
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.READ.value,
    show_default=True,
    help="What the token allows.",
)
def people_token(email: str, label: str, days: int, scope: str) -> None:
    """Create a token for the JSON API and print it. It is shown only once."""
    with as_operator() as ctx:
        click.echo(people.new_token(ctx, email, label, days, scope))


@commands.group("catalogue")
def catalogue_group() -> None:
    """Manage the catalogue: services, questions, deadlines and texts."""


@catalogue_group.command("load")
@click.argument("file", type=click.File(encoding="utf-8"))
def catalogue_load(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Load the catalogue from a TOML file. A service that is not in the file is retired."""
    with as_operator() as ctx:
        services, texts = catalogue_file.load(ctx, file.read())
    click.echo(f"Catalogue loaded. Services: {services}. Shared canned replies: {texts}.")


@catalogue_group.command("dump")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def catalogue_dump(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Write the catalogue to a TOML file with comments, or to standard output."""
    with as_operator(reads=True) as ctx:
        file.write(catalogue_file.dump(ctx))


@commands.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then exit.")
def worker(*, once: bool) -> None:
    """Send emails, fetch mail and watch over claims and deadlines. Run as many workers as you like."""
    mount = current()
    stop = threading.Event()
    hand = Worker(mount.services, mount.database, mount.transport, mount.clock, stop)
    if once:
        click.echo(f"Emails handled: {hand.once()}.")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    hand.run()


@commands.command("sweep")
@click.option("--days", default=1, show_default=True, help="Keep files younger than this.")
def sweep(days: int) -> None:
    """Delete files that the database does not refer to, left behind by failed requests."""
    mount = current()
    with mount.database.reading() as session:
        ctx = Context(mount.services, session, OPERATOR, mount.clock())
        click.echo(f"Files deleted: {files.sweep(ctx, ctx.now - timedelta(days=days))}.")


vault_group = AppGroup("vault", help="Manage the keys of the vault, where customers' logins are stored.")
commands.add_command(vault_group)


@vault_group.command("new-key")
def vault_new_key() -> None:
    """Print a new master key. Put it at the beginning of PAIDSUPPORT_VAULT_KEYS."""
    click.echo(keyring.new_key())


@vault_group.command("status")
def vault_status() -> None:
    """Count stored logins by master key, with their tickets. Exits with 1 if a login cannot be opened."""
    with as_operator(reads=True) as ctx:
        standings = sealing.standings(ctx)
    keys = current().services.vault
    click.echo(
        "The vault is closed." if keys.fault else f"New logins are stored under master key {keys.first}."
    )
    for name, alike in groupby(sorted(standings, key=attrgetter("key_id")), key=attrgetter("key_id")):
        codes = [standing.code for standing in alike]
        known = "" if keys.knows(name) else "UNKNOWN "
        click.echo(f"{known}{name}: {len(codes)} stored, on {', '.join(dict.fromkeys(codes))}")
    broken = [f"{standing.code}: {standing.fault}" for standing in standings if standing.fault]
    if faults := broken or ([keys.fault] if keys.fault else []):
        raise click.ClickException("\n".join(faults))


@vault_group.command("rotate")
def vault_rotate() -> None:
    """Move all logins to the first master key. If interrupted, run it again."""
    with as_operator(reads=True) as ctx:
        waiting = sealing.under_old_keys(ctx)
    mount, done = current(), 0
    for secret_id in waiting:
        try:
            with mount.database.writing() as session:
                old = sealing.reseal(Context(mount.services, session, OPERATOR, mount.clock()), secret_id)
        except NotFoundError:
            continue  # it was destroyed in the meantime
            # only after the new one is committed: until then the old data key still opens the secret
        mount.services.files.drop(old)
        done += 1
    click.echo(
        f"Logins moved to the first master key: {done}. Remove the other keys from PAIDSUPPORT_VAULT_KEYS."
    )


@commands.command("renew-link")
@click.argument("code")
def renew_link(code: str) -> None:
    """Revoke all private links of the ticket CODE and email its customer a new one."""
    with as_operator() as ctx:
        correspondence.renew_link(ctx, tidy_code(code) or code)
    click.echo("All earlier links are revoked. The customer will get a new one by email.")


@commands.command("show")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show(code: str, *, as_json: bool) -> None:
    """Print the ticket CODE with its history."""
    with as_operator(reads=True) as ctx:
        _, told = representation.of_ticket(ctx, tidy_code(code) or code)
        zone = ctx.services.hours.zone
    if as_json:
        click.echo(json.dumps(told))
        return
    for name in ("code", "state", "owner", "claim_number", "version", "service", "price", "customer"):
        click.echo(f"{name:13} {told[name]}")
    for event in told["events"]:
        at = datetime.fromisoformat(event["at"]).astimezone(zone)
        click.echo(f"  {event['number']:3}  {at:%Y-%m-%d %H:%M %Z}  {event['actor']}: {event['kind']}")
