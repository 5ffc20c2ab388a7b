"""The form of a phone call, and what stands beside it (T6)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.tickets.tables import Ticket
from tests.calling import CALL, call, take_calls
from tests.people import Desk, csrf_token, sign_in
from tests.tickets.test_pages import DESK, at, fields, send, words

pytestmark = pytest.mark.row("T6")

FORM = f"{DESK}/call"
TYPED = {
    "name": "Jane <Doe>",
    "caller": "bank",
    "organisation": "Bank of Examples",
    "email": "Jane@Example.COM",
    "phone": "+49 30 1234567",
    "subject": "It fails & fails",
    "notes": "Since Monday.\nEvery morning.",
    "purpose": "support",
    "confirm": "y",
}


@pytest.fixture
def calling(lite_desk: Desk) -> Desk:
    """A desk whose catalogue takes calls."""
    take_calls(lite_desk)
    return lite_desk


@pytest.fixture
def ada(calling: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(calling.app, "ada")


def prefilled(client: FlaskClient) -> dict[str, str]:
    """What the form sends when nothing was typed."""
    page = client.get(FORM).text
    soup = BeautifulSoup(page, "html.parser")
    moment = soup.select_one("input[name=called_at]")
    assert moment is not None
    return fields(page, "/call") | {"called_at": str(moment["value"])}


def test_a_call_is_noted_and_its_code_read_out(calling: Desk, ada: FlaskClient) -> None:
    """The page after it shows the code, spelled; the ticket says how it came, and so does its history."""
    typed = prefilled(ada) | TYPED
    assert typed["called_at"] == "2034-03-14T09:00"
    done = ada.post(FORM, data=typed)
    assert done.status_code == 303
    again = ada.post(FORM, data=typed)
    assert again.location == done.location
    with calling.ctx() as ctx:
        (ticket,) = ctx.session.scalars(select(Ticket))
    code = ticket.code
    assert done.location == at(code, "/called")
    # the address in the one way of writing that we keep
    assert ticket.customer_email == "Jane@example.com"
    page = ada.get(done.location)
    said = words(page.text)
    assert f"Read this confirmation code to Jane <Doe> : {code} PS Papa Sierra" in said
    assert "The code is sent to Jane@example.com." in said
    assert "The ticket is waiting in the queue" in said
    said = words(ada.get(at(code)).text)
    came = (
        "Received by Phone call · Jane <Doe> · Bank · Bank of Examples · +49 30 1234567 · 14 Mar 2034, 09:00"
        " UTC · taken by Ada"
    )
    assert came in said
    assert "Ada took the phone call" in words(ada.get(at(code, "/history")).text)
    assert "just now · phone call" in said


def test_customers_never_see_who_called(calling: Desk, ada: FlaskClient) -> None:
    """Their page has their words, and nothing of what was noted about them."""
    made = call(calling)
    page = calling.app.test_client().get(f"/support/t/{calling.token(made.code)}")
    assert page.status_code == 200
    assert "They see a white page since Monday." in page.text
    for noted in (CALL.organisation, CALL.phone, "merchant", "Phone call", "taken by"):
        assert noted not in page.text
    note = call(calling, purpose="management", notes="They threaten to leave.")
    page = calling.app.test_client().get(f"/support/t/{calling.token(note.code)}")
    assert "threaten" not in page.text
    assert "threaten" in ada.get(at(note.code)).text


def test_nothing_typed_is_lost(calling: Desk, ada: FlaskClient) -> None:
    """A refused form keeps its input, with each error at its field; so does one that only looks up."""
    wrong = TYPED | {"email": "jane@", "called_at": "tomorrow", "caller": "", "take": "y", "purpose": "sales"}
    del wrong["confirm"]
    for more, status in (({}, 422), ({"action": "look-up"}, 200), ({"same": "PS-2222-2222"}, 422)):
        answer = ada.post(FORM, data=prefilled(ada) | wrong | more)
        assert answer.status_code == status
        soup = BeautifulSoup(answer.text, "html.parser")
        for name in ("name", "organisation", "email", "phone", "subject", "called_at"):
            box = soup.select_one(f"input[name={name}]")
            assert box is not None
            assert box["value"] == wrong[name]
        assert fields(answer.text, "/call")["notes"] == TYPED["notes"]
        assert soup.select_one("input[name=take][checked]")
        assert not soup.select_one("input[name=confirm][checked]")
        assert soup.select_one("input[name=purpose][value=sales][checked]")
    assert "Check the code: there" not in words(answer.text)  # the address was wrong before that
    answer = ada.post(FORM, data=prefilled(ada) | TYPED | {"same": "PS-2222-2222"})
    assert "Check the code: there" in words(answer.text)
    refused = ada.post(FORM, data=prefilled(ada) | TYPED | {"caller": "alien"})
    soup = BeautifulSoup(refused.text, "html.parser")
    assert soup.select_one("#caller[aria-invalid]")
    assert soup.select_one(".ps-summary a[href='#caller-0']")
    with calling.ctx() as ctx:
        assert ctx.session.scalars(select(Ticket)).all() == []


def test_earlier_tickets_stand_beside_the_form(calling: Desk, ada: FlaskClient) -> None:
    """As a fragment while the name is typed, as a page without scripts; a call can be added to one."""
    made = call(calling, calling.ben, take=True)
    part = ada.get(f"{FORM}/earlier", query_string={"phone": "030 123 45 67"})
    assert part.status_code == 200
    assert "<html" not in part.text
    soup = BeautifulSoup(part.text, "html.parser")
    link = soup.select_one(f"a.ps-code[href='{at(made.code)}']")
    assert link is not None
    assert (link["target"], link["rel"]) == ("_blank", ["noopener"])
    said = words(part.text)
    for shown in (made.code, "In triage", "Ben", CALL.subject, "Jane Doe", "same phone number"):
        assert shown in said
    assert words(str(soup.select_one("#ps-found[hx-swap-oob]"))) == "1 earlier ticket"
    # notes and keys are never in an address
    who = BeautifulSoup(ada.get(FORM).text, "html.parser").select_one("[hx-get]")
    assert who is not None
    names = {str(tag["name"]) for tag in who.select("[name]")}
    assert names == {"name", "organisation", "email", "phone"}
    typed = prefilled(ada) | {"name": "Jane Doe", "notes": "Still white."}
    page = ada.post(FORM, data=typed | {"action": "look-up"}).text
    (button,) = BeautifulSoup(page, "html.parser").select("button[name=same]")
    assert (button["value"], button["form"]) == (made.code, "ps-call")
    for _ in range(2):
        done = ada.post(FORM, data=typed | {"same": made.code})
        assert (done.status_code, done.location) == (303, at(made.code, "#annotations"))
    said = words(ada.get(done.location).text)
    assert said.count("Phone call with Jane Doe on 2034-03-14 09:00 UTC Still white.") == 1
    assert f"Call added to {made.code}." in said
    nobody = ada.get(f"{FORM}/earlier", query_string={"name": "Nobody"})
    assert "No earlier tickets found." in words(nobody.text)
    assert "Earlier tickets appear while you type" in words(ada.get(f"{FORM}/earlier").text)


@pytest.mark.parametrize(
    "typed", ["x" * 5000, "' OR 1=1 --", '" OR "', "* (", "\ud83d", "%", "é" * 400, "٣" * 90]
)
def test_whatever_is_typed_is_only_looked_for(calling: Desk, ada: FlaskClient, typed: str) -> None:
    """No text breaks the look-up or has a special meaning in it."""
    call(calling)
    query = {
        name: typed.encode("utf-8", "replace").decode() for name in ("name", "email", "phone", "organisation")
    }
    assert "PS-" not in ada.get(f"{FORM}/earlier", query_string=query).text
    assert ada.get(f"{FORM}/earlier?name=%00").status_code == 404


def test_strangers_record_and_find_nothing(calling: Desk, ada: FlaskClient) -> None:
    """Neither visitors nor other users of the site can, nor a request without the token of our page."""
    made = call(calling)
    stranger = calling.app.test_client()
    for path in (FORM, f"{FORM}/earlier?name=Jane+Doe", at(made.code, "/called")):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert CALL.subject not in answer.text
    refused = ada.post(FORM, data=TYPED | {"called_at": "2034-03-14T09:00", "key": "a" * 32})
    assert refused.status_code == 422
    assert "Jane &lt;Doe&gt;" in refused.text
    assert ada.get(at("PS-2222-2222", "/called")).status_code == 404


def test_each_page_is_cheap(calling: Desk, ada: FlaskClient) -> None:
    """Two queries say who asks; three find earlier tickets; one more says where a ticket came from."""
    made = call(calling)
    for path, limit in (
        (f"{FORM}/earlier?name=Jane+Doe&phone=0301234567&email={CALL.email}", 5),
        (FORM, 3),
        (at(made.code), 6),
    ):
        ada.get(path)
        with calling.statements() as seen:
            assert ada.get(path).status_code == 200
        assert len(seen) <= limit, seen


def test_where_a_ticket_came_from_is_told(calling: Desk, ada: FlaskClient) -> None:
    """A call for management, and a note of what a form or a mail brought."""
    made = call(calling, calling.mia, purpose="management", caller="other", email="", organisation="")
    said = words(ada.get(at(made.code)).text)
    assert "Phone call for managers · Jane Doe · +49 (0)30 1234567 ·" in said
    assert "taken by Mia" in said
    assert "The managers get an email" in words(ada.get(at(made.code, "/called")).text)
    assert "Record a call" in said
    assert "Record a call" in words(ada.get("/support/desk/").text)
    assert csrf_token(ada, FORM)
    assert send(ada, at(made.code), at(made.code, "/annotations"), body="Fine.").status_code == 303
