"""Which mailboxes are read: those that are configured, and those that managers entered."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from paidsupport.intake.mail import fetch
from paidsupport.intake.mail.fetch import Address, MailboxError, Problem, Security
from paidsupport.intake.mailboxes import queries
from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

log = logging.getLogger("paidsupport.mail")

#: The most seconds that a step of a check may take: a person waits for it.
PATIENCE = 5
_NEEDED = _("Reading mailboxes needs more packages on the server: pip install 'paidsupport[mail-in]'")


@dataclass(frozen=True, slots=True)
class Configured:
    """What the deployment configures: mailboxes, or what is wrong with the setting."""

    addresses: list[Address]
    fault: str = ""


def configured(ctx: Context) -> Configured:
    """The mailboxes in `PAIDSUPPORT_MAILBOXES`."""
    try:
        return Configured(fetch.addresses(ctx.services.settings.mailboxes))
    except ConfigurationError as error:
        return Configured([], str(error))


def addresses(ctx: Context, others: Iterable[Address]) -> list[Address]:
    """The mailboxes to read.

    Args:
        ctx: The worker's.
        others: Those that are configured. One that managers entered as well is as they entered it.
    """
    found = {each.name: each for each in others}
    for row in queries.accounts(ctx.session):
        found.pop(name_of(row), None)
        if row.active:
            try:
                found[name_of(row)] = _address(ctx, row)
            except ConfigurationError as error:
                log.error("the mailbox of %s is not read: %s", row.login, error)  # noqa: TRY400  # it says all
    return list(found.values())


def name_of(row: MailboxAccount) -> str:
    """The name under which it is known how far it was read."""
    return fetch.name_of(row.login, row.host, row.port, row.folder)


def check(ctx: Context, row: MailboxAccount) -> Message | str:
    """Connect to a mailbox as workers do; returns what stands in the way, in a sentence without secrets.

    Nothing is fetched or marked. The sentence is empty if all is well.
    """
    if find_spec("imap_tools") is None:
        return _NEEDED
    try:
        address = _address(ctx, row)
    except ConfigurationError:
        return _("The password can't be read any more. Enter it again.")
    ctx.session.rollback()  # nothing was written, and no one waits for a lock while a server is silent
    try:
        fetch.check(address, PATIENCE)
    except MailboxError as error:
        return _said(error.problem, row)
    return ""


def _address(ctx: Context, row: MailboxAccount) -> Address:
    return Address(
        host=row.host,
        port=row.port,
        security=Security(row.security),
        user=row.login,
        password=sealing.open_bytes(ctx.services.links, bound_to(row), row.sealed),
        folder=row.folder,
        purpose=row.purpose,
        move=row.move,
    )


def bound_to(row: MailboxAccount) -> str:
    """What a password is for: it opens nothing else."""
    return f"mailbox {row.security} {row.login}@{row.host}:{row.port}"


def _said(problem: Problem, row: MailboxAccount) -> Message:
    no_folder = _(
        "The login works, but there is no folder “%(name)s”.",
        name=row.move if problem is Problem.TARGET else row.folder,
    )
    return {
        Problem.LOGIN: _("The server refuses this user name or password."),
        Problem.FOLDER: no_folder,
        Problem.TARGET: no_folder,
        Problem.CERTIFICATE: _("The certificate of the server isn't valid for %(name)s.", name=row.host),
        Problem.UNENCRYPTED: _(
            "The server doesn't offer STARTTLS at this port, so no password was sent. Try TLS with its port,"
            " often 993."
        ),
        Problem.SILENT: _("The server doesn't answer in time. Check its name, port and encryption."),
        Problem.UNREACHABLE: _("The server can't be reached. Check its name and port."),
        Problem.OTHER: _("The server answers otherwise than a mailbox does. Check its port and encryption."),
    }[problem]
