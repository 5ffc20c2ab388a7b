"""Tokens of programs: made and revoked by their owners, seen and revoked by managers (P10, P12)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.staff.tables import Token
from paidsupport.testing import mount_of
from tests.kernel.web.test_unsent import BROWSER
from tests.manage.staff.test_people import STAFF, press, send, text_of, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

TOKENS = "/support/desk/tokens"


def make(browser: FlaskClient, label: str = "laptop", scope: str = "read", days: str = "30") -> str:
    """Make a token in the browser; returns what is shown of it."""
    answer = send(browser, TOKENS, label=label, scope=scope, days=days)
    assert answer.status_code == 200, answer.text
    (secret,) = re.findall(r"paidsupport_[\w-]{32}", answer.text)
    return str(secret)


def opens(app: Flask, secret: str) -> int:
    """The status of what a program reads with a token."""
    bearer = {"Authorization": f"Bearer {secret}"}
    return app.test_client().get("/support/api/v1/tickets", headers=bearer).status_code


def test_a_token_is_shown_once_and_opens_until_it_is_revoked(app: Flask, desk: Desk) -> None:
    """Its owner sees what it is for and when it was used, and nobody sees it again."""
    ada, ben, mia = (sign_in(app, name) for name in ("ada", "ben", "mia"))
    secret = make(ada, label="backup <script>")
    assert secret not in ada.get(TOKENS).text
    assert "never used" in text_of(ada, TOKENS)
    assert opens(app, secret) == 200
    assert "last used" in text_of(ada, TOKENS)
    assert "backup <script>" in text_of(mia, f"{STAFF}/{desk.ada.id}")
    assert "backup <" not in text_of(ben, TOKENS)
    with desk.ctx() as ctx:
        number = ctx.session.query(Token).one().id
    # another developer finds nothing
    key = {"csrf_token": _token_of(ben), "key": "a" * 32}
    assert ben.post(f"{TOKENS}/{number}/revoke", data=key).status_code == 404
    assert press(ada, TOKENS, f"{TOKENS}/{number}/revoke").status_code == 303
    assert opens(app, secret) == 401
    other = make(ada)
    page = f"{STAFF}/{desk.ada.id}"
    assert press(mia, page, f"{page}/tokens/{number + 1}/revoke").status_code == 303
    assert opens(app, other) == 401
    lines = [line for line in told(desk) if line[0].startswith("token")]
    assert [kind for kind, *_ in lines] == ["token-made", "token-revoked"] * 2
    assert "Ada created a token for Ada : backup" in text_of(mia, "/support/desk/setup/changes")
    assert not {secret, other} & set(re.findall(r"paidsupport_[\w-]+", str(lines)))


def _token_of(browser: FlaskClient) -> str:
    (found, *_) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(TOKENS).text)
    return str(found)


def test_what_cannot_be_made_is_said_at_its_field(lite_app: Flask) -> None:
    """A developer gets no token for managing; nothing typed is lost, and nothing is made twice."""
    ada = sign_in(lite_app, "ada")
    assert "Manage: also what managers do" not in ada.get(TOKENS).text
    good = {"label": "laptop", "scope": "read", "days": "30"}
    for wrong in ({"scope": "manage"}, {"label": ""}, {"days": "9999"}, {"days": "x"}, {"scope": "all"}):
        refused = send(ada, TOKENS, **good | wrong)
        assert refused.status_code == 422
    assert 'value="laptop"' in send(ada, TOKENS, **good | {"scope": "all"}).text
    assert "No tokens." in text_of(ada, TOKENS)
    assert make(sign_in(lite_app, "mia"), scope="manage")


def test_the_page_with_a_token_is_kept_nowhere(lite_app: Flask, lite_desk: Desk) -> None:
    """A browser is not led to a page that could be opened again; the same form makes no second one."""
    ada = sign_in(lite_app, "ada")
    form = {"label": "x", "scope": "read", "days": "30", "csrf_token": _token_of(ada), "key": "b" * 32}
    answer = ada.post(TOKENS, data=form, headers=BROWSER)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    again = ada.post(TOKENS, data=form)
    assert (again.status_code, "This token was created already." in again.text) == (409, True)
    with lite_desk.ctx() as ctx:
        assert ctx.session.query(Token).count() == 1


def test_the_use_of_a_token_is_noted_once_a_minute(app: Flask, desk: Desk) -> None:
    """What a program does costs one write a minute at most, and is noted even if it was refused."""
    secret = make(sign_in(app, "ada"))

    def used() -> object:
        with desk.ctx() as ctx:
            return ctx.session.query(Token).one().last_used_at

    assert opens(app, secret) == 200
    first = used()
    assert first == mount_of(app).clock()
    desk.clock.forward(minutes=0.5)
    with desk.statements() as seen:
        assert opens(app, secret) == 200
    assert not [line for line in seen if line.startswith("UPDATE paidsupport_token")]
    assert used() == first
    desk.clock.forward(minutes=1)
    bearer = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    refused = app.test_client().post("/support/api/v1/tickets/PS-2222-2222/claim", headers=bearer)
    assert refused.status_code == 403
    assert used() == first
    assert opens(app, secret) == 200
    assert used() == mount_of(app).clock()
