"""Commands for those who run the desk."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import AppGroup

from paidsupport.kernel.cli import OPERATOR, as_operator
from paidsupport.kernel.context import Context
from paidsupport.kernel.jobs import heartbeat
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.mount import current
from paidsupport.kernel.workflow import Workflow
from paidsupport.ops import reindexing, restoring
from paidsupport.ops.doctor import doctor
from paidsupport.ops.erasure import erasure
from paidsupport.ops.export.cli import export
from paidsupport.ops.importing.cli import import_all

commands = AppGroup()
commands.add_command(export)
commands.add_command(import_all)


@commands.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option(
    "--head", "head", is_flag=True, help="Print the ends of the ledger. Keep them on another machine."
)
@click.option(
    "--since",
    type=click.File(encoding="utf-8"),
    help="A file with an earlier output of --head. The ledger must continue from it.",
)
def doctor_command(*, as_json: bool, head: bool, since: Any) -> None:  # noqa: ANN401  # click's text file
    """Check that the data is sound. Lists what is broken and exits with 1 if anything is."""
    mount = current()
    with mount.database.snapshot() as session:
        ctx = Context(mount.services, session, OPERATOR, mount.clock())
        if head:
            click.echo(heads.printed(ctx))
            return
        findings = doctor.examine(ctx)
        idle = heartbeat.fault(ctx)
        if since:
            findings[f"the ledger continues from {since.name}"] = _cut_since(ctx, since)
    if as_json:
        click.echo(json.dumps(findings))
    else:
        for name, broken in findings.items():
            click.echo(f"{'ok' if not broken else 'BROKEN':6}  {name}")
            for line in broken:
                click.echo(f"        {line}")
    if (fault := mount.services.vault.fault) and not any(fault in lines for lines in findings.values()):
        click.echo(f"Warning: customers cannot share logins: {fault}", err=True)
    for fault in filter(None, (idle, *mount.faults())):
        click.echo(f"Warning: {fault}", err=True)
    if any(findings.values()):
        raise click.exceptions.Exit(1)


def _cut_since(ctx: Context, since: Any) -> list[str]:  # noqa: ANN401  # click's text file
    try:
        return list(heads.missing(ctx, heads.read(since)))
    except ValueError:
        raise click.UsageError(f"{since.name} is not an output of doctor --head.") from None


@commands.command("reindex")
def reindex() -> None:
    """Rebuild the search index of tickets and issues. The desk can stay online."""
    for part in (reindexing.tickets, reindexing.issues):
        last: int | None = 0
        while last is not None:
            with as_operator() as ctx:
                last = part(ctx, last)
    click.echo("Every ticket and issue is indexed again.")


@commands.command("erase")
@click.argument("address", default="")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--replay", is_flag=True, help="Repeat all earlier erasures, after a restore or an upgrade.")
def erase(address: str, *, yes: bool, replay: bool) -> None:
    """Erase all personal data of a customer from their ended tickets, by email address or phone number."""
    if bool(address) == replay:
        raise click.UsageError("Give the email address or phone number of a customer, or --replay.")
    if address and not yes:
        with as_operator(reads=True) as ctx:
            codes = erasure.found(ctx, address)
        if codes:
            click.confirm(
                f"Erase all personal data from {', '.join(codes)}? This cannot be undone.", abort=True
            )
    with as_operator() as ctx:
        erased = erasure.replay(ctx) if replay else erasure.erase(ctx, address)
    current().database.scrub()
    for code in erased.codes:
        click.echo(f"{code}: erased.")
    for code in erased.unended:
        click.echo(f"{code}: has not ended. Mark it as invalid, or abandon it.")
    for serial in erased.kept:
        click.echo(f"Invoice {serial}: kept with the customer's details, as the law requires.")
    counted = [f"{name} {number}" for name, number in erased.counts.items() if number]
    click.echo(f"Tickets erased: {len(erased.codes)}. Rows emptied: {', '.join(counted) or 'none'}.")


@commands.command("restored")
def restored() -> None:
    """Run this after a restore, before any worker: nothing sent since the backup is sent again."""
    with as_operator() as ctx:
        erased, done = restoring.restore(ctx)
    current().database.scrub()
    with as_operator(reads=True) as ctx:
        heads.restored(ctx.session, ctx.services.files, ctx.now)
    for code in erased.codes:
        click.echo(f"{code}: erased again.")
    for code in done.lost:
        click.echo(f"{code}: not in the backup, but its customer has been emailed.")
    click.echo(f"Emails marked as sent: {len(done.left)}. Emails held for staff to decide: {len(done.held)}.")
    click.echo(f"Emails known only from the journal: {done.unknown}. The next email like each will be held.")
    click.echo(f"Held webhook requests: {done.deliveries}. Held notifications about issues: {done.news}.")


@commands.group("workflow")
def workflow_group() -> None:
    """Show the workflows."""


@workflow_group.command("show")
@click.argument("name")
def workflow_show(name: str) -> None:
    """Print the workflow NAME as Markdown tables."""
    workflows = current().services.present.declared
    if name not in workflows:
        raise click.ClickException(
            f"There is no workflow “{name}”. Choose one of: {', '.join(sorted(workflows))}."
        )
    click.echo(described(workflows[name]))


def described(workflow: Workflow) -> str:
    """A workflow as Markdown: its states and its transitions."""
    lines = [f"# {workflow.label}", "", "| state | part | meaning |", "| --- | --- | --- |"]
    lines += [f"| {state.label} | {state.part} | {state.meaning} |" for state in workflow.states]
    lines += ["", "| transition | from | to | who |", "| --- | --- | --- | --- |"]
    label = {state.name: state.label for state in workflow.states}
    for transition in workflow.transitions:
        sources = ", ".join(label[name] for name in transition.sources)
        target = (
            label.get(transition.target, f"{transition.target} of {transition.into}")
            if transition.target
            else "the same"
        )
        who = ", ".join(sorted(transition.who))
        lines.append(f"| {transition.label} | {sources} | {target} | {who} |")
    lines += ["", "| transition | holds | does not hold |", "| --- | --- | --- |"]
    for transition in workflow.transitions:
        lines += [f"| {transition.label} | {guard.met} | {guard.unmet} |" for guard in transition.guards]
    return "\n".join(lines)
