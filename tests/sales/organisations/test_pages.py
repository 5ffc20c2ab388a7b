"""Records of organisations and the sales board in a browser (T8, T9)."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.sales.organisations.tables import Contact, Organisation
from tests.calling import call, take_calls
from tests.leading import contact, decide, issues_of, lead, organisation, organisation_of, wish, wishes_of
from tests.people import Desk, press, sign_in
from tests.tickets.ordering.ordering import soup, words

pytestmark = pytest.mark.row("T8")

LIST = "/support/desk/organisations"


@pytest.fixture
def ada(desk: Desk) -> FlaskClient:
    """The browser of a developer."""
    return sign_in(desk.app, "ada")


def ticket(code: str) -> str:
    """The page of a ticket."""
    return f"/support/desk/tickets/{code}"


def test_a_record_is_made_of_a_call_with_two_clicks(desk: Desk, ada: FlaskClient) -> None:
    """The name stands in the form already, the caller is its first contact, the ticket is on it."""
    take_calls(desk)
    code = call(desk, by=desk.ada, purpose="sales").code
    new = soup(ada.get(ticket(code)).text).find("a", string="Add a new organisation")
    assert new is not None
    there = str(new["href"])
    assert soup(ada.get(there).text).select_one("#name")["value"] == "Example Shop"  # type: ignore[index]
    answer = press(ada, there, there, name="Example Shop", kind="merchant", currency="eur")
    assert answer.status_code == 303
    told = words(ada.get(answer.location).text)
    for said in ("Merchant", "Jane Doe", "jane@shop.example.com", code, "Phone call", "EUR", "Open leads"):
        assert said in told, said
    assert words(ada.get(ticket(code)).text).count("Example Shop") >= 2
    assert "by Ada" in words(ada.get(ticket(code)).text)


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(desk: Desk, ada: FlaskClient) -> None:
    """In the form of a record, in that of a contact, and where two people change one record."""
    reference = organisation(desk)
    answer = press(ada, f"{LIST}/new", f"{LIST}/new", name="example shop", kind="merchant", currency="Euro")
    page = soup(answer.text)
    assert answer.status_code == 422
    assert {str(error["id"]) for error in page.select(".ps-error")} == {"name-error", "currency-error"}
    assert page.select_one("#currency")["value"] == "Euro"  # type: ignore[index]
    here = f"{LIST}/{reference}"
    answer = press(ada, here, f"{here}/contacts", contact_name="", email="jane@shop.example", phone="none")
    assert answer.status_code == 422
    errors = {str(error["id"]) for error in soup(answer.text).select(".ps-error")}
    assert errors == {"contact_name-error", "phone-error"}
    assert press(ada, here, f"{here}/contacts", contact_name="Jane", email="jane@").status_code == 422
    stale = {"name": "New name", "kind": "bank", "notes": "Typed for long."}
    assert press(ada, f"{here}/edit", f"{here}/edit", **stale).status_code == 303
    answer = press(ada, f"{here}/edit", f"{here}/edit", **stale | {"version": "1"})
    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.text
    assert "Typed for long." in answer.text
    for wrong in ("nothing", f"{reference}x"):
        assert ada.get(f"{LIST}/{wrong}").status_code == 404
    for address in ("?after=nothing", f"/{reference}?before=x~1~2", f"/{reference}?before=~~"):
        assert ada.get(f"{LIST}{address}").status_code in {200, 404}, address


def test_a_neighbour_is_proposed_and_a_person_confirms(desk: Desk, ada: FlaskClient) -> None:
    """Never by the domain alone; a domain that all share proposes nothing."""
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    contact(desk, reference, "Ben", email="ben@gmail.com")
    code, other = desk.order(email="new@shop.example"), desk.order(email="new@gmail.com")
    assert "uses the same email domain" not in words(ada.get(ticket(other)).text)
    assert organisation_of(desk, code) == ""
    assert "A contact at Example Shop uses the same email domain." in words(ada.get(ticket(code)).text)
    answer = press(ada, ticket(code), f"{ticket(code)}/organisation", contact=reference)
    assert answer.status_code == 303
    assert organisation_of(desk, code) == "Example Shop"
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Contact.email)).all()[-1] == "new@shop.example"
    assert "Add sender to contacts" not in ada.get(ticket(code)).text
    press(ada, ticket(code), f"{ticket(code)}/organisation", remove="1")
    assert organisation_of(desk, code) == ""
    answer = press(ada, ticket(code), f"{ticket(code)}/organisation", organisation="Example")
    assert answer.status_code == 422
    assert "exact name" in words(answer.text)


def test_merging_and_putting_away(desk: Desk, ada: FlaskClient) -> None:
    """The record that was merged leads on; one that was put away is listed there."""
    shop, twin = organisation(desk), organisation(desk, "Example Shop Ltd")
    here = f"{LIST}/{twin}/merge"
    assert press(ada, here, here, organisation="Nobody").status_code == 422
    answer = press(ada, here, here, organisation="example shop")
    assert answer.location.endswith(shop)
    assert "This record was merged into Example Shop" in words(ada.get(f"{LIST}/{twin}").text)
    press(ada, f"{LIST}/{shop}", f"{LIST}/{shop}/away")
    assert "No organisations" in ada.get(LIST).text
    assert "Example Shop" in ada.get(f"{LIST}?away=1").text
    press(ada, f"{LIST}/{shop}", f"{LIST}/{shop}/away", back="1")
    assert "Example Shop" in ada.get(f"{LIST}?q=exam").text
    person = soup(ada.get(f"{LIST}/{shop}").text)
    assert not person.select("form[action$=remove]")
    contact(desk, shop, email="jane@shop.example")
    (off,) = soup(ada.get(f"{LIST}/{shop}").text).select("form[action$=remove]")
    assert press(ada, f"{LIST}/{shop}", str(off["action"])).status_code == 303
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Contact)).all() == []
        assert len(ctx.session.scalars(select(Organisation)).all()) == 2


@pytest.mark.row("T9")
def test_a_manager_decides_on_the_page_of_the_lead(desk: Desk, ada: FlaskClient) -> None:
    """Ada notes a wish and a blocker; only Mia finds the form; the refusal begins the email."""
    code = lead(desk)
    here = f"{ticket(code)}/sale"
    answer = press(ada, here, f"{here}/wishes", wish="Photos", summary="For Jane Doe", details="x")
    assert answer.status_code == 422
    assert "Remove the personal data" in words(answer.text)
    assert press(ada, here, f"{here}/wishes", wish="Photos").status_code == 303
    assert press(ada, here, f"{here}/blockers", blocker_kind="contract", blocker="Lawyers").status_code == 303
    told = words(ada.get(here).text)
    assert "t decided yet" in told
    assert "Blockers" in told
    assert "s decision" in words(ada.get(ticket(code)).text)
    reference = wishes_of(desk, code)[0].reference
    there = f"{here}/wishes/{reference}"
    assert "Only managers can decide about feature requests." in words(ada.get(there).text)
    token = press(ada, here, there, decision="refuse", reason="No.")
    assert token.status_code == 403
    mia = sign_in(desk.app, "mia")
    assert press(mia, there, there, decision="gratis", reason="").status_code == 422
    assert (
        press(mia, there, there, decision="refuse", reason="It would slow down everybody.").status_code == 303
    )
    assert "tell Jane Doe that we won" in words(ada.get(ticket(code)).text)
    email = ada.get(f"{ticket(code)}/write?refusal={reference}").text
    assert "It would slow down everybody." in email
    (solve,) = soup(ada.get(here).text).select("form[action*='/sale/blockers/']")
    assert press(ada, here, str(solve["action"])).status_code == 303
    assert "Solved" in words(ada.get(here).text)
    assert ada.get(f"{ticket(desk.order())}/sale").status_code == 404


@pytest.mark.row("T9")
def test_the_customer_accepts_with_one_click(desk: Desk, ada: FlaskClient) -> None:
    """In words for a customer who has ordered nothing; afterwards the lead waits for its delivery."""
    code = lead(desk)
    decide(desk, code, wish(desk, code))
    there = f"{ticket(code)}/offers/new"
    page = words(ada.get(there).text)
    assert "It may be your first message to them" in page
    assert "on top of" not in page
    seen = soup(ada.get(there).text)
    hidden = {name: seen.select_one(f"[name={name}]")["value"] for name in ("claim", "thread")}  # type: ignore[index]
    typed = {"what": "Photos of receipts", "why": "Two days.", "price": "500", "days": "14"}
    assert press(ada, there, there, **hidden, **typed).status_code == 303
    desk.work()
    customer = desk.app.test_client()
    decision = desk.decided(code)[0]
    private = f"/support/t/{desk.token(code)}"
    told = words(customer.get(private).text)
    assert "Price USD 500.00" in told
    decide_page = f"{private}/decide/{decision.reference}"
    shown = words(customer.get(decide_page).text)
    assert "Accept for USD 500.00" in shown
    assert "order" not in shown.lower().replace("in order", "")
    fields = {"choice": "approved", "text_hash": decision.text_hash, "word": "Go on."}
    answer = press(customer, decide_page, decide_page, **fields)
    assert answer.status_code == 303
    assert "Offer accepted" in words(customer.get(private).text)
    (issue,) = issues_of(desk, code)
    assert "Next: deliver what was agreed" in words(ada.get(ticket(code)).text)
    assert issue.code in ada.get(f"{ticket(code)}/sale").text


@pytest.mark.row("T9")
def test_pages_cost_a_fixed_number_of_queries(desk: Desk, ada: FlaskClient) -> None:
    """However many leads there are; who asks is asked for as everywhere."""
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    costs: list[dict[str, int]] = []
    for number in (1, 4):
        for _ in range(number):
            code = lead(desk)
            decide(desk, code, wish(desk, code))
            desk.offer(code, desk.ada)
            desk.work()
        cost = {}
        pages = (LIST, f"{LIST}/{reference}", "/support/desk/sales", ticket(code), f"{ticket(code)}/sale")
        for url in pages:
            ada.get(url)
            with desk.statements() as seen:
                assert ada.get(url).status_code == 200
            cost[url.replace(code, "")] = len(seen)
        costs.append(cost)
    assert costs[0] == costs[1]


@pytest.mark.row("T9")
def test_the_board_can_be_filtered(desk: Desk, ada: FlaskClient) -> None:
    """By stage, by what stands in the way, by whose they are."""
    code = lead(desk)
    wish(desk, code)
    other = lead(desk, by=desk.ben, sender="li@bank.example")
    board = "/support/desk/sales"
    for address, codes in {
        "": {code, other},
        "?stage=qualifying": {code, other},
        "?stage=offered": set(),
        "?blocked=1": {code},
        "?mine=1": {code},
        "?stage=lost": set(),
    }.items():
        found = set(re.findall(r"/desk/tickets/(PS-[\w-]+)\"", ada.get(board + address).text))
        assert found == codes, address
    assert "decision: Photos of receipts" in words(ada.get(board).text)
    assert ada.get(f"{board}?stage=love").status_code == 404
