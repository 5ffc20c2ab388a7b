"""Public pages make no session of the site's, and their forms are guarded without one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.testing import mount_of
from tests.people import Desk, sign_in
from tests.tickets.ordering.ordering import FILLED, ORDER, hidden, post, send, summary, typed, words

pytestmark = pytest.mark.row("P1")

FROM_A_MAIL = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
TEXT = "It still stays dark, whatever I upload."


@pytest.fixture
def strict_app(lite_app: Flask) -> Flask:
    """A site whose cookies do not come along from elsewhere."""
    lite_app.config["SESSION_COOKIE_SAMESITE"] = "Strict"
    return lite_app


def page_of(desk: Desk, code: str) -> str:
    """The address of the customer's private page."""
    return f"/support/t/{desk.token(code)}"


def messages(client: FlaskClient, url: str) -> int:
    """How often `TEXT` stands in the thread of a private page."""
    return words(client.get(url).text.partition('id="ps-reply"')[0]).count(TEXT)


def test_a_link_in_a_mail_leaves_the_session_alone(strict_app: Flask, lite_desk: Desk) -> None:
    """Under a Strict cookie no page behind a link sets one, its form works, and Ada stays signed in."""
    code = lite_desk.risky(lite_desk.ada)
    decision = lite_desk.ask(code, lite_desk.ada, "configuration")
    private = page_of(lite_desk, code)
    ada, arriving = sign_in(strict_app, "ada"), strict_app.test_client(use_cookies=False)
    public = ["/", "/order/installation", "/verify", "/link", "/help/", "/t/unknown"]
    pages = [f"/support{path}" for path in public]
    pages += [private, f"{private}/access", f"{private}/decide/{decision.reference}"]
    for url in pages:
        answer = arriving.get(url, headers=FROM_A_MAIL)
        assert answer.status_code in {200, 404}, url
        assert "Set-Cookie" not in answer.headers, url
        assert "Set-Cookie" not in ada.get(url).headers, url
    drawn = hidden_of_reply(arriving.get(private, headers=FROM_A_MAIL).text)
    # sent from our own page, the cookie comes along
    sent = ada.post(private, data={**drawn, "body": TEXT}, headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 303
    assert "Message sent." in ada.get(sent.location).text
    assert ada.get("/support/desk/").status_code == 200


def test_everything_public_works_without_any_cookie(strict_app: Flask, lite_desk: Desk) -> None:
    """Ordering, writing, and the two lookups."""
    client = strict_app.test_client(use_cookies=False)
    ordered = send(client, ORDER, FILLED)
    assert ordered.status_code == 303
    assert client.get(ordered.location).status_code == 200
    private = page_of(lite_desk, lite_desk.order())
    drawn = hidden_of_reply(client.get(private).text)
    assert client.post(private, data={**drawn, "body": TEXT}).status_code == 303
    assert messages(client, private) == 1
    asked = send(client, "/support/verify", {"code": "PS-2222-2222"})
    assert asked.status_code == 404
    lost = {"email": "jane@example.com"}
    assert send(client, "/support/link", lost).status_code == 303


def hidden_of_reply(html: str) -> dict[str, str]:
    """The hidden fields of the form for a message; it is the last of its page."""
    return hidden('<div class="ps-plain">' + html[html.rindex("<form") :])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://[broken"},
        {"Referer": "https://evil.example/localhost"},
    ],
    ids=str,
)
def test_what_another_site_sends_is_refused(
    lite_app: Flask, lite_desk: Desk, headers: Mapping[str, str]
) -> None:
    """With a good token in it: nothing is done, and all that was typed stands in a form that works."""
    client = lite_app.test_client()
    data = {**FILLED, **hidden(client.get(ORDER).text)}
    answer = post(client, ORDER, data, (), **headers)
    assert answer.status_code == 422
    assert "This form came from a page of another site." in summary(answer.text)[0]
    assert typed(answer.text, "details").strip() == FILLED["details"]
    private = page_of(lite_desk, lite_desk.order())
    drawn = hidden_of_reply(client.get(private).text)
    answer = client.post(private, data={**drawn, "body": TEXT}, headers=headers)
    assert answer.status_code == 422
    assert TEXT in answer.text
    assert messages(client, private) == 0
    again = hidden_of_reply(answer.text)
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post(private, data={**again, "body": TEXT}, headers=own).status_code == 303


def test_a_token_is_of_one_page_and_of_one_week(lite_app: Flask, lite_desk: Desk) -> None:
    """That of another ticket, of another form, of a page of the desk, of last month, and none: refused."""
    client, ada = lite_app.test_client(), sign_in(lite_app, "ada")
    private, other = (page_of(lite_desk, lite_desk.order()) for _ in range(2))
    own = hidden_of_reply(client.get(private).text)
    with time_machine.travel(0, tick=False):
        stale = hidden_of_reply(client.get(private).text)["csrf_token"]
    tokens = {
        "another ticket": hidden_of_reply(client.get(other).text)["csrf_token"],
        "another form": hidden(client.get(ORDER).text)["csrf_token"],
        "the desk": hidden('<div class="ps-plain">' + ada.get("/support/desk/profile").text)["csrf_token"],
        "old": stale,
        "none": "",
    }
    for name, token in tokens.items():
        answer = client.post(private, data={**own, "csrf_token": token, "body": TEXT})
        assert answer.status_code == 422, name
        assert "This form has been open for too long." in answer.text, name
        assert "allow cookies" not in answer.text
        assert TEXT in answer.text, name
    order = {**FILLED, **hidden(client.get(ORDER).text), "csrf_token": own["csrf_token"]}
    assert post(client, ORDER, order).status_code == 422
    assert messages(client, private) == 0
    # and none of a public page opens anything at the desk
    claim = {**own, "version": "1"}
    code = lite_desk.order()
    assert ada.post(f"/support/desk/tickets/{code}/claim", data=claim).status_code == 422


def test_behind_a_proxy_our_address_is_that_of_the_settings(lite_app: Flask) -> None:
    """A proxy that does not hand on the host of the request: the form of the site itself is taken."""
    origin = f"https://{urlsplit(mount_of(lite_app).settings.base_url).netloc}"
    answer = send(lite_app.test_client(), ORDER, FILLED, Origin=origin, Host="127.0.0.1:8000")
    assert answer.status_code == 303
