"""Mail read as people wrote it: senders, subjects, texts and files, whatever program they used (P4)."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import select

from paidsupport.intake.mail import pages, parse
from paidsupport.intake.mail.deadline import UnreadableError
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import File
from tests.intake.mail.corpus import CASES, headers
from tests.intake.mail.incoming import answer, contacted, deliver, thread
from tests.intake.mail.more_mails import MAILS, Written, file, parts, text
from tests.intake.mail.test_corpus import LETTER
from tests.people import Desk

pytestmark = pytest.mark.row("P4")

#: So many of all must be read rightly.
GOALS = {"sender": 0.98, "subject": 0.97, "text": 0.97, "files": 0.95}


def seen(raw: bytes) -> dict[str, object]:
    """What is read of a mail."""
    read = parse.understand(raw)
    names = tuple(each.name for each in read.attachments)
    return {"sender": read.sender, "subject": read.subject, "text": read.text, "files": names}


def expected(mail: Written) -> dict[str, object]:
    """What should be."""
    return {"sender": mail.sender, "subject": mail.subject, "text": mail.text, "files": mail.files}


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_is_read_as_it_was_meant(mail: Written) -> None:
    """Who wrote it, its subject, its whole text, and the names of its files."""
    assert seen(mail.raw) == expected(mail)


def test_the_goals_are_kept() -> None:
    """On a hundred mails with odd habits, and on all mails of the corpus that are of the customer."""
    assert len(MAILS) == 100
    asked = [(mail.raw, expected(mail)) for mail in MAILS]
    for case in CASES:
        if case.state == "filed" and not case.new:
            known: dict[str, object] = {"sender": "jane@example.com"}
            known |= {"files": case.files} if case.files else {}
            asked.append((case.make(LETTER), known))
    right, all_ = Counter[str](), Counter[str]()
    for raw, wanted in asked:
        found = seen(raw)
        all_.update(wanted.keys())
        right.update(name for name, value in wanted.items() if found[name] == value)
    assert [name for name, goal in GOALS.items() if right[name] < goal * all_[name]] == []


WORST = [
    *(
        "<a <a <a",
        "<a href=http://a>b</a>",
        '<a href="',
        "<div>",
        "<blockquote>",
        "<!--",
        "<a><b>",
        "<pre>\n",
    ),
    *("<p><b><i><u><font>", "<table><tr><td>", "<", "&", "&#", "<title>", "<script><!--<script>", "<a@b.c"),
    *("<div style='display:none'>", "<https://a", "<pre>\n", '<div style="'),
]


@pytest.mark.parametrize("piece", WORST)
def test_no_page_takes_long(piece: str) -> None:
    """Four megabytes of its worst: under a second for each of them."""
    page = piece * (4_000_000 // len(piece.encode()))
    raw = b"From: kim@example.net\nContent-Type: text/html; charset=utf-8\n\n" + page.encode()
    began = time.process_time()
    parse.understand(raw)
    assert time.process_time() - began < 4


def test_words_within_a_hundred_thousand_elements_are_read() -> None:
    """However deep they stand, and where an element swallows the rest of the page."""
    assert pages.text_of("<div>" * 100_000 + "Words</div> here") == "Words\nhere"
    assert (
        pages.text_of("<title>Words of a page<body><p>that never closes it")
        == "Words of a page\n\nthat never closes it"
    )


@pytest.mark.parametrize("kind", ["text/html", "multipart/mixed; boundary=b"])
def test_time_is_asked_for_to_the_end(kind: str) -> None:
    """A page, and a part behind another one: each is given up once the time is over."""
    page = b"<p>word <b>word</b></p>" * 80_000
    body = page if "html" in kind else b"--b\nContent-Type: text/html\n\n" + page + b"\n--b--\n"
    raw = b"Content-Type: " + kind.encode() + b"\n\n" + body
    began = time.process_time()
    with pytest.raises(UnreadableError, match="took too long"):
        parse.understand(raw, seconds=0.05)
    short = time.process_time() - began
    began = time.process_time()
    parse.understand(raw)
    assert short < time.process_time() - began


def test_what_takes_too_long_is_kept_and_listed(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is lost: the mail fails with its reason, and can be replayed."""
    code, email = contacted(lite_desk)
    monkeypatch.setattr(parse.understand, "__defaults__", (0.0,))
    taken = deliver(lite_desk, answer(email, "Yes, please."))
    assert (taken.state, taken.reason) == ("failed", "Reading it took too long.")
    monkeypatch.undo()
    done = lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "mail-replay", taken.mail])
    assert '"state": "filed"' in done.output
    assert thread(lite_desk, code) == ["Yes, please."]
    assert lite_desk.broken() == {}


def kept(desk: Desk) -> dict[str, bytes]:
    """The files on tickets, and their content."""
    store = mount_of(desk.app).files
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(File).order_by(File.id)).all()
    found = {}
    for row in rows:
        with store.open(row.storage_key) as content:
            found[row.name] = content.read()
    return found


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_mail_in_a_mail_is_saved_byte_for_byte(lite_desk: Desk, end: bytes) -> None:
    """Including its line breaks, its odd header and its eight-bit characters."""
    _, email = contacted(lite_desk)
    lines = (b"Subject:  odd", b"\tfolded", b"From : a@example.net", b"", b"Gr\xfc\xdfe", b"From here ", b"")
    inner = end.join(lines)
    kind = {"Content_Type": "multipart/mixed; boundary=b"}
    head = headers(LETTER, To=str(email["Reply-To"]), **kind).encode().replace(b"\r\n", end)
    part = end.join([b"", b"--b", b"Content-Type: message/rfc822; name=old.eml", b"", inner, b"--b--", b""])
    raw = head + part
    assert deliver(lite_desk, raw).state == "filed"
    assert kept(lite_desk) == {"old.eml": inner}


def test_icons_of_a_signature_take_no_room_from_files(lite_desk: Desk) -> None:
    """Six pictures within the text before it: the file is kept, and the least of the pictures is not."""
    head = "Content-Disposition: inline; filename=icon{0}.png\nContent-ID: <icon{0}>"
    icons = [file(head.format(n), "AAAA" * (n + 1), "image/png") for n in range(6)]
    plan = file("Content-Disposition: attachment; filename=plan.pdf")
    taken = deliver(lite_desk, parts(text(), *icons, plan))
    assert list(kept(lite_desk)) == ["icon2.png", "icon3.png", "icon4.png", "icon5.png", "plan.pdf"]
    assert "“icon0.png”, “icon1.png”" in thread(lite_desk, taken.ticket or "")[0]


def test_an_id_without_angles_is_an_answer(lite_desk: Desk) -> None:
    """Where it is all that stands in the line."""
    code, email = contacted(lite_desk)
    bare = str(email["Message-ID"]).strip("<>")
    taken = deliver(lite_desk, answer(email, To="support@example.org", In_Reply_To=bare, References=""))
    assert (taken.state, taken.ticket) == ("filed", code)
