"""Search finds the same on both databases, whatever was written and whatever is typed (P6)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.text import TEXT_LIMIT
from paidsupport.kernel.words import index_words, words
from tests.people import Desk

pytestmark = pytest.mark.row("P6")
MOST = 10


def found(ctx: Context, typed: str) -> list[int]:
    """The ids of what a search for `typed` finds."""
    return search.newest_hits(ctx.session, words(typed), MOST)


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("ubersicht", True),
        ("ÜBERSICHT", True),
        ("u\u0308bersicht", True),
        ("strasse", True),
        ("garcia gallery", True),
        ("gall", True),
        ("galerie", False),
        ("garcia elsewhere", False),
        ("ga", False),
        ("jane@example.com", True),
        ("second message", True),
        ("private remark", True),
        ("", False),
    ],
)
def test_words_are_found_without_accents_and_by_their_beginning(desk: Desk, typed: str, *, hit: bool) -> None:
    """In orders, messages and annotations; all words must be there, the last one may be unfinished."""
    code = desk.order(name="María García", details="Die Übersicht in der Straße")
    desk.receive(code, "A second message.")
    desk.annotate(code, desk.ada, "A private remark.")
    with desk.ctx() as ctx:
        assert bool(found(ctx, typed)) is hit


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("画像", True),
        ("画像が表示", True),
        ("表示されません", True),
        ("ギャラリー", True),
        ("ｷﾞｬﾗﾘｰ", True),  # half the width
        ("猫", True),  # the last email of a sentence
        ("画", True),
        ("像画", False),
        ("数据库", True),
        ("库连接", True),
        ("連接", False),  # a traditional email is another one
        ("ไม่แสดง", True),
        ("รูปภาพ", True),
        ("PHP8で画像", True),
        ("사진", True),
        ("gallery", True),
    ],
)
def test_words_inside_sentences_without_spaces_are_found(desk: Desk, typed: str, *, hit: bool) -> None:
    """Japanese, Chinese and Thai, also beside Latin letters; on tickets and on issues."""
    sentences = (
        "PHP8で画像が表示されません。ギャラリーと猫。 无法打开数据库连接。"
        " รูปภาพไม่แสดงในแกลเลอรี 사진이 Gallery"
    )
    code = desk.order()
    desk.receive(code, sentences)
    issue = desk.open_issue(desk.mia, summary="Summary", details=sentences)
    with desk.ctx() as ctx:
        assert bool(found(ctx, typed)) is hit
        kept = ctx.session.scalars(select(Issue.code).where(issue_words.holds(words(typed)))).all()
        assert kept == ([issue] if hit else [])


def test_a_code_is_found_however_it_is_written(desk: Desk) -> None:
    """With hyphens, in small letters, and by its first half."""
    code = desk.order()
    ticket = desk.ticket(code)
    with desk.ctx() as ctx:
        for typed in (code, code.lower(), code.replace("-", " "), code[:7]):
            assert found(ctx, typed) == [ticket.id]


HOSTILE = (
    *('"', "'", "''", "\\", "a\\", "*", "a*", "^a", "(", "a)", "a:b", "a & b", "a | !b", "a <-> b", "NOT a"),
    *(
        "a AND",
        "NEAR(a, 2)",
        "'a' & 'b",
        "%",
        "_",
        "{a}",
        "words: a",
        "- a",
        "\u202ea",
        "😀",
        "a\u0301\u0301",
    ),
    *("x" * 5000, " ".join("abcdefghijklmnop"), "\x1f", "\ufeff", "٣", "ᵃ", "½", "\U0001d7d8", "\U0001e900"),
)


def test_nothing_that_is_typed_breaks_a_search(desk: Desk) -> None:
    """Operators of either database, wildcards, control and odd characters are words or nothing."""
    desk.order()
    with desk.ctx() as ctx:
        for typed in HOSTILE:
            assert isinstance(found(ctx, typed), list), typed


def test_what_was_written_is_found_by_the_same_words(desk: Desk) -> None:
    """Any text at all, in any script: whoever types a word of it finds it."""
    desk.order()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=3))
    @example(["\U0001e900\U0001e922 and"])
    @example(["\u1c90\ua7b1 \u0e01\u0e33\u0bcd x\u0301\u0489y"])
    def check(texts: list[str]) -> None:
        with desk.ctx() as ctx:
            search.index(ctx.session, 1, *texts)
            for word in index_words(*texts):
                if len(word) <= search._LONGEST_WORD:
                    assert found(ctx, word) == [1], ascii(word)
            ctx.session.rollback()

    check()


def test_the_newest_come_first_and_no_more_than_asked_for(desk: Desk) -> None:
    """Common words give the newest tickets only."""
    made = [desk.ticket(desk.order(details="rotate")).id for _ in range(4)]
    with desk.ctx() as ctx:
        assert search.newest_hits(ctx.session, ["rotate"], 2) == made[:1:-1]
        assert search.newest_hits(ctx.session, ["rotate"], 4) == made[::-1]


def test_a_long_conversation_can_always_go_on(desk: Desk) -> None:
    """An index that is full of a ticket's words never keeps a message out."""
    code = desk.order()
    emails = "".join(map(chr, range(0x10330, 0x1034A)))  # Gothic: four bytes each
    for number in range(20):
        unique = (f"{emails}{emails[number]}{emails[n % 26]}{n}{number}" for n in range(TEXT_LIMIT))
        desk.receive(code, " ".join(next(unique) for _ in range(500)))
    assert desk.ticket(code).thread == 20


def test_the_index_can_be_made_anew(desk: Desk) -> None:
    """What is found afterwards is what was found before, on tickets and on issues."""
    code = desk.order(name="María García", details="Die Übersicht")
    desk.receive(code, "画像が表示されません")
    desk.annotate(code, desk.ada, "A private remark.")
    issue = desk.open_issue(desk.mia, summary="Pictures stay dark", details="Upload 画像が表示.")
    with desk.ctx() as ctx:
        ctx.session.execute(text("DELETE FROM paidsupport_search"))
        ctx.session.execute(text("DELETE FROM paidsupport_issue_word"))
    assert desk.app.test_cli_runner().invoke(args=["paidsupport", "reindex"]).exit_code == 0
    ticket_id = desk.ticket(code).id
    with desk.ctx() as ctx:
        for typed in (code, "garcia", "ubersicht", "表示", "private remark"):
            assert found(ctx, typed) == [ticket_id], typed
        for typed in (issue, "dark", "表示"):
            held = select(Issue.code).where(issue_words.holds(words(typed)))
            assert ctx.session.scalars(held).all() == [issue], typed
