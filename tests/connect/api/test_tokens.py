"""Which token opens what: every operation that is declared, with a token of every scope and with none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from tests.connect.api.test_api import api_of
from tests.people import Desk, sign_in

PREFIX = "/support/api/v1"


def doors(app: Flask) -> Iterator[tuple[str, str, Scope]]:
    """Every address with its method and its scope, about things that are not there."""
    for each in api_of(app).operations:
        if each.scope is not None:
            path = each.rule
            for part in each.parts():
                path = path.replace(f"<{part}>", "none").replace(f"<int:{part}>", "0")
            assert "<" not in path, path
            yield f"{PREFIX}{path}", each.method, each.scope


@pytest.mark.row("P12")
def test_which_token_opens_what(lite_app: Flask, lite_desk: Desk) -> None:
    """No token, a wrong one, an expired one, a browser's session, one of a person who is gone: 401.

    A token whose scope is too small: 403. Nothing is done, because nothing that is needed comes with it.
    """
    with lite_desk.ctx(lite_desk.mia) as ctx:
        tokens = {str(scope): people.new_token(ctx, "mia@example.org", "x", 1, scope) for scope in Scope}
        tokens["expired"] = people.new_token(ctx, "ada@example.org", "x", days=0)
        tokens["gone"] = people.new_token(ctx, "ben@example.org", "x", 1, Scope.WRITE)
        people.remove(ctx, "ben@example.org")
    tokens |= {"wrong": "no", "session": ""}
    client, mia, wrong, seen = lite_app.test_client(), sign_in(lite_app, "mia"), [], 0
    for url, method, needed in doors(lite_app):
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = (mia if role == "session" else client).open(url, method=method, headers=headers)
            assert answer.status_code < 500, (url, answer.text)
            if role in set(Scope):
                fits = Scope(role).includes(needed)
                good = answer.status_code not in {401, 403} if fits else answer.status_code == 403
            else:
                good = answer.status_code == 401 and "WWW-Authenticate" in answer.headers
                assert answer.mimetype == "application/problem+json", url
            if not good:
                wrong.append((method, url, role, answer.status_code))
            seen += 1
    assert not wrong, "\n".join(map(str, wrong))
    assert seen >= 60
