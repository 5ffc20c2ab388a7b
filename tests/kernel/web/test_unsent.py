"""Forms that are sent by somebody else than who opened them, or after their session has ended."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select
from werkzeug.test import TestResponse

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.unsent.tables import Draft
from paidsupport.tickets.conversation.tables import Annotation
from tests.people import Desk, csrf_token, sign_in

DESK = "/support/desk"
#: What browsers send when they navigate.
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
TEXT = "Their host runs Debian 12 & Apache."
NOW_BEN = "Ada opened this page, but Ben is signed in now. Nothing was done. The text is saved for Ada."


def sign_in_here(client: FlaskClient, name: str, url: str = "/login") -> TestResponse:
    """Sign in with a browser that is open already."""
    data = {"email": f"{name}@example.org", "password": "demo", "csrf_token": csrf_token(client, url)}
    return client.post(url, data=data)


def sign_out(client: FlaskClient) -> None:
    """As by the button, in another tab."""
    client.post("/logout", data={"csrf_token": csrf_token(client, "/")})


def become_ben(client: FlaskClient) -> None:
    """Ada leaves the browser to Ben."""
    sign_out(client)
    assert sign_in_here(client, "ben").status_code == 303


def form_at(html: str, end: str) -> tuple[str, dict[str, str]]:
    """Where a form leads whose address ends so, and all its fields."""
    form = BeautifulSoup(html, "html.parser").select_one(f'form[action$="{end}"]')
    assert form is not None, html
    fields = {str(f["name"]): str(f.get("value") or "") for f in form.select("input[name]")}
    # HTML takes away the first line break
    fields |= {str(f["name"]): f.text.removeprefix("\n") for f in form.select("textarea[name]")}
    return str(form["action"]), fields


def noted(desk: Desk) -> list[tuple[str, int | None]]:
    """Every annotation, with its author's id."""
    with desk.ctx() as ctx:
        return [(row.body, row.author_id) for row in ctx.session.scalars(select(Annotation))]


@pytest.mark.row("G6")
def test_an_old_tab_does_nothing_under_another_name(lite_app: Flask, lite_desk: Desk) -> None:
    """Claim and annotation from Ada's tab are refused for Ben, who sees none of her text; she finds it."""
    code = lite_desk.order()
    url, browser = f"{DESK}/tickets/{code}", sign_in(lite_app, "ada")
    page = browser.get(url).text
    claim, note = form_at(page, "/claim"), form_at(page, "/annotations")
    become_ben(browser)
    for action, fields in (claim, (note[0], note[1] | {"body": TEXT})):
        refused = browser.post(action, data=fields)
        assert (refused.status_code, NOW_BEN in refused.text, escape(TEXT) in refused.text) == (
            409,
            True,
            False,
        )
        answer = browser.post(action, data=fields, headers=BROWSER)
        assert answer.location == url
        shown = browser.get(answer.location).text
        assert (NOW_BEN in shown, escape(TEXT) in shown) == (True, False)
    assert noted(lite_desk) == []
    assert lite_desk.ticket(code).owner_id is None
    ada = sign_in(lite_app, "ada")
    (offer,) = BeautifulSoup(ada.get(url).text, "html.parser").select("[data-ps-draft-of]")
    assert offer["data-ps-draft-of"] == note[0]
    again = offer.select_one("a[href]")
    assert again is not None
    url_, fields = form_at(ada.get(str(again["href"])).text, "/annotations")
    assert fields["body"].strip() == TEXT
    assert ada.post(url_, data=fields).status_code == 303
    assert noted(lite_desk) == [(TEXT, lite_desk.ada.id)]
    assert "data-ps-draft-of" not in ada.get(url).text


@pytest.mark.row("G10")
def test_what_is_typed_outlives_the_session(lite_app: Flask, lite_desk: Desk) -> None:
    """Signed out while writing: after signing in the page is there with the text, and sends it."""
    code = lite_desk.order()
    browser = sign_in(lite_app, "ada")
    url, fields = form_at(browser.get(f"{DESK}/tickets/{code}").text, "/annotations")
    sign_out(browser)
    answer = browser.post(url, data=fields | {"body": TEXT})
    assert answer.status_code == 303
    kept = answer.location
    assert TEXT not in repr(_rows(lite_desk))
    login = browser.get(kept).location
    assert parse_qs(urlsplit(login).query)["next"] == [kept]
    back = sign_in_here(browser, "ada", login)
    assert back.location == kept
    page = browser.get(kept)
    assert page.status_code == 200
    assert "You were signed out before this was sent." in page.text
    assert noted(lite_desk) == []
    url, fields = form_at(page.text, "/annotations")
    assert fields["body"].strip() == TEXT
    assert browser.post(url, data=fields).status_code == 303
    assert noted(lite_desk) == [(TEXT, lite_desk.ada.id)]
    ben = sign_in(lite_app, "ben").get(kept)
    assert (ben.status_code, TEXT in ben.text) == (404, False)


@pytest.mark.row("G10")
def test_letters_and_forms_of_issues_outlive_it_too(lite_app: Flask, lite_desk: Desk) -> None:
    """A preview that was asked for, a note on an issue, a new issue: each comes back on its own page."""
    code, issue = lite_desk.order(), lite_desk.open_issue(lite_desk.ada)
    lite_desk.claim(code, lite_desk.ada)
    for page, end, field in (
        (f"{DESK}/tickets/{code}/write", "/write", "body"),
        (f"{DESK}/issues/{issue}", "/notes", "body"),
        (f"{DESK}/issues/new", "", "details"),
    ):
        browser = sign_in(lite_app, "ada")
        url, fields = (
            form_at(browser.get(page).text, end) if end else (page, _own_form(browser.get(page).text))
        )
        sign_out(browser)
        kept = browser.post(url, data=fields | {field: TEXT, "action": "preview"}, headers=BROWSER).location
        assert sign_in_here(browser, "ada", browser.get(kept).location).location == kept
        shown = browser.get(kept).text
        assert "You were signed out before this was sent." in shown, url
        assert _own_form(shown, field)[field].strip() == TEXT, url
    assert len(lite_desk.emails(code)) == 1  # that the order has arrived


def _own_form(html: str, field: str = "details") -> dict[str, str]:
    """The fields of the form that has this one."""
    page = BeautifulSoup(html, "html.parser")
    form = page.select_one(f"form:has(textarea[name={field}])")
    assert form is not None, html
    fields = {str(f["name"]): str(f.get("value") or "") for f in form.select("input[name]")}
    return fields | {str(f["name"]): f.text.removeprefix("\n") for f in form.select("textarea[name]")}


@pytest.mark.row("G10")
def test_signing_in_never_leads_where_only_forms_go(lite_app: Flask, lite_desk: Desk) -> None:
    """A form without a token of ours leads to the page above it, by way of the log-in."""
    code = lite_desk.order()
    stranger = lite_app.test_client()
    answer = stranger.post(f"{DESK}/tickets/{code}/annotations", data={"body": TEXT})
    assert answer.location == f"{DESK}/tickets/{code}"
    assert stranger.get(answer.location).location.startswith("/login")
    assert _rows(lite_desk) == []


@pytest.mark.row("G10")
def test_kept_forms_are_few_short_lived_and_hold_no_secret(lite_app: Flask, lite_desk: Desk) -> None:
    """Fifty for each person, for a month; what stands in a field for secrets is not kept at all."""
    code = lite_desk.order()
    browser = sign_in(lite_app, "ada")
    url, fields = form_at(browser.get(f"{DESK}/tickets/{code}").text, "/annotations")
    sign_out(browser)
    sent = fields | {"body": TEXT, "secret": "correct horse battery"}
    keys = [new_key() for _ in range(52)]
    kept = [browser.post(url, data=sent | {"key": key}).location for key in keys][-1]
    assert len(_rows(lite_desk)) == 50
    sign_in_here(browser, "ada")
    assert "correct horse" not in browser.get(kept).text
    lite_desk.clock.forward(days=30)
    assert browser.get(kept).status_code == 404
    lite_desk.work()
    assert _rows(lite_desk) == []


def _rows(desk: Desk) -> list[bytes | None]:
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Draft.sealed)))


@pytest.mark.row("G10")
def test_a_form_needs_the_session_it_was_drawn_in(lite_app: Flask, lite_desk: Desk) -> None:
    """In another session of the same person nothing is done; what was typed stays, to be sent again."""
    page = f"{DESK}/tickets/{lite_desk.order()}"
    here, there = sign_in(lite_app, "ada"), sign_in(lite_app, "ada")
    action, fields = form_at(here.get(page).text, "/annotations")
    refused = there.post(action, data=fields | {"body": TEXT})
    assert refused.status_code == 422
    assert noted(lite_desk) == []
    action, fields = form_at(refused.text, "/annotations")
    assert TEXT in fields["body"]
    assert there.post(action, data=fields).status_code == 303
    assert [body for body, _ in noted(lite_desk)] == [TEXT]


def _by_signing_out(browser: FlaskClient) -> None:
    sign_out(browser)


def _by_another_key(browser: FlaskClient) -> None:
    with browser.session_transaction() as session:
        session["csrf_token"] = "drawn anew"  # as by a host that makes a new one at each sign-in


def _by_no_key(browser: FlaskClient) -> None:
    with browser.session_transaction() as session:
        del session["csrf_token"]


def _by_another_session(browser: FlaskClient) -> None:
    browser.delete_cookie("session")
    assert sign_in_here(browser, "ada").status_code == 303


@pytest.mark.row("G6", "G10")
@pytest.mark.parametrize(
    "end", [_by_signing_out, become_ben, _by_another_key, _by_no_key, _by_another_session]
)
def test_a_token_of_an_ended_session_saves_drafts_and_does_nothing_else(
    lite_app: Flask, lite_desk: Desk, end: Callable[[FlaskClient], None]
) -> None:
    """Buttons and texts of an old tab do nothing, whoever is signed in; its drafts are saved for Ada."""
    code = lite_desk.order()
    url, browser = f"{DESK}/tickets/{code}", sign_in(lite_app, "ada")
    page = browser.get(url).text
    claim, note = form_at(page, "/claim"), form_at(page, "/annotations")
    saved = browser.post(f"{DESK}/drafts", query_string={"of": note[0]}, data=note[1] | {"body": "Before"})
    assert saved.status_code == 200
    end(browser)
    typed = note[1] | {"body": TEXT}
    statuses = [
        browser.post(claim[0], data=claim[1]).status_code,
        browser.post(f"{DESK}/drafts/{note[1]['key']}/discard", data=typed).status_code,
        browser.post(note[0], data=typed | {"key": new_key()}).status_code,
    ]
    assert all(status in {303, 404, 409, 422} for status in statuses), statuses
    assert (noted(lite_desk), lite_desk.ticket(code).owner_id) == ([], None)
    browser.post(f"{DESK}/drafts", query_string={"of": note[0]}, data=typed)
    with lite_desk.ctx(lite_desk.ada) as ctx:
        draft = drafts.find(ctx, note[1]["key"])
        assert dict(draft.typed.fields)["body"] == TEXT
        assert set(ctx.session.scalars(select(Draft.person_id))) == {lite_desk.ada.id}


@pytest.mark.row("G10")
def test_a_token_that_we_did_not_sign_saves_nothing(lite_app: Flask, lite_desk: Desk) -> None:
    """It names no person: neither a draft nor an annotation is written."""
    code = lite_desk.order()
    browser = sign_in(lite_app, "ada")
    url, fields = form_at(browser.get(f"{DESK}/tickets/{code}").text, "/annotations")
    forged = fields | {"body": TEXT, "csrf_token": f"{fields['csrf_token'][:-4]}AAAA"}
    assert browser.post(url, data=forged).status_code == 422
    assert browser.post(f"{DESK}/drafts", query_string={"of": url}, data=forged).status_code == 422
    sign_out(browser)
    assert browser.post(url, data=forged).location == f"{DESK}/tickets/{code}"
    assert (noted(lite_desk), _rows(lite_desk)) == ([], [])
