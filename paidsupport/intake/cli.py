"""Commands for guides and incoming mail."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from paidsupport.intake.guides import operations as guides
from paidsupport.intake.mail import inbound, parse
from paidsupport.kernel.cli import as_operator
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.mount import current
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received import tables as rows

commands = AppGroup()


@commands.group("guides")
def guides_group() -> None:
    """Manage the desk's guides."""


#: A folder with one file for each guide, `<slug>.md`, and for each of its other languages, `<slug>.<tag>.md`.
_FOLDER = click.Path(file_okay=False, path_type=Path)


@guides_group.command("load")
@click.argument("folder", type=_FOLDER)
def guides_load(folder: Path) -> None:
    """Load guides from a folder of Markdown files. A changed text becomes a new edition.

    NAME.md is a guide, NAME.de.md its German title and text.
    """
    with as_operator() as ctx:
        texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
        own = [name for name in texts if "." not in name]
        click.echo(f"Guides loaded: {len(own)}. New or changed: {guides.load(ctx, texts)}.")


@guides_group.command("dump")
@click.argument("folder", type=_FOLDER)
def guides_dump(folder: Path) -> None:
    """Write every guide to a folder, as Markdown files."""
    folder.mkdir(parents=True, exist_ok=True)
    with as_operator(reads=True) as ctx:
        texts = guides.dump(ctx.session)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    own = [name for name in texts if "." not in name]
    click.echo(f"Guides written: {len(own)}.")


#: Exit codes that mail servers know: EX_DATAERR and EX_TEMPFAIL of sysexits.h.
_NO_MAIL, _TRY_AGAIN = 65, 75


@commands.command("mail-in")
@click.option(
    "--to", "recipient", default="", metavar="ADDRESS", help="The address that the email was delivered to."
)
def mail_in(recipient: str) -> None:
    """Take in one email from standard input and print what happened to it, as JSON.

    Exit code 0: the email is stored, now or by an earlier delivery. 65: it is not an email, or is too large.
    75: nothing was stored; deliver it again later.
    """
    raw = sys.stdin.buffer.read(parse.SIZE_LIMIT + 1)
    if len(raw) > parse.SIZE_LIMIT or not parse.looks_like_mail(raw):
        _tell({"state": "refused", "reason": "This is not an email, or it is too large."}, code=_NO_MAIL)
    try:
        taken = inbound.take_in(current().by_clock, raw, recipient=recipient)
    except Exception as error:  # noqa: BLE001  # any fault: the mail server then tries again
        why = str(error) if isinstance(error, PaidSupportError) else type(error).__name__
        _tell({"state": "away", "reason": f"Nothing was stored: {why}"}, code=_TRY_AGAIN)
    _tell(asdict(taken), code=0)


@commands.command("mail-replay")
@click.argument("reference", required=False)
@click.option("--failed", is_flag=True, help="All emails that could not be read.")
@click.option("--kept", is_flag=True, help="All emails that belong to no ticket. They become requests.")
def mail_replay(reference: str | None, *, failed: bool, kept: bool) -> None:
    """Process a stored email again: the one with this REFERENCE, or all of a kind."""
    if [bool(reference), failed, kept].count(True) != 1:
        raise click.UsageError("Give one reference, --failed or --kept.")
    mount = current()
    with as_operator(reads=True) as ctx:
        ids = (
            [rows.by_reference(ctx.session, reference).id]
            if reference
            else rows.in_state(ctx.session, MailState.KEPT if kept else MailState.FAILED)
        )
    for mail_id in ids:
        taken = inbound.replay(mount.by_clock, mail_id)
        click.echo(json.dumps(asdict(taken)) if taken else "The database or the files cannot be reached.")


def _tell(said: dict[str, object], *, code: int) -> NoReturn:
    """Print `said` as one JSON object and end with this exit code."""
    click.echo(json.dumps(said))
    raise click.exceptions.Exit(code)
