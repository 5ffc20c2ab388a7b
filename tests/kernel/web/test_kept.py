"""Answers to forms by redirect, kept on the server: Back and reload never send a form again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.unsent.tables import Unsent
from tests.kernel.web.test_unsent import BROWSER, DESK, TEXT, form_at, noted
from tests.people import Desk, press, sign_in

ORDER = "/support/order/installation"
LINK = "/support/link"


def rows(desk: Desk) -> list[Unsent]:
    """Everything that is kept."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Unsent)))


def refused(client: FlaskClient, page: str, url: str = "", **typed: str) -> str:
    """Send a form as a browser does; returns where its refusal is shown."""
    client.environ_base["HTTP_ACCEPT"] = BROWSER["Accept"]
    answer = press(client, page, url or page, **typed)
    assert (answer.status_code, answer.text.count("<form")) == (303, 0)
    return str(answer.location)


def test_a_visitor_s_form_is_kept_by_its_address_alone(app: Flask, desk: Desk) -> None:
    """No cookie holds it and nobody can read it from the database; it is forgotten after a day."""
    visitor = app.test_client()
    kept = refused(visitor, LINK, email="Jane Roe jane@nowhere")
    assert kept.startswith(f"{LINK}?kept=")
    for client in (visitor, visitor, app.test_client()):  # reloading, and the same address elsewhere
        page = client.get(kept)
        assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
        assert "Jane Roe" in page.text
        assert "jane@nowhere" in page.text
        assert 'role="alert"' in page.text
    for shown, headers in (
        (True, {"Sec-Fetch-Site": "same-origin"}),
        (True, {"Sec-Fetch-Site": "none", "Referer": "http://localhost/support/link"}),
        (True, {"Sec-Fetch-Site": "same-origin", "Referer": "https://behind.a.proxy/"}),
        (False, {"Sec-Fetch-Site": "none"}),
        (False, {"Sec-Fetch-Site": "cross-site", "Referer": "https://evil.example/"}),
        (False, {"Referer": "https://evil.example/"}),
    ):  # a link to it from elsewhere leads to the page itself
        assert ("Jane Roe" in visitor.get(kept, headers=headers).text) == shown, headers
    (row,) = rows(desk)
    assert row.person_id is None
    assert b"Jane" not in row.sealed
    assert kept.rpartition("=")[2] not in row.digest
    assert app.test_client().get(f"{LINK}?kept={new_key()}").location == LINK
    desk.clock.forward(days=1)
    assert visitor.get(kept).location == LINK
    desk.work()
    assert rows(desk) == []


def test_a_person_s_form_is_theirs_and_does_nothing_by_itself(app: Flask, desk: Desk) -> None:
    """A colleague is led to the page; what was typed can be sent from there, also in a new session."""
    code = desk.order()
    page, ada = f"{DESK}/tickets/{code}", sign_in(app, "ada")
    note = f"{page}/annotations"
    kept = refused(ada, page, note, key="no key", body=TEXT)
    assert ada.get(kept).text == ada.get(kept).text
    assert noted(desk) == []
    assert sign_in(app, "ben").get(kept).location == page
    again = sign_in(app, "ada")
    url, fields = form_at(again.get(kept).text, "/annotations")
    assert fields["body"].strip() == TEXT
    assert again.post(url, data=fields).status_code == 303
    assert noted(desk) == [(TEXT, desk.ada.id)]


def test_programs_and_htmx_get_the_answer_itself(lite_app: Flask) -> None:
    """What does not navigate is not redirected, and the status says what it says."""
    for headers in ({}, {"Accept": "*/*"}, BROWSER | {"HX-Request": "true"}):
        answer = lite_app.test_client().post(ORDER, data={"name": "Jane"}, headers=headers)
        assert (answer.status_code, "Jane" in answer.text) == (422, True)


@pytest.mark.row("G15")
def test_secrets_are_not_kept(lite_app: Flask, lite_desk: Desk) -> None:
    """What is refused comes back without the password; what was looked at is shown once, at once."""
    code = lite_desk.in_progress(lite_desk.ada)
    customer, url = lite_app.test_client(), f"/support/t/{lite_desk.token(code)}/access"
    kept = refused(customer, url, kind="password", label="", secret="correct Horse\r\n& battery")
    page = customer.get(kept).text
    assert 'role="alert"' in page
    assert "correct Horse" not in page
    reference, ada = lite_desk.give(code, "correct Horse"), sign_in(lite_app, "ada")
    look = f"{DESK}/tickets/{code}/access/{reference}/look"
    ada.environ_base["HTTP_ACCEPT"] = BROWSER["Accept"]
    url, fields = form_at(ada.get(look).text, "look")
    shown = ada.post(url, data=fields | {"reason": "To log in."})
    assert (shown.status_code, "correct Horse" in shown.text) == (200, True)


def test_nobody_fills_the_database(lite_app: Flask, lite_desk: Desk) -> None:
    """Beyond a limit the page itself is the answer, and a person's oldest pages go."""
    visitor = lite_app.test_client()
    statuses = [visitor.post(ORDER, data={}, headers=BROWSER).status_code for _ in range(62)]
    assert (statuses.count(303), statuses[-2:]) == (60, [422, 422])
    assert visitor.post(ORDER, data={"name": "x" * 900_000}, headers=BROWSER).status_code == 422
    ada = sign_in(lite_app, "ada")
    for _ in range(32):
        ada.post(f"{DESK}/profile", data={}, headers=BROWSER)
    assert len(rows(lite_desk)) == 60 + 30
