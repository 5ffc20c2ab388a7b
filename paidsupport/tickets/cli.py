"""Commands of the paid desk."""

from __future__ import annotations

import json
import signal
import threading
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import click
from flask.cli import AppGroup

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
from paidsupport.tickets.catalogue import toml_file as catalogue_file
from paidsupport.tickets.conversation.operations import correspondence, files
from paidsupport.tickets.operations import representation
from paidsupport.tickets.vault.operations import sealing

commands = AppGroup()


@commands.group("people")
def people_group() -> None:
    """Who works at the desk."""


@people_group.command("add")
@click.argument("email")
@click.option("--user-id", required=True, help="The id of the site's user, as text.")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([str(role) for role in PERSON_ROLES]), default="developer")
@click.option("--payment", default="", help="How customers pay this person, e.g. “PayPal: ada@example.org”.")
def people_add(email: str, user_id: str, name: str, role: str, payment: str) -> None:
    """Let a user of the site work at the desk."""
    with as_operator() as ctx:
        people.add(ctx, host_user_id=user_id, name=name, email=email, role=role, payment=payment)
    click.echo(f"{name} works at the desk as {role}.")


@people_group.command("remove")
@click.argument("email")
def people_remove(email: str) -> None:
    """Let somebody no longer work at the desk."""
    with as_operator() as ctx:
        click.echo(f"{people.remove(ctx, email).name} no longer works at the desk.")


@people_group.command("revoke")
@click.argument("email")
def people_revoke(email: str) -> None:
    """Make all tokens of a person void."""
    with as_operator() as ctx:
        click.echo(f"{people.revoke_tokens(ctx, email)} tokens are void")


@people_group.command("list")
def people_list() -> None:
    """Print everybody who works at the desk."""
    with as_operator(reads=True) as ctx:
        for person in staff.everybody(ctx.session):
            click.echo(f"{person.role:9}  {person.name}  <{person.email}>  user {person.host_user_id}")


@people_group.command("token")
@click.argument("email")
@click.option("--label", default="command line", help="What the token is for.")
@click.option("--days", default=90, help="Days until it expires.")
@click.option(
    "--scope", type=click.Choice([*Scope]), default=Scope.READ, show_default=True, help="How far it reaches."
)
def people_token(email: str, label: str, days: int, scope: str) -> None:
    """Make a token for the JSON API. It is shown once."""
    with as_operator() as ctx:
        click.echo(people.new_token(ctx, email, label, days, scope))


@commands.group("catalogue")
def catalogue_group() -> None:
    """What can be ordered."""


@catalogue_group.command("load")
@click.argument("file", type=click.File(encoding="utf-8"))
def catalogue_load(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Bring services and shared boilerplate in line with a TOML file."""
    with as_operator() as ctx:
        services, texts = catalogue_file.load(ctx, file.read())
    click.echo(f"{services} services, {texts} boilerplate texts")


@catalogue_group.command("dump")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def catalogue_dump(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Write the catalogue as a commented TOML file."""
    with as_operator(reads=True) as ctx:
        file.write(catalogue_file.dump(ctx.session))


@commands.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(*, once: bool) -> None:
    """Send emails, fetch mail and tend claims; any number of workers may run at once."""
    mount = current()
    stop = threading.Event()
    hand = Worker(mount.services, mount.database, mount.transport, mount.clock, stop)
    if once:
        click.echo(f"{hand.once()} letters handled")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    hand.run()


@commands.command("sweep")
@click.option("--days", default=1, help="Leave alone what is younger: its transaction may still commit.")
def sweep(days: int) -> None:
    """Delete files that no row of this database names, left behind by transactions that failed."""
    mount = current()
    with mount.database.reading() as session:
        ctx = Context(mount.services, session, OPERATOR, mount.clock())
        click.echo(f"{files.sweep(ctx, ctx.now - timedelta(days=days))} files deleted")


vault_group = AppGroup("vault", help="The credentials that customers have given.")
commands.add_command(vault_group)


@vault_group.command("new-key")
def vault_new_key() -> None:
    """Print a new master key. Put it into PAIDSUPPORT_VAULT_KEYS, before those that are there."""
    click.echo(keyring.new_key())


@vault_group.command("status")
def vault_status() -> None:
    """Count what is kept by its master key and name the tickets; exit code 1 if some cannot be opened."""
    with as_operator(reads=True) as ctx:
        standings = sealing.standings(ctx)
    keys = current().services.vault
    click.echo("The vault is closed." if keys.fault else f"Master key {keys.first} seals.")
    for name, alike in groupby(sorted(standings, key=attrgetter("key_id")), key=attrgetter("key_id")):
        codes = [standing.code for standing in alike]
        known = "" if keys.knows(name) else "UNKNOWN "
        click.echo(f"{known}{name}: {len(codes)} kept, on {', '.join(dict.fromkeys(codes))}")
    broken = [f"{standing.code}: {standing.fault}" for standing in standings if standing.fault]
    if faults := broken or ([keys.fault] if keys.fault else []):
        raise click.ClickException("\n".join(faults))


@vault_group.command("rotate")
def vault_rotate() -> None:
    """Put everything under the first master key; interrupted at any moment, it can be run again."""
    with as_operator(reads=True) as ctx:
        waiting = sealing.under_old_keys(ctx)
    mount, done = current(), 0
    for secret_id in waiting:
        try:
            with mount.database.writing() as session:
                old = sealing.reseal(Context(mount.services, session, OPERATOR, mount.clock()), secret_id)
        except NotFoundError:
            continue  # destroyed meanwhile
        # only when the new one is committed: until then the old one is what opens the secret
        mount.services.files.drop(old)
        done += 1
    click.echo(f"{done} credentials are under the first key now; the others may be taken out of the setting.")


@commands.command("renew-link")
@click.argument("code")
def renew_link(code: str) -> None:
    """Make every private link of a ticket void and mail its customer a new one."""
    with as_operator() as ctx:
        correspondence.renew_link(ctx, tidy_code(code) or code)
    click.echo("The links given out so far are void; the customer is sent a new one.")


@commands.command("show")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(code: str, *, as_json: bool) -> None:
    """Print a ticket with its history."""
    with as_operator(reads=True) as ctx:
        _, told = representation.of_ticket(ctx, tidy_code(code) or code)
    if as_json:
        click.echo(json.dumps(told))
        return
    for name in ("code", "state", "owner", "claim_number", "version", "service", "price", "customer"):
        click.echo(f"{name:13} {told[name]}")
    for event in told["events"]:
        click.echo(f"  {event['number']:3}  {event['at']}  {event['actor']}: {event['kind']}")
