"""Drafts on the server: per person and form, sealed, gone when they are sent."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.unsent.drafts import Typed
from paidsupport.kernel.unsent.tables import Draft
from paidsupport.ops.erasure import erasure
from tests.kernel.web.test_unsent import BROWSER, DESK, TEXT, form_at, noted
from tests.people import ORDER, Desk, sign_in

SAVE = f"{DESK}/drafts"


def offered(client: FlaskClient, url: str) -> list[str]:
    """The drafts that a page offers, as their fields."""
    page = BeautifulSoup(client.get(url).text, "html.parser")
    return [str(offer["data-ps-draft-fields"]) for offer in page.select("[data-ps-draft-of]")]


def states(client: FlaskClient, url: str) -> list[str]:
    """What a form says that is filled from a draft of its page."""
    page = BeautifulSoup(client.get(url).text, "html.parser")
    return [str(offer["data-ps-draft-state"]) for offer in page.select("[data-ps-draft-of]")]


def test_two_tabs_keep_what_is_typed_until_it_is_sent(app: Flask, desk: Desk) -> None:
    """The newest is first, the older is offered; sending takes its own away, and nothing late comes back."""
    url = f"{DESK}/tickets/{desk.order()}"
    ada = sign_in(app, "ada")
    (to, one), (_, two) = (form_at(ada.get(url).text, "/annotations") for _ in range(2))
    for fields, words in ((one, "One"), (two, "Two"), (one, f"One {TEXT}")):
        desk.clock.forward(minutes=1)
        saved = ada.post(SAVE, query_string={"of": to}, data=fields | {"body": words, "draft": ""})
        assert (saved.status_code, "Draft saved" in saved.text) == (200, True)
    first, second = offered(ada, url)
    assert ("Debian" in first, "Two" in second) == (True, True)
    with desk.ctx() as ctx:
        assert not [row for row in ctx.session.scalars(select(Draft.sealed)) if b"Debian" in (row or b"")]
    assert offered(sign_in(app, "ben"), url) == []
    assert offered(ada, f"{DESK}/") == []
    # a third tab goes on with the newest, and takes its place
    _, three = form_at(ada.get(url).text, "/annotations")
    ada.post(SAVE, query_string={"of": to}, data=three | {"body": "Three", "draft": states(ada, url)[0]})
    assert ["Three" in each for each in offered(ada, url)] == [True, False]
    sent = three | {"body": TEXT, "draft": ""}
    assert ada.post(to, data=sent).status_code == 303
    assert ada.post(SAVE, query_string={"of": to}, data=sent).status_code == 422
    (left,) = offered(ada, url)
    assert "Two" in left
    assert noted(desk) == [(TEXT, desk.ada.id)]
    # without scripts: saved by a button, discarded by another
    _, four = form_at(ada.get(url).text, "/annotations")
    answer = ada.post(SAVE, query_string={"of": to}, data=four | {"body": "Four"}, headers=BROWSER)
    assert answer.location == url
    discard, fields = form_at(ada.get(url).text, "/discard")
    assert ada.post(discard, data=fields).location == url
    (left,) = offered(ada, url)
    assert "Two" in left


def test_what_was_sent_pushes_out_no_draft(lite_desk: Desk) -> None:
    """Of what waits the newest fifty stay, however many forms were sent since."""
    person, keys = lite_desk.ada.id or 0, [new_key() for _ in range(drafts.MOST)]
    typed = Typed("/support/desk/call", "", [("details", "They called.")])
    with lite_desk.ctx(lite_desk.ada) as ctx:
        for key in keys:
            drafts.save(ctx, person, key, typed)
    for _ in keys:
        lite_desk.clock.forward(minutes=1)
        with lite_desk.ctx(lite_desk.ada) as ctx:
            drafts.finish(ctx, new_key())
    with lite_desk.ctx(lite_desk.ada) as ctx:
        drafts.save(ctx, person, keys[0], typed)
        assert len(drafts.on_page(ctx, typed.path)) == drafts.MOST
        drafts.save(ctx, person, new_key(), typed)
        assert len(drafts.on_page(ctx, typed.path)) == drafts.MOST


def test_a_draft_outlives_its_session_and_not_its_customer(lite_app: Flask, lite_desk: Desk) -> None:
    """Saved after signing out, with the token of the page, it waits for its person; erasing takes it."""
    code = lite_desk.order()
    url, ada = f"{DESK}/tickets/{code}", sign_in(lite_app, "ada")
    to, fields = form_at(ada.get(url).text, "/annotations")
    stranger = lite_app.test_client()
    sent = fields | {"body": "Hello", "password": "correct horse"}
    assert stranger.post(SAVE, query_string={"of": to}, data=sent).status_code == 303
    assert stranger.post(SAVE, query_string={"of": "/login"}, data=sent).status_code == 303
    (left,) = offered(ada, url)
    assert ("Hello" in left, "correct" in left) == (True, False)
    other = sign_in(lite_app, "ada")  # in another session, the token of this one is good enough
    assert other.post(SAVE, query_string={"of": to}, data=sent | {"body": "Hello!"}).status_code == 200
    lite_desk.transition(code, "reject", lite_desk.ada, reason="spam", note="No.")
    with lite_desk.ctx(lite_desk.mia) as ctx:
        erasure.erase(ctx, ORDER.email)
    with lite_desk.ctx() as ctx:
        assert list(ctx.session.scalars(select(Draft))) == []
