"""How our emails stand in mail programs (P4): in one thread, and marked as what they are."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

import pytest

from paidsupport.kernel.mail.transports import SmtpTransport
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.tickets.notices.operations import digests
from tests.intake.mail.incoming import deliver, mail
from tests.kernel.mail.servers import Mailbox, serving
from tests.people import Desk
from tests.tickets.emails.test_outbox import sending_by

pytestmark = pytest.mark.row("P4")

#: Longer than a line of a header, as Exchange makes them.
LONG_ID = f"<{'AM0PR04MB7218' * 6}@am0pr04mb7218.eurprd04.prod.outlook.example>"


def reply(to: EmailMessage, **more: str) -> EmailMessage:
    """What the customer's mail program sends."""
    return mail("Yes.", **{"To": str(to["Reply-To"]), "In-Reply-To": str(to["Message-ID"]), **more})


def of_customer(mailbox: Mailbox) -> list[EmailMessage]:
    """The emails to the customer that the server has, by what they were."""
    return [each for each in mailbox.mails if str(each["To"]) == "jane@example.com"]


def test_all_emails_of_a_ticket_are_one_thread(desk: Desk) -> None:
    """One subject, one root, and each answers the customer's latest mail or our latest email."""
    mailbox = Mailbox()
    with serving(mailbox) as url, sending_by(desk, SmtpTransport(url)):
        code = desk.order()
        desk.claim(code, desk.ada)
        desk.work()
        desk.write(code, desk.ada)
        desk.work()
        desk.clock.forward(hours=1)
        assert deliver(desk, reply(of_customer(mailbox)[-1], **{"Message-ID": LONG_ID})).ticket == code
        for text in ("An answer to that.", "One thing more."):
            desk.clock.forward(hours=1)
            desk.write(code, desk.ada, text)
            desk.work()
    confirmation, first, answered, more = of_customer(mailbox)
    subject = f"Your order: Installation ({code})"
    assert [str(each["Subject"]) for each in of_customer(mailbox)] == [subject, *[f"Re: {subject}"] * 3]
    root = str(confirmation["Message-ID"])
    assert (confirmation["In-Reply-To"], confirmation["References"]) == (None, None)
    assert [str(each["References"]).split() for each in (first, answered, more)] == [
        [root],
        [root, LONG_ID],
        [root, str(answered["Message-ID"])],
    ]
    assert [str(each["In-Reply-To"]).strip() for each in (first, answered, more)] == [
        root,
        LONG_ID,
        str(answered["Message-ID"]),
    ]
    # an id is never an encoded word, however long it is
    assert LONG_ID.encode() in cast("bytes", mailbox.envelopes[-2].content)


def test_the_acknowledgement_of_a_mail_answers_it(desk: Desk) -> None:
    """The customer's own mail is the first of the thread."""
    taken = deliver(
        desk, mail("How do I install it?", **{"Message-ID": "<question@example.com>"}), "support@example.org"
    )
    assert taken.ticket
    (sent,) = [each for each in desk.work() if str(each["To"]) == "jane@example.com"]
    assert (str(sent["In-Reply-To"]), str(sent["References"])) == ("<question@example.com>",) * 2
    desk.claim(taken.ticket, desk.ada)
    desk.write(taken.ticket, desk.ada, "Like this.")
    (first,) = [each for each in desk.work() if str(each["To"]) == "jane@example.com"]
    assert (str(first["In-Reply-To"]), str(first["References"])) == ("<question@example.com>",) * 2
    assert str(first["Subject"]) == f"Re: {sent['Subject']}"


def test_what_programs_write_says_so_in_every_way(desk: Desk) -> None:
    """Acknowledgements, automatic emails and notices to staff; not what a person wrote."""
    mailbox = Mailbox()
    lines = ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "List-Unsubscribe")
    with serving(mailbox) as url, sending_by(desk, SmtpTransport(url)):
        with desk.ctx(desk.ben) as ctx:
            digests.prefer(ctx, dict.fromkeys(Concern, Way.NOW), 8)
        code = desk.order()
        desk.claim(code, desk.ada)
        desk.write(code, desk.ada)
        desk.annotate(code, desk.ada, "@ben, look.")
        desk.work()
        deliver(desk, mail("A question.", From="kim@example.com"), "support@example.org")
        desk.work()
    said = {
        str(each["X-Paidsupport-Kind"]): tuple(each[line] and str(each[line]) for line in lines)
        for each in mailbox.mails
    }
    suppressed = "DR, RN, NRN, OOF, AutoReply"
    settings_page = "<http://127.0.0.1:5000/support/desk/profile>"
    assert said == {
        "confirmation": ("auto-generated", suppressed, None, None),
        "first-contact": (None, None, None, None),
        "notice": ("auto-generated", suppressed, "bulk", settings_page),
        "acknowledgement": ("auto-replied", "All", "auto_reply", None),
    }


def test_display_names_are_never_those_of_customers(desk: Desk) -> None:
    """The desk is called what it is called, and the customer's name is nowhere among the addresses."""
    desk.order(name="Kim Possible")
    for sent in desk.work():
        named = [str(sent[line] or "") for line in ("From", "To", "Reply-To", "Return-Path", "Cc")]
        assert not any("Kim" in each for each in named)
        assert sent["From"].addresses[0].display_name == "Gallery support"


def test_each_email_has_a_signed_return_path_of_its_own(desk: Desk) -> None:
    """In the envelope, not in the mail; acknowledgements have none, so that they never bounce to a person."""
    mailbox = Mailbox()
    with serving(mailbox) as url, sending_by(desk, SmtpTransport(url)):
        desk.order()
        desk.work()
        deliver(desk, mail("A question.", From="kim@example.com"), "support@example.org")
        desk.work()
    paths = {
        str(each["X-Paidsupport-Kind"]): env.mail_from
        for each, env in zip(mailbox.mails, mailbox.envelopes, strict=True)
    }
    assert paths.pop("acknowledgement") == "<>"
    assert paths
    assert all(str(path).startswith("support+bounce-") for path in paths.values())
    for envelope in mailbox.envelopes:
        assert message_from_bytes(cast("bytes", envelope.content), policy=SMTP)["Return-Path"] is None
