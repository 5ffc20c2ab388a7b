"""An email as a mail: the same at every attempt, and nothing of it can become a header."""

from __future__ import annotations

import io
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from paidsupport.kernel.context import Services
from paidsupport.kernel.files import Upload
from paidsupport.kernel.links import Links
from paidsupport.kernel.text import BadTextError, many_lines, one_line
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails.build import build
from paidsupport.tickets.emails.rules import ANSWER_ABOVE
from tests.people import Desk

HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "X-Paidsupport-Code", "Reply-To", "MIME-Version"),
    *("Content-Type", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "List-Unsubscribe"),
    *("Content-Language", "X-Paidsupport-Kind", "Return-Path", "In-Reply-To", "References"),
}


def services_of(desk: Desk) -> Services:
    """The services of the desk."""
    with desk.ctx() as ctx:
        return ctx.services


def made(desk: Desk, code: str, **changed: str) -> EmailMessage:
    """The mail of the newest email of a ticket, with other values in its columns."""
    services, email, ticket = services_of(desk), desk.emails(code)[-1], desk.ticket(code)
    for name, value in changed.items():
        setattr(email, name, value)
    with desk.app.app_context():
        return build(services, email, ticket, [])


def parsed(mail: EmailMessage) -> EmailMessage:
    """The mail as it is read at the other end."""
    return message_from_bytes(mail.as_bytes(), policy=SMTP)


def body(mail: EmailMessage, kind: str) -> str:
    """The text of a part."""
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())


def test_every_attempt_is_the_same_mail(lite_desk: Desk) -> None:
    """Message-ID, date and addresses do not depend on when it is made."""
    code = lite_desk.order()
    one = made(lite_desk, code)
    lite_desk.clock.forward(hours=5)
    other = made(lite_desk, code)
    assert one.items() == other.items()
    assert one["Message-ID"] == f"<{lite_desk.emails(code)[-1].reference}@example.org>"
    assert one["Date"] == "Tue, 14 Mar 2034 09:00:00 +0000"


def test_a_mail_to_a_customer_carries_code_link_and_way_back(lite_desk: Desk) -> None:
    """Reply-To proves the ticket, and the private link is good."""
    code = lite_desk.order()
    mail = parsed(made(lite_desk, code))
    links = services_of(lite_desk).links
    ticket = lite_desk.ticket(code)
    assert mail["X-Paidsupport-Code"] == code
    assert mail["Reply-To"] == f"support+{links.reply_token(ticket)}@example.org"
    assert f"http://127.0.0.1:5000/support/t/{links.customer(ticket)}" in body(mail, "plain")
    assert mail["From"].addresses[0].display_name == "Gallery support"
    assert mail["To"] == "jane@example.com"


def test_automatic_mails_say_so_and_a_persons_do_not(lite_desk: Desk) -> None:
    """So that no machine answers ours, and people's programs treat emails."""
    desk = lite_desk
    code = desk.order()
    assert made(desk, code)["Auto-Submitted"] == "auto-generated"
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert made(desk, code)["Auto-Submitted"] is None
    desk.receive(code, "Fine.")
    desk.tell()
    notice = made(desk, code)
    assert notice["Auto-Submitted"] == "auto-generated"
    assert notice["Reply-To"] is None
    assert "/t/" not in body(notice, "plain")
    assert notice["To"].addresses[0].display_name == "Ada"


def test_text_and_html_say_the_same_and_markup_is_shown_as_typed(lite_desk: Desk) -> None:
    """One source for both; what was typed is no HTML."""
    code = lite_desk.order()
    typed = "Dear <b>Jane</b> & all,\n\n  <script>alert(1)</script> {{ 7*7 }} {% x %}\nhttps://example.org/?a=1&b=2"
    mail = parsed(made(lite_desk, code, body=typed))
    page = BeautifulSoup(body(mail, "html"), "html.parser")
    shown = page.find("div")
    assert shown
    assert shown.get_text().replace("\r\n", "\n") == typed
    assert body(mail, "plain").replace("\r\n", "\n").startswith(f"{ANSWER_ABOVE}\n\n{typed}\n")
    assert page.find("script") is None
    links = [str(link["href"]) for link in page.find_all("a")]
    assert links[0] == "https://example.org/?a=1&b=2"
    assert links[1].startswith("http://127.0.0.1:5000/support/t/")


def test_attachments_are_bytes_to_be_saved(lite_desk: Desk) -> None:
    """Whatever they say they are, under their names, with their content."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    names = ["evil.html", "Фото «1».jpg", 'a"b;c=d.txt', "x" * 120, "=?utf-8?q?a=0ABcc:_x?="]
    with desk.ctx(desk.ada) as ctx:
        text = correspondence.open_email(ctx, tickets.lock(ctx.session, code)).body
        uploads = [Upload(name, 9, io.BytesIO(b"<b>\0\r\n.\r\n")) for name in names]
        correspondence.write(ctx, code, Draft(text, 1, 0, "k"), uploads)
    mail = parsed(desk.work()[-1])
    parts = list(mail.iter_attachments())
    assert [part.get_filename() for part in parts] == [*names[:-1], "= ?utf-8?q?a=0ABcc:_x?="]
    assert "Bcc" not in str(parts[-1].keys())
    assert {part.get_content_type() for part in parts} == {"application/octet-stream"}
    assert {part.get_content_disposition() for part in parts} == {"attachment"}
    assert {part.get_content() for part in parts} == {b"<b>\0\r\n.\r\n"}


def test_no_text_that_can_be_kept_becomes_a_header(lite_desk: Desk) -> None:
    """Any name and subject is one header that reads back as it was, and any body stays in the body."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    desk.receive(code, "A notice goes to Ada.")
    desk.tell()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=220), st.text(max_size=300), st.text())
    @example('"Ada" <evil@example.org>, x', "=?utf-8?q?a=0ABcc:_x?=", ".\n.\nFrom x\n")
    @example("Ádá, " * 40, "ü" * 200, "x" * 5000)
    @example("a@b (c) [d] \\", "Re: [x] " + "y" * 190, "\u2028\x85")
    def check(name: str, subject: str, text: str) -> None:
        try:
            name, subject, text = one_line(name), one_line(subject), many_lines(text)
        except BadTextError:
            return
        mail = parsed(made(desk, code, to_name=name, subject=subject, body=text))
        assert set(mail.keys()) <= HEADERS
        assert len(mail.keys()) == len(set(mail.keys()))
        assert [address.addr_spec for address in mail["To"].addresses] == ["ada@example.org"]
        assert mail["Subject"].split() == subject.replace("=?", "= ?").split()
        assert not mail["Subject"].defects
        assert body(mail, "plain").replace("\r\n", "\n").startswith(text)

    check()


@pytest.mark.parametrize(
    "to_address", ["", "nobody", "a@b@c", "@", "a b@example.org", "a\r\nBcc: x@example.org"]
)
def test_an_address_that_is_none_never_makes_a_second_recipient(lite_desk: Desk, to_address: str) -> None:
    """It cannot be made into a mail, or it stays one recipient."""
    code = lite_desk.order()
    try:
        mail = parsed(made(lite_desk, code, to_address=to_address))
    except (ValueError, LookupError):
        return
    assert len(mail["To"].addresses) <= 1
    assert mail["Bcc"] is None


def test_without_a_reply_address_there_is_none(lite_desk: Desk) -> None:
    """The link in the mail is the way back."""
    mount = mount_of(lite_desk.app)
    code = lite_desk.order()
    services = services_of(lite_desk)
    mount.services = replace(
        services, settings=replace(services.settings, mail_reply_to=""), links=Links(["other"])
    )
    mail = made(lite_desk, code)
    assert mail["Reply-To"] is None
    assert "/support/t/" in body(mail, "plain")
