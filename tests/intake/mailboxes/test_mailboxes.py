"""Managers enter mailboxes, check them, and workers read them (P10)."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from typing import Self

import pytest
from flask import Flask

from paidsupport.intake.mail import fetch
from paidsupport.intake.mail.fetch import MailboxError
from paidsupport.intake.mailboxes import operations, queries, reading
from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration.history import HIDDEN
from paidsupport.testing import mount_of
from tests.catalogue.rows import Manager, errors, told
from tests.conftest import guard
from tests.intake.mail.dovecot import PASSWORD, Dovecot, find_dovecot
from tests.intake.mail.incoming import mail, mails
from tests.people import Desk, press, sign_in

pytestmark = pytest.mark.row("P10")

THERE = "/support/desk/setup/mailboxes"
NEW = f"{THERE}/new"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A running server."""
    if find_dovecot() is None:
        guard("dovecot", "apt-get install dovecot-imapd")
    with Dovecot() as dovecot:
        yield dovecot


def entered(desk: Desk, **typed: object) -> int:
    """A mailbox of a server that is never asked; returns its id."""
    values = {**operations.NEW, "login": "support@example.org", "host": "imap.example.org", "active": False}
    with desk.ctx(desk.mia) as ctx:
        return operations.keep(ctx, 0, {**values, **typed}, "open sesame", seen={}, key=new_key())


def accounts(desk: Desk) -> list[MailboxAccount]:
    """What is stored."""
    with desk.ctx() as ctx:
        return list(queries.accounts(ctx.session))


def test_a_mailbox_is_entered_checked_and_read(app: Flask, desk: Desk, server: Dovecot) -> None:
    """With a real server: what is wrong is said, then workers read it at their next round."""
    mia, user = Manager(app), uuid.uuid4().hex
    with server.open(user):
        pass
    typed = {"login": user, "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    made = mia.send(NEW, "#ps-mailbox", **typed, password="wrong horse", purpose="sales")
    assert made.status_code == 303
    [row] = accounts(desk)
    one = f"{THERE}/{row.id}"

    def check() -> str:
        pressed = mia.press(one, f"{one}/check")
        assert pressed.location.endswith(one)
        return mia.page(one).text

    assert "refuses this user name or password" in check()
    assert mia.send(one, "#ps-mailbox", password=PASSWORD, move="Nowhere").status_code == 303
    assert "there is no folder “Nowhere”" in check()
    assert mia.send(one, "#ps-mailbox", move="").status_code == 303
    assert "this mailbox can be read" in check()
    desk.work()
    server.append(user, mail("Something new.").as_bytes())
    desk.work()
    assert [(each.text, each.purpose) for each in mails(desk)] == [("Something new.", "sales")]
    assert mia.send(one, "#ps-mailbox", active=None).status_code == 303
    server.append(user, mail("Never read.").as_bytes())
    desk.work()
    assert len(mails(desk)) == 1
    assert "switched off" in mia.page(THERE).text
    assert mia.press(one, f"{one}/remove").status_code == 303
    assert accounts(desk) == []
    lines = told(desk, "mailbox")
    assert [kind for kind, _, _ in lines] == ["added", "changed", "changed", "changed", "removed"]
    assert lines[1][2]["after"] == {"password": HIDDEN, "move": "Nowhere"}
    assert not [each for each in lines if PASSWORD in str(each) or "wrong horse" in str(each)]
    assert desk.broken() == {}


def test_a_password_is_never_shown_or_sent_elsewhere(app: Flask, desk: Desk) -> None:
    """It belongs to its server and user; whoever changes these has to know it."""
    mia, one = Manager(app), f"{THERE}/{entered(desk)}"
    assert "open sesame" not in mia.client.get(one).text
    assert mia.send(one, "#ps-mailbox", folder="Support").status_code == 303
    for changed in ({"host": "imap.example.net"}, {"login": "x"}, {"port": "144"}, {"security": "starttls"}):
        assert "Enter the password again" in errors(mia.send(one, "#ps-mailbox", **changed))
    plain = mia.send(NEW, "#ps-mailbox", login="y", host="imap.example.org", security="none", password="x")
    assert "Choose an encrypted connection" in errors(plain)
    said = errors(mia.send(NEW, "#ps-mailbox", host="https://x", port="70000", login="", purpose="a b"))
    for sentence in (
        "Enter a server like imap.example.org.",
        "Enter a number from 1 to 65535.",
        "Enter the user name.",
        "Use small letters, digits and hyphens",
    ):
        assert sentence in said
    typed = {"login": "support@example.org", "host": "imap.example.org", "folder": "Support"}
    assert "is there already" in errors(mia.send(NEW, "#ps-mailbox", password="x", **typed))
    assert "Enter the password." in errors(mia.send(NEW, "#ps-mailbox", login="y", host="imap.example.org"))
    assert sign_in(app, "ada").get(one).status_code == 403


def test_configured_mailboxes_are_shown_and_can_be_taken_over(lite_app: Flask, lite_desk: Desk) -> None:
    """Both are read; one that was entered as well is read as it was entered, or not at all."""
    mount = mount_of(lite_app)
    setting = "imaps://support%40example.org:x@imap.example.org/INBOX,imaps://b:y@imap.example.net"
    object.__setattr__(mount.settings, "mailboxes", setting)  # frozen
    mia = Manager(lite_app)
    assert mia.page(THERE).text.count("PAIDSUPPORT_MAILBOXES") == 2
    number = entered(lite_desk, active=True, purpose="sales")
    assert mia.page(THERE).text.count("PAIDSUPPORT_MAILBOXES") == 1
    with lite_desk.ctx() as ctx:
        others = reading.configured(ctx).addresses
        read = {each.host: (each.purpose, each.password) for each in reading.addresses(ctx, others)}
    assert read == {"imap.example.net": ("support", "y"), "imap.example.org": ("sales", "open sesame")}
    assert mia.send(f"{THERE}/{number}", "#ps-mailbox", active=None).status_code == 303
    with lite_desk.ctx() as ctx:
        assert [each.host for each in reading.addresses(ctx, others)] == ["imap.example.net"]


def test_a_connection_is_encrypted_before_anything_is_said(
    app: Flask, desk: Desk, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By STARTTLS, with a certificate that is checked; a server that does not offer it gets no password."""
    mia, user = Manager(app), uuid.uuid4().hex

    def check() -> str:
        [row] = accounts(desk)
        one = f"{THERE}/{row.id}"
        mia.press(one, f"{one}/check")
        return mia.page(one).text

    with Dovecot(encrypted=True) as safe:
        with safe.open(user):
            pass
        typed = {"login": user, "host": "localhost", "port": str(safe.port), "security": "starttls"}
        assert mia.send(NEW, "#ps-mailbox", **typed, password=PASSWORD).status_code == 303
        assert "The certificate of the server isn't valid for localhost." in check()
        monkeypatch.setenv("SSL_CERT_FILE", safe.certificate)
        assert "this mailbox can be read" in check()
        desk.work()
        safe.append(user, mail("Something new.").as_bytes())
        desk.work()
        assert [each.text for each in mails(desk)] == ["Something new."]
    # the same as it is configured, at a server without encryption
    (address,) = fetch.addresses(f"imap+starttls://{user}:secret-word@localhost:{server.port}/INBOX")
    with pytest.raises(MailboxError, match="does not offer STARTTLS") as refused:
        fetch.check(address, 5)
    assert "secret-word" not in str(refused.value)
    with Talker() as talker:
        [row] = accounts(desk)
        typed = {"port": str(talker.port), "password": "secret-word"}
        assert mia.send(f"{THERE}/{row.id}", "#ps-mailbox", **typed).status_code == 303
        assert "doesn't offer STARTTLS at this port" in check()
    assert b"CAPABILITY" in talker.heard
    assert b"LOGIN" not in talker.heard
    assert b"secret-word" not in talker.heard


class Talker:
    """A mail server that takes a login without encryption, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._talk, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._socket.close()

    def _talk(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"* OK hello\r\n")
            for line in iter(lines.readline, b""):
                self.heard += line
                connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + line.split()[0] + b" OK done\r\n")


def test_a_server_that_is_silent_or_gone_is_said(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a time that a person can wait for."""
    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        number = entered(lite_desk, host="127.0.0.1", port=port, security="none")
        with lite_desk.ctx() as ctx:
            assert "answer in time" in str(reading.check(ctx, operations.found(ctx, number)))
    with lite_desk.ctx() as ctx:
        assert "can't be reached" in str(reading.check(ctx, operations.found(ctx, number)))


def test_nobody_waits_for_a_mailbox_that_is_checked(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a server is silent, others write: the check holds no lock of the database."""
    number, mia = entered(desk), sign_in(app, "mia")

    def silent(_address: object, _patience: float) -> None:
        entered(desk, login="other@example.org")

    monkeypatch.setattr(fetch, "check", silent)
    done = press(mia, f"{THERE}/{number}", f"{THERE}/{number}/check")
    assert done.status_code == 303
    assert {row.login for row in accounts(desk)} == {"support@example.org", "other@example.org"}


def test_a_login_may_hold_any_letters(lite_desk: Desk, server: Dovecot) -> None:
    """What is refused is the login, not the connection."""
    typed = {"host": "127.0.0.1", "port": str(server.port), "security": "none", "login": "müller"}
    number = entered(lite_desk, **typed)
    with lite_desk.ctx() as ctx:
        assert "refuses this user name or password" in str(reading.check(ctx, operations.found(ctx, number)))
