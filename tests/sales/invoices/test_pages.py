"""Invoices on the pages of managers, of the desk, and of the customer (T19)."""

from __future__ import annotations

import csv
import io
import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.invoices.queries import PAGE
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.testing import mount_of
from tests.people import Desk, sign_in
from tests.sales.invoices.test_einvoice import text_of
from tests.sales.invoices.test_invoices import code_of, deed, drafted, extended, filled, issued
from tests.services import billed, paid_to
from tests.tickets.decisions.test_pages import at, fields, words

pytestmark = pytest.mark.row("T19")

TYPED = {
    "buyer_name": "Doe Ltd.",
    "buyer_street": "2 Side Street",
    "buyer_postcode": "1010",
    "buyer_city": "Vienna",
    "buyer_country": "AT",
    "pay_days": "10",
    "untaxed": "",
    "line_1_description": "Installation",
    "line_1_rate": "19",
}


@pytest.fixture
def mia(lite_app: Flask) -> FlaskClient:
    """A manager's browser."""
    return sign_in(lite_app, "mia")


@pytest.fixture
def ada(lite_app: Flask) -> FlaskClient:
    """A developer's browser."""
    return sign_in(lite_app, "ada")


def found(desk: Desk) -> list[Invoice]:
    """Every invoice there is."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Invoice).order_by(Invoice.id)))


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the form of a draft."""
    form = BeautifulSoup(html, "html.parser").select_one("form.ps-narrow[method=post]")
    assert form, html
    return {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}


def test_a_manager_writes_an_invoice(lite_desk: Desk, mia: FlaskClient) -> None:
    """From the ticket to the draft, its sums worked out by the server, to a number, and on to paid."""
    desk = lite_desk
    code = billed(desk)
    listed = at(code, "/invoices")
    assert listed in mia.get(at(code)).text
    page = mia.get(listed)
    assert "USD 45.00" in words(page.text)
    answer = mia.post(listed, data=fields(page.text))
    assert answer.status_code == 303
    url = answer.location
    saved = mia.post(url, data=hidden(mia.get(url).text) | TYPED | {"line_1_rate": "7", "action": "save"})
    assert saved.status_code == 303
    page = mia.get(url)
    assert "USD 2.94" in words(page.text)
    assert 'value="Doe Ltd."' in page.text
    form = hidden(page.text) | TYPED | {"action": "issue"}
    asked = mia.post(url, data=form)
    assert (asked.status_code, asked.location) == (303, f"{url}/issue")
    assert found(desk)[0].number is None
    page = mia.get(asked.location)
    assert "be undone" in words(page.text)
    for _ in range(3):  # an impatient finger
        assert mia.post(f"{url}/issue", data=fields(page.text, "")).status_code == 303
    (invoice,) = found(desk)
    assert (invoice.state, invoice.number, invoice.tax_minor) == ("issued", 1, 718)
    page = mia.get(url)
    assert "Invoice INV-2034-0001 Open" in words(page.text)
    assert "Leaves in a moment" in words(page.text)
    assert "/paid" not in "".join(
        str(form.get("action")) for form in BeautifulSoup(page.text, "html.parser").select("form")
    )
    page = mia.get(f"{url}/paid")
    said = words(page.text)
    for fact in ("Mark invoice INV-2034-0001 as paid", "Doe Ltd.", "USD 45.00", "Due", "No email is sent"):
        assert fact in said
    assert found(desk)[0].state == "issued"
    for _ in range(2):
        assert mia.post(f"{url}/paid", data=fields(page.text)).status_code == 303
    assert found(desk)[0].state == "paid"
    assert mia.get(f"{url}/paid").location == url  # paid already: back to its page
    page = mia.get(f"{url}/cancel")
    assert "the money has to be paid back" in words(page.text)
    assert mia.post(f"{url}/cancel", data=fields(page.text)).status_code == 303
    assert mia.get(f"{url}/cancel").status_code == 303  # cancelled already: back to its page
    assert [(row.kind, row.state) for row in found(desk)] == [
        ("invoice", "cancelled"),
        ("credit-note", "issued"),
    ]
    note = at(code, f"/invoices/{found(desk)[1].reference}")
    page = mia.get(f"{note}/paid")
    assert "Mark credit note CN-2034-0001 as refunded" in words(page.text)
    assert mia.post(f"{note}/paid", data=fields(page.text)).status_code == 303
    assert "Refunded" in words(mia.get(note).text)
    said = words(mia.get(at(code, "/history")).text)
    for line in (
        *("Mia drafted an invoice", "Mia issued an invoice: INV-2034-0001"),
        *("marked an invoice as paid: INV-2034-0001", "emailed an invoice to the customer: INV-2034-0001"),
        "cancelled invoice INV-2034-0001 with credit note CN-2034-0001",
    ):
        assert line in said
    assert desk.broken() == {}


def test_whoever_asked_to_be_paid_directly_is_named_first(lite_desk: Desk, mia: FlaskClient) -> None:
    """One payee: a manager reads that the first contact told the customer to pay the developer."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    said = words(mia.get(at(code, "/invoices")).text)
    assert "paid to its developer directly, so the desk sends no invoice" in said
    assert "Draft invoice" not in said
    asked = "Ada has already asked the customer to pay directly"
    assert asked not in words(mia.get(at(code, "/invoices")).text)
    lite_desk.write(code, lite_desk.ada)
    assert asked in words(mia.get(at(code, "/invoices")).text)
    paid_to(lite_desk, "after", code)  # as of a desk that had no seller then
    made = mia.post(at(code, "/invoices"), data=fields(mia.get(at(code, "/invoices")).text))
    assert asked in words(mia.get(made.location).text)


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    lite_desk: Desk, mia: FlaskClient
) -> None:
    """Also what is missing when it is issued; nothing gets a number."""
    draft = drafted(lite_desk)
    url = at(code_of(lite_desk, draft), f"/invoices/{draft.reference}")
    for changed, wrong in (
        ({"line_1_rate": "a lot"}, "line_1_rate"),
        ({"buyer_country": "Austria"}, "buyer_country"),
        ({"line_1_rate": "0"}, "untaxed"),
        ({"buyer_street": ""}, "buyer_street"),
    ):
        answer = mia.post(url, data=hidden(mia.get(url).text) | TYPED | changed | {"action": "issue"})
        assert answer.status_code == 422
        soup = BeautifulSoup(answer.text, "html.parser")
        tag = soup.select_one(f"[name={wrong}]")
        assert tag is not None
        assert tag.get("aria-invalid") == "true"
        assert soup.select_one(f".ps-summary a[href='#{wrong}']")
        assert 'value="Doe Ltd."' in answer.text
    assert found(lite_desk)[0].number is None
    assert found(lite_desk)[0].version == 1  # what was refused kept nothing


def test_a_draft_that_a_colleague_changed_is_not_overwritten(lite_desk: Desk, mia: FlaskClient) -> None:
    """409, what was typed stays, and sending it again applies to the draft as it is now."""
    draft = drafted(lite_desk)
    url = at(code_of(lite_desk, draft), f"/invoices/{draft.reference}")
    old = hidden(mia.get(url).text)
    filled(lite_desk, draft)
    refused = mia.post(url, data=old | TYPED | {"buyer_name": "Mine", "action": "save"})
    assert refused.status_code == 409
    assert 'value="Mine"' in refused.text
    assert found(lite_desk)[0].buyer_name == "Doe Ltd."
    again = hidden(refused.text) | TYPED | {"buyer_name": "Mine", "action": "save"}
    assert mia.post(url, data=again).status_code == 303
    assert found(lite_desk)[0].buyer_name == "Mine"


def test_developers_read_and_do_not_write(lite_desk: Desk, ada: FlaskClient, mia: FlaskClient) -> None:
    """They see what stands on it and have its files; the list and the operations are for managers."""
    code = extended(lite_desk)
    made = issued(lite_desk, code)
    url = at(code, f"/invoices/{made.reference}")
    page = ada.get(url)
    assert "Invoice INV-2034-0001" in words(page.text)
    assert f"{url}/cancel" not in page.text
    assert f"{url}/paid" not in page.text
    assert ada.get(f"{url}/paid").location == url
    assert ada.get(f"{url}/pdf").status_code == 200
    token = fields(page.text, "/tell")
    for each in ("paid", "cancel"):
        assert ada.post(f"{url}/{each}", data=token | {"key": new_key()}).status_code == 403
    for there in ("/support/desk/invoices", "/support/desk/invoices.csv"):
        assert ada.get(there).status_code == 403
        assert mia.get(there).status_code == 200
    # who holds the ticket writes the email
    assert ada.post(f"{url}/tell", data=token).status_code == 303
    assert lite_desk.emails(code)[-1].kind == "invoice"


def test_files_of_an_invoice(lite_desk: Desk, mia: FlaskClient) -> None:
    """PDF and XML are saved under its number, and never run; a draft has none."""
    made = issued(lite_desk)
    code = code_of(lite_desk, made)
    url = at(code, f"/invoices/{made.reference}")
    for kind, type_ in (("pdf", "application/pdf"), ("xml", "application/xml")):
        answer = mia.get(f"{url}/{kind}")
        assert answer.mimetype == type_
        assert answer.headers["Content-Disposition"] == f"attachment; filename=INV-2034-0001.{kind}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Invoice INV-2034-0001" in text_of(mia.get(f"{url}/pdf").data)
    assert b"<ram:ID>INV-2034-0001</ram:ID>" in mia.get(f"{url}/xml").data
    draft = drafted(lite_desk)
    other = code_of(lite_desk, draft)
    for kind in ("pdf", "xml"):
        assert mia.get(at(other, f"/invoices/{draft.reference}/{kind}")).status_code == 404
        assert mia.get(at(other, f"/invoices/{made.reference}/{kind}")).status_code == 404


def test_the_customer_has_theirs_and_no_other(lite_desk: Desk, lite_app: Flask) -> None:
    """On the private page, with the day it is due; drafts are nowhere, foreign ones are not found."""
    desk, client = lite_desk, lite_app.test_client()
    code, foreign = extended(desk), issued(desk)
    page = f"/support/t/{desk.token(code)}"
    draft = drafted(desk, code)
    assert "Invoices" not in words(client.get(page).text)
    assert client.get(f"{page}/invoices/{draft.reference}/pdf").status_code == 404
    deed(desk, "cancel", draft)
    made = issued(desk, code)
    said = words(client.get(page).text)
    assert f"Invoice {invoicing.serial_of(made)} · USD 65.00 · Please pay by" in said
    assert client.get(f"{page}/invoices/{made.reference}/pdf").mimetype == "application/pdf"
    assert client.get(f"{page}/invoices/{made.reference}/xml").mimetype == "application/xml"
    for kind in ("pdf", "xml"):
        assert client.get(f"{page}/invoices/{foreign.reference}/{kind}").status_code == 404
        assert client.get(f"/support/t/forged/invoices/{made.reference}/{kind}").status_code == 404
    deed(desk, "cancel", made)
    said = words(client.get(page).text)
    assert "Cancelled, nothing to pay" in said
    assert "Credit note CN-2034-0001" in said


def test_the_list_is_read_in_pages_by_state(lite_desk: Desk, mia: FlaskClient) -> None:
    """Newest first; the next page begins after the last one; strange addresses do no harm."""
    made = [issued(lite_desk) for _ in range(3)]
    deed(lite_desk, "paid", made[0])
    page = words(mia.get("/support/desk/invoices").text)
    assert page.index("INV-2034-0003") < page.index("INV-2034-0001")
    paid = words(mia.get("/support/desk/invoices?state=paid").text)
    assert "INV-2034-0001" in paid
    assert "INV-2034-0002" not in paid
    before = words(mia.get(f"/support/desk/invoices?before={made[1].id}").text)
    assert "INV-2034-0001" in before
    assert "INV-2034-0002" not in before
    for strange in ("state=x", "before=x", f"before={2**63}", "before=-1"):
        assert mia.get(f"/support/desk/invoices?{strange}").status_code == 200
    with lite_desk.ctx(lite_desk.mia) as ctx:
        shown, more = invoicing.listed(ctx, most=2)
        assert [row.invoice.number for row in shown] == [3, 2]
        assert more == made[1].id
        assert invoicing.listed(ctx, before=more, most=2)[1] is None
    assert PAGE == 50


def test_what_is_overdue_says_so(lite_desk: Desk, mia: FlaskClient) -> None:
    """The day after it was due, and not once it is paid."""
    made = issued(lite_desk)
    lite_desk.clock.forward(days=10)
    assert "overdue" not in words(mia.get("/support/desk/invoices").text)
    lite_desk.clock.forward(days=1)
    assert "overdue" in words(mia.get("/support/desk/invoices").text)
    deed(lite_desk, "paid", made)
    assert "overdue" not in words(mia.get("/support/desk/invoices").text)


def test_the_table_for_spreadsheets_holds_no_formula(lite_desk: Desk, mia: FlaskClient) -> None:
    """Every invoice in one line, with whole figures; what a spreadsheet would run is text."""
    draft = filled(lite_desk, drafted(lite_desk), buyer_name='=HYPERLINK("https://example.com")')
    issued(lite_desk)
    answer = mia.get("/support/desk/invoices.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [row["Number"] for row in rows] == ["INV-2034-0001", ""]
    assert rows[0]["Total"] == "45.00"
    assert rows[1]["Buyer"] == '\'=HYPERLINK("https://example.com")'
    assert rows[1]["Ticket"] == code_of(lite_desk, draft)
    assert answer.headers["Content-Disposition"] == "attachment; filename=invoices.csv"


def test_without_a_seller_the_page_says_what_to_do(
    lite_app: Flask, lite_desk: Desk, mia: FlaskClient
) -> None:
    """No button, and a form that was open before is refused."""
    code = billed(lite_desk)
    old = fields(mia.get(at(code, "/invoices")).text)
    object.__setattr__(mount_of(lite_app).settings, "seller", None)  # a frozen setting
    page = mia.get(at(code, "/invoices"))
    assert "A manager has to enter the seller" in words(page.text)
    assert "Draft an invoice" not in words(page.text)
    assert mia.post(at(code, "/invoices"), data=old).status_code == 409


def test_what_was_typed_is_text_on_every_page(lite_desk: Desk, lite_app: Flask, mia: FlaskClient) -> None:
    """No input adds markup to another person's page."""
    bad = "<b onclick=x>{{ 7*7 }}"
    draft = filled(lite_desk, drafted(lite_desk), buyer_name=bad, lines=[(bad, "19")])
    code = code_of(lite_desk, draft)
    pages = [mia.get(at(code, f"/invoices/{draft.reference}")).text, mia.get("/support/desk/invoices").text]
    pages.append(lite_app.test_client().get(f"/support/t/{lite_desk.token(code)}").text)
    for html in pages:
        assert "<b onclick" not in html
        assert not re.search(r"\b49\b", html)


def test_the_pages_of_a_ticket_cost_as_much_as_before(lite_desk: Desk, mia: FlaskClient) -> None:
    """No invoice is read for the desk's page of a ticket, but the one by which it is paid."""
    code = extended(lite_desk)
    costs = []
    mia.get(at(code))
    for act in (issued, lambda *_: None):
        with lite_desk.statements() as seen:
            mia.get(at(code))
        costs.append(len(seen))
        act(lite_desk, code)
    assert costs[0] + 1 == costs[1]
