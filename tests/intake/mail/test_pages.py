"""The list of mails that came in: what they say is text, and what they are is a download (P4)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from paidsupport.tickets.received import tables as rows
from tests.intake.mail.incoming import answer, contacted, deliver, mail
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P4")

INBOX = "/support/desk/inbox"


def test_every_mail_that_is_on_no_ticket_is_listed_with_its_reason(desk: Desk) -> None:
    """Sender, subject, state and reason, newest first; what is on a ticket is there and not here."""
    code, email = contacted(desk)
    deliver(desk, answer(email, "On the ticket.", Subject="Filed"))
    wish = {"Subject": "Prints", "To": "sales@example.org", "Auto_Submitted": "auto-replied"}
    deliver(desk, mail("A wish.", **wish), to="sales@example.org")
    desk.clock.forward(minutes=1)
    deliver(desk, answer(email, "A trick.", Subject="Trick", From="eve@example.net"))
    ada = sign_in(desk.app, "ada")
    page = BeautifulSoup(ada.get(INBOX).text, "html.parser")
    told = [" ".join(item.get_text().split()) for item in page.select(".ps-list > li")]
    assert len(told) == 2
    assert told[0].startswith(f"Trick {code} From eve@example.net")
    assert "Held back It replies about" in told[0]
    assert "From jane@example.com · sales" in told[1]
    assert "Ignored An automatic email" in told[1]
    held = ada.get(f"{INBOX}?state=quarantined").text
    assert ("Trick" in held, "Prints" in held) == (True, False)
    assert ada.get(f"{INBOX}?state=%27&before=x").status_code == 200
    assert ada.get(f"{INBOX}?before={10**30}").status_code == 200


@pytest.mark.row("P4")
def test_the_ticket_leads_to_the_whole_of_a_mail(lite_desk: Desk) -> None:
    """What was cut off as a quote is folded below the message, and the mail can be read on demand."""
    code, email = contacted(lite_desk)
    deliver(
        lite_desk,
        answer(
            email, "Yes.\n\nOn Mon, 13 Mar 2034 at 09:00, Ada <desk@example.org> wrote:\n> And the cellar?"
        ),
    )
    ada = sign_in(lite_desk.app, "ada")
    page = BeautifulSoup(ada.get(f"/support/desk/tickets/{code}").text, "html.parser")
    (fold,) = [tag for tag in page.select("details") if "And the cellar?" in tag.get_text()]
    assert not fold.has_attr("open")
    fold.decompose()
    assert "And the cellar?" not in page.get_text()
    [link] = [link for link in page.select(".ps-thread a") if "Whole email" in link.get_text()]
    assert "And the cellar?" in ada.get(str(link["href"])).text


def test_pages_follow_each_other(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mail is on exactly one page."""
    monkeypatch.setattr(rows, "PAGE", 2)
    for number in range(5):
        deliver(lite_desk, mail("x", Subject=f"Number {number}", Auto_Submitted="auto-replied"))
    ada, url, seen = sign_in(lite_desk.app, "ada"), INBOX, []
    while url:
        page = BeautifulSoup(ada.get(url).text, "html.parser")
        seen += [link.get_text() for link in page.select(".ps-list h2 a")]
        following = page.select_one("a[rel=next]")
        url = str(following["href"]) if following else ""
    assert seen == [f"Number {number}" for number in (4, 3, 2, 1, 0)]


def test_a_mail_is_shown_as_text_and_saved_as_bytes(lite_desk: Desk) -> None:
    """No mark-up of its sender gets into the page, and no browser runs what is saved."""
    made = mail("", Subject="<script>alert(1)</script>", From='"<img src=x>" <eve@example.net>')
    made.set_content(
        '<p onclick="x()">Hello <b>you</b> <script>alert(2)</script><img src="https://example.net/p">'
        "&lt;iframe&gt;</p>",
        subtype="html",
    )
    reference = deliver(lite_desk, made).mail
    ada = sign_in(lite_desk.app, "ada")
    html = ada.get(f"{INBOX}/{reference}").text
    page = BeautifulSoup(html, "html.parser")
    assert page.h1
    assert page.h1.get_text() == "<script>alert(1)</script>"
    prose = page.select_one(".ps-prose")
    assert prose
    assert prose.get_text().strip() == "Hello you <iframe>"
    assert not page.select(".ps-root img, .ps-root iframe, [onclick]")
    saved = ada.get(f"{INBOX}/{reference}/raw")
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment; filename=mail-")
    assert saved.headers["Content-Security-Policy"].startswith("sandbox")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.data == made.as_bytes()
    saved.close()
    assert ada.get(f"{INBOX}/nothing").status_code == 404
    assert ada.get(f"{INBOX}/nothing/raw").status_code == 404
