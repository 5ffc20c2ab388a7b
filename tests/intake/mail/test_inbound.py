"""Mail that comes in: kept, understood, and on its ticket with proof alone (P4)."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from paidsupport.intake.mail import inbound, inbox, parse
from paidsupport.intake.mail.deadline import UnreadableError
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import ConfigurationError, NotFoundError, StorageFullError
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.operations import correspondence, files
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.vault.operations import credentials as vault
from tests.intake.mail.incoming import answer, contacted, deliver, mail, mails, thread
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P4")

#: A stranger who has read the code somewhere.
EVE = "Eve <eve@example.net>"


def emails_to(desk: Desk, code: str, kind: str) -> list[Email]:
    """The emails of one kind on a ticket."""
    return [email for email in desk.emails(code) if email.kind == kind]


def test_an_answer_is_a_message_as_from_the_page(desk: Desk) -> None:
    """It is in the thread, the desk is waited for, the owner hears of it, and no mail goes back."""
    code, email = contacted(desk)
    taken = deliver(desk, answer(email, "Yes, please go ahead.\n\nJane"))
    assert (taken.state, taken.ticket, taken.duplicate) == ("filed", code, False)
    assert thread(desk, code) == ["Yes, please go ahead.\n\nJane"]
    assert desk.ticket(code).awaits == "desk"
    left = desk.work()
    assert [out["To"].addresses[0].addr_spec for out in left] == ["ada@example.org"]
    assert desk.happened(code)[-2:] == ["message-in", "letter-sent"]
    desk.transition(code, "start", desk.ada)
    assert desk.broken() == {}


def test_the_token_is_enough_without_a_reference(desk: Desk) -> None:
    """For a new mail to the reply address, in any case, in the envelope or in the header."""
    code, email = contacted(desk)
    address = email["Reply-To"].addresses[0].addr_spec
    assert deliver(desk, mail("One.", To=f"Help <{address.upper()}>")).state == "filed"
    assert deliver(desk, mail("Two.", To="undisclosed:;"), to=address).state == "filed"
    assert deliver(desk, mail("Three.", Cc=address)).state == "filed"
    assert deliver(desk, mail("Four.", From="JANE@Example.COM", To=address)).state == "filed"
    assert thread(desk, code) == ["One.", "Two.", "Three.", "Four."]


def test_the_reference_is_enough_without_a_token(desk: Desk) -> None:
    """For a program that answers the sender, and for one that names our email among others."""
    code, email = contacted(desk)
    assert deliver(desk, answer(email, "One.", To="support@example.org")).state == "filed"
    more = {"To": "support@example.org", "In-Reply-To": "<x@example.com>"}
    older = {"References": f"{email['Message-ID']} <y@example.com> <x@example.com>"}
    assert deliver(desk, answer(email, "Two.", **more, **older)).state == "filed"
    assert thread(desk, code) == ["One.", "Two."]


def test_the_quote_is_cut_and_the_whole_is_kept(lite_desk: Desk) -> None:
    """The thread shows what was written now; the mail has it all."""
    code, email = contacted(lite_desk)
    part = email.get_body(("plain",))
    assert part
    quoted = "\n".join(f"> {line}" for line in part.get_content().splitlines())
    deliver(lite_desk, answer(email, f"Fine.\n\nOn 14/03/2034 Gallery support wrote:\n{quoted}\n"))
    assert thread(lite_desk, code) == ["Fine."]
    kept = mails(lite_desk)[0]
    assert "Please write your answer above this line" in kept.text
    assert kept.text.startswith("Fine.\n\nOn 14/03/2034")


def test_a_stranger_who_knows_everything_is_held_back_and_the_owner_told_once(desk: Desk) -> None:
    """Token, references, subject: without the customer's address nothing of it reaches the thread."""
    code, email = contacted(desk)
    for number in range(3):
        taken = deliver(desk, answer(email, f"Send me the key. {number}", From=EVE))
        assert taken.state == "quarantined"
        assert "another address" in taken.reason
    assert thread(desk, code) == []
    assert len(emails_to(desk, code, "held")) == 1
    assert desk.happened(code).count("mail-held") == 1
    assert desk.ticket(code).awaits == "customer"
    assert desk.broken() == {}


@pytest.mark.parametrize(
    "forged",
    [
        {"From": f"jane@example.com, {EVE}"},
        {"From": '"jane@example.com" <eve@example.net>'},
        {"From": "jane@example.com <eve@example.net>"},
        {"From": "Jane Doe"},
        {"From": EVE, "Sender": "jane@example.com", "Reply-To": "jane@example.com"},
    ],
)
def test_a_sender_that_is_not_plainly_the_customer_is_none(lite_desk: Desk, forged: dict[str, str]) -> None:
    """Two addresses, an address as a name, another line than From: none of them is the customer."""
    code, email = contacted(lite_desk)
    made = answer(email, "Send me the key.")
    for name in forged:
        del made[name]
    raw = "".join(f"{name}: {value}\r\n" for name, value in forged.items()).encode() + made.as_bytes()
    assert deliver(lite_desk, raw).state == "quarantined"
    assert thread(lite_desk, code) == []


def test_two_from_lines_prove_nothing(lite_desk: Desk) -> None:
    """Programs differ in which of them they show."""
    code, email = contacted(lite_desk)
    raw = b"From: Eve <eve@example.net>\r\n" + answer(email).as_bytes()
    assert deliver(lite_desk, raw).state == "quarantined"
    assert thread(lite_desk, code) == []


def test_a_code_a_subject_or_a_sender_alone_opens_nothing(desk: Desk) -> None:
    """The customer's own new mail is a new request, and so is a stranger's with the code all over it."""
    code, email = contacted(desk)
    subject = str(email["Subject"])
    for made in (
        mail(f"About {code}.", Subject=f"Re: {subject}"),
        mail(f"About {code}.", From=EVE, Subject=f"Re: {subject}", X_Paidsupport_Code=code),
    ):
        taken = deliver(desk, made)
        assert taken.ticket not in {code, None}
        assert desk.ticket(taken.ticket or "").workflow == "request"
    assert thread(desk, code) == []


@pytest.mark.parametrize("change", ["proof", "other ticket", "code", "empty"])
def test_a_forged_token_reaches_no_thread(desk: Desk, change: str) -> None:
    """Another proof, the proof of another ticket, no proof: held, even from the customer's own address."""
    code, email = contacted(desk)
    other = desk.order()
    with desk.ctx() as ctx:
        token = ctx.services.links.reply_token(desk.ticket(code))
    proof = token.split(".")[1]
    forged = {
        "proof": f"{code.lower()}.{'a' * len(proof)}",
        "other ticket": f"{other.lower()}.{proof}",
        "code": code.lower(),
        "empty": "",
    }[change]
    taken = deliver(desk, mail("Hello.", To=f"support+{forged}@example.org", Subject=str(email["Subject"])))
    assert taken.state == "quarantined"
    assert "token" in taken.reason
    assert (thread(desk, code), thread(desk, other)) == ([], [])


@pytest.mark.parametrize(
    "answered", ["<{}@example.com>", "<{}x@example.org>", "<x{}@example.org>", "{}", "<{}@example.org"]
)
def test_a_reference_that_is_not_exactly_ours_is_none(lite_desk: Desk, answered: str) -> None:
    """Another domain, a longer name, no brackets."""
    code, email = contacted(lite_desk)
    name = str(email["Message-ID"]).strip("<>").split("@")[0]
    made = mail("Hello.", In_Reply_To=answered.format(name))
    assert deliver(lite_desk, made).ticket not in {code, None}
    assert thread(lite_desk, code) == []


def test_a_colleagues_mail_is_no_deed(lite_desk: Desk) -> None:
    """Ada answers the notice she got: nothing is sent to the customer, nothing is in the thread."""
    code, email = contacted(lite_desk)
    deliver(lite_desk, answer(email))
    notice = lite_desk.work()[-1]
    before = lite_desk.emails(code)
    taken = deliver(lite_desk, answer(notice, "Close it.", From="Ada <ada@example.org>"))
    assert (taken.state, taken.ticket) == ("quarantined", None)
    assert "Replies to notifications have no effect" in taken.reason
    assert len(lite_desk.emails(code)) == len(before)
    assert thread(lite_desk, code) == ["Yes, please."]


def test_delivered_again_it_is_one_mail_whatever_way_it_took(desk: Desk) -> None:
    """By another server, with other line ends, to another address: once on the ticket, once in the files."""
    code, email = contacted(desk)
    raw = answer(email).as_bytes()
    first = deliver(desk, raw)
    again = [
        deliver(desk, raw),
        deliver(desk, raw.replace(b"\r\n", b"\n"), to="support@example.org"),
        deliver(desk, b"Return-Path: <jane@example.com>\nReceived: from a by b;\n\tsome day\n" + raw),
        deliver(desk, b"From jane@example.com Tue Mar 14 10:00:00 2034\n" + raw + b""),
    ]
    assert {taken.mail for taken in again} == {first.mail}
    assert all(taken.duplicate and taken.state == "filed" for taken in again)
    assert len(thread(desk, code)) == len(mails(desk)) == 1
    store = mount_of(desk.app).files
    assert len(list(store.keys_before(desk.clock.now + timedelta(days=36500)))) == 1


def test_the_same_id_with_other_content_is_another_mail(desk: Desk) -> None:
    """A sender who knows or guesses an id cannot keep a mail from being read."""
    code, email = contacted(desk)
    mine = answer(email, "The real one.")
    theirs = mail("Sent before it.", From=EVE, Message_ID=str(mine["Message-ID"]))
    assert deliver(desk, theirs).ticket not in {code, None}
    assert deliver(desk, mine).state == "filed"
    # nor does a copy that says no person wrote it
    second = answer(email, "The other real one.")
    assert deliver(desk, b"Return-Path: <>\r\n" + second.as_bytes()).state == "ignored"
    assert deliver(desk, second).state == "filed"
    assert thread(desk, code) == ["The real one.", "The other real one."]


def test_a_mail_after_the_end_asks_for_opening_it_again(desk: Desk) -> None:
    """Ask by web, get mail, answer by mail, attach, close, mail again."""
    code, email = contacted(desk)
    made = answer(email, "Yes. A picture of it.")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="screen.png")
    assert deliver(desk, made).state == "filed"
    desk.transition(code, "start", desk.ada)
    desk.write(code, desk.ada, "Done.")
    last = desk.work()[-1]
    desk.finish(code, desk.ada)
    desk.clock.forward(days=3)
    assert deliver(desk, answer(last, "It broke again.")).state == "filed"
    ticket = desk.ticket(code)
    assert (ticket.part, ticket.awaits) == ("closed", "desk")
    assert thread(desk, code) == ["Yes. A picture of it.", "It broke again."]
    with desk.ctx() as ctx:
        file = ctx.session.scalars(select(File)).one()
        assert (file.name, file.audience, file.size) == ("screen.png", "customer", 4)
    assert desk.broken() == {}


def test_what_does_not_fit_is_named_and_kept_with_the_mail(lite_desk: Desk) -> None:
    """Too large or too many: the text and the rest are on the ticket, nothing is refused."""
    code, email = contacted(lite_desk)
    made = answer(email, "Many files.")
    sizes = [1, 11 * 1024 * 1024, 2, 3, 4, 5, 6]
    for number, size in enumerate(sizes):
        made.add_attachment(b"x" * size, maintype="image", subtype="png", filename=f"{number}.png")
    assert deliver(lite_desk, made).state == "filed"
    said = thread(lite_desk, code)[0]
    assert said.startswith("Many files.\n\n[Too large or too many")
    assert "“1.png”, “6.png”" in said
    with lite_desk.ctx() as ctx:
        assert [f.name for f in ctx.session.scalars(select(File).order_by(File.id))] == [
            f"{number}.png" for number in (0, 2, 3, 4, 5)
        ]


def test_a_mail_without_text_says_so(lite_desk: Desk) -> None:
    """Only a picture; nothing at all; and a text longer than a message may be."""
    code, email = contacted(lite_desk)
    picture = answer(email, "")
    picture.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    for made in (picture, answer(email, ""), answer(email, "word " * 10_000)):
        assert deliver(lite_desk, made).state == "filed"
    said = thread(lite_desk, code)
    assert said[:2] == ["[The email has no text, only attachments.]", "[The email has no text.]"]
    assert said[2].endswith("[The email goes on. All of it is kept.]")


VACATIONS = {
    "RFC 3834": {"Auto-Submitted": "auto-replied"},
    "vacation(1)": {"Precedence": "bulk", "Subject": "away from my mail"},
    "Exchange": {"X-Auto-Response-Suppress": "All", "Subject": "Automatic reply: your letter"},
    "Notes": {"Auto-Submitted": "auto-generated", "Subject": "Jane ist außer Haus"},
    "a web mailer": {"X-Autoreply": "yes"},
    "another": {"X-Autorespond": "1", "Precedence": "auto_reply"},
}


@pytest.mark.parametrize("program", VACATIONS)
def test_a_vacation_responder_makes_a_line_of_history_and_nothing_else(lite_desk: Desk, program: str) -> None:
    """No message, no notice, no mail: nothing that it could answer to."""
    code, email = contacted(lite_desk)
    taken = deliver(lite_desk, answer(email, "I am away.", **VACATIONS[program]))
    assert (taken.state, taken.ticket) == ("ignored", code)
    assert taken.reason.startswith("An automatic email: ")
    assert thread(lite_desk, code) == []
    assert lite_desk.work() == []
    assert lite_desk.happened(code)[-1] == "mail-automatic"
    assert lite_desk.ticket(code).awaits == "customer"


def test_a_responder_gone_wild_fills_no_history(lite_desk: Desk) -> None:
    """A hundred automatic answers are some lines of history, and a hundred mails in the list."""
    code, email = contacted(lite_desk)
    for number in range(100):
        deliver(lite_desk, answer(email, f"Away {number}.", Auto_Submitted="auto-replied"))
    assert lite_desk.happened(code).count("mail-automatic") == 5
    assert len(mails(lite_desk)) == 100
    assert lite_desk.broken() == {}


@pytest.mark.parametrize(
    "line",
    [
        {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
        {"List-Unsubscribe": "<https://example.com/u>"},
        {"Precedence": "bulk"},
        {"Precedence": "list", "List-Id": "<staff.example.com>"},
        {"Precedence": "list", "Subject": "Re: Absence, and what we do on holiday"},
    ],
)
def test_what_some_people_send_with_every_mail_keeps_no_word_away(
    lite_desk: Desk, line: dict[str, str]
) -> None:
    """With proof it is the customer's word; without, a request. No program answers either."""
    code, email = contacted(lite_desk)
    assert deliver(lite_desk, answer(email, "Yes.", **line)).state == "filed"
    taken = deliver(lite_desk, mail("Something else.", **line))
    assert (taken.state, taken.ticket == code) == ("filed", False)
    assert thread(lite_desk, code) == ["Yes."]
    assert [str(out["To"]) for out in lite_desk.work() if "example.com" in str(out["To"])] == []
    assert lite_desk.broken() == {}


def test_holidays_in_a_subject_are_no_sign_alone(lite_desk: Desk) -> None:
    """People order help because they will be away."""
    code, email = contacted(lite_desk)
    assert deliver(lite_desk, answer(email, "Yes.", Subject="Out of office next week")).state == "filed"
    assert thread(lite_desk, code) == ["Yes."]


def test_our_own_letters_come_back_to_nobody(lite_desk: Desk) -> None:
    """Neither a forwarded email of ours nor a mail that claims to come from our address is answered."""
    code, email = contacted(lite_desk)
    assert deliver(lite_desk, email).state == "ignored"
    resent = EmailMessage()
    resent["From"], resent["Message-ID"] = "list@example.net", email["Message-ID"]
    assert deliver(lite_desk, resent).state == "ignored"
    for sender in ("support@example.org", "Support+x <SUPPORT+x@example.org>"):
        assert deliver(lite_desk, answer(email, "Hello.", From=sender)).state == "ignored"
    assert thread(lite_desk, code) == []


def test_two_desks_do_not_write_to_each_other_for_ever(lite_desk: Desk) -> None:
    """The customer is a desk as well, and answers everything; a person's word gets through all the same."""
    code = lite_desk.order(email="help@example.net")
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    outgoing = lite_desk.work()
    rounds = 0
    while outgoing and rounds < 20:
        rounds += 1
        for email in outgoing:
            if email["To"].addresses[0].addr_spec == "help@example.net":
                body = "We have received your mail. Your ticket is #4711."
                receipt = {"Auto-Submitted": "auto-generated", "From": "Help <help@example.net>"}
                deliver(lite_desk, answer(email, body, **receipt))
        outgoing = lite_desk.work()
    assert rounds == 1
    email = mount_of(lite_desk.app).transport.sent[-1]  # type: ignore[attr-defined]  # the memory of the tests
    assert deliver(lite_desk, answer(email, "Yes.", From="Help <help@example.net>")).state == "filed"
    assert thread(lite_desk, code) == ["Yes."]


def bounce(email: EmailMessage, action: str = "failed", why: str = "550 5.1.1 no such user") -> bytes:
    """A report about an email, as Postfix makes it."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {email["Return-Path"] or "support@example.org"}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{action}{len(why)}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

--frontier
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--frontier
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; jane@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; {why}

--frontier
Content-Type: text/rfc822-headers

From: support@example.org
Message-ID: {email["Message-ID"]}
Subject: {email["Subject"]}

--frontier--
""".encode()


def test_a_bounce_marks_its_letter_and_tells_the_owner_once(desk: Desk) -> None:
    """The email failed, with the reason; a person decides; the notice itself causes no further one."""
    code, email = contacted(desk)
    taken = deliver(desk, bounce(email))
    assert (taken.state, taken.ticket) == ("ignored", code)
    assert "550 5.1.1 no such user" in taken.reason
    sent = next(one for one in desk.emails(code) if one.kind == "first-contact")
    assert (sent.state, sent.problem) == ("failed", "550 5.1.1 no such user")
    assert desk.happened(code)[-1] == "letter-failed"
    deliver(desk, bounce(email, why="550 5.1.1 no such user, and never was"))
    notice = desk.work()
    assert [out["To"].addresses[0].addr_spec for out in notice] == ["ada@example.org"]
    deliver(desk, bounce(notice[0]))
    assert desk.work() == []
    assert len(emails_to(desk, code, "bounced")) == 1
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_a_forged_bounce_changes_nothing_and_is_shown_to_people(desk: Desk) -> None:
    """Anyone who knows a Message-ID can claim a bounce: the email stays sent, and its owner is told."""
    code, email = contacted(desk)
    head = f"Message-ID: {email['Message-ID']}"
    words = mail(f"550 no such user\n\n{head}\n", From="MAILER-DAEMON@evil.example", Subject="failure notice")
    report = bounce(email).replace(str(email["Return-Path"]).encode(), b"support@example.org")
    other = str(email["Return-Path"]).replace("bounce-", "bounce-1")
    signed = bounce(email, why="550 gone").replace(str(email["Return-Path"]).encode(), other.encode())
    at_our_path = mail(
        f"550 no such user, really\n\n{head}\n",
        From="MAILER-DAEMON@evil.example",
        To=str(email["Return-Path"]).strip("<>"),
    )
    for forged in (words, report, signed, at_our_path):
        taken = deliver(desk, forged)
        assert (taken.state, taken.ticket) == ("quarantined", code)
        assert "without proof" in taken.reason
    sent = next(one for one in desk.emails(code) if one.kind == "first-contact")
    assert (sent.state, sent.contact) == ("sent", "first")
    assert desk.happened(code).count("mail-bounce") == 1
    assert len(emails_to(desk, code, "held")) == 1
    assert "may have come back" in emails_to(desk, code, "held")[0].subject
    assert desk.broken() == {}


def test_a_bounce_that_is_late_or_not_ours_changes_nothing(lite_desk: Desk) -> None:
    """A delay, a report of success, or a bounce of an email that was never ours."""
    code, email = contacted(lite_desk)
    for action in ("delayed", "relayed", "expanded", "delivered"):
        assert deliver(lite_desk, bounce(email, action)).state == "ignored"
    foreign = bounce(mail(Message_ID="<abc@example.org>"), why="550 gone")
    assert deliver(lite_desk, foreign).state == "ignored"
    assert {one.state for one in lite_desk.emails(code)} == {"sent"}


def test_who_writes_too_much_is_held_until_somebody_reads_it(lite_desk: Desk) -> None:
    """Strangers use up nothing of what the customer may write, under any name; a person lets in the rest."""
    code, email = contacted(lite_desk)
    for number in range(inbox.MAILS_PER_HOUR + 2):
        state = deliver(lite_desk, mail(f"Number {number}.")).state
        assert state == ("filed" if number < inbox.MAILS_PER_HOUR else "quarantined")
    states = [
        deliver(lite_desk, answer(email, f"Number {n}.")).state for n in range(inbox.MAILS_PER_HOUR + 1)
    ]
    assert states == ["filed"] * inbox.MAILS_PER_HOUR + ["quarantined"]
    last = mails(lite_desk)[-1]
    runner = lite_desk.app.test_cli_runner()
    done = runner.invoke(args=["paidsupport", "mail-replay", last.reference])
    assert '"state": "filed"' in done.output
    assert len(thread(lite_desk, code)) == inbox.MAILS_PER_HOUR + 1
    assert lite_desk.broken() == {}


def test_a_flood_says_why_it_is_held_and_holds_nobody_else(lite_desk: Desk) -> None:
    """A person reads the reason in the list and the owner hears of it; who has no address has no bucket."""
    code, email = contacted(lite_desk)
    for number in range(inbox.MAILS_PER_HOUR + 1):
        deliver(lite_desk, answer(email, f"Number {number}."))
    ada = sign_in(lite_desk.app, "ada")
    assert "More than 20 emails from this sender" in ada.get("/support/desk/inbox").text
    assert len(emails_to(lite_desk, code, "held")) == 1
    for number in range(inbox.MAILS_PER_HOUR + 1):
        nameless = mail(f"Number {number}.")
        nameless.replace_header("From", f"Nobody {number}")
        assert deliver(lite_desk, nameless.as_bytes()).state == "filed"
    del nameless["From"]
    assert deliver(lite_desk, nameless.as_bytes()).state == "filed"
    assert lite_desk.broken() == {}


def test_what_cannot_be_read_is_kept_listed_and_read_once_it_can_be(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the parser loses nothing: the mail fails with a reason and is replayed after the repair."""
    code, email = contacted(desk)
    raw = answer(email, "Kept all the same.").as_bytes()

    def faulty(_raw: bytes, _seconds: float = 0) -> None:
        raise UnreadableError("It could not be read: a fault.")

    with monkeypatch.context() as patched:
        patched.setattr(parse, "understand", faulty)
        taken = deliver(desk, raw)
        assert (taken.state, taken.reason) == ("failed", "It could not be read: a fault.")
    assert desk.broken() == {}
    runner = desk.app.test_cli_runner()
    assert runner.invoke(args=["paidsupport", "mail-replay"]).exit_code == 2
    done = runner.invoke(args=["paidsupport", "mail-replay", "--failed"])
    assert '"state": "filed"' in done.output
    assert runner.invoke(args=["paidsupport", "mail-replay", "--failed"]).output == ""
    runner.invoke(args=["paidsupport", "mail-replay", taken.mail])
    assert thread(desk, code) == ["Kept all the same."]


def test_a_fault_in_filing_is_a_state_as_well(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a verb raises: the mail is there and says so."""
    _, email = contacted(lite_desk)

    def faulty(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(correspondence, "receive", faulty)
    taken = deliver(lite_desk, answer(email))
    assert taken.state == "failed"
    assert "a fault" in taken.reason
    assert lite_desk.broken() == {}


def test_a_program_stopped_in_between_leaves_it_to_the_worker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept and committed, then nothing: a minute later a worker goes on."""
    code, email = contacted(desk)
    with monkeypatch.context() as patched:
        patched.setattr(inbound, "_understand", lambda *_, **__: None)
        taken = deliver(desk, answer(email))
    assert (taken.state, taken.reason) == ("kept", "")
    desk.work()
    assert thread(desk, code) == []
    desk.clock.forward(minutes=2)
    desk.work()
    assert thread(desk, code) == ["Yes, please."]
    assert mails(desk)[0].state == "filed"


def test_a_database_that_goes_away_after_keeping_is_waited_for(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is acknowledged, and read when the database is back."""
    code, email = contacted(lite_desk)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "settle", away)
        assert deliver(lite_desk, answer(email)).state == "kept"
    lite_desk.clock.forward(minutes=2)
    lite_desk.work()
    assert thread(lite_desk, code) == ["Yes, please."]


def command(desk: Desk, raw: bytes, *arguments: str) -> tuple[int, dict[str, object]]:
    """What `mail-in` answers: its exit code and its one line."""
    done = desk.app.test_cli_runner().invoke(
        args=["paidsupport", "mail-in", *arguments], input=io.BytesIO(raw)
    )
    assert done.output.count("\n") == 1, done.output
    return done.exit_code, json.loads(done.output)


def test_the_command_keeps_and_tells(desk: Desk) -> None:
    """Exit 0 for what is kept, whatever it is, and for what was kept before."""
    code, email = contacted(desk)
    raw = answer(email).as_bytes()
    address = email["Reply-To"].addresses[0].addr_spec
    exit_code, told = command(desk, raw, "--to", address)
    assert exit_code == 0
    reference = mails(desk)[0].reference
    assert told == {"mail": reference, "state": "filed", "reason": "", "ticket": code, "duplicate": False}
    exit_code, told = command(desk, raw)
    assert (exit_code, told["duplicate"]) == (0, True)
    row = mails(desk)[0]
    assert (row.recipient, row.purpose) == (address, "support")


@pytest.mark.parametrize("raw", [b"", b"hello\n", b"\n\nFrom: a\n", b"\x00\xff" * 100, b"x" * 40_000_000])
def test_the_command_refuses_what_is_no_mail(lite_desk: Desk, raw: bytes) -> None:
    """Exit 65, which a mail server gives back to the sender."""
    exit_code, told = command(lite_desk, raw)
    assert (exit_code, told["state"]) == (65, "refused")
    assert mails(lite_desk) == []


@pytest.mark.parametrize(
    "error", [OperationalError("INSERT", {}, Exception("gone")), StorageFullError(), OSError(5, "I/O")]
)
def test_the_command_asks_for_another_try_when_nothing_was_kept(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Exit 75, and the next delivery works as if nothing had been."""
    code, email = contacted(lite_desk)
    raw = answer(email).as_bytes()

    def broken(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "keep", broken)
        exit_code, told = command(lite_desk, raw)
        assert (exit_code, told["state"]) == (75, "away")
    assert mails(lite_desk) == []
    assert command(lite_desk, raw)[1]["state"] == "filed"
    assert thread(lite_desk, code) == ["Yes, please."]


def test_without_the_extra_the_command_says_what_to_install(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the mail server keeps the mail meanwhile."""

    def missing() -> None:
        raise ConfigurationError("pip install 'paidsupport[mail-in]'")

    monkeypatch.setattr(parse, "find_spec", lambda _name: None)
    exit_code, told = command(lite_desk, mail().as_bytes())
    assert exit_code == 75
    assert "paidsupport[mail-in]" in str(told["reason"])


def test_kept_mails_are_not_swept_away(lite_desk: Desk) -> None:
    """What a mail is made of is no file without a row."""
    deliver(lite_desk, mail())
    with lite_desk.ctx() as ctx:
        assert files.sweep(ctx, ctx.now + timedelta(days=36500)) == 0
    assert lite_desk.broken() == {}


def test_the_bytes_are_kept_as_they_came(lite_desk: Desk, tmp_path: Path) -> None:
    """Not one of them is changed, whatever they are."""
    raw = b"Subject: x\r\n\r\n" + bytes(range(256)) * 10 + b"\r\r\n\n"
    deliver(lite_desk, raw)
    row = mails(lite_desk)[0]
    assert row.size == len(raw)
    with mount_of(lite_desk.app).files.open(row.storage_key) as content:
        assert content.read() == raw


def test_content_that_is_gone_is_a_reason(lite_desk: Desk) -> None:
    """A replay of a mail whose content was lost says so."""
    taken = deliver(lite_desk, mail(To="support+ps-2222-2222.abc@example.org"))
    row = mails(lite_desk)[0]
    mount_of(lite_desk.app).files.drop(row.storage_key)
    with lite_desk.app.app_context():
        mount = mount_of(lite_desk.app)
        again = inbound.replay(mount.by_clock, row.id)
    assert again
    assert (again.mail, again.state) == (taken.mail, "failed")
    assert "gone" in again.reason
    with lite_desk.ctx() as ctx:
        assert isinstance(ctx.session.get(RawMail, row.id), RawMail)
    assert list(lite_desk.broken()) == ["received emails are accounted for"]


@pytest.mark.row("P13")
def test_an_erased_customer_is_gone_from_their_mails_too(desk: Desk) -> None:
    """The bytes as they arrived, their text, and mails that never found a ticket."""
    code = desk.in_progress(desk.ada)
    deliver(desk, answer(desk.transport.sent[-1], "My secret hobby is falconry."))
    stray = {"From": "Jane Doe <jane@example.com>", "To": "support+ps-2222-2222.abc@example.org"}
    assert deliver(desk, mail("Falconry once more.", **stray)).ticket is None
    other = deliver(desk, mail("Somebody else's falconry.", From="weiss@example.net"))
    desk.finish(code, desk.ada)
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "jane@example.com")
        kept = ctx.session.scalars(select(RawMail).where(RawMail.dropped_at.is_(None))).all()
        gone = ctx.session.scalars(select(RawMail).where(RawMail.dropped_at.is_not(None))).all()
        assert [row.reference for row in kept] == [other.mail]
        assert len(gone) == 2
        for row in gone:
            assert "falconry" not in f"{row.text} {row.subject} {row.sender} {row.reason}".lower()
            with pytest.raises(NotFoundError):
                ctx.services.files.open(row.storage_key)
    assert desk.broken() == {}


@pytest.mark.row("G15")
def test_a_credential_that_is_cut_out_is_gone_from_the_mail_it_came_in(desk: Desk) -> None:
    """The message says that it was moved; the bytes it arrived in are thrown away."""
    code = desk.in_progress(desk.ada)
    deliver(desk, answer(desk.transport.sent[-1], "The password: tulip-Field-9"))
    number = desk.ticket(code).thread
    with desk.ctx(desk.ada) as ctx:
        vault.cut(ctx, code, number, key=new_key())
    with desk.ctx() as ctx:
        row = ctx.session.scalars(select(RawMail)).one()
        assert "tulip" not in row.text
        with pytest.raises(NotFoundError):
            ctx.services.files.open(row.storage_key)
    assert desk.broken() == {}


@pytest.mark.parametrize(
    "sender",
    [
        "jane@bücher.example",
        "JANE@xn--bcher-kva.example",
        "jane@BÜCHER.example.",
        "Jane Doe <jane@Bücher.Example>",
    ],
)
def test_the_spellings_of_an_address_are_one_customer(lite_desk: Desk, sender: str) -> None:
    """An answer joins whichever way its domain is written; case and a dot at the end do not matter."""
    code = lite_desk.order(email="jane@xn--bcher-kva.example")
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    email = lite_desk.work()[-1]
    assert "jane@xn--bcher-kva.example" in str(email["To"])
    raw = answer(email, "Yes.", From="SENDER").as_bytes().replace(b"SENDER", sender.encode())
    assert deliver(lite_desk, raw).ticket == code
    assert thread(lite_desk, code) == ["Yes."]


@pytest.mark.parametrize(
    ("ordered", "sender"),
    [
        ("jane@straße.example.com", "jane@strasse.example.com"),
        ("sam@example.com", "\u017fam@example.com"),
        ("jane@example.com", "jane@example.com.evil.example"),
    ],
)
def test_an_address_that_only_looks_alike_is_a_stranger(lite_desk: Desk, ordered: str, sender: str) -> None:
    """Its mail is held, also with our proof in it."""
    code = lite_desk.order(email=ordered)
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    with lite_desk.ctx() as ctx:
        reply = f"support+{ctx.services.links.reply_token(lite_desk.ticket(code))}@example.org"
    raw = mail("Let me in.", From="SENDER", To=reply).as_bytes().replace(b"SENDER", sender.encode())
    assert deliver(lite_desk, raw).state == "quarantined"
    assert thread(lite_desk, code) == []


def test_mails_of_one_person_count_as_theirs_in_any_spelling(lite_desk: Desk) -> None:
    """Changing capitals or the form of a domain does not raise the limit per hour."""
    forms = ("jane@bücher.example", "JANE@xn--bcher-kva.example", "jane@Bücher.example.")
    states = []
    for number in range(inbox.MAILS_PER_HOUR + 2):
        raw = mail("Hello.", From="SENDER").as_bytes().replace(b"SENDER", forms[number % 3].encode())
        states.append(deliver(lite_desk, raw).state)
    assert states[-2:] == ["quarantined", "quarantined"]
    assert "quarantined" not in states[:-2]


def test_mails_that_differ_behind_a_bare_cr_are_two(lite_desk: Desk) -> None:
    """In a line that servers add, at the end of a line, or where the text may begin: nothing is lost."""
    head = b"Message-ID: <one@example.com>\r\nFrom: jane@example.com\r\n"
    pairs = [
        (b"Received: x\rSubject: A\r\n\r\nText\r\n", b"Received: x\rSubject: B\r\n\r\nText\r\n"),
        (b"X-Spam-Note: a\r\rHello\r\nReceived: no\r\n", b"X-Spam-Note: a\r\rHello\r\nReceived: yes\r\n"),
        (b"Subject: A\r\r\n\r\nText\r\n", b"Subject: A\r\n\r\nText\r\n"),
        (b"Subject: A\rX: b\r\n\r\nText\r\n", b"Subject: A\nX: b\r\n\r\nText\r\n"),
        (b"Subject: A\r\n\r\nText\rone\r\n", b"Subject: A\r\n\r\nText\none\r\n"),
    ]
    for first, second in pairs:
        assert parse.content_hash(head + first) != parse.content_hash(head + second), first
    again = b"Received: by one\r\nSubject: A\r\n\r\nText\r\n"
    other_way = b"Received: by two\nSubject: A\n\nText\n"
    assert parse.content_hash(head + again) == parse.content_hash(head.replace(b"\r\n", b"\n") + other_way)
    assert not deliver(lite_desk, head + pairs[0][0]).duplicate
    assert not deliver(lite_desk, head + pairs[0][1]).duplicate


def test_a_bounce_that_comes_after_an_erasure_leaves_nothing(lite_desk: Desk) -> None:
    """The bounced email holds the customer's address and words, so the notice is emptied at once."""
    code, email = contacted(lite_desk)
    lite_desk.transition(code, "abandon", lite_desk.ada, reason="no-response", note="No.")
    with lite_desk.ctx(lite_desk.mia) as ctx:
        erasure.erase(ctx, "jane@example.com")
    lite_desk.clock.forward(hours=1)
    deliver(lite_desk, bounce(email))
    [kept] = mails(lite_desk)
    assert (kept.text, kept.sender, kept.subject, bool(kept.dropped_at)) == ("", "", "(erased)", True)
    deliver(lite_desk, answer(email, "I am back."))
    assert thread(lite_desk, code) == ["(erased)"] * len(thread(lite_desk, code))
    assert mails(lite_desk)[-1].ticket_id != lite_desk.ticket(code).id
    assert lite_desk.broken() == {}
