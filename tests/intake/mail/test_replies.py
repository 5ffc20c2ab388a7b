"""What of a reply was written now: no word of it is lost, and quotes go where they are surely quotes (P4)."""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsupport.intake.mail import plain, replies
from paidsupport.intake.mail.replies import Reply
from paidsupport.tickets.emails.rules import ANSWER_ABOVE

pytestmark = pytest.mark.row("P4")


def _replies(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))["reply"]
    return found


KNOWN, HELD_OUT = _replies("replies.toml"), _replies("replies_held_out.toml")


def _split(reply: dict[str, Any]) -> Reply:
    return replies.split(plain.tidy(reply["text"]))


def _keeps_its_words(reply: dict[str, Any], own: str) -> bool:
    """Whether all that the customer wrote is shown."""
    return all(words in own for words in (*reply.get("keeps", ()), *reply.get("shown", "").split("\n")))


def _emails_of(text: str) -> Counter[str]:
    return Counter("".join(text.replace(plain.OWN_QUOTE, "").split()))


@pytest.mark.parametrize("reply", KNOWN, ids=lambda reply: reply["name"])
def test_what_was_written_is_shown_and_nothing_else(reply: dict[str, Any]) -> None:
    """Programs of all kinds, in many languages, and words of people that resemble them."""
    found = _split(reply)
    assert _keeps_its_words(reply, found.own)
    assert found.own == reply.get("shown", found.own)
    assert all(words in f"{found.own}\n{found.rest}" for words in reply.get("either", ()))


def test_replies_that_the_rules_were_not_made_for_are_read_as_well() -> None:
    """None of 40 loses a word, and of those with a quote 95 % are cut exactly."""
    found = [(reply, _split(reply).own) for reply in HELD_OUT]
    assert [reply["name"] for reply, own in found if not _keeps_its_words(reply, own)] == []
    exact = [own == reply["shown"] for reply, own in found if "shown" in reply]
    assert sum(exact) >= 0.95 * len(exact)


@pytest.mark.parametrize("reply", [*KNOWN, *HELD_OUT], ids=lambda reply: reply["name"])
def test_what_is_cut_is_kept_beside_it(reply: dict[str, Any]) -> None:
    """Every character of a mail is either shown or can be unfolded."""
    found = _split(reply)
    assert _emails_of(f"{found.own} {found.rest}") == _emails_of(plain.tidy(reply["text"]))


PIECES = [line for reply in [*KNOWN, *HELD_OUT] for line in reply["text"].split("\n")]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=60)), max_size=25).map("\n".join))
def test_no_order_of_lines_loses_one(text: str) -> None:
    """Lines of real replies and nonsense, shuffled."""
    whole = plain.tidy(text)
    found = replies.split(whole)
    signs = "\u1427"  # a letter to Unicode, the trace of a program to us
    missing = _emails_of(whole) - _emails_of(f"{found.own} {found.rest}")
    assert not any(email.isalnum() and email != signs for email in missing)


HEADER = "From: Max <max@example.org>\nSent: Monday, 3 June 2024 10:00\nTo: Kim\nSubject: x"
FORWARD = f"See below.\n\n{HEADER}\n\nIt is down."


def test_a_mail_that_is_passed_on_is_shown_whole() -> None:
    """Its subject decides if the text looks like an answer; our own email is not a forwarded one."""
    assert replies.split(FORWARD, "Re: x").own == "See below."
    for subject in ("Fwd: x", "FW: x", "WG: x", "TR : x", "RV: x"):
        assert replies.split(FORWARD, subject) == Reply(FORWARD)
    ours = FORWARD.replace("It is down.", f"{ANSWER_ABOVE}\n\nHello Kim.")
    assert replies.split(ours, "Fwd: x").own == "See below."


@pytest.mark.parametrize(
    "own",
    [
        "Hello,\nOn 3 June 2024 at 10:00 the server wrote:\n\nout of memory\n\nSince then nothing works.",
        "I did what you asked.\n\nSent from my iPhone nothing arrives",
        "Please do it.\n--\nThen call me.",
        "Please redirect\n\nFrom: /var/www\nTo: /srv\nDate: tonight 22:00\n\nThanks",
        "Add these:\nTo: ann@example.org\nCc: max@example.org\nDate: 3 June 2024\nFrom: me\n\nThanks",
        f"See my answers below:\n\n{HEADER}\n\nIs it down? YES",
        "On Mon, 3 Jun 2024 at 10:00, Max <max@example.org> wrote:\n> Where?\nHere.\n> Since when?\nMonday.",
        "The log says:\n> ERROR 500\n> ERROR 501",
    ],
)
def test_words_that_only_resemble_a_quote_stay(own: str) -> None:
    """Where a rule of quotes is missing nothing is cut."""
    assert replies.split(own) == Reply(own)


def test_a_reply_of_one_sign_is_a_reply() -> None:
    """A thumb says something; a mark that programs use to see who reads says nothing."""
    quote = "On Mon, 3 Jun 2024 at 10:00, Max <max@example.org> wrote:\n> Where?"
    assert replies.split(f"👍\n\n{quote}") == Reply("👍", quote)
    assert replies.split(f"Yes.\n\u1427\n\n{quote}").own == "Yes."


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "On 1 On 1 ",
            "1/1/01 1:00 a@b wrote:\n",
            "On 1/1/2001 1:00 a@b.c wrote:\n",
            "A 1 A 1 2001 1:00 a@b ",
        ),
        *(
            "> x\n",
            "> x\nfoo\n",
            "From: a\nDate: 2001\n",
            "To: a\n",
            "cc:\n",
            "Sent from my iPhone\n",
            "\n",
            "-- \n",
        ),
        *(
            "--------\n",
            "| a\n",
            "<\n> wrote:\n",
            "> On 1/1/2001 1:00 a@b.c wrote:\nfoo\n",
            "x wrote:\n\n> y\nz\n",
        ),
        *("a", "a ", "ab:\n", "@", "(", "1.", "2001年 ", "---- wrote ----\n", f"{plain.OWN_QUOTE}> a\n"),
        *("a" * 399 + ":\n", "On 1 " * 80 + "2001-01-01 1:00 a@b wrote:\n", "ab " * 100 + "<a@b> 2001:\n"),
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """The longest text that is read of a mail, whatever is in it, is told apart in a moment."""
    text = (piece * plain.TEXT_LIMIT)[: plain.TEXT_LIMIT]
    began = time.process_time()
    replies.split(text)
    assert time.process_time() - began < 1
