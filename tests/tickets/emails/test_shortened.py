"""Nothing that came by mail disappears: what is cut from a reply is unfolded where the reply stands (P4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

import paidsupport
from paidsupport.intake.mail import parse
from paidsupport.ops.erasure import erasure
from paidsupport.tickets.conversation.tables import Message
from tests.intake.mail.incoming import answer, contacted, deliver, thread
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P4")

#: A quote of the customer's own mail, in which they had given a password away.
QUOTE = """On Mon, 3 Jun 2024 at 10:00, Jane <jane@example.com> wrote:
> The gallery is slow.
> password: hunter2hunter2"""
GMAIL = '<div class="gmail_attr">On Mon, 3 Jun 2024 at 10:00, Desk &lt;desk@example.org&gt; wrote:<br></div>'

OUTLOOK = (
    "<b>From:</b> Desk &lt;desk@example.org&gt;<br><b>Sent:</b> Monday, 3 June 2024 10:00<br>"
    "<b>To:</b> Kim<br><b>Subject:</b> Case"
)


def _rests(desk: Desk) -> list[str | None]:
    with desk.ctx() as ctx:
        wanted = select(Message.rest).where(Message.direction == "in").order_by(Message.id)
        return list(ctx.session.scalars(wanted))


def _folded(page: str) -> list[str]:
    """What can be unfolded on a page, with the line above it."""
    found = re.findall(r"<details[^>]*><summary>(Signature or quoted text.*?)</details>", page, re.DOTALL)
    return [re.sub(r"<[^>]*>", " ", one) for one in found]


def test_the_customer_and_the_desk_unfold_what_was_cut(lite_desk: Desk) -> None:
    """Both pages say what was folded away and how many lines it has; passwords in it are masked."""
    code, email = contacted(lite_desk)
    deliver(lite_desk, answer(email, f"Yes, please.\n\n{QUOTE}"))
    assert thread(lite_desk, code) == ["Yes, please."]
    customer = lite_desk.app.test_client().get(f"/support/t/{lite_desk.token(code)}").text
    desk = sign_in(lite_desk.app, "ada").get(f"/support/desk/tickets/{code}").text
    for page in (customer, desk):
        (folded,) = _folded(page)
        assert "Signature or quoted text, 3 lines" in folded
        assert "The gallery is slow." in folded
        assert "hunter2" not in page


def test_a_reply_without_a_quote_has_nothing_to_unfold(lite_desk: Desk) -> None:
    """And neither has a forward, which is shown whole, or a first mail."""
    code, email = contacted(lite_desk)
    forward = (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Max <max@example.org>\n\nIt is down."
    )
    for text in ("Yes, please.", forward):
        deliver(lite_desk, answer(email, text))
    assert thread(lite_desk, code) == ["Yes, please.", forward]
    assert _rests(lite_desk) == [None, None]
    assert _folded(lite_desk.app.test_client().get(f"/support/t/{lite_desk.token(code)}").text) == []


def test_what_was_cut_is_bound_by_the_history_and_erased_with_the_customer(desk: Desk) -> None:
    """The event has its digest, the row is emptied, and the doctor finds nothing amiss."""
    code, email = contacted(desk)
    deliver(desk, answer(email, f"Yes, please.\n\n{QUOTE}"))
    assert _rests(desk) != [None]
    assert desk.broken() == {}
    desk.transition(code, "abandon", desk.ada, reason="other", note="No.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "jane@example.com")
    assert _rests(desk) == [None]
    assert desk.broken() == {}


def test_no_page_shows_a_message_without_what_was_cut_from_it() -> None:
    """Templates show messages by the one macro that folds the rest below them."""
    pages = Path(paidsupport.__file__).parent.rglob("*.html")
    shown = {page.name for page in pages if "message.body" in page.read_text("utf-8")}
    # triage shows each of its pieces, an export all of it; both the rest below
    assert shown == {"triage.html", "customer.html"}


@pytest.mark.parametrize(
    ("page", "own"),
    [
        (
            "<p>Ben told me:</p><blockquote>Never on a Friday.</blockquote><p>Is that so?</p>",
            "Ben told me:\n\n> Never on a Friday.\n\nIs that so?",
        ),
        ("<p>Ben says</p><blockquote>Never.</blockquote>", "Ben says\n\n> Never."),
        ("<p>First.</p><hr><p>Second.</p>", f"First.\n\n{'_' * 32}\n\nSecond."),
        (
            f"<div>Yes.</div><div>{GMAIL}<blockquote class=gmail_quote>Well?</blockquote></div>",
            "Yes.",
        ),
        (f"<div>Yes.</div>{GMAIL}<blockquote>Well?</blockquote>", "Yes."),
        ("<p>Yes.</p><blockquote type=cite><p>Well?</p></blockquote>", "Yes."),
        ("<p>Yes.</p><blockquote style='border-left: 1px solid'>Well?</blockquote>", "Yes."),
        (
            f"<p>Yes.</p><hr><div id=divRplyFwdMsg>{OUTLOOK}</div><div>Well?</div>",
            "Yes.",
        ),
    ],
)
def test_quotes_in_pages_are_told_by_who_made_them(page: str, own: str) -> None:
    """What mail programs mark is cut; what the customer quotes or divides stays."""
    read = parse.understand(f"Content-Type: text/html; charset=utf-8\n\n{page}".encode())
    assert read.body == own
    assert "Well?" in read.rest or read.rest == ""
    assert "\ufdd0" not in f"{read.text}{read.body}{read.rest}"
