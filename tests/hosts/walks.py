"""The hosts' own tests of themselves: each goes through its site and expects what its developers would.

A walk returns all answers it got, so that they can be compared byte by byte with those of another walk.
"""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def shop(client: FlaskClient) -> list[TestResponse]:
    """Look, sign in, offer something, run into every kind of error."""
    seen = [client.get("/"), client.post("/items", data={"title": "stolen"}), client.get("/login?next=/")]
    assert [answer.status_code for answer in seen] == [200, 400, 200]
    token = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', seen[2].text)[0]
    fields = {"csrf_token": token, "email": "ada@example.org"}
    seen.append(client.post("/login?next=/", data=fields))
    seen.append(client.post("/items", data={"csrf_token": token, "title": "A chair"}))
    assert [answer.status_code for answer in seen[3:]] == [302, 302]
    seen += [client.get("/"), client.get("/items.json")]
    assert "A chair" in seen[-2].text
    assert "Good to see you." in seen[-2].text
    assert seen[-1].json == {"items": ["A chair"]}
    seen += [client.get(path) for path in ("/nothing", "/forbidden", "/broken", "/static/nothing.css")]
    assert [answer.status_code for answer in seen[-4:]] == [404, 403, 500, 404]
    assert "The shop is sorry" in seen[-2].text
    assert all(answer.headers["X-Shop"] == "open" for answer in seen)
    return seen


def forum(client: FlaskClient) -> list[TestResponse]:
    """Read, be told to join, join, speak."""
    seen = [client.get("/"), client.post("/posts", data={"text": "Hello?"})]
    assert [answer.status_code for answer in seen] == [200, 403]
    seen += [client.post("/join", data={"name": "Ben"}), client.post("/posts", data={"text": "Hello!"})]
    seen += [client.get("/"), client.get("/members/00000000-0000-4000-8000-000000000000")]
    assert "Hello!" in seen[-2].text
    assert seen[-1].status_code == 404
    seen += [client.put("/posts"), client.get("/nothing")]
    assert [answer.status_code for answer in seen[-2:]] == [405, 404]
    return seen


def blog(client: FlaskClient) -> list[TestResponse]:
    """What the tests of the Flask tutorial do."""
    seen = [client.get("/"), client.post("/create", data={"title": "No"}), client.get("/login")]
    assert [answer.status_code for answer in seen] == [200, 302, 200]
    seen += [client.post("/login", data={"username": "mia"}), client.post("/create", data={"title": "First"})]
    seen += [client.get("/"), client.get("/1"), client.get("/2")]
    assert "You are in." in seen[-3].text
    assert seen[-2].json == {"id": 1, "author_id": 1, "title": "First"}
    assert seen[-1].status_code == 404
    return seen


def portal(client: FlaskClient) -> list[TestResponse]:
    """Read, be refused, be let in, and get every error as JSON."""
    seen = [client.get("/"), client.post("/notices", json={"text": "Closed"})]
    seen.append(client.post("/notices", json={"text": "Open"}, headers={"Remote-User": "ada"}))
    seen += [client.get("/"), client.get("/nothing"), client.get("/broken"), client.delete("/notices")]
    assert [answer.status_code for answer in seen] == [200, 401, 201, 200, 404, 500, 405]
    assert "gold, once, noon" in seen[3].text
    assert seen[-2].json == {"error": 500, "path": "/broken"}
    assert all(answer.headers["X-Frame-Options"] == "DENY" for answer in seen)
    return seen
