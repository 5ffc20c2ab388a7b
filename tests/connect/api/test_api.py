"""The same operations in JSON, with versions and one-time keys that are never optional."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from paidsupport.connect.api.dispatch import Api
from paidsupport.kernel.staff import operations as people
from paidsupport.tickets.relations.operations import merging
from tests.people import Desk

ROOT = "/support/api/v1"
BASE = f"{ROOT}/tickets"


def api_of(app: Flask) -> Api:
    """The operations of a desk."""
    ask: Any = app.view_functions["paidsupport_api.ask"]
    found: Api = ask.paidsupport_api()
    return found


class Program:
    """A program that acts for a member of staff."""

    def __init__(self, app: Flask, desk: Desk, name: str, scope: str = "write") -> None:
        self._client = app.test_client()
        with desk.ctx() as ctx:
            self._token = people.new_token(ctx, f"{name}@example.org", "test", 1, scope)
        self._deeds = 0

    def get(self, path: str) -> TestResponse:
        """Read something."""
        return self._client.get(BASE + path, headers={"Authorization": f"Bearer {self._token}"})

    def delete(self, path: str) -> TestResponse:
        """Take something away, under a new key."""
        self._deeds += 1
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": f"deed {self._deeds}"}
        return self._client.delete(BASE + path, headers=headers)

    def put(self, path: str, **sent: Any) -> TestResponse:  # noqa: ANN401
        """Put something in its place, under a new key."""
        return self.api("PUT", f"/tickets{path}", **sent)

    def api(self, method: str, path: str, version: int | None = None, **sent: Any) -> TestResponse:  # noqa: ANN401
        """Ask for anything, below the address of the API; a change under a new key."""
        self._deeds += 1
        headers = {"Authorization": f"Bearer {self._token}"}
        if method == "GET":
            return self._client.get(ROOT + path, headers=headers)
        headers["Idempotency-Key"] = f"deed {self._deeds}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._client.open(ROOT + path, method=method, json=sent, headers=headers)

    def post(
        self,
        path: str,
        version: int | None = None,
        key: str | None = None,
        **sent: Any,  # noqa: ANN401
    ) -> TestResponse:
        """Do something, under a new key unless one is given."""
        self._deeds += 1
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key or f"deed {self._deeds}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._client.post(BASE + path, json=sent, headers=headers)


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Program:
    """A program of Ada's."""
    return Program(app, desk, "ada")


@pytest.fixture
def ben(app: Flask, desk: Desk) -> Program:
    """A program of Ben's."""
    return Program(app, desk, "ben")


def test_a_ticket_is_worked_from_open_to_closed(desk: Desk, ada: Program) -> None:
    """List, claim, write, start, annotate and close, each with the version the answer before gave."""
    code = desk.order()
    assert [row["code"] for row in ada.get("?part=unassigned").json["items"]] == [code]  # type: ignore[index]
    claimed = ada.post(f"/{code}/claim", version=1)
    assert claimed.status_code == 200
    assert claimed.headers["ETag"] == '"2"'
    body = f"{code}: USD 45.00, PayPal: ada@example.org"
    assert ada.post(f"/{code}/messages", body=body, claim=1, thread=0).status_code == 201
    desk.work()
    assert ada.post(f"/{code}/moves/start", version=2, note="On the phone.").json["state"] == "in-progress"  # type: ignore[index]
    assert ada.post(f"/{code}/annotations", body="Easy.").status_code == 201
    refused = ada.post(f"/{code}/moves/close", version=3)
    assert refused.status_code == 409
    assert "The checklist has open items." in refused.json["sentences"]  # type: ignore[index]
    desk.tick_all(code, desk.ada)
    desk.report(code, desk.ada)
    desk.work()
    assert ada.post(f"/{code}/moves/close", version=3).json["state"] == "closed"  # type: ignore[index]
    told = ada.get(f"/{code}").json
    assert told is not None
    assert [event["kind"] for event in told["events"]][-1] == "close"
    assert told["annotations"][-1]["body"] or told["annotations"]


@pytest.mark.row("G6")
def test_a_lost_race_says_who_was_faster(desk: Desk, ada: Program, ben: Program) -> None:
    """409 with the holder's name, in the sentence of the pages."""
    code = desk.order()
    ada.post(f"/{code}/claim", version=1)
    lost = ben.post(f"/{code}/claim", version=1)
    assert lost.status_code == 409
    assert lost.mimetype == "application/problem+json"
    assert lost.json is not None
    assert lost.json["holder"] == "Ada"


def test_a_request_sent_again_acts_once(desk: Desk, ada: Program) -> None:
    """The same key and content: the same answer; the same key with other content: refused."""
    code = desk.order()
    first = ada.post(f"/{code}/annotations", key="k", body="Once.")
    again = ada.post(f"/{code}/annotations", key="k", body="Once.")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert ada.post(f"/{code}/annotations", key="k", body="Other.").status_code == 409
    assert len(ada.get(f"/{code}").json["annotations"]) == 1  # type: ignore[index]
    claims = [ada.post(f"/{code}/claim", version=1, key="c") for _ in range(3)]
    assert {answer.status_code for answer in claims} == {200}
    assert desk.ticket(code).claim_number == 1


def test_versions_and_keys_are_never_optional(app: Flask, desk: Desk, ada: Program) -> None:
    """428 without If-Match, 400 without a key or with a tag that is no version."""
    code = desk.order()
    assert ada.post(f"/{code}/claim").status_code == 428
    assert ada.post(f"/{code}/claim", version=1, key=" " * 65).status_code == 400
    assert ada.post(f"/{code}/claim", version=1, key="ü").status_code == 400
    assert desk.ticket(code).state == "open"


@pytest.mark.parametrize(
    "sent",
    [
        {"body": 7},
        {"body": None},
        {"body": ""},
        {"body": "a\x00b"},
        {"body": "x", "more": 1},
        {"body": ["x"]},
    ],
)
def test_wrong_types_are_told_by_field(desk: Desk, ada: Program, sent: dict[str, Any]) -> None:
    """422 with a sentence for each field, and nothing kept."""
    code = desk.order()
    answer = ada.post(f"/{code}/annotations", **sent)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]
    assert desk.ticket(code).event_count == 1


def test_a_ticket_says_which_transitions_may_be_tried(desk: Desk, ada: Program, ben: Program) -> None:
    """Each with its conditions, in the sentence for met or the one for not met, and with what it asks for."""
    code = desk.in_progress(desk.ada)
    told = ada.get(f"/{code}").json
    assert told is not None
    ways = {way["name"]: way for way in told["transitions"]}
    assert set(ways) == {"close", "abandon", "release", "hand-over"}
    conditions = {each["name"]: each for each in ways["close"]["conditions"]}
    assert not ways["close"]["possible"]
    assert conditions["checked"] == {
        "name": "checked",
        "met": False,
        "sentence": "The checklist has open items.",
    }
    assert ways["abandon"]["possible"]
    assert ways["abandon"]["asks"] == ["reason", "note"]
    assert "no-response" in ways["abandon"]["reasons"]
    assert ben.get(f"/{code}").json["transitions"] == []  # type: ignore[index]


def test_what_a_move_needs_is_told_in_sentences(desk: Desk, ada: Program) -> None:
    """409 with the sentences of the workflow; 404 for what does not exist."""
    code = desk.order()
    ada.post(f"/{code}/claim", version=1)
    refused = ada.post(f"/{code}/moves/abandon", version=2)
    assert refused.status_code == 409
    assert refused.json is not None
    assert "Choose a reason from the list." in refused.json["sentences"]
    assert ada.post(f"/{code}/moves/fly", version=2).status_code == 404
    assert ada.get("/PS-2222-2222").status_code == 404
    assert ada.get("?part=x").status_code == 422
    assert ada.get("/PS-2222-2222").mimetype == "application/problem+json"


def test_a_claim_that_is_sent_again_gets_the_same_answer(desk: Desk, ada: Program) -> None:
    """Also when the ticket has been released meanwhile: the number is that of the claim that was made."""
    code = desk.order()
    first = ada.post(f"/{code}/claim", version=1, key="once")
    desk.transition(code, "release", desk.ada)
    again = ada.post(f"/{code}/claim", version=1, key="once")
    assert (again.status_code, again.json, again.headers["ETag"]) == (200, first.json, first.headers["ETag"])
    assert again.json["claim_number"] == 1  # type: ignore[index]


@pytest.mark.row("P7")
def test_tags_and_merges_are_told(desk: Desk, ada: Program) -> None:
    """Tags are put on, shown in a list and on the ticket, and taken off; a duplicate names where it went."""
    code, other = desk.order(), desk.order()
    for name in ("Old server", "albums"):
        assert ada.post(f"/{code}/tags", tag=name).status_code == 201
    assert ada.post(f"/{code}/tags", tag="ALBUMS").status_code == 422
    assert ada.get(f"/{code}").json["tags"] == ["Old server", "albums"]  # type: ignore[index]
    assert ada.delete(f"/{code}/tags/old server").status_code == 200
    listed = {row["code"]: row["tags"] for row in ada.get("").json["items"]}  # type: ignore[index]
    assert listed == {code: ["albums"], other: []}
    with desk.ctx(desk.ada) as ctx:
        merging.merge(ctx, code, other, version=1, other_version=1, key="a merge")
    told = [ada.get(f"/{each}").json for each in (code, other)]
    assert [(each["merged_into"], each["merged"]) for each in told] == [(other, []), (None, [code])]  # type: ignore[index]
