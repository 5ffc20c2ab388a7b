"""A manager sends a test email, and reads what is wrong if it does not leave (P10)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.kernel.mail.transports import ConsoleTransport, KeepTransport, from_url
from paidsupport.kernel.staff import operations as people
from paidsupport.manage.trial import operations
from paidsupport.testing import mount_of
from tests.certificates import certificate
from tests.kernel.mail.servers import Mailbox, RawServer, serving
from tests.people import Desk, sign_in
from tests.postgres import free_port

pytestmark = pytest.mark.row("P10")

FIRST = "/support/desk/setup/first/mail"
SETTINGS = "/support/desk/setup/settings/emails"
SECRET = "secret-word"  # of a test


def said(app: Flask, page: str = FIRST, name: str = "mia") -> str:
    """Press the button; what the page says then."""
    browser = sign_in(app, name)
    soup = BeautifulSoup(browser.get(page).text, "html.parser")
    form = next(each for each in soup.select("form") if "Send a test email to me" in each.get_text())
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input[type=hidden]")}
    answer = browser.post(str(form["action"]), data=fields, headers={"Accept": "text/html"})
    if answer.status_code == 303:
        answer = browser.get(answer.location)
    assert SECRET not in answer.text
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def through(app: Flask, url: str) -> None:
    """Let emails leave by this way."""
    mount_of(app).transport = from_url(url)


@pytest.mark.parametrize("page", [FIRST, SETTINGS])
def test_a_test_email_leaves_at_once(app: Flask, desk: Desk, page: str) -> None:
    """To who pressed the button, without a worker; the outbox has nothing of it."""
    mailbox = Mailbox()
    with serving(mailbox) as url:
        through(app, url)
        assert "The test email has left for mia@example.org." in said(app, page)
    (mail,) = mailbox.mails
    assert (mail["To"].addresses[0].addr_spec, mail["Auto-Submitted"]) == (
        "mia@example.org",
        "auto-generated",
    )
    assert "Test email from" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body
    assert f"{mount_of(app).settings.base_url}/support/desk/" in body.get_content()
    assert desk.broken() == {}


class Picky(Mailbox):
    """A server that refuses a sender or a recipient."""

    def __init__(self, *, sender: bool = False, recipient: bool = False) -> None:
        super().__init__()
        self._sender, self._recipient = sender, recipient

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Only its own addresses may send."""
        envelope.mail_from = address
        return f"550 not yours, {SECRET}" if self._sender else "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Nobody is known here."""
        envelope.rcpt_tos.append(address)
        return "550 no such user" if self._recipient else "250 OK"


def locked(url: str) -> str:
    """The address of a server with a user and a password."""
    return url.replace("smtp://", f"smtp://mia:{SECRET}@")


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        (lambda: serving(Picky(recipient=True)), "refuses the recipient mia@example.org: 550 no such user"),
        (lambda: serving(Mailbox("554 spam")), "The mail server refuses the email: 554 spam"),
        (lambda: RawServer("greeting"), "closed the connection. Check its port and encryption."),
        (lambda: RawServer("greeting", silent=True), "doesn't answer in time"),
        (lambda: RawServer("DATA"), "it may have left"),
    ],
)
def test_each_refusal_has_its_sentence(
    lite_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    server: Callable[[], AbstractContextManager[str | RawServer]],
    sentence: str,
) -> None:
    """From real servers of all kinds of temper."""
    monkeypatch.setattr(operations, "PATIENCE", 0.3)
    with server() as there:
        through(lite_app, there if isinstance(there, str) else there.url)
        assert sentence in said(lite_app)


def test_a_login_that_is_refused_is_said_without_it(lite_app: Flask) -> None:
    """Nor what the server answers, which may repeat it."""

    def no(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    def yes(*_: object) -> AuthResult:
        return AuthResult(success=True)

    with serving(Mailbox(), authenticator=no, auth_require_tls=False) as url:
        through(lite_app, locked(url))
        assert "refuses the user name or password" in said(lite_app)
    with serving(Mailbox()) as url:  # it takes no logins
        through(lite_app, locked(url))
        assert "refuses the user name or password" in said(lite_app)
    with serving(Picky(sender=True), authenticator=yes, auth_require_tls=False) as url:
        through(lite_app, locked(url))
        assert ": 550 not yours, …" in said(lite_app)


def test_a_server_without_the_wanted_encryption_is_said(lite_app: Flask, tmp_path: Path) -> None:
    """STARTTLS that is not offered, TLS where there is none, and a certificate that nobody vouches for."""
    with serving(Mailbox()) as url:
        through(lite_app, locked(f"{url}?starttls=1"))
        assert "doesn't offer this encryption" in said(lite_app)
        through(lite_app, url.replace("smtp://", "smtps://"))
        assert "doesn't offer this encryption" in said(lite_app)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate(tmp_path, "localhost"))
    with serving(Mailbox(), tls_context=context) as url:
        through(lite_app, f"{url}?starttls=1".replace("127.0.0.1", "localhost"))
        assert "The certificate of the server isn't valid for localhost." in said(lite_app)


def test_a_server_that_is_not_there_is_said(lite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, or at its port."""
    through(lite_app, f"smtp://127.0.0.1:{free_port()}")
    assert "can't be reached at port" in said(lite_app)

    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    through(lite_app, f"smtp://mia:{SECRET}@smtp.example.invalid")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "There is no mail server called smtp.example.invalid." in said(lite_app)


def test_what_does_not_leave_is_not_said_to(lite_app: Flask) -> None:
    """Printed on the server, or kept."""
    mount_of(lite_app).transport = ConsoleTransport()
    assert "was printed by the server. Emails don't leave yet." in said(lite_app)
    mount_of(lite_app).transport = KeepTransport()
    assert "Emails don't leave this desk" in said(lite_app)


def test_only_managers_send_few_and_to_themselves(lite_app: Flask, lite_desk: Desk) -> None:
    """Ten an hour, whatever becomes of them; without an address there is none."""
    through(lite_app, f"smtp://127.0.0.1:{free_port()}")
    for _ in range(operations.MOST):
        assert "can't be reached" in said(lite_app)
    assert "can't be reached" not in said(lite_app)
    assert "can't be reached" not in said(lite_app, SETTINGS)
    lite_desk.clock.forward(hours=1, minutes=1)
    assert "can't be reached" in said(lite_app, SETTINGS)
    ada = sign_in(lite_app, "ada")
    assert ada.get(FIRST).status_code == 403
    assert ada.post(f"{SETTINGS}/test").status_code == 403
    with lite_desk.ctx(lite_desk.mia) as ctx:
        people.set_profile(ctx, email="", payment="")
    assert "Enter your email address on your profile first." in said(lite_app)
