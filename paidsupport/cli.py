"""`flask paidsupport …`: the desk's commands."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from paidsupport.desk import (
    catalogue_file,
    correspondence,
    erasure,
    files,
    guides,
    heads,
    keyring,
    people,
    personal_export,
    reindexing,
    representation,
    restoring,
    sealing,
)
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import PERSON_ROLES, Actor
from paidsupport.domain.codes import tidy_code
from paidsupport.domain.letters import MailState
from paidsupport.domain.scopes import Scope
from paidsupport.domain.workflow import Workflow
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import InvalidInputError, NotFoundError, PaidSupportError
from paidsupport.jobs import Worker
from paidsupport.mail import inbound, parse
from paidsupport.mount import current
from paidsupport.store import inbox as rows
from paidsupport.store import migrate

#: Who acts when a command does.
OPERATOR = Actor(kind="operator", name="the operator")

#: What mail servers know these exit codes as: EX_DATAERR and EX_TEMPFAIL of sysexits.h.
_NO_MAIL, _TRY_AGAIN = 65, 75

commands = AppGroup("paidsupport", help="The paid support desk.")


@contextmanager
def _visit(*, reads: bool = False) -> Iterator[Visit]:
    """A writing visit, or one that only reads; what goes wrong on purpose is a line and exit code 1."""
    mount = current()
    try:
        with mount.database.reading() if reads else mount.database.writing() as session:
            yield Visit(mount.house, session, OPERATOR, mount.clock())
    except InvalidInputError as error:
        lines = [sentence for sentences in error.problems.values() for sentence in sentences]
        raise click.ClickException("\n".join(lines)) from None
    except PaidSupportError as error:
        raise click.ClickException(str(error)) from None


db = AppGroup("db", help="The desk's own tables.")
commands.add_command(db)


@db.command("upgrade")
@click.argument("revision", default="head")
def db_upgrade(revision: str) -> None:
    """Bring the tables to the newest revision."""
    mount = current()
    adopted = migrate.upgrade(mount.database.engine, revision)
    if adopted and (counts := [count for count in adopted.rows.values() if count]):
        click.echo(f"{sum(counts)} rows of {len(counts)} tables were taken into the ledger as they are")
    if adopted and adopted.is_new:
        # the journal may know one that a downgrade took away; of a site without its keys, too
        with mount.database.reading() as session:
            heads.restored(session, mount.files, mount.clock())
    for fault in adopted.wrong if adopted else ():
        click.echo(f"left for the doctor: {fault.chain}: {fault.about} {fault.what}")
    click.echo(f"at revision {migrate.current(mount.database.engine)}")


@db.command("downgrade")
@click.argument("revision", default="base")
def db_downgrade(revision: str) -> None:
    """Take the tables back, by default away altogether with all that is in them."""
    migrate.downgrade(current().database.engine, revision)
    click.echo(f"at revision {migrate.current(current().database.engine) or 'none'}")


@db.command("current")
def db_current() -> None:
    """Print the revision the tables are at."""
    click.echo(migrate.current(current().database.engine) or "none")


@db.command("check")
def db_check() -> None:
    """Compare the tables with the code, find the layout; warn when the host's migrations would drop them."""
    engine = current().database.engine
    if migrate.current(engine) != migrate.newest():
        raise click.ClickException("The tables are not up to date. Run: flask paidsupport db upgrade")
    if differences := migrate.differences(engine):
        raise click.ClickException("\n".join(str(difference) for difference in differences))
    click.echo("The tables are as the code wants them.")
    if fault := current().layout_fault():
        raise click.ClickException(fault)
    if "migrate" in current_app.extensions and not _keeps_out():
        click.echo(
            "Warning: this site's own migrations do not leave our tables out and would propose to drop them."
            " Put include_name=paidsupport.keep_out into context.configure() of its env.py."
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
    with _visit() as visit:
        people.add(visit, host_user_id=user_id, name=name, email=email, role=role, payment=payment)
    click.echo(f"{name} works at the desk as {role}.")


@people_group.command("remove")
@click.argument("email")
def people_remove(email: str) -> None:
    """Let somebody no longer work at the desk."""
    with _visit() as visit:
        click.echo(f"{people.remove(visit, email).name} no longer works at the desk.")


@people_group.command("revoke")
@click.argument("email")
def people_revoke(email: str) -> None:
    """Make all tokens of a person void."""
    with _visit() as visit:
        click.echo(f"{people.revoke_tokens(visit, email)} tokens are void")


@people_group.command("list")
def people_list() -> None:
    """Print everybody who works at the desk."""
    with _visit(reads=True) as visit:
        for person in people.everybody(visit.session):
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
    with _visit() as visit:
        click.echo(people.new_token(visit, email, label, days, scope))


@commands.group("catalogue")
def catalogue_group() -> None:
    """What can be ordered."""


@catalogue_group.command("load")
@click.argument("file", type=click.File(encoding="utf-8"))
def catalogue_load(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Bring services and shared boilerplate in line with a TOML file."""
    with _visit() as visit:
        services, texts = catalogue_file.load(visit, file.read())
    click.echo(f"{services} services, {texts} boilerplate texts")


@catalogue_group.command("dump")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def catalogue_dump(file: Any) -> None:  # noqa: ANN401  # click gives some kind of text file
    """Write the catalogue as a commented TOML file."""
    with _visit(reads=True) as visit:
        file.write(catalogue_file.dump(visit.session))


@commands.group("guides")
def guides_group() -> None:
    """Guidelines and tips of the desk."""


#: A folder with one file for each guide, `<slug>.md`.
_FOLDER = click.Path(file_okay=False, path_type=Path)


@guides_group.command("load")
@click.argument("folder", type=_FOLDER)
def guides_load(folder: Path) -> None:
    """Bring guides in line with a folder of Markdown files; what differs becomes a new edition."""
    with _visit() as visit:
        texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
        click.echo(f"{guides.load(visit, texts)} of {len(texts)} guides were new or have changed")


@guides_group.command("dump")
@click.argument("folder", type=_FOLDER)
def guides_dump(folder: Path) -> None:
    """Write every guide as a Markdown file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with _visit(reads=True) as visit:
        texts = guides.dump(visit.session)
    for slug, text in texts.items():
        (folder / f"{slug}.md").write_text(text, encoding="utf-8")
    click.echo(f"{len(texts)} guides")


@commands.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(*, once: bool) -> None:
    """Send letters, fetch mail and tend claims; any number of workers may run at once."""
    mount = current()
    stop = threading.Event()
    hand = Worker(mount.house, mount.database, mount.transport, mount.clock, stop)
    if once:
        click.echo(f"{hand.once()} letters handled")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    hand.run()


@commands.command("mail-in")
@click.option("--to", "recipient", default="", metavar="ADDRESS", help="The address it was delivered to.")
def mail_in(recipient: str) -> None:
    """Take in one mail from standard input and print what has become of it, as one JSON object.

    Exit code 0: it is kept, now or since an earlier delivery. 65: this is no mail, or too large to be one.
    75: nothing was kept, deliver it again later.
    """
    raw = sys.stdin.buffer.read(parse.SIZE_LIMIT + 1)
    if len(raw) > parse.SIZE_LIMIT or not parse.looks_like_mail(raw):
        _tell({"state": "refused", "reason": "This is no mail, or it is too large."}, code=_NO_MAIL)
    try:
        mount = current()
        taken = inbound.take_in(mount.house, mount.database, mount.clock, raw, recipient=recipient)
    except Exception as error:  # noqa: BLE001  # whatever it is: a mail server that is told so tries again
        why = str(error) if isinstance(error, PaidSupportError) else type(error).__name__
        _tell({"state": "away", "reason": f"Nothing was kept: {why}"}, code=_TRY_AGAIN)
    _tell(asdict(taken), code=0)


@commands.command("mail-replay")
@click.argument("reference", required=False)
@click.option("--failed", is_flag=True, help="All mails that could not be understood.")
@click.option("--kept", is_flag=True, help="All mails that belonged to no ticket: they become requests.")
def mail_replay(reference: str | None, *, failed: bool, kept: bool) -> None:
    """Understand a mail once more that was kept: the one called REFERENCE, or all of a kind."""
    if [bool(reference), failed, kept].count(True) != 1:
        raise click.UsageError("Name one mail, or say --failed or --kept.")
    mount = current()
    with _visit(reads=True) as visit:
        ids = (
            [rows.by_reference(visit.session, reference).id]
            if reference
            else rows.in_state(visit.session, MailState.KEPT if kept else MailState.FAILED)
        )
    for mail_id in ids:
        taken = inbound.replay(mount.house, mount.database, mount.clock, mail_id)
        click.echo(json.dumps(asdict(taken)) if taken else "The database or the files are away.")


def _tell(said: dict[str, object], *, code: int) -> NoReturn:
    """Print `said` as one JSON object and end with this exit code."""
    click.echo(json.dumps(said))
    raise click.exceptions.Exit(code)


@commands.command("sweep")
@click.option("--days", default=1, help="Leave alone what is younger: its transaction may still commit.")
def sweep(days: int) -> None:
    """Delete files that no row of this database names, left behind by transactions that failed."""
    mount = current()
    with mount.database.reading() as session:
        visit = Visit(mount.house, session, OPERATOR, mount.clock())
        click.echo(f"{files.sweep(visit, visit.now - timedelta(days=days))} files deleted")


vault_group = AppGroup("vault", help="The credentials that customers have given.")
commands.add_command(vault_group)


@vault_group.command("new-key")
def vault_new_key() -> None:
    """Print a new master key. Put it into PAIDSUPPORT_VAULT_KEYS, before those that are there."""
    click.echo(keyring.new_key())


@vault_group.command("status")
def vault_status() -> None:
    """Count what is kept by its master key and name the tickets; exit code 1 if some cannot be opened."""
    with _visit(reads=True) as visit:
        standings = sealing.standings(visit)
    keys = current().house.vault
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
    with _visit(reads=True) as visit:
        waiting = sealing.under_old_keys(visit)
    mount, done = current(), 0
    for secret_id in waiting:
        try:
            with mount.database.writing() as session:
                old = sealing.reseal(Visit(mount.house, session, OPERATOR, mount.clock()), secret_id)
        except NotFoundError:
            continue  # destroyed meanwhile
        # only when the new one is committed: until then the old one is what opens the secret
        mount.house.files.drop(old)
        done += 1
    click.echo(f"{done} credentials are under the first key now; the others may be taken out of the setting.")


@commands.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--head", "head", is_flag=True, help="Print the ends of the ledger, to be kept elsewhere.")
@click.option(
    "--since",
    type=click.File(encoding="utf-8"),
    help="What --head printed once: the ledger must go on from there.",
)
def doctor_command(*, as_json: bool, head: bool, since: Any) -> None:  # noqa: ANN401  # click's text file
    """Prove every invariant on the live data; exit code 1 and a list when one is broken (N9)."""
    from paidsupport.desk import doctor  # noqa: PLC0415  # a program for mails has no memory to spare

    mount = current()
    with mount.database.snapshot() as session:
        visit = Visit(mount.house, session, OPERATOR, mount.clock())
        if head:
            click.echo(heads.printed(visit))
            return
        findings = doctor.examine(visit)
        if since:
            findings[f"the ledger goes on from {since.name}"] = _cut_since(visit, since)
    if as_json:
        click.echo(json.dumps(findings))
    else:
        for name, broken in findings.items():
            click.echo(f"{'ok' if not broken else 'BROKEN':6}  {name}")
            for line in broken:
                click.echo(f"        {line}")
    if (fault := mount.house.vault.fault) and not any(fault in lines for lines in findings.values()):
        click.echo(f"Warning: customers cannot give access to their hosts: {fault}", err=True)
    for fault in mount.faults():
        click.echo(f"Warning: {fault}", err=True)
    if any(findings.values()):
        raise click.exceptions.Exit(1)


def _cut_since(visit: Visit, since: Any) -> list[str]:  # noqa: ANN401  # click's text file
    try:
        return list(heads.missing(visit, heads.read(since)))
    except ValueError:
        raise click.UsageError(f"{since.name} is not what doctor --head prints.") from None


@commands.command("reindex")
def reindex() -> None:
    """Make the words anew by which tickets and issues are found; the desk may go on meanwhile."""
    for part in (reindexing.tickets, reindexing.issues):
        last: int | None = 0
        while last is not None:
            with _visit() as visit:
                last = part(visit, last)
    click.echo("The index holds every ticket and issue anew.")


@commands.command("renew-link")
@click.argument("code")
def renew_link(code: str) -> None:
    """Make every private link of a ticket void and mail its customer a new one."""
    with _visit() as visit:
        correspondence.renew_link(visit, tidy_code(code) or code)
    click.echo("The links given out so far are void; the customer is sent a new one.")


@commands.command("erase")
@click.argument("address", default="")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.option("--replay", is_flag=True, help="After a restore: erase again what was erased before.")
def erase(address: str, *, yes: bool, replay: bool) -> None:
    """Take everything personal out of the ended tickets of a mail address or phone number, for good (P13)."""
    if bool(address) == replay:
        raise click.UsageError("Name the mail address or phone number of a customer, or give --replay.")
    if address and not yes:
        with _visit(reads=True) as visit:
            codes = erasure.found(visit, address)
        if codes:
            click.confirm(f"Erase {', '.join(codes)} for good?", abort=True)
    with _visit() as visit:
        erased = erasure.replay(visit) if replay else erasure.erase(visit, address)
    current().database.scrub()
    for code in erased.codes:
        click.echo(f"{code} is erased")
    for code in erased.unended:
        click.echo(f"{code} has not ended: mark it invalid, or abandon it")
    for serial in erased.kept:
        click.echo(f"invoice {serial} is kept with its buyer, as the law wants it")
    counted = [f"{name} {number}" for name, number in erased.counts.items() if number]
    click.echo(f"tickets: {len(erased.codes)}; rows emptied: {', '.join(counted) or 'none'}")


@commands.command("export")
@click.argument("address")
def export(address: str) -> None:
    """Print all that is kept of a mail address or phone number as one JSON object (P13)."""
    with _visit(reads=True) as visit:
        click.echo(json.dumps(personal_export.of_customer(visit, address), ensure_ascii=False))


@commands.command("restored")
def restored() -> None:
    """After a restore, before a worker runs: nothing that has left since the backup was made leaves again."""
    with _visit() as visit:
        erased, done = restoring.restore(visit)
    current().database.scrub()
    with _visit(reads=True) as visit:
        heads.restored(visit.session, visit.house.files, visit.now)
    for code in erased.codes:
        click.echo(f"{code} is erased again")
    for code in done.lost:
        click.echo(f"{code} came after the backup: its customer has been written to, and it is not here")
    click.echo(f"emails that had left: {len(done.left)}; held for a person to decide: {len(done.held)}")
    click.echo(f"emails known from the journal alone: {done.unknown}; the next one like each is held")
    click.echo(f"requests to the webhook and news of issues that waited: {done.deliveries}, {done.news}")


@commands.command("show")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(code: str, *, as_json: bool) -> None:
    """Print a ticket with its history."""
    with _visit(reads=True) as visit:
        _, told = representation.of_ticket(visit, tidy_code(code) or code)
    if as_json:
        click.echo(json.dumps(told))
        return
    for name in ("code", "state", "owner", "claim_number", "version", "service", "price", "customer"):
        click.echo(f"{name:13} {told[name]}")
    for event in told["events"]:
        click.echo(f"  {event['number']:3}  {event['at']}  {event['actor']}: {event['kind']}")


@commands.group("workflow")
def workflow_group() -> None:
    """The declared rules."""


@workflow_group.command("show")
@click.argument("name")
def workflow_show(name: str) -> None:
    """Print a workflow as Markdown tables: the documentation is made of this."""
    workflows = {**current().workflows, ISSUE.name: ISSUE}
    if name not in workflows:
        raise click.ClickException(
            f"There is no workflow “{name}”. There are: {', '.join(sorted(workflows))}."
        )
    click.echo(described(workflows[name]))


def described(workflow: Workflow) -> str:
    """A workflow as Markdown: its states and its moves."""
    lines = [f"# {workflow.label}", "", "| state | part | meaning |", "| --- | --- | --- |"]
    lines += [f"| {state.label} | {state.part} | {state.meaning} |" for state in workflow.states]
    lines += ["", "| move | from | to | who |", "| --- | --- | --- | --- |"]
    label = {state.name: state.label for state in workflow.states}
    for move in workflow.moves:
        sources = ", ".join(label[name] for name in move.sources)
        target = label.get(move.target, f"{move.target} of {move.into}") if move.target else "the same"
        who = ", ".join(sorted(move.who))
        lines.append(f"| {move.label} | {sources} | {target} | {who} |")
    lines += ["", "| move | holds | does not hold |", "| --- | --- | --- |"]
    for move in workflow.moves:
        lines += [f"| {move.label} | {need.met} | {need.unmet} |" for need in move.needs]
    return "\n".join(lines)
