"""What every operation of the API has in common, as docs/api.md says it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from paidsupport.connect.api import rates
from paidsupport.connect.idempotency import operations as requests
from paidsupport.connect.idempotency.tables import ApiRequest
from paidsupport.kernel.attempts import Attempt
from paidsupport.kernel.staff import operations as people
from paidsupport.settings import Settings
from paidsupport.testing import mount_of
from tests.people import Desk

pytestmark = pytest.mark.row("P12")
BASE = "/support/api/v1"
JSON = {"Content_Type": "application/json"}


class Caller:
    """Sends requests as they are."""

    def __init__(self, app: Flask, desk: Desk, scope: str = "write") -> None:
        self._app = app
        with desk.ctx() as ctx:
            self.token = people.new_token(ctx, "ada@example.org", "test", 30, scope)

    def __call__(self, method: str, path: str, sent: bytes = b"", **headers: str) -> TestResponse:
        """The answer; headers are named with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.token}")
        return self._app.test_client().open(BASE + path, method=method, data=sent, headers=named)


@pytest.fixture
def call(app: Flask, desk: Desk) -> Caller:
    """Requests with a token of Ada's."""
    return Caller(app, desk)


def test_lists_go_on_by_their_link(call: Caller, desk: Desk) -> None:
    """Page after page, each entry once."""
    codes = [desk.order() for _ in range(3)]
    seen, path = [], "/tickets?limit=1"
    while path:
        answer = call("GET", path)
        assert answer.json
        seen += [row["code"] for row in answer.json["items"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json["next"])
        path = link.partition(">")[0].removeprefix(f"<{BASE}")
    assert sorted(seen) == sorted(codes)


def test_what_is_known_already_is_not_sent_again(call: Caller, desk: Desk) -> None:
    """304 with `If-None-Match`, until something has changed."""
    code = desk.order()
    tag = call("GET", f"/tickets/{code}").headers["ETag"]
    again = call("GET", f"/tickets/{code}", If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    desk.claim(code, desk.ben)
    assert call("GET", f"/tickets/{code}", If_None_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("", 428),
        ("1", 400),
        ("*", 400),
        ('"x"', 400),
        ('"1", "2"', 400),
        ('"1-zz"', 400),
        ('"2"', 409),
        ('W/"1"', 200),
    ],
)
def test_versions(lite_app: Flask, lite_desk: Desk, tag: str, status: int) -> None:
    """Missing, none, not the present one; a proxy that packs answers may have made it weak."""
    code, call = lite_desk.order(), Caller(lite_app, lite_desk)
    headers = {"Idempotency_Key": "k"} | ({"If_Match": tag} if tag else {})
    answer = call("POST", f"/tickets/{code}/claim", b"", **headers)
    assert answer.status_code == status, answer.text


def test_the_same_request_twice_at_once_acts_once(call: Caller, desk: Desk) -> None:
    """All get the same answer, and the claim is made once."""
    code = desk.order()
    answers: list[TestResponse] = []

    def send() -> None:
        answers.append(call("POST", f"/tickets/{code}/claim", Idempotency_Key="k", If_Match='"1"'))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(each.status_code, each.data) for each in answers} == {(200, answers[0].data)}
    assert desk.ticket(code).claim_number == 1


def test_keys_are_kept_for_a_day(call: Caller, desk: Desk) -> None:
    """Refused requests are not kept; after a day a key is new, and its row is deleted by the job."""
    code = desk.order()

    def note(body: str) -> int:
        sent = b'{"body": "%s"}' % body.encode()
        return call("POST", f"/tickets/{code}/annotations", sent, Idempotency_Key="k", **JSON).status_code

    assert note("") == 422
    assert note("One.") == note("One.") == 201
    assert note("Other.") == 409
    desk.clock.forward(hours=24)
    assert note("Other.") == 201
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count(ApiRequest.id))) == 1
    desk.clock.forward(hours=24)
    with desk.ctx() as ctx:
        requests.forget(ctx)
        assert not ctx.session.scalar(select(func.count(ApiRequest.id)))


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (b'{"body": "x"}', {}, 415),
        (b'{"body": "x"}', {"Content_Type": "text/plain"}, 415),
        (b'{"body": "x"', JSON, 422),
        (b"[" * 100_000, JSON, 422),
        (b'{"body": ' + b"9" * 5000 + b"}", JSON, 422),
        (b'{"body": "a\\u0000b"}', JSON, 422),
        (b'{"body": "\\ud800"}', JSON, 422),
        (b'{"body": "\xff"}', JSON, 422),
        (b'{"body": "x", "more": 1}', JSON, 422),
        (b"", {}, 422),
    ],
)
def test_what_cannot_be_read_is_told(
    lite_app: Flask, lite_desk: Desk, sent: bytes, headers: Mapping[str, str], status: int
) -> None:
    """Wrong types, broken and endless JSON, what no database holds: as problems, and nothing is done."""
    code, call = lite_desk.order(), Caller(lite_app, lite_desk)
    answer = call("POST", f"/tickets/{code}/annotations", sent, Idempotency_Key="k", **headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert lite_desk.ticket(code).event_count == 1


def test_other_methods(lite_app: Flask, lite_desk: Desk) -> None:
    """OPTIONS and 405 list the methods; HEAD is GET without its body."""
    call = Caller(lite_app, lite_desk)
    options = call("OPTIONS", "/tickets")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    wrong = call("PUT", "/tickets")
    assert wrong.status_code == 405
    assert {each.strip() for each in wrong.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}
    head = call("HEAD", "/tickets")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == call("GET", "/tickets").headers["ETag"]
    for path in ("/tickets?x=1", "/tickets/?", "/no\nthing", "/tickets/x/tags/%00"):
        assert call("GET", path).mimetype == "application/problem+json", path


def test_no_cookie_has_a_part_and_no_other_site(lite_app: Flask, lite_desk: Desk) -> None:
    """Whatever is answered; each says of which request it is."""
    call = Caller(lite_app, lite_desk)
    for path in ("/tickets", "/nothing", "/openapi.json"):
        answer = call("GET", path, X_Request_Id="mine", Origin="https://other.example", Cookie="session=x")
        assert answer.headers["X-Request-Id"] == "mine"
        assert "cookie" not in answer.headers.get("Vary", "").lower()
        assert "Set-Cookie" not in answer.headers
        assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118
    assert call("GET", "/tickets", X_Request_Id="ü" * 65).headers["X-Request-Id"].isascii()


def test_a_token_has_a_limit_for_all_processes(app: Flask, desk: Desk) -> None:
    """Counted in shares: few requests write; another process gets what is left, and then both are refused."""
    mount = mount_of(app)
    object.__setattr__(mount.settings, "api_per_hour", 120)
    call = Caller(app, desk)
    first = call("GET", "/tickets")
    assert first.headers["RateLimit-Policy"] == '"hour";q=120;w=3600'
    assert first.headers["RateLimit"] == '"hour";r=119;t=3600'
    answers = [call("GET", "/tickets").status_code for _ in range(59)]
    mount.shares.clear()  # another process has none yet
    answers += [call("GET", "/tickets").status_code for _ in range(61)]
    assert answers == [200] * 119 + [429]
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count(Attempt.id)).where(Attempt.kind == "api")) == 60
    refused = call("GET", "/tickets")
    assert refused.headers["Retry-After"] == "3600"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert Caller(app, desk)("GET", "/tickets").status_code == 200
    desk.clock.forward(minutes=60)
    assert call("GET", "/tickets").status_code == 200


def test_a_database_that_is_away(lite_app: Flask, lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 as a problem, with `Retry-After`."""
    call = Caller(lite_app, lite_desk)

    def away(*_args: object, **_more: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr(people, "admitted", away)
    answer = call("GET", "/tickets")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "60"


def test_the_documentation_says_these_numbers() -> None:
    """docs/api.md names the limits that the code has."""
    page = (Path(__file__).parents[3] / "docs/api.md").read_text()
    limit = Settings().api_per_hour
    assert f"{limit:,} requests within an hour" in page
    assert f"`RateLimit-Policy: {rates.policy(limit)}`" in page
    assert timedelta(hours=24) == requests.KEPT
