"""The tone of an email is looked at before it leaves (N6)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.people import Desk, field, sign_in

pytestmark = pytest.mark.row("N6")

BAD = "Hello Jane,\n\nI fixed the upload. You should have made a backup.\n\nAda"


@pytest.fixture
def ada(lite_app: Flask, lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_app, "ada")


@pytest.fixture
def page(lite_desk: Desk) -> str:
    """Where Ada writes to a customer who has heard from her."""
    code = lite_desk.order(details="I fixed it myself, and by Friday it was broken.")
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    return f"/support/desk/tickets/{code}/write"


def filled(html: str, **typed: str) -> dict[str, str]:
    """The form of a page as it would be sent."""
    names = ("csrf_token", "key", "claim", "thread", "seen")
    return {name: field(html, name) for name in names} | typed


def test_a_letter_with_remarks_is_shown_before_it_leaves(
    lite_desk: Desk, ada: FlaskClient, page: str
) -> None:
    """The places are marked, each with reason and suggestion; sent once more, it leaves as it is."""
    first = ada.post(page, data=filled(ada.get(page).text, body=BAD, action="send"))
    assert first.status_code == 200
    soup = BeautifulSoup(first.text, "html.parser")
    assert [str(mark.contents[0]) for mark in soup.select("mark")] == ["I fixed", "You should have made"]
    said = [item.get_text(" ", strip=True) for item in soup.select(".ps-remarks li")]
    assert "We work as a team" in said[0]
    assert "Write “we fixed”." in said[0]
    assert "blame" in said[1]
    for mark, item in zip(soup.select("mark"), soup.select(".ps-remarks li"), strict=True):
        assert mark.select_one("a")["href"] == f"#{item['id']}"  # type: ignore[index]  # there is one
        assert item.select_one("a")["href"] == f"#{mark['id']}"  # type: ignore[index]  # likewise
    assert not lite_desk.work()
    assert ada.post(page, data=filled(first.text, body=BAD, action="send")).status_code == 303
    assert [mail["To"] for mail in lite_desk.work()]


def test_what_was_changed_since_is_looked_at_again(ada: FlaskClient, page: str) -> None:
    """To have seen one remark is not to have seen the next."""
    first = ada.post(page, data=filled(ada.get(page).text, body=BAD, action="preview"))
    worse = ada.post(page, data=filled(first.text, body=BAD + " It is done by Friday.", action="send"))
    assert worse.status_code == 200
    assert "by Friday<a" in worse.text


def test_a_good_letter_leaves_at_once(ada: FlaskClient, page: str) -> None:
    """No author is stopped without a cause, and a preview says nothing about it."""
    good = "Hello Jane,\n\nwe fixed the upload and tested it with your photos.\n\nAda"
    html = ada.get(page).text
    assert "<mark" not in ada.post(page, data=filled(html, body=good, action="preview")).text
    assert ada.post(page, data=filled(html, body=good, action="send")).status_code == 303


def test_what_the_customer_wrote_is_not_judged(lite_desk: Desk, ada: FlaskClient) -> None:
    """The draft of a first contact repeats the words of the order."""
    code = lite_desk.order(details="I fixed it myself, and by Friday it should work.")
    lite_desk.claim(code, lite_desk.ada)
    page = f"/support/desk/tickets/{code}/write"
    html = ada.get(page).text
    body = BeautifulSoup(html, "html.parser").select_one("#body")
    assert body is not None
    assert "I fixed it myself" in body.text
    sent = ada.post(page, data=filled(html, body=body.text.removeprefix("\r\n"), action="send"))
    assert sent.status_code == 303


def test_reports_and_pointers_are_looked_at_as_well(lite_desk: Desk, ada: FlaskClient) -> None:
    """Each is shown with its remarks once, and leaves when it is sent again."""
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.tick_all(code, lite_desk.ada)
    page = f"/support/desk/tickets/{code}/report"
    drafted = BeautifulSoup(ada.get(page).text, "html.parser").select_one("#body")
    assert drafted is not None
    body = drafted.text.removeprefix("\r\n")
    clean = ada.post(page, data=filled(ada.get(page).text, body=body, action="preview"))
    assert "before it leaves" not in clean.text
    first = ada.post(page, data=filled(clean.text, body=f"{body}\n\nHopefully that is all.", action="send"))
    assert "Check 1 place before you send this." in first.text
    again = filled(first.text, body=f"{body}\n\nHopefully that is all.", action="send")
    assert ada.post(page, data=again).status_code == 303

    asked = lite_desk.order(service="question", answers={}, email="noor@example.com")
    page = f"/support/desk/tickets/{asked}/documented?url=https://example.org/upload"
    html = ada.get(page).text
    drafted = BeautifulSoup(html, "html.parser").select_one("#body")
    assert drafted is not None
    body = drafted.text.removeprefix("\r\n") + "\nAs I already told you."
    first = ada.post(page, data=filled(html, body=body, version=field(html, "version")))
    assert first.status_code == 200
    assert "As I already told you" in first.text
    assert "Check 1 place before you send this." in first.text
    sent = ada.post(page, data=filled(first.text, body=body, version=field(first.text, "version")))
    assert sent.status_code == 303
