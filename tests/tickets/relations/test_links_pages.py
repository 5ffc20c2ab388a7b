"""Linking tickets on their pages, and the form of a new request (G17, P7)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.catalogue.tables import Boilerplate
from tests.people import Desk, sign_in
from tests.tickets.test_pages import at, fields, send, words

pytestmark = [pytest.mark.row("G17"), pytest.mark.row("P7")]


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def side(html: str) -> str:
    """What the side of a ticket's page says."""
    aside = BeautifulSoup(html, "html.parser").select_one(".ps-side")
    assert aside is not None
    return words(str(aside))


def history(client: FlaskClient, code: str) -> str:
    """What the history of a ticket says."""
    return words(client.get(at(code, "/history")).text)


def test_two_tickets_are_linked_and_taken_apart(lite_desk: Desk, ada: FlaskClient) -> None:
    """All staff can, on any ticket; both pages and both histories show it."""
    one, two = lite_desk.order(), lite_desk.in_progress(lite_desk.ben)
    done = send(ada, at(one), at(one, "/links"), other=two.lower(), kind="follows")
    assert (done.status_code, done.location) == (303, f"{at(one)}#links")
    assert f"Came out of {two} · In progress" in side(ada.get(at(one)).text)
    assert f"Followed by {one} · Open" in side(ada.get(at(two)).text)
    assert f"Ada linked it: came out of {two}" in history(ada, one)
    assert f"Ada linked it: followed by {one}" in history(ada, two)
    assert send(ada, at(two), at(two, "/links"), remove=one).status_code == 303
    for code, other in ((one, two), (two, one)):
        assert "Unlink" not in side(ada.get(at(code)).text)
        assert f"Ada removed a link: {'came out of' if code == one else 'followed by'} {other}" in history(
            ada, code
        )


def test_a_refused_link_is_told_at_its_field(lite_desk: Desk, ada: FlaskClient) -> None:
    """What was typed stays, the form stands open; a removal that came too late says so as well."""
    one, two = lite_desk.order(), lite_desk.order()
    refused = send(ada, at(one), at(one, "/links"), other="PS-2222-2222", kind="related")
    assert refused.status_code == 422
    soup = BeautifulSoup(refused.text, "html.parser")
    assert soup.select_one('details[open] input[name="other"][value="PS-2222-2222"][aria-invalid]')
    assert soup.select_one('.ps-summary a[href="#other"]')
    assert send(ada, at(one), at(one, "/links"), remove=two).status_code == 422


def test_a_further_wish_becomes_a_request(lite_desk: Desk, ada: FlaskClient) -> None:
    """From the customer's message: prefilled, sent once, unclaimed, linked with the ticket it came from."""
    code = lite_desk.in_progress(lite_desk.ben)
    lite_desk.receive(code, "Oh yeah, can you also add <b>e-cards</b>?")
    page = BeautifulSoup(ada.get(at(code)).text, "html.parser")
    (way,) = [str(tag["href"]) for tag in page.select(".ps-thread a") if "New ticket" in tag.text]
    form = fields(ada.get(way).text)
    assert form["details"] == "Oh yeah, can you also add <b>e-cards</b>?"
    for _ in range(2):
        done = ada.post(way, data=form | {"service": "customization"})
        assert (done.status_code, done.location) == (303, f"{at(code)}#links")
    shown = ada.get(at(code))
    assert "Followed by" in side(shown.text)
    assert "opened. The customer gets an email" in words(shown.text)
    (link,) = BeautifulSoup(shown.text, "html.parser").select("#links form a.ps-code")
    made = link.text
    assert "This ticket has no owner" in words(ada.get(at(made)).text) or "Claim" in words(
        ada.get(at(made)).text
    )
    assert f"Ada opened it for the customer, from {code}" in history(ada, made)
    assert f"Ada opened a new request from it, {made}" in history(ada, code)
    assert lite_desk.broken() == {}


@pytest.mark.parametrize("number", ["1", "99", str(2**70), "-1"])
def test_what_is_no_wish_is_not_found(lite_desk: Desk, ada: FlaskClient, number: str) -> None:
    """An email of ours, or nothing at all."""
    code = lite_desk.in_progress(lite_desk.ben)
    assert ada.get(at(code, f"/request?message={number}")).status_code == 404


def test_a_bad_request_keeps_what_was_typed(lite_desk: Desk, ada: FlaskClient) -> None:
    """Without a service, or with a password in it; nothing is opened."""
    code = lite_desk.order()
    refused = send(ada, at(code, "/request"), details="E-cards, password: hunter2")
    assert refused.status_code == 422
    assert "E-cards, password: hunter2" in fields(refused.text)["details"]
    refused = send(ada, at(code, "/request"), details="E-cards")
    assert "Choose one of the services." in words(refused.text)
    assert lite_desk.happened(code) == ["submitted"]


def test_both_answers_are_at_hand(lite_desk: Desk) -> None:
    """An extra for a price, or a request of its own: boilerplate for either comes with the catalogue."""
    with lite_desk.ctx() as ctx:
        titles = set(ctx.session.scalars(select(Boilerplate.title)))
    assert {"That would be extra", "Please order that separately"} <= titles
