"""Resolution in the browser: the stage, who waits, the email, and closing with a release (T18, T20)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.codes import new_key
from tests.issues.test_resolution import approve, following, request, solving
from tests.people import Desk, field, press, sign_in

LIST = "/support/desk/issues"
TICKETS = "/support/desk/tickets"


@pytest.fixture
def ada(lite_app: Flask) -> FlaskClient:
    """A developer who is signed in."""
    return sign_in(lite_app, "ada")


@pytest.fixture
def mia(lite_app: Flask) -> FlaskClient:
    """A manager who is signed in."""
    return sign_in(lite_app, "mia")


def write(client: FlaskClient, url: str, **changed: str) -> object:
    """Send the email on a page as it is drafted."""
    html = client.get(url).text
    sent = {name: field(html, name) for name in ("csrf_token", "key", "claim", "thread")}
    body = html.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>", 1)[0].strip()
    return client.post(url, data=sent | {"body": body} | changed)


@pytest.mark.row("T18")
def test_from_the_approval_to_the_letter(lite_desk: Desk, ada: FlaskClient, mia: FlaskClient) -> None:
    """The stage is noted, the work list and the ticket lead to the email, the email leaves, all is over."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    url = f"{TICKETS}/{ticket}/solved?issue={code}"
    early = ada.get(url)
    assert early.status_code == 409
    assert "in production. It isn" in early.text
    assert "No customers to tell" in ada.get(f"{LIST}/to-tell").text
    page = f"{LIST}/{code}"
    refused = press(mia, page, f"{page}/stage", stage="production", version="")
    assert refused.status_code == 422
    assert "Enter the version or the commit" in refused.text
    assert press(mia, page, f"{page}/stage", stage="production", version="2.1").status_code == 303
    assert "In production, version <bdi>2.1</bdi>" in mia.get(page).text
    assert f"{ticket}/solved" in ada.get(f"{LIST}/to-tell").text
    assert "s solved" in ada.get(f"{TICKETS}/{ticket}").text
    empty = write(ada, url, body="")
    assert empty.status_code == 422  # type: ignore[attr-defined]
    assert write(ada, url).status_code == 303  # type: ignore[attr-defined]
    again = ada.get(url)
    assert again.status_code == 409
    desk.work()
    assert "Told that it" in mia.get(page).text
    assert "Report it as not fixed" in ada.get(f"{TICKETS}/{ticket}").text
    assert desk.ticket(ticket).state == "resolved"


@pytest.mark.row("T18")
def test_what_one_customer_waits_for(lite_desk: Desk, ada: FlaskClient, mia: FlaskClient) -> None:
    """Stage and teller are changed, and who was called is noted, each told at its field."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    url = f"{LIST}/{code}/customers/{ticket}"
    assert "Waiting for the stage" in ada.get(url).text
    assert press(ada, url, url, deed="stage", stage="git").status_code == 303
    assert following(desk, ticket).stage == "git"
    assert press(mia, url, url, deed="teller", teller=str(desk.mia.id)).status_code == 303
    assert following(desk, ticket).teller_id == desk.mia.id
    for deed, status in (("told", 409), ("leave", 422), ("nonsense", 404)):
        assert press(ada, url, url, deed=deed).status_code == status
    assert press(ada, url, url, deed="leave", note="They found another way.").status_code == 303
    assert following(desk, ticket).ending == "told-otherwise"
    assert "No longer waiting" in ada.get(f"{LIST}/{code}").text
    assert ada.get(f"{LIST}/{code}/customers/PS-2222-2222").status_code == 404


@pytest.mark.row("T20")
def test_all_that_is_resolved_closes_with_a_release(
    lite_desk: Desk, ada: FlaskClient, mia: FlaskClient
) -> None:
    """One step for managers; the notes can be read, written and saved."""
    desk = lite_desk
    codes = [desk.open_issue(desk.ada, summary=f"No. {number}", kind="feature") for number in range(3)]
    for code in codes:
        desk.change_issue(code, state="resolved")
    url = f"{LIST}/releases"
    assert "A manager closes these" in ada.get(url).text
    stolen = {"csrf_token": field(ada.get(f"{LIST}/{codes[0]}").text, "csrf_token"), "key": new_key()}
    assert ada.post(url, data=stolen | {"name": "2.1", "issues": codes}).status_code == 403
    page = mia.get(url).text
    assert page.count(" checked") == 3
    refused = press(mia, url, url, name="2.1")
    assert refused.status_code == 422
    assert "Choose at least one issue." in refused.text
    done = press(mia, url, url, name="2.1", issues=codes[:2])
    assert done.location.endswith("/releases/2.1")
    assert [desk.issue(code).state for code in codes] == ["closed", "closed", "resolved"]
    words = f"{LIST}/{codes[0]}/release-note"
    assert press(ada, f"{LIST}/{codes[0]}", words, words="Albums *open* faster.").status_code == 303
    assert "No. 1" in ada.get(f"{url}/2.1").text
    saved = ada.get(f"{url}/2.1.md")
    assert saved.mimetype == "text/markdown"
    assert f"- Albums \\*open\\* faster. ({codes[0]})" in saved.text
    assert ada.get(f"{url}/9.9").status_code == 404
    late = press(mia, url, url, name="2.2", issues=codes[1:])
    assert late.status_code == 409
    assert desk.issue(codes[2]).state == "resolved"
