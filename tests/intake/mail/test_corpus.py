"""Mails of all kinds of programs, each with what must become of it (P4)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from paidsupport.intake.mail import parse, plain, replies
from paidsupport.intake.mail.deadline import UnreadableError
from paidsupport.kernel.text import many_lines
from paidsupport.testing import take_over
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.emails.rules import ANSWER_ABOVE
from paidsupport.tickets.emails.tables import Email as EmailRow
from paidsupport.tickets.received.tables import RawMail
from tests.intake.mail.corpus import CASES, SAID, Case, Email
from tests.intake.mail.incoming import contacted, deliver
from tests.people import Desk
from tests.postgres import Postgres
from tests.sites import site

pytestmark = pytest.mark.row("P4")

#: Every so manieth mail is tried on PostgreSQL as well.
SAMPLE = 7
LETTER = Email(
    "support+ps-2222-2222.abc@example.org",
    "<abc@example.org>",
    "Your order",
    f"{ANSWER_ABOVE}\n\nHello Jane.",
)


class Read:
    """A desk that has written one email, which all mails are about."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.code, mail = contacted(desk)
        body = mail.get_body(("plain",))
        assert body
        self.email = Email(
            str(mail["Reply-To"]),
            str(mail["Message-ID"]),
            str(mail["Subject"]),
            body.get_content().strip(),
            str(mail["Return-Path"]).strip("<>"),
        )

    def check(self, case: Case) -> None:
        """Deliver a mail and check what became of it."""
        self.desk.clock.forward(hours=2)
        with self.desk.ctx() as ctx:
            ctx.session.execute(update(EmailRow).values(state="sent"))
        taken = deliver(self.desk, case.make(self.email))
        assert not taken.duplicate
        if case.state != "any":
            assert taken.state == case.state, taken
        assert case.reason in taken.reason
        if case.state == "filed":
            assert (taken.ticket != self.code) is case.new
        with self.desk.ctx() as ctx:
            row = ctx.session.scalars(select(RawMail).order_by(RawMail.id.desc()).limit(1)).one()
            files = select(File.name).where(File.message_id == row.message_id).order_by(File.id)
            names = tuple(ctx.session.scalars(files)) if row.message_id else ()
            states = select(EmailRow.state).where(EmailRow.kind == "first-contact")
            bounced = set(ctx.session.scalars(states)) != {"sent"}
            message = ctx.session.get(Message, row.message_id) if row.message_id else None
        if case.body is not None:
            assert message
            assert message.body == case.body.replace("{id}", self.email.message_id)
        assert names == case.files
        assert bounced is case.bounced


@pytest.fixture(scope="module")
def read(sqlite_site: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """Such a desk on SQLite, for all mails."""
    folder = tmp_path_factory.mktemp("corpus")
    for app in site(f"sqlite:///{folder / 'corpus.sqlite3'}", folder):
        yield Read(Desk(app, *take_over(app)))


@pytest.fixture(scope="module")
def pg_read(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """The same on PostgreSQL."""
    for app in site(postgres.create_database("corpus"), tmp_path_factory.mktemp("corpus")):
        yield Read(Desk(app, *take_over(app)))


def test_there_are_many_mails_and_each_has_a_name() -> None:
    """At least 150, and no two alike."""
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(read: Read, case: Case) -> None:
    """State, text and files are as expected, and so is whether the email bounced."""
    read.check(case)


@pytest.mark.postgres
@pytest.mark.parametrize("case", CASES[::SAMPLE], ids=lambda case: case.name)
def test_what_becomes_of_it_on_postgresql(pg_read: Read, case: Case) -> None:
    """The same."""
    pg_read.check(case)


def test_the_desk_is_well_after_all_of_them(read: Read) -> None:
    """Whatever came in."""
    assert read.desk.broken() == {}


RAWS = [case.make(LETTER) for case in CASES]
#: Pieces that programs stumble over.
ODD = st.sampled_from(
    [
        *(
            b"\r\n\r\n",
            b"\n",
            b"\r",
            b"\0",
            b"--b\r\n",
            b"=?utf-8?b?",
            b"?=",
            b"Content-Type: ",
            b"multipart/mixed; ",
        ),
        *(
            b"boundary=b\r\n",
            b"message/rfc822\r\n\r\n",
            b"charset=",
            b"base64\r\n",
            b"From: <>,,<\r\n",
            b"\xff\xfe",
        ),
        *(
            b"Content-Transfer-Encoding: uuencode\r\n",
            b"filename*0*=",
            b"''",
            b"<!--",
            b"<a href=",
            b"&#xffffffff;",
        ),
        *(
            b"message/delivery-status\r\n",
            b"text/html\r\n",
            b"Content-Disposition: attachment; ",
            b"utf-7",
            b"+AAA-",
        ),
    ]
)


def hold(raw: bytes) -> None:
    """Reading it ends in time, in text that can be kept, or in the one error there is."""
    began = time.process_time()
    parse.header_id(raw)
    parse.content_hash(raw)
    parse.looks_like_mail(raw)
    try:
        read = parse.understand(raw)
    except UnreadableError:
        pass
    else:
        assert many_lines(read.text, plain.TEXT_LIMIT) == read.text.strip("\n").rstrip()
        said = (
            *read.recipients,
            read.sender,
            read.subject,
            read.sender_name,
            read.text,
            read.body,
            read.rest,
        )
        assert "\0" not in "".join(said)
        assert len(read.subject) <= 200
        assert len(read.sender) <= 200
        for upload in read.attachments:
            assert upload.name
            assert isinstance(upload.content, io.BytesIO)
    assert time.process_time() - began < 5


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(ODD, st.binary(max_size=40)), max_size=40).map(b"".join))
@example(b"")
@example(b"From: =?x?q?=00=0a?=\n\n")
@example(b"Content-Type: multipart/mixed\n\n")
@example(b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n")
def test_no_bytes_break_it(raw: bytes) -> None:
    """Odd pieces in any order."""
    hold(raw)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(RAWS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), ODD), min_size=1, max_size=6),
)
@example(RAWS[0], [(0.0625, 0, b"\0")])
def test_no_change_of_a_real_mail_breaks_it(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    """Pieces cut out, odd ones put in, anywhere."""
    for place, length, piece in changes:
        at = int(place * len(raw))
        raw = raw[:at] + piece + raw[at + length :]
    hold(raw)


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=2000), st.sampled_from(["On ", "> ", "From: a\nTo: b\n", "-- \n", "Le ", "\n", "wrote:"])
)
def test_whatever_is_written_something_of_it_is_shown(text: str, piece: str) -> None:
    """A reply is a part of the text, and never nothing where there are words."""
    whole = plain.tidy(piece.join([text, piece, text]))
    shown = replies.split(whole).own
    assert bool(shown.strip()) == bool(whole.strip())
    lines = [line.strip() for line in whole.split("\n")]
    assert all(line.strip() in lines for line in shown.split("\n") if line.strip())


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<!--",
            "<a ",
            "<div>",
            "<blockquote>",
            "&#",
            "</p>",
            "<![CDATA[",
            "<?x",
            '<a href="',
            "<a href=http://a>b",
        ),
        *(
            "On a wrote",
            "From: a\n",
            "> ",
            ">",
            "\n",
            "On 1 <a@b",
            "_",
            "Am 1 schrieb ",
            "2034年",
            " ",
            "a: ",
            "é\u0301",
        ),
        *("=?utf-8?q?", "a@b,", "\u0301", "\t", "-- \n", "Le 1\n", "* ", "Message-ID: <"),
    ],
)
def test_no_repetition_takes_long(piece: str) -> None:
    """Half a megabyte of anything, as text, as a page and in the header, is read in a moment."""
    many = piece * (500_000 // len(piece))
    began = time.process_time()
    hold(b"Content-Type: text/plain; charset=utf-8\n\n" + many.encode())
    hold(b"Content-Type: text/html; charset=utf-8\n\n" + many.encode())
    hold(b"Content-Type: text/plain; format=flowed; delsp=yes\n\n" + many.encode())
    line = many[:60_000].replace("\n", " ").encode()
    hold(
        b"From: "
        + line
        + b"\nSubject: "
        + line
        + b"\nReferences: "
        + line
        + b"\nContent-Type: "
        + line
        + b"\n\nx"
    )
    hold(b"From: MAILER-DAEMON@example.net\n\n" + many.encode())
    assert time.process_time() - began < 10


def test_what_is_read_of_a_very_long_mail_has_its_limit() -> None:
    """The beginning; all of it is in the mail."""
    read = parse.understand(b"Subject: x\n\n" + SAID.encode() + b"\n" + b"word " * 1_000_000)
    assert len(read.text) <= plain.TEXT_LIMIT
    assert read.body.startswith("Yes, please go ahead.")


def test_a_text_that_is_cut_within_a_character_is_still_its_text() -> None:
    """Of a page of megabytes the beginning is decoded as what it is."""
    page = "<p>Grüße aus Köln 👍 " + "ä€👍" * 600_000
    for shift in ("", "x", "xx", "xxx"):
        raw = f"Content-Type: text/html; charset=utf-8\n\n{shift}{page}".encode()
        assert parse.understand(raw).text.removeprefix(shift).strip().startswith("Grüße aus Köln 👍 ä€👍")
