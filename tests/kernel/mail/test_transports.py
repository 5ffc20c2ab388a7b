"""How a mail leaves: three ends that are never mixed up, by every transport."""

from __future__ import annotations

import time
from contextlib import nullcontext
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

import pytest

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.mail import transports
from paidsupport.kernel.mail.transports import (
    ConsoleTransport,
    KeepTransport,
    MemoryTransport,
    NotSentError,
    SmtpTransport,
    Transport,
    UnclearError,
    from_url,
)
from tests.kernel.mail.servers import Mailbox, RawServer, serving
from tests.postgres import free_port


def mail(to: str = "jane@example.com") -> EmailMessage:
    """Some mail."""
    made = EmailMessage(policy=SMTP)
    made["From"] = "Support <support@example.org>"
    made["To"] = to
    made["Subject"] = "Grüße"
    made.set_content("Hello.\n.\nA line with a dot before it.\n")
    return made


@pytest.mark.parametrize("transport", [ConsoleTransport(), MemoryTransport(), KeepTransport()])
class TestTheTwins:
    """What every transport that needs no server promises."""

    def test_a_mail_is_taken(self, transport: Transport) -> None:
        """Without a word, and any number of times."""
        transport.send(mail())
        transport.send(mail())


def test_the_console_shows_recipient_subject_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing of HTML or headers."""
    made = mail()
    made.add_alternative("<p>Hello</p>", subtype="html")
    ConsoleTransport().send(made)
    shown = capsys.readouterr().out
    assert shown.startswith("--- mail to jane@example.com: Grüße\nHello.")
    assert "<p>" not in shown


def test_the_memory_keeps_mails_in_their_order() -> None:
    """The same objects."""
    transport, sent = MemoryTransport(), [mail(), mail()]
    for made in sent:
        transport.send(made)
    assert transport.sent == sent


def test_a_mail_arrives_as_it_was_made() -> None:
    """Byte for byte, with sender and recipient on its envelope."""
    mailbox = Mailbox()
    with serving(mailbox) as url:
        SmtpTransport(url).send(mail())
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("support@example.org", ["jane@example.com"])
    assert envelope.content == mail().as_bytes()


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("554 spam", True)])
def test_a_refusal_is_certain_and_says_whether_to_try_again(answer: str, *, permanent: bool) -> None:
    """4xx is for now, 5xx for ever."""
    with serving(Mailbox(answer)) as url, pytest.raises(NotSentError, match=answer) as refused:
        SmtpTransport(url).send(mail())
    assert refused.value.permanent is permanent


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT"])
def test_a_break_before_the_mail_is_certain(step: str) -> None:
    """Nothing was handed over: it may be tried again."""
    with RawServer(step) as server, pytest.raises(NotSentError) as refused:
        SmtpTransport(server.url).send(mail())
    assert not refused.value.permanent
    assert server.taken == []


def test_a_break_after_the_mail_is_unclear() -> None:
    """It may have arrived: only a person can know."""
    with RawServer("DATA") as server, pytest.raises(UnclearError):
        SmtpTransport(server.url).send(mail())
    assert len(server.taken) == 1


def test_a_break_after_the_answer_changes_nothing() -> None:
    """The mail has left; how the server says good-bye does not matter."""
    with RawServer("QUIT") as server:
        SmtpTransport(server.url).send(mail())
    assert len(server.taken) == 1


@pytest.mark.parametrize("step", ["greeting", "RCPT", "DATA", "QUIT"])
def test_a_silent_server_is_not_waited_for_longer_than_the_time_out(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whichever step it hangs."""
    monkeypatch.setattr(transports, "TIMEOUT", 0.3)
    ends = {"greeting": NotSentError, "RCPT": NotSentError, "DATA": UnclearError}
    begun = time.monotonic()
    with RawServer(step, silent=True) as server:
        with pytest.raises(ends[step]) if step in ends else nullcontext():
            SmtpTransport(server.url).send(mail())
        assert time.monotonic() - begun < 20


def test_nobody_there_is_certain() -> None:
    """A dead server loses nothing."""
    with pytest.raises(NotSentError) as refused:
        SmtpTransport(f"smtp://127.0.0.1:{free_port()}").send(mail())
    assert not refused.value.permanent


@pytest.mark.parametrize("to", ["jürgen@example.org", "jane@bücher.example", "jane@exa\u2024mple.org"])
def test_an_address_that_cannot_be_spoken_is_refused_and_breaks_nothing(to: str) -> None:
    """Not in ASCII: the server does not understand it, and we say so."""
    with serving(Mailbox(), utf8=False) as url, pytest.raises(NotSentError) as refused:
        SmtpTransport(url).send(mail(to))
    assert refused.value.permanent


def test_letters_before_the_at_go_where_the_server_can() -> None:
    """With SMTPUTF8, header and envelope say the address as it is; without, the reason is a sentence."""
    box, made = Mailbox(), mail("jürgen@example.org")
    with serving(box) as url:
        SmtpTransport(url).send(made)
    assert box.envelopes[0].rcpt_tos == ["jürgen@example.org"]
    assert "To: jürgen@example.org\r\n".encode() in cast("bytes", box.envelopes[0].content)
    with serving(box, utf8=False) as url, pytest.raises(NotSentError, match="does not offer SMTPUTF8"):
        SmtpTransport(url).send(made)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("console:", ConsoleTransport),
        ("memory:", MemoryTransport),
        ("keep:", KeepTransport),
        ("smtp://localhost", SmtpTransport),
        ("smtps://u:p%40ss@mail.example.org:465", SmtpTransport),
    ],
)
def test_the_setting_names_a_transport(url: str, kind: type[Transport]) -> None:
    """One word for each."""
    assert type(from_url(url)) is kind


@pytest.mark.parametrize("url", ["", "localhost:25", "http://localhost", "smtp:", "sendmail:"])
def test_another_setting_is_refused_in_a_sentence(url: str) -> None:
    """The sentence names the setting, and no password that is in it."""
    with pytest.raises(ConfigurationError, match="PAIDSUPPORT_MAIL_URL"):
        from_url(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("smtp://localhost", "localhost", 25),
        ("smtp://mail.example.org?starttls=1", "mail.example.org", 587),
        ("smtps://mail.example.org", "mail.example.org", 465),
        ("smtp://[::1]:2525", "::1", 2525),
    ],
)
def test_ports_follow_from_the_kind_of_server(url: str, host: str, port: int) -> None:
    """Unless one is given."""
    transport = SmtpTransport(url)
    assert (transport._host, transport._port) == (host, port)
