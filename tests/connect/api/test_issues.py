"""Issues by programs alone, from filing to the notes of a release (P12, T10 to T20)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from tests.connect.api.programs import Caller
from tests.people import Desk

pytestmark = pytest.mark.row("P12")


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Caller:
    """A program of Ada's, a developer."""
    return Caller(app, desk, "ada")


@pytest.fixture
def ben(app: Flask, desk: Desk) -> Caller:
    """A program of Ben's, a developer."""
    return Caller(app, desk, "ben")


@pytest.fixture
def mia(app: Flask, desk: Desk) -> Caller:
    """A program of Mia's, a manager."""
    return Caller(app, desk, "mia", "manage")


def version(caller: Caller, code: str) -> int:
    """The version of an issue now."""
    found: int = caller.get(f"/issues/{code}")["version"]
    return found


def test_an_issue_goes_from_filing_to_release(desk: Desk, ada: Caller, ben: Caller, mia: Caller) -> None:
    """Ada files it, Mia asks Ben and plans, Ben solves, Ada reviews, Mia releases."""
    code = ada.post("/issues", kind="bug", summary="Pictures are upside down", details="Upload one.")["code"]
    at = f"/issues/{code}"
    assert [row["needs"] for row in mia.get("/issue-inbox")["items"]] == ["ask"]
    mia.post(f"{at}/ask", 1, colleague=desk.ben.id, priority="high", note="Since when?")
    assert ben.get(f"{at}/news")
    part = {"summary": "The library", "colleague": desk.ada.id}
    ben.post(f"{at}/parts", version(ben, code), parts=[part])
    below = next(each["code"] for each in ben.get(at)["related"] if each["relation"] == "part")
    ada.post(f"/issues/{below}/feedback", version(ada, below), estimate="1h", path="Update it.")
    ben.post(f"{at}/feedback", version(ben, code), estimate="4h", path="Turn them.")
    told = mia.get(at)
    assert (told["state"], told["priority"], told["feedback"]["estimate_minutes"]) == ("new", "high", 240)
    assert mia.put(f"{at}/timeline", release="2.1", why="It is asked for.")["state"] == "confirmed"
    assert ben.post(f"{at}/moves/start", version(ben, code))["state"] == "assigned"
    ben.put(f"{at}/estimate", left="1h")
    step = ben.post(f"{at}/steps", what="Turn the pictures.")["id"]
    assert ben.post(f"{at}/steps/{step}/done")["done_at"]
    ben.post(f"{at}/notes", body="It was the library.", left_now="0")
    ben.put(f"{at}/draft", body="Your pictures are shown the right way up again.")
    assert ben.get(at)["draft"]["marked"] == []
    ben.post(f"{at}/moves/submit", version(ben, code), note="Upload one.", colleague=desk.ada.id)
    refused = ben.refused(409, "POST", f"{at}/review", version(ben, code), decision="approve", note="Fine.")
    assert "You solved it, so a colleague has to review it." in refused["detail"]
    ada.post(f"{at}/tasks", task="Install it on the test system.")
    assert [row["code"] for row in ada.get("/reviews?mine=true")] == [code]
    task = ada.get(at)["tasks"][0]["id"]
    ada.put(f"{at}/tasks/{task}", done=True)
    assert (
        ada.post(f"{at}/review", version(ada, code), decision="approve", note="They are.")["state"]
        == "resolved"
    )
    ben.put(f"{at}/stage", stage="git", version="abc123")
    ben.put(f"{at}/release-note", words="Pictures are the right way up.")
    assert mia.post("/releases", name="2.1", issues=[code]) == {"name": "2.1", "closed": [code]}
    assert [each["name"] for each in ada.get("/releases")] == ["2.1"]
    assert ada.get("/releases/2.1")["markdown"].startswith("# ")
    told = ada.get(at)
    assert (told["state"], told["release"], told["deadline"]) == ("closed", "2.1", None)
    kinds = [event["kind"] for event in ada.get(f"{at}/events")]
    assert kinds[0] == "opened"
    assert kinds[-1] == "close"
    assert not desk.broken()


def test_customers_who_wait_are_told(desk: Desk, ada: Caller, ben: Caller, mia: Caller) -> None:
    """First that we are investigating; then, once it has come far enough, that it is solved."""
    order = desk.order(service="question", acknowledged=frozenset(), answers={}, host_url="")
    desk.claim(order, desk.ada)
    code = desk.open_issue(desk.mia, order)
    at = f"/issues/{code}"
    mia.post(f"{at}/ask", version(mia, code), colleague=desk.ben.id, priority="normal")
    ben.post(f"{at}/feedback", version(ben, code), estimate="4h", path="Turn them.")
    assert mia.put(f"{at}/timeline", release="2.1")["state"] == "new"
    prepared = ada.get(f"/tickets/{order}/investigating")
    sent = {name: prepared[name] for name in ("body", "claim", "thread")}
    assert ada.post(f"/tickets/{order}/investigating", **sent)["state"] == "queued"
    desk.work()
    assert mia.get(at)["customers"][0]["knows_we_look"]
    if mia.get(at)["state"] == "new":
        mia.post(f"{at}/moves/confirm", version(mia, code))
    ben.post(f"{at}/moves/start", version(ben, code))
    ben.put(f"{at}/draft", body="Your pictures are shown the right way up again.")
    ben.post(f"{at}/moves/submit", version(ben, code), note="Upload one.")
    mia.post(f"{at}/review", version(mia, code), decision="approve", note="They are.")
    ada.put(f"{at}/customers/{order}/stage", stage="staging")
    mia.put(f"{at}/customers/{order}/teller", teller=desk.ada.id)
    against = ada.get(at)["customers"][0]["against"]
    assert against == ["This customer is waiting until it's on the test system. It isn't there yet."]
    assert ada.get("/customers-to-tell") == []
    mia.put(f"{at}/stage", stage="staging", version="2.1")
    assert [each["ticket"] for each in ada.get("/customers-to-tell")] == [order]
    prepared = ada.get(f"/tickets/{order}/solved")
    sent = {name: prepared[name] for name in ("issue", "body", "claim", "thread")}
    assert ada.post(f"/tickets/{order}/solved", **sent)["kind"] == "solved"
    desk.work()
    assert mia.get(at)["customers"][0]["knows_it_is_solved"]
    assert not desk.broken()


def test_a_private_issue_is_only_there_for_its_readers(
    desk: Desk, ada: Caller, ben: Caller, mia: Caller
) -> None:
    """For all others it does not exist, in lists, by its code, and in what names it."""
    code = ada.post("/issues", kind="bug", summary="A hole", details="Look.", private=True)["code"]
    public = ben.post("/issues", kind="bug", summary="A crack", details="Look.")["code"]
    seen = {
        name: [row["code"] for row in each.get("/issues")["items"]] for name, each in _three(ada, ben, mia)
    }
    assert seen == {"ada": [code, public], "ben": [public], "mia": [code, public]}
    for path in ("", "/events", "/news", "/estimates"):
        ben.refused(404, "GET", f"/issues/{code}{path}")
    ben.refused(404, "POST", f"/issues/{code}/notes", body="I guess.")
    ada.post(f"/issues/{public}/notes", body=f"As {code}.")
    assert code not in str(ben.get(f"/issues/{public}"))
    assert [each["id"] for each in ada.get(f"/issues/{code}")["readers"]] == [desk.ada.id]
    refused = ada.refused(409, "PUT", f"/issues/{code}/private", private=False)
    assert refused["detail"] == "Only a manager can make a private issue public."
    assert mia.put(f"/issues/{code}/private", private=False)["private"] is False
    assert ben.get(f"/issues/{code}")["summary"] == "A hole"


def test_lists_go_on_where_a_page_ends(ada: Caller, mia: Caller) -> None:
    """In both orders, with every issue once; what is no such place is not there."""
    codes = {
        ada.post("/issues", kind="bug", summary=f"Fault {number}", details="Look.")["code"]
        for number in range(5)
    }
    for sort in ("priority", "changed"):
        found, path = [], f"/issues?sort={sort}&limit=2"
        while path:
            page = ada.get(path)
            found += [row["code"] for row in page["items"]]
            path = f"/issues?sort={sort}&limit=2&after={quote(page['next'])}" if page["next"] else ""
        assert len(found) == 5
        assert set(found) == codes
    ada.refused(404, "GET", "/issues?after=nothing")
    assert ada.get("/issues?q=fault%203")["items"][0]["summary"] == "Fault 3"
    assert ada.get("/issues?tag=none&kind=feature&state=all&release=9") == {"items": [], "next": None}
    mia.refused(404, "GET", "/issue-inbox?after=9~9~9")


def test_what_managers_decide_is_refused_to_developers(ada: Caller, desk: Desk) -> None:
    """403 by the scope of the token or by what the person is; wrong fields are told where they are."""
    code = ada.post("/issues", kind="bug", summary="A fault", details="Look.")["code"]
    ada.refused(403, "POST", f"/issues/{code}/ask", 1, colleague=desk.ben.id, priority="high")
    ada.refused(403, "PUT", f"/issues/{code}/timeline", release="2.1")
    ada.refused(403, "POST", "/releases", name="2.1", issues=[code])
    refused = ada.refused(403, "GET", "/issue-inbox")
    assert refused["detail"] == "Only a manager can see the inbox of issues."
    refused = ada.refused(422, "POST", "/issues", kind="x", summary="", details="ada@example.com")
    assert {each["pointer"] for each in refused["errors"]} == {"#/kind", "#/summary"}
    refused = ada.refused(409, "POST", f"/issues/{code}/moves/start", 1)
    assert refused["sentences"]
    ada.refused(404, "POST", f"/issues/{code}/moves/fly", 1)
    ada.refused(404, "POST", f"/issues/{code}/steps/{10**30}/done")


def _three(ada: Caller, ben: Caller, mia: Caller) -> list[tuple[str, Caller]]:
    return [("ada", ada), ("ben", ben), ("mia", mia)]
