"""Commands for those who run the desk."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import AppGroup

from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.cli import OPERATOR, as_operator
from paidsupport.kernel.context import Context
from paidsupport.kernel.jobs import heartbeat
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.mount import current
from paidsupport.kernel.workflow import Workflow
from paidsupport.ops import reindexing, restoring
from paidsupport.ops.doctor import doctor
from paidsupport.ops.erasure import erasure
from paidsupport.ops.erasure import export as personal_export

commands = AppGroup()


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
    mount = current()
    with mount.database.snapshot() as session:
        ctx = Context(mount.services, session, OPERATOR, mount.clock())
        if head:
            click.echo(heads.printed(ctx))
            return
        findings = doctor.examine(ctx)
        idle = heartbeat.fault(ctx)
        if since:
            findings[f"the ledger goes on from {since.name}"] = _cut_since(ctx, since)
    if as_json:
        click.echo(json.dumps(findings))
    else:
        for name, broken in findings.items():
            click.echo(f"{'ok' if not broken else 'BROKEN':6}  {name}")
            for line in broken:
                click.echo(f"        {line}")
    if (fault := mount.services.vault.fault) and not any(fault in lines for lines in findings.values()):
        click.echo(f"Warning: customers cannot give access to their hosts: {fault}", err=True)
    for fault in filter(None, (idle, *mount.faults())):
        click.echo(f"Warning: {fault}", err=True)
    if any(findings.values()):
        raise click.exceptions.Exit(1)


def _cut_since(ctx: Context, since: Any) -> list[str]:  # noqa: ANN401  # click's text file
    try:
        return list(heads.missing(ctx, heads.read(since)))
    except ValueError:
        raise click.UsageError(f"{since.name} is not what doctor --head prints.") from None


@commands.command("reindex")
def reindex() -> None:
    """Make the words anew by which tickets and issues are found; the desk may go on meanwhile."""
    for part in (reindexing.tickets, reindexing.issues):
        last: int | None = 0
        while last is not None:
            with as_operator() as ctx:
                last = part(ctx, last)
    click.echo("The index holds every ticket and issue anew.")


@commands.command("erase")
@click.argument("address", default="")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.option("--replay", is_flag=True, help="After a restore: erase again what was erased before.")
def erase(address: str, *, yes: bool, replay: bool) -> None:
    """Take everything personal out of the ended tickets of a mail address or phone number, for good (P13)."""
    if bool(address) == replay:
        raise click.UsageError("Name the mail address or phone number of a customer, or give --replay.")
    if address and not yes:
        with as_operator(reads=True) as ctx:
            codes = erasure.found(ctx, address)
        if codes:
            click.confirm(f"Erase {', '.join(codes)} for good?", abort=True)
    with as_operator() as ctx:
        erased = erasure.replay(ctx) if replay else erasure.erase(ctx, address)
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
    with as_operator(reads=True) as ctx:
        click.echo(json.dumps(personal_export.of_customer(ctx, address), ensure_ascii=False))


@commands.command("restored")
def restored() -> None:
    """After a restore, before a worker runs: nothing that has left since the backup was made leaves again."""
    with as_operator() as ctx:
        erased, done = restoring.restore(ctx)
    current().database.scrub()
    with as_operator(reads=True) as ctx:
        heads.restored(ctx.session, ctx.services.files, ctx.now)
    for code in erased.codes:
        click.echo(f"{code} is erased again")
    for code in done.lost:
        click.echo(f"{code} came after the backup: its customer has been written to, and it is not here")
    click.echo(f"emails that had left: {len(done.left)}; held for a person to decide: {len(done.held)}")
    click.echo(f"emails known from the journal alone: {done.unknown}; the next one like each is held")
    click.echo(f"requests to the webhook and news of issues that waited: {done.deliveries}, {done.news}")


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
    """A workflow as Markdown: its states and its transitions."""
    lines = [f"# {workflow.label}", "", "| state | part | meaning |", "| --- | --- | --- |"]
    lines += [f"| {state.label} | {state.part} | {state.meaning} |" for state in workflow.states]
    lines += ["", "| move | from | to | who |", "| --- | --- | --- | --- |"]
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
    lines += ["", "| move | holds | does not hold |", "| --- | --- | --- |"]
    for transition in workflow.transitions:
        lines += [f"| {transition.label} | {guard.met} | {guard.unmet} |" for guard in transition.guards]
    return "\n".join(lines)
