"""Writing with the customer: the owner alone, the first contact once, no stale threads (G6, G7, G10)."""

from __future__ import annotations

import io

import pytest

from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    NotTheOwnerError,
    StaleThreadError,
    TooManyError,
)
from paidsupport.kernel.files import Upload
from paidsupport.kernel.staff import operations as people
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.queries import pages
from tests.people import Desk
from tests.services import published


def claimed(desk: Desk) -> str:
    """A ticket that Ada has just taken."""
    code = desk.order()
    desk.claim(code, desk.ada)
    return code


def contacted(desk: Desk) -> str:
    """A ticket whose customer has Ada's first email."""
    code = claimed(desk)
    desk.write(code, desk.ada)
    desk.work()
    return code


def send(desk: Desk, code: str, draft: Draft) -> Email:
    """Ada sends exactly this draft."""
    with desk.ctx(desk.ada) as ctx:
        return correspondence.write(ctx, code, draft)


@pytest.mark.row("G7")
def test_the_draft_of_a_first_contact_holds_everything_it_must(desk: Desk) -> None:
    """Code, recap, requirements, price, this developer's payment line, and the questions of the service."""
    code = claimed(desk)
    with desk.ctx(desk.ada) as ctx:
        opening = correspondence.open_email(ctx, tickets.lock(ctx.session, code))
    assert opening.kind is EmailKind.FIRST_CONTACT
    assert code in opening.subject
    for words in (
        code,
        "Jane Doe",
        "A gallery for our club.",
        "https://gallery.example.com",
        "My web space runs PHP 7.4",
        "USD 45.00",
        "PayPal: ada@example.org",
        "1. Which features would you like?",
        "What is the title of your gallery?",
        "Which language, time zone",
    ):
        assert words in opening.body
    assert "Which PHP version does your server have?\n" not in opening.body


@pytest.mark.row("G7")
@pytest.mark.parametrize("words", ["{code}", "45.00", "PayPal: ada@example.org"])
def test_a_first_contact_that_leaves_something_out_is_not_sent(lite_desk: Desk, words: str) -> None:
    """The sentence stands at the field, and nothing is queued."""
    desk = lite_desk
    code = claimed(desk)
    words = words.format(code=code)
    with desk.ctx(desk.ada) as ctx:
        body = correspondence.open_email(ctx, tickets.lock(ctx.session, code)).body
    with pytest.raises(InvalidInputError) as refused:
        desk.write(code, desk.ada, body.replace(words, "…"))
    assert len(refused.value.problems["body"]) == 1
    assert desk.ticket(code).thread == 0


@pytest.mark.row("G7")
def test_without_a_payment_line_there_is_no_first_contact(lite_desk: Desk) -> None:
    """A developer without one is sent to their profile."""
    desk = lite_desk
    code = claimed(desk)
    with desk.ctx(desk.ada) as ctx:
        people.set_profile(ctx, email="ada@example.org", payment="")
    with pytest.raises(InvalidInputError, match="profile"):
        desk.write(code, desk.ada)


@pytest.mark.row("G6")
def test_nobody_but_the_owner_writes_to_the_customer(desk: Desk) -> None:
    """Not before a claim, not a colleague, not a manager, not who has lost it: each is told who has it."""
    code = desk.order()
    draft = Draft("Hello", 0, 0, "k")
    with pytest.raises(NotTheOwnerError, match="It has no owner now"):
        send(desk, code, draft)
    desk.claim(code, desk.ada)
    for stranger in (desk.ben, desk.mia, CUSTOMER):
        with pytest.raises(NotTheOwnerError, match="with Ada"), desk.ctx(stranger) as ctx:
            correspondence.write(ctx, code, Draft("Hello", 1, 0, "k"))
    desk.transition(code, "release", desk.ada)
    with pytest.raises(NotTheOwnerError):
        send(desk, code, Draft("Hello", 1, 0, "k"))
    assert desk.ticket(code).thread == 0
    desk.transition(code, "reject", desk.ada, reason="spam", note="Spam.")
    with pytest.raises(NotTheOwnerError):
        send(desk, code, Draft("Hello", 2, 0, "k"))


@pytest.mark.row("G6", "N1")
def test_a_page_of_an_older_claim_of_ones_own_sends_nothing(desk: Desk) -> None:
    """Who released and claimed again reads the ticket again first."""
    code = claimed(desk)
    desk.transition(code, "release", desk.ada)
    desk.claim(code, desk.ada)
    with pytest.raises(NotTheOwnerError, match="newer one"):
        send(desk, code, Draft("Hello", 1, 0, "k"))


@pytest.mark.row("G6")
def test_a_thread_that_went_on_sends_nothing(desk: Desk) -> None:
    """What the author had not seen is shown first; the numbers of both are in the error."""
    code = contacted(desk)
    desk.receive(code, "Stop, I changed my mind.")
    with pytest.raises(StaleThreadError) as stale:
        send(desk, code, Draft("I begin now.", 1, 1, "k"))
    assert (stale.value.seen, stale.value.now_at) == (1, 2)
    with pytest.raises(StaleThreadError), desk.ctx(desk.ada) as ctx:
        correspondence.preview(ctx, code, Draft("I begin now.", 1, 1, "k"))
    assert send(desk, code, Draft("I begin now.", 1, 2, "k")).kind == "message"


@pytest.mark.row("N1")
def test_the_same_form_twice_sends_one_letter(desk: Desk) -> None:
    """A double click and a reload are one message; with another text the key is refused."""
    code = contacted(desk)
    draft = Draft("More soon.", 1, 1, "once")
    assert send(desk, code, draft).reference == send(desk, code, draft).reference
    with pytest.raises(KeyReusedError):
        send(desk, code, Draft("Something else.", 1, 2, "once"))
    assert desk.ticket(code).thread == 2
    for _ in range(2):
        with desk.ctx(CUSTOMER) as ctx:
            correspondence.receive(ctx, tickets.lock(ctx.session, code), "Thanks.", key="twice")
    assert desk.ticket(code).thread == 3
    assert desk.broken() == {}


@pytest.mark.row("G6", "N1")
def test_a_second_owner_writes_a_hand_over_letter_that_names_the_first_contact(desk: Desk) -> None:
    """Never a second first contact; after that email, plain messages."""
    code = contacted(desk)
    desk.transition(code, "release", desk.ada, note="No time.")
    desk.clock.forward(hours=1)
    desk.claim(code, desk.ben)
    email = desk.write(code, desk.ben)
    assert (email.kind, email.contact) == ("handover", f"claim-{email.claim_number}")
    assert "A colleague wrote to you about it on 14 March 2034" in email.body
    assert "PayPal: ben@example.org" in email.body
    assert desk.write(code, desk.ben, "And another thing.").kind == "message"
    assert {mail["Subject"] for mail in desk.work()} == {f"Re: Your order: Installation ({code})"}
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_a_withdrawn_first_contact_frees_its_slot(desk: Desk) -> None:
    """It reached no one, so the next owner writes the first contact; exactly one leaves."""
    code = claimed(desk)
    desk.write(code, desk.ada)
    desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id)
    desk.write(code, desk.ben)
    desk.work()
    written = [email for email in desk.emails(code) if email.kind == "first-contact"]
    assert [(email.state, email.contact) for email in written] == [("withdrawn", None), ("sent", "first")]
    assert desk.broken() == {}


def as_customer(desk: Desk, code: str) -> pages.CustomerPage:
    """The customer's page."""
    with desk.ctx(CUSTOMER) as ctx:
        return pages.for_customer(ctx, tickets.lock(ctx.session, code))


@pytest.mark.row("G10")
def test_the_customers_page_shows_what_has_left_and_nothing_else(desk: Desk) -> None:
    """No annotation, no file of one, no email that waits or was withdrawn, and no file of it."""
    code = claimed(desk)
    with desk.ctx(desk.ada) as ctx:
        body = correspondence.open_email(ctx, tickets.lock(ctx.session, code)).body
        upload = Upload("with-the-letter.txt", 1, io.BytesIO(b"x"))
        correspondence.write(ctx, code, Draft(body, 1, 0, "k"), [upload])
    note = Upload("among-ourselves.txt", 1, io.BytesIO(b"y"))
    desk.annotate(code, desk.ben, "Difficult customer.", uploads=[note])
    desk.receive(code, "Hello?")
    page = as_customer(desk, code)
    assert [spoken.message.direction for spoken in page.thread] == ["in"]
    assert page.files == []
    with desk.ctx() as ctx:
        whole = pages.for_desk(ctx, code)
        assert [file.name for file in whole.files] == ["among-ourselves.txt"]
        hidden = [file for spoken in whole.thread for file in spoken.files] + whole.files
    assert len(hidden) == 2
    desk.transition(code, "release", desk.ada)
    for file in hidden:
        with pytest.raises(NotFoundError), desk.ctx() as ctx:
            pages.file_for_customer(ctx.session, desk.ticket(code), file.reference)
    assert [spoken.message.direction for spoken in as_customer(desk, code).thread] == ["in"]
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    page = as_customer(desk, code)
    assert [spoken.message.direction for spoken in page.thread] == ["in", "out"]
    assert "Difficult" not in str([vars(spoken.message) for spoken in page.thread])


def test_a_reply_tells_the_owner_once_until_they_answer(desk: Desk) -> None:
    """Three messages in a row are one notice; without an owner there is none."""
    code = desk.order()
    desk.receive(code, "Hello?")
    desk.work()
    assert [email.kind for email in desk.emails(code)] == ["confirmation"]
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    for body in ("One.", "Two.", "Three."):
        desk.receive(code, body)
        desk.work()
    kinds = [email.kind for email in desk.emails(code)]
    assert kinds.count("notice") == 1
    notice = desk.emails(code)[-1]
    assert (notice.to_address, notice.claim_number) == ("ada@example.org", None)
    assert "One." not in notice.body


@pytest.mark.row("G11")
def test_a_customer_who_writes_after_the_end_asks_for_reopening(desk: Desk) -> None:
    """The message is kept and the ticket waits for the desk."""
    code = desk.in_progress(desk.ada)
    desk.finish(code, desk.ada)
    assert desk.ticket(code).awaits == ""
    desk.receive(code, "The slideshow is broken.")
    assert (desk.ticket(code).awaits, desk.ticket(code).state) == ("desk", "closed")
    assert desk.broken() == {}


@pytest.mark.parametrize("body", ["", " \n ", "a\0b", "x" * 20_001])
def test_what_cannot_be_sent_is_told_at_its_field(lite_desk: Desk, body: str) -> None:
    """For both sides, and for annotations."""
    desk = lite_desk
    code = contacted(desk)
    with pytest.raises(InvalidInputError) as refused:
        send(desk, code, Draft(body, 1, 1, "k"))
    assert set(refused.value.problems) == {"body"}
    for act in (desk.receive, lambda code, body: desk.annotate(code, desk.ada, body)):
        with pytest.raises(InvalidInputError):
            act(code, body)


def test_messages_from_one_network_address_are_limited(lite_desk: Desk) -> None:
    """The limit counts for an hour and says how long to wait."""
    desk = lite_desk
    code = desk.order()

    def write(number: int) -> None:
        with desk.ctx(CUSTOMER) as ctx:
            ticket = tickets.lock(ctx.session, code)
            correspondence.receive(ctx, ticket, "Hi", key=f"{number}", client="192.0.2.1")

    for number in range(20):
        write(number)
    with pytest.raises(TooManyError, match="60 minutes"):
        write(20)
    desk.clock.forward(minutes=61)
    write(21)


def test_the_private_link_is_mailed_again_to_its_own_address_only(desk: Desk) -> None:
    """One for each order that goes on; after some mails in an hour nothing is sent any more."""
    code = desk.order()
    desk.order(email="kim@example.com")
    desk.work()
    for address in ("JANE@example.com", "evil@example.com", ""):
        with desk.ctx() as ctx:
            correspondence.send_links(ctx, address, key=new_key())
    mails = desk.work()
    assert [mail["To"] for mail in mails] == ["jane@example.com"]
    assert code in mails[0]["Subject"]
    assert "/t/" in mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for _ in range(9):
        with desk.ctx() as ctx:
            correspondence.send_links(ctx, "jane@example.com", key=new_key())
    assert len(desk.work()) == 3  # five in an hour, with the confirmation and the one above


def test_a_long_name_of_a_service_fits_into_every_subject(desk: Desk) -> None:
    """Order, first contact, hand-over, message and notice: the longest name the catalogue takes."""
    with published(desk) as service:
        service.name = "ü" * 200
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.receive(code, "Fine.")
    desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id)
    desk.write(code, desk.ben)
    assert max(len(email.subject) for email in desk.emails(code)) == 200
