"""Mailboxes as a part of the file of the whole configuration: without their passwords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from paidsupport.intake.mailboxes import queries
from paidsupport.intake.mailboxes.operations import BINDING, SECURITIES, tidied, values_of
from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.kernel import faults
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.configuration.file import Configured, Reading, State
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.configuration.writing import listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.messages import gettext as said

_TEXTS = ("login", "host", "security", "folder", "purpose", "move")
_KEYS = ("login", "host", "port", "security", "folder", "purpose", "move", "active")
_HELP = """\
Mailboxes that are read: user, server, port, security ("tls", "starttls" or "none"), folder, purpose, and the
folder that emails are moved to. active = false: it is not read. Their passwords are never in this
file: a mailbox that is new here is not read before its password was entered by hand.
"""


class Mailboxes(Configured):
    """The mailboxes that managers entered."""

    key, about, place = "mailbox", "mailbox", 95
    label = _("Mailboxes")
    help = _HELP
    tables = (MailboxAccount,)

    def current(self, ctx: Context) -> State:
        return dict(sorted((_named(values_of(row)), values_of(row)) for row in queries.accounts(ctx.session)))

    def read(self, reading: Reading) -> State:
        reader, found, here = reading.reader, dict[str, dict[str, Any]](), reading.current["mailbox"]
        for number, given in reader.tables(reading.document.get("mailbox", []), "mailbox"):
            where = reader.at(given, f"mailbox “{given.get('login', number)}”")
            reader.unknown_keys(given, _KEYS, where)
            typed: dict[str, Any] = {name: reader.text(given, name, where) for name in _TEXTS}
            typed["security"] = typed["security"] or "tls"
            if typed["security"] not in SECURITIES:
                reader.fault(where, faults.one_of(SECURITIES), "security")
            port = reader.number(given, "port", where, least=1, most=65535)
            typed["port"] = str(port or "")
            typed["active"] = reader.switch(given, "active", where, default=True)
            fields = Fields()
            values = tidied(fields, typed)
            for name, sentences in fields.problems.items():
                for sentence in sentences:
                    reader.fault(where, faults.message(sentence), name)
            name = _named(values)
            if name in found:
                reader.fault(where, faults.twice(name))
            found[name] = values
            if name not in here or here[name]["security"] != values["security"]:
                reading.notes.append(
                    said("Enter the password of the mailbox %(name)s once it is loaded.", name=name)
                )
        return dict(sorted(found.items()))

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(map(_table, state.values()))

    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        del change
        rows = {_named(values_of(row)): row for row in queries.accounts(ctx.session)}
        for name, row in rows.items():
            if name not in after:
                ctx.session.delete(row)
        for name, values in after.items():
            row = rows.get(name) or MailboxAccount()
            for key, value in values.items():
                setattr(row, key, int(value) if key == "port" else value)
            was = before.get(name)
            if was is None or any(was[key] != values[key] for key in BINDING):
                # bound to nothing, so that it opens nothing: the page asks for the password
                row.sealed, row.password_at = sealing.seal_bytes(ctx.services.links, "", ""), ctx.now
            ctx.session.add(row)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        del thing
        return name


def _named(values: Mapping[str, Any]) -> str:
    return f"{values['login']} ({values['host']}:{values['port']}, {values['folder']})"


def _table(values: Mapping[str, Any]) -> tomlkit.items.Table:
    said_of = {name: values[name] for name in _KEYS if name != "active"} | {"port": int(values["port"])}
    made = table(said_of)
    if not values["active"]:
        made.add("active", value=False)
    return made
