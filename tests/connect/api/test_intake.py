"""Requests from their arrival to their end, calls, guides and mails, by the API alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.connect.api.test_api import Program
from tests.connect.api.test_ticket_work import told
from tests.intake.mail.incoming import deliver, mail
from tests.people import Desk

pytestmark = pytest.mark.row("P12")


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Program:
    """A program of Ada's."""
    return Program(app, desk, "ada")


def came(desk: Desk, text: str = "My photos do not upload.", **headers: str) -> str:
    """A request that came by mail; its code."""
    code = deliver(desk, mail(text, **headers)).ticket
    desk.work()
    assert code is not None
    return code


def test_requests_are_sorted(desk: Desk, ada: Program) -> None:
    """What waits is listed; each decision is made once, and spam can be taken back."""
    first, second = came(desk), came(desk, "Buy pills.", From="s@example.net")
    waiting = told(ada.api("GET", "/requests"))["items"]
    assert [(each["code"], each["channel"]) for each in waiting] == [(first, "mail"), (second, "mail")]
    assert told(ada.api("GET", "/requests?limit=1"))["next"]
    path = f"/requests/{second}"
    assert ada.api("POST", f"{path}/decision", 1, decision="x").status_code == 422
    assert told(ada.api("POST", f"{path}/decision", 1, decision="spam"))["state"] == "spam"
    assert ada.api("POST", f"{path}/decision", 1, decision="take").status_code == 409
    assert told(ada.api("POST", f"{path}/not-spam", 2))["state"] == "new"
    refused = ada.api("POST", f"{path}/decision", 3, decision="bug")
    assert refused.json["errors"][0]["pointer"] == "#/note"  # type: ignore[index]
    taken = told(ada.api("POST", f"{path}/decision", 3, decision="bug", note="BUG-7"))
    assert taken["state"] == "following"
    assert [each["code"] for each in told(ada.api("GET", "/requests"))["items"]] == [first]


def test_a_request_becomes_an_issue(desk: Desk, ada: Program) -> None:
    """Personal data is cut out as on the page, and the request follows."""
    code = came(desk, "Write to jane@example.com: photos stay dark.")
    draft = told(ada.api("GET", f"/requests/{code}/issue?message=1"))
    filed: dict[str, Any] = {"summary": "Photos stay dark", "details": "From jane@example.com."}
    assert draft["against"] == ""
    seen = told(ada.api("POST", f"/requests/{code}/issue/preview", **filed))
    assert "jane@example.com" not in seen["details"]
    assert [each["text"] for each in seen["found"]] == ["jane@example.com"]
    refused = ada.api("POST", f"/requests/{code}/issue", 1, **filed, seen=[])
    assert refused.status_code == 422
    marks = [each["mark"] for each in seen["found"]]
    made = told(ada.api("POST", f"/requests/{code}/issue", 1, **filed, seen=marks))
    assert made["ticket"]["state"] == "following"
    assert "jane" not in desk.issue(made["issue"]).details
    kept = ada.api("POST", f"/issues/{made['issue']}/kept", typed="192.0.2.7", reason="An example.")
    assert kept.status_code == 201


def test_a_request_is_answered_with_a_page(desk: Desk, ada: Program) -> None:
    """A guide is written, changed under its edition, and answers; what no page answers is counted."""
    made = told(ada.api("POST", "/guides", title="Photos", body="Make them smaller.", public=True))
    slug = made["slug"]
    changed = told(ada.api("PUT", f"/guides/{slug}", 1, title="Photos", body="Make them small."))
    assert changed["version"] == 2
    assert ada.api("PUT", f"/guides/{slug}", 1, title="Photos", body="No.").status_code == 409
    assert len(told(ada.api("GET", f"/guides/{slug}/editions"))["items"]) == 2
    assert slug in [each["slug"] for each in told(ada.api("GET", "/guides?q=photos"))["items"]]

    code = came(desk)
    claimed = told(ada.post(f"/{code}/claim", version=1))
    draft = told(ada.api("GET", f"/requests/{code}/answer?guide={slug}"))
    sent = {name: draft[name] for name in ("body", "claim", "thread")}
    path = f"/requests/{code}/answer"
    done = told(ada.api("POST", path, claimed["version"], **sent, guide=slug, naming="How to upload photos"))
    assert done["state"] == "waiting"
    other = came(desk, "How do I print?", From="p@example.net")
    told(ada.api("POST", f"/requests/{other}/gap", 1, naming="How to print photos"))
    gaps = {each["name"]: each["no_page"] for each in told(ada.api("GET", "/gaps"))["items"]}
    assert gaps["How to print photos"] == 1


def test_calls_are_taken(desk: Desk, ada: Program) -> None:
    """As a request of its own, or on a ticket; the caller's earlier tickets are found."""
    known: dict[str, Any] = {"name": "Jane Doe", "email": "jane@example.com", "caller": "user"}
    refused = ada.api("POST", "/calls", name="Jane", caller="x", subject="")
    assert {each["pointer"] for each in refused.json["errors"]} == {"#/caller", "#/subject", "#/phone"}  # type: ignore[index]
    code = told(ada.api("POST", "/calls", **known, subject="Photos", notes="They stay dark.", take=True))[
        "code"
    ]
    found = told(ada.api("POST", "/calls/earlier", email="jane@example.com"))["items"]
    assert [(each["code"], each["because"], each["owner"]) for each in found] == [(code, "email", "Ada")]
    told(ada.post(f"/{code}/calls", name="Jane Doe", notes="They are still dark."))
    assert "still dark" in told(ada.get(f"/{code}/annotations"))["items"][-1]["body"]
    assert told(ada.api("GET", "/calls/guidance"))["text"]


def test_mails_are_listed(desk: Desk, ada: Program) -> None:
    """What became of each; the bytes of one that holds a login are not to be had."""
    code = came(desk)
    [line] = told(ada.api("GET", "/mails?state=filed"))["items"]
    assert line["ticket"] == code
    path = f"/mails/{line['reference']}"
    assert "photos" in told(ada.api("GET", path))["text"]
    assert b"Message-ID" in ada.api("GET", f"{path}/raw").data
    came(desk, "My password: hunter2hunter2", From="q@example.net")
    held = told(ada.api("GET", "/mails?state=filed"))["items"][0]
    assert held["holds_login"]
    assert ada.api("GET", f"/mails/{held['reference']}/raw").status_code == 404
