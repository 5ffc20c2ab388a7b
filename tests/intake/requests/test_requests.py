"""Mail that belongs to no ticket becomes a request and is acknowledged once, without mail loops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.mail import inbound
from paidsupport.kernel.mail.transports import NotSentError, SmtpTransport, UnclearError
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of, take_over
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket
from tests.intake.mail.incoming import answer, deliver, mail, mails, thread
from tests.intake.mail.test_inbound import command
from tests.kernel.mail.servers import Mailbox, serving
from tests.people import Desk, sign_in
from tests.sites import site

pytestmark = pytest.mark.row("T1")


def acknowledged(desk: Desk) -> list[EmailMessage]:
    """The acknowledgements that leave now."""
    return [out for out in desk.work() if out["Auto-Submitted"] == "auto-replied"]


def intake(desk: Desk, code: str) -> Intake:
    """How a request came in."""
    with desk.ctx() as ctx:
        wanted = select(Intake).join(Ticket, Ticket.id == Intake.ticket_id).where(Ticket.code == code)
        return ctx.session.scalars(wanted).one()


def requests(desk: Desk) -> list[Ticket]:
    """Every ticket that is no order."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Ticket).where(Ticket.workflow != "paid").order_by(Ticket.id)))


def test_a_mail_to_the_desk_is_a_request_for_anybody_to_take(desk: Desk) -> None:
    """Its text is the first message, its sender the customer, its subject the summary."""
    made = mail("My photos do not upload.\n\nJane", Subject="Upload fails")
    made.add_attachment(b"500", maintype="text", subtype="plain", filename="error log.txt")
    taken = deliver(desk, made, to="support@example.org")
    assert taken.state == "filed"
    code = taken.ticket or ""
    ticket = desk.ticket(code)
    assert (ticket.workflow, ticket.state, ticket.part) == ("request", "new", "unassigned")
    assert (ticket.summary, ticket.customer_name) == ("Upload fails", "Jane Doe")
    assert (ticket.customer_email, ticket.price_minor) == ("jane@example.com", 0)
    assert thread(desk, code) == ["My photos do not upload.\n\nJane"]
    assert (intake(desk, code).channel, intake(desk, code).purpose) == ("mail", "support")
    assert desk.happened(code)[:2] == ["received", "message-in"]
    assert desk.broken() == {}


@pytest.mark.parametrize(
    ("purpose", "service"),
    [("support", "Ask a question"), ("sales", "Talk to us"), ("operations", "Ask a question")],
)
def test_the_address_says_which_service_takes_it(lite_desk: Desk, purpose: str, service: str) -> None:
    """By the purpose of the mailbox it came through; what no service names is a question."""
    mount = mount_of(lite_desk.app)
    with lite_desk.app.app_context():
        taken = inbound.take_in(mount.by_clock, mail().as_bytes(), purpose=purpose)
    ticket = lite_desk.ticket(taken.ticket or "")
    assert ticket.service_name == service
    assert intake(lite_desk, ticket.code).purpose == purpose
    assert lite_desk.broken() == {}


def test_html_alone_and_an_odd_charset_are_read(lite_desk: Desk) -> None:
    """What it says, in text, and in the right emails."""
    page = EmailMessage(policy=SMTP)
    page["From"], page["Subject"], page["Message-ID"] = "Jürgen <j@example.net>", "Frage", "<1@example.net>"
    page.set_content("<p>Geht <b>nicht</b>.</p><script>alert(1)</script>", subtype="html")
    assert thread(lite_desk, deliver(lite_desk, page).ticket or "") == ["Geht nicht."]
    raw = (
        b"From: Li <li@example.com>\r\nSubject: =?gb2312?B?xOO6ww==?=\r\nMessage-ID: <2@example.com>\r\n"
        b"Content-Type: text/plain; charset=gb2312\r\n\r\n\xc4\xe3\xba\xc3\r\n"
    )
    code = deliver(lite_desk, raw).ticket or ""
    assert thread(lite_desk, code) == ["你好"]
    assert lite_desk.ticket(code).summary == "你好"


@pytest.mark.row("P4")
def test_the_acknowledgement_gives_nothing_away(desk: Desk) -> None:
    """The code is in it, and nothing of what was written, no name, no link; it is marked as automatic."""
    made = mail(
        "Buy xylophones at https://bad.example", Subject="Xylophones", From="Pills <jane@example.com>"
    )
    code = deliver(desk, made).ticket or ""
    out = acknowledged(desk)
    assert [each["To"] for each in out] == ["jane@example.com"]
    said = " ".join(part.get_content() for part in out[0].walk() if not part.is_multipart()) + str(out[0])
    assert code in said
    assert not re.search(r"xylophone|bad\.example|Pills|/support/t/|http", said, re.IGNORECASE)
    assert code.lower() in out[0]["Reply-To"]


def test_it_leaves_with_an_empty_return_path(lite_desk: Desk) -> None:
    """No mail server can return it to a person; emails written by staff come from the desk's address."""
    code = deliver(lite_desk, mail()).ticket or ""
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada, "Which version is it?")
    out = {str(each["Auto-Submitted"]): each for each in lite_desk.work()}
    mailbox = Mailbox()
    with serving(mailbox) as url:
        for each in out.values():
            SmtpTransport(url).send(each)
    senders = {
        str(each["Auto-Submitted"]): envelope.mail_from
        for each, envelope in zip(mailbox.mails, mailbox.envelopes, strict=True)
    }
    assert senders["auto-replied"] == "<>"
    assert str(senders["None"]).startswith("support+bounce-")


def test_an_answer_to_it_joins_the_request(desk: Desk) -> None:
    """The address to reply to names the request; the sender is the same, so it is let in."""
    code = deliver(desk, mail("It does not work.")).ticket or ""
    [out] = acknowledged(desk)
    taken = deliver(desk, answer(out, "I forgot: version 3.1."))
    assert (taken.state, taken.ticket) == ("filed", code)
    assert thread(desk, code) == ["It does not work.", "I forgot: version 3.1."]
    assert acknowledged(desk) == []
    assert len(requests(desk)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied", "Subject": "Out of office"},
        {"From": "MAILER-DAEMON@example.com"},
        {"From": "Support <support@example.org>"},
        {"From": "Support <support+x@example.org>"},
        {"Return_Path": "<>"},
    ],
)
def test_what_nobody_wrote_opens_nothing_and_is_not_answered(
    lite_desk: Desk, headers: dict[str, str]
) -> None:
    """Programs, lists, bounces, our own addresses: listed with a reason."""
    taken = deliver(lite_desk, mail("Hello.", **headers))
    assert taken.state == "ignored"
    assert taken.reason
    assert requests(lite_desk) == []
    assert lite_desk.work() == []


def test_an_address_in_any_letters_is_acknowledged_or_the_ticket_says_why_not(lite_desk: Desk) -> None:
    """The domain in ASCII, the rest as it is; a server that cannot is named as the reason in the history."""
    sender = "From: Jürgen <jürgen@Bücher.example>\r\n"
    raw = f"{sender}Subject: Frage\r\nMessage-ID: <1@bücher.example>\r\n\r\nGeht nicht.\r\n".encode()
    code = deliver(lite_desk, raw).ticket or ""
    [out] = acknowledged(lite_desk)
    assert out["To"].addresses[0].addr_spec == "jürgen@xn--bcher-kva.example"
    box = Mailbox()
    with serving(box) as url:
        SmtpTransport(url).send(out)
    assert box.envelopes[0].rcpt_tos == ["jürgen@xn--bcher-kva.example"]
    code = deliver(lite_desk, raw.replace(b"<1@", b"<2@")).ticket or ""
    with serving(box, utf8=False) as url:
        transport = SmtpTransport(url)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(lite_desk.transport, "send", transport.send)
            lite_desk.work()
    page = sign_in(lite_desk.app, "ada").get(f"/support/desk/tickets/{code}/history").text
    assert "was not sent: Our mail server reaches no addresses" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Precedence": "list"},
        {"List_Id": "<all.example.com>"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
        {"From": "noreply@example.com"},
        {"From": "noreply@example.com", "Reply_To": "bounces@example.com"},
    ],
)
def test_what_no_program_may_answer_is_a_request_all_the_same(
    lite_desk: Desk, headers: dict[str, str]
) -> None:
    """People write through lists and groups, and companies mark all their mail; nothing goes back."""
    taken = deliver(lite_desk, mail("It fails.", **headers))
    assert (taken.state, thread(lite_desk, taken.ticket or "")) == ("filed", ["It fails."])
    assert acknowledged(lite_desk) == []


def test_suppressed_receipts_suppress_no_acknowledgement(lite_desk: Desk) -> None:
    """Nor does a line that suppresses nothing."""
    deliver(lite_desk, mail("One.", X_Auto_Response_Suppress="None"))
    deliver(lite_desk, mail("Two.", X_Auto_Response_Suppress="DR, RN, NRN"))
    assert len(acknowledged(lite_desk)) == 2


@pytest.mark.parametrize(
    "sender", ["WordPress <wordpress@shop.example>", "no-reply@shop.example", "Help <support@example.org>"]
)
def test_what_a_form_sends_is_of_the_person_who_filled_it_in(lite_desk: Desk, sender: str) -> None:
    """From a program's address or ours, with a person to be answered: the request is theirs."""
    taken = deliver(lite_desk, mail("It fails.", From=sender, Reply_To="Kim <kim@example.net>"))
    ticket = lite_desk.ticket(taken.ticket or "")
    assert (ticket.customer_name, ticket.customer_email) == ("Kim", "kim@example.net")
    assert [str(out["To"]) for out in acknowledged(lite_desk)] == ["kim@example.net"]
    assert lite_desk.broken() == {}


@pytest.mark.row("P4")
@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.soak)])
def test_many_forged_senders_get_no_more_than_the_cap(tmp_path: Path, many: int) -> None:
    """Every mail becomes a request; the whole desk acknowledges so many an hour, and goes on after it."""
    [app] = apps(tmp_path, PAIDSUPPORT_ACKNOWLEDGEMENTS_PER_HOUR=30)
    desk = Desk(app, *take_over(app))
    for number in range(many):
        deliver(desk, mail(f"Buy {number}.", From=f"victim{number}@example.net"))
    assert len(acknowledged(desk)) == 30
    assert len(requests(desk)) == many
    desk.clock.forward(hours=1, seconds=1)
    deliver(desk, mail("Hello."))
    assert len(acknowledged(desk)) == 1


@pytest.mark.parametrize(
    "error",
    [
        NotSentError("550 no such user", permanent=True),
        UnclearError("The connection broke."),
        RuntimeError("anything"),
    ],
)
def test_one_that_gets_stuck_waits_for_nobody(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A flood in the name of strangers leaves no emails to be decided about."""
    code = deliver(lite_desk, mail()).ticket or ""

    def refuse(_mail: EmailMessage) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(lite_desk.transport, "send", refuse)
        lite_desk.work()
    assert [each.state for each in lite_desk.emails(code)] == ["withdrawn"]
    assert lite_desk.happened(code)[-1] == "letter-withdrawn"
    assert lite_desk.work() == []
    assert lite_desk.broken() == {}


def test_one_address_gets_five_an_hour(desk: Desk) -> None:
    """However many mails come in its name."""
    for number in range(8):
        assert deliver(desk, mail(f"Again {number}.")).state == "filed"
    assert len(acknowledged(desk)) == 5


def apps(folder: Path, *names: str, **config: int) -> list[Flask]:
    """Desks of their own, whose mail comes from `names`."""
    found: list[Flask] = []
    for name in names or ("support@example.org",):
        there = folder / name
        there.mkdir()
        own: dict[str, Any] = {"PAIDSUPPORT_MAIL_FROM": name, "PAIDSUPPORT_MAIL_REPLY_TO": name, **config}
        found += _keep(site(f"sqlite:///{there / 'site.sqlite3'}", there, **own))
    return found


_OPEN: list[Iterator[Flask]] = []


def _keep(made: Iterator[Flask]) -> list[Flask]:
    _OPEN.append(made)
    return [next(made)]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what `apps` has opened."""
    yield
    while _OPEN:
        for _ in _OPEN.pop():
            pass


def test_two_desks_that_write_to_each_other_stop(tmp_path: Path) -> None:
    """One email of a person, one acknowledgement, and silence."""
    ours, theirs = (
        Desk(app, *take_over(app)) for app in apps(tmp_path, "help@one.example", "help@two.example")
    )
    code = deliver(ours, mail("From the other desk.", From="Two <help@two.example>")).ticket or ""
    ours.claim(code, ours.ada)
    ours.write(code, ours.ada, "How can we help you?")
    between, rounds = ours.work(), 0
    while between and rounds < 10:
        rounds += 1
        desk = theirs if rounds % 2 else ours
        for each in between:
            if desk.app.config["PAIDSUPPORT_MAIL_FROM"] in str(each["To"]):
                deliver(desk, each.as_bytes())
        between = [each for each in desk.work() if "example.org" not in str(each["To"])]
    assert rounds < 4
    assert len(requests(ours)) == 1
    assert len(requests(theirs)) == 1


def test_mails_of_before_become_requests_when_somebody_asks(lite_desk: Desk) -> None:
    """As long as no service takes requests they are kept; replayed later they are there, unacknowledged."""
    text = "".join(_without_requests(lite_desk))
    with lite_desk.ctx(lite_desk.mia) as ctx:
        catalogue_file.load(ctx, text)
    taken = deliver(lite_desk, mail("From before."))
    assert (taken.state, taken.reason) == ("kept", "It doesn't belong to a ticket.")
    assert lite_desk.broken() == {}
    lite_desk.clock.forward(days=3)
    path = Path(__file__).parents[3] / "paidsupport" / "demo" / "catalogue.toml"
    with lite_desk.ctx(lite_desk.mia) as ctx:
        catalogue_file.load(ctx, path.read_text(encoding="utf-8"))
    said = lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "mail-replay", "--kept"]).output
    assert '"state": "filed"' in said
    assert [ticket.summary for ticket in requests(lite_desk)] == ["A question"]
    assert acknowledged(lite_desk) == []
    assert lite_desk.broken() == {}


def _without_requests(desk: Desk) -> list[str]:
    with desk.ctx() as ctx:
        text = catalogue_file.dump(ctx)
    parts = re.split(r"(?m)^(?=\[\[(?:service|trait|checklist|boilerplate)\]\])", text)
    return [part for part in parts if 'workflow = "request"' not in part and 'workflow = "sales"' not in part]


def test_erasing_reaches_what_came_by_mail(desk: Desk) -> None:
    """Ticket, thread, mail as it arrived, and how it came in."""
    code = deliver(desk, mail("My number is 555.", Subject="Call Jane")).ticket or ""
    with desk.ctx() as ctx:
        row = ctx.session.scalars(select(Intake)).one()
        row.phone, row.organisation, row.caller, row.called_at = "555", "Jane Ltd", "merchant", ctx.now
    desk.transition(code, "spam", desk.ada)
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        assert erasure.erase(ctx, "jane@example.com").codes == [code]
    row = intake(desk, code)
    assert (row.phone, row.organisation, row.caller, row.called_at) == ("", "", "", None)
    assert row.channel == "mail"
    assert [each.text for each in mails(desk)] == [""]
    assert thread(desk, code) == ["(erased)"]
    assert desk.broken() == {}


def test_the_doctor_misses_the_source_of_a_request(lite_desk: Desk) -> None:
    """A request from mail whose line is gone is found; one from the form needs none."""
    deliver(lite_desk, mail())
    lite_desk.order(service="question", host_url="", acknowledged=frozenset(), answers={})
    assert lite_desk.broken() == {}
    with lite_desk.ctx() as ctx:
        ctx.session.delete(ctx.session.scalars(select(Intake)).one())
    assert list(lite_desk.broken()) == ["requests have a source"]


def test_a_mail_delivered_twice_makes_one_request(lite_desk: Desk) -> None:
    """The same Message-ID and the same content."""
    made = mail()
    first, second = deliver(lite_desk, made), deliver(lite_desk, made)
    assert (second.duplicate, second.ticket) == (True, first.ticket)
    assert len(requests(lite_desk)) == 1
    assert len(acknowledged(lite_desk)) == 1
    with lite_desk.ctx() as ctx:
        assert len(ctx.session.scalars(select(RawMail)).all()) == 1


def test_a_mail_from_the_pipe_goes_where_its_address_says(desk: Desk) -> None:
    """What stands before the @ of the address it was delivered to is its purpose; a token is not."""
    for to, service in (
        ("sales@example.org", "Talk to us"),
        ("support@example.org", "Ask a question"),
        ("sales+spring@example.org", "Talk to us"),
    ):
        code, told = command(desk, mail(f"To {to}.").as_bytes(), "--to", to)
        assert (code, told["state"]) == (0, "filed")
        assert desk.ticket(str(told["ticket"])).service_name == service
    assert {str(out["To"]) for out in acknowledged(desk)} == {"jane@example.com"}
    assert desk.broken() == {}
