"""The JSON API inside a host that answers every error in its own way."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.hosts.cases import PORTAL, SHOP
from tests.hosts.grounds import Ground, grounds
from tests.hosts.visits import hire, run

pytestmark = pytest.mark.row("P1", "T10")


@grounds(SHOP, PORTAL, kinds=("sqlite",))
def test_errors_of_the_api_are_problems_whatever_the_host_does_with_errors(ground: Ground) -> None:
    """401, 404, 405 and 413 as problem+json, at known and unknown addresses, with the headers they need."""
    app = ground.ready({"PROPAGATE_EXCEPTIONS": False})
    client, api = app.test_client(), f"{ground.case.prefix}/api/v1"
    hire(app, ground.case.sign_in(app.test_client()))
    token = run(app, "paidsupport", "people", "token", "ada@example.org", "--scope", "write").split()[-1]
    bearer = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k", "If-Match": '"1"'}
    assert_problem(client, "GET", f"{api}/tickets", 401)
    assert client.get(f"{api}/tickets").headers["WWW-Authenticate"] == 'Bearer realm="paidsupport"'
    assert_problem(client, "GET", f"{api}/tickets/PS-2222-2222", 404, bearer)
    for path in ("/nothing", "/tickets/", "/tickets/PS-2222-2222/no/thing"):
        assert_problem(client, "GET", api + path, 404, bearer)
        assert_problem(client, "DELETE", api + path, 404)
    assert_problem(client, "DELETE", f"{api}/tickets", 405, bearer)
    assert "GET" in client.delete(f"{api}/tickets").headers["Allow"]
    assert "DELETE" not in client.delete(f"{api}/tickets").headers["Allow"]
    large = {"data": b"x" * 300_000, "content_type": "application/json"}
    assert_problem(client, "POST", f"{api}/tickets/PS-2222-2222/tags", 413, bearer, **large)
    host = client.get("/nothing")
    assert host.status_code == 404
    assert host.mimetype != "application/problem+json"


def assert_problem(
    client: FlaskClient,
    method: str,
    path: str,
    status: int,
    headers: dict[str, str] | None = None,
    **sent: object,
) -> None:
    """An answer with this status, in the form of RFC 9457."""
    answer = client.open(path, method=method, headers=headers, **sent)  # type: ignore[arg-type]
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json
    assert answer.json["status"] == status
