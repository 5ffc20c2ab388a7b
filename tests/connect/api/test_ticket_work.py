"""A ticket from its order to its end, by the API alone; and what must not be had by it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask import Flask

from paidsupport.testing import mount_of
from tests.connect.api.test_api import Program
from tests.people import EVIDENCE, Desk

pytestmark = pytest.mark.row("P12")

ORDER: dict[str, Any] = {
    "service": "installation",
    "name": "Jane Doe",
    "email": "jane@example.com",
    "host_url": "https://gallery.example.com",
    "details": "A gallery for our club.",
    "acknowledged": [0, 1, 2],
    "answers": {"php": "8.2", "database": ["PostgreSQL"]},
}


def file(name: str, content: bytes) -> dict[str, str]:
    """A file as programs send it."""
    return {"name": name, "content": base64.b64encode(content).decode()}


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Program:
    """A program of Ada's."""
    return Program(app, desk, "ada")


def told(answer: Any) -> Any:  # noqa: ANN401  # JSON
    """What a request was answered with, if it was done."""
    assert answer.status_code < 300, answer.text
    return answer.json


def tick_all(ada: Program, code: str) -> None:
    """Tick what can be ticked, with evidence that will do."""
    while True:
        items = told(ada.get(f"/{code}/checklist"))["items"]
        free = [each for each in items if each["state"] == "open" and not each["waits"]]
        free = [each for each in free if each["name"] != "report"]
        if not free:
            return
        for item in free:
            kinds = {each["name"]: each["kind"] for each in item["evidence"]}
            typed = {name: EVIDENCE[kind] for name, kind in kinds.items() if kind != "file"}
            files = [file("proof.txt", b"It is there.")] if "file" in kinds.values() else []
            path = f"/{code}/checklist/{item['name']}/tick"
            ticked = told(ada.post(path, version=item["version"], evidence=typed, files=files))
            assert ticked["state"] == "done"


def test_a_ticket_from_its_order_to_its_end(desk: Desk, ada: Program) -> None:
    """Order, claim, write with a file, ask, offer, tick, note the work, report, close."""
    code = _ordered(desk, ada)
    _written_to(desk, ada, code)
    told(ada.post(f"/{code}/moves/start", version=2, note="On the phone."))
    _decided(desk, ada, code)
    told(ada.post(f"/{code}/work", what="Installed it.", minutes=30))
    told(ada.post(f"/{code}/work/start", machine="web1"))
    assert ada.post(f"/{code}/work/start").status_code == 409
    told(ada.post(f"/{code}/work/stop", what="Tested it."))
    tick_all(ada, code)
    draft = told(ada.get(f"/{code}/report/draft"))
    sent = {name: draft[name] for name in ("claim", "thread", "body")}
    assert "Installed it." in draft["body"]
    assert told(ada.post(f"/{code}/report/preview", **sent))["body"]
    told(ada.post(f"/{code}/report", **sent))
    desk.work()
    assert told(ada.post(f"/{code}/moves/close", version=3))["state"] == "closed"
    assert not desk.broken()


def _ordered(desk: Desk, ada: Program) -> str:
    wrong = ada.post("", **{**ORDER, "acknowledged": [0], "email": "jane"})
    assert wrong.status_code == 422
    wrong = ada.post("", **{**ORDER, "acknowledged": [0]})
    assert {each["pointer"] for each in wrong.json["errors"]} == {"#/requirement_1", "#/requirement_2"}  # type: ignore[index]
    code = told(ada.post("", **ORDER, files=[file("plan.txt", b"The plan.")], language="de"))["code"]
    assert [mail["To"] for mail in desk.work()] == ["jane@example.com"]
    whole = told(ada.get(f"/{code}"))
    assert (whole["language"], whole["files"][0]["name"]) == ("de", "plan.txt")
    reference = whole["files"][0]["reference"]
    downloaded = ada.get(f"/{code}/files/{reference}")
    assert downloaded.data == b"The plan."
    assert "attachment" in downloaded.headers["Content-Disposition"]
    return str(code)


def _written_to(desk: Desk, ada: Program, code: str) -> None:
    told(ada.post(f"/{code}/claim", version=1))
    draft = told(ada.get(f"/{code}/draft"))
    sent = {name: draft[name] for name in ("claim", "thread")}
    body = f"{code}: USD 45.00, PayPal: ada@example.org"
    seen = told(ada.post(f"/{code}/messages/preview", body=f"{body}\nIt will be done tomorrow.", **sent))
    assert seen["remarks"]
    told(ada.post(f"/{code}/messages", body=body, **sent, files=[file("a.txt", b"Read this.")]))
    assert ada.post(f"/{code}/messages", body=body, **sent).status_code == 409  # the thread has gone on
    desk.work()
    message = told(ada.get(f"/{code}/messages"))["items"][-1]
    assert (message["letter"], len(message["files"])) == ("sent", 1)


def _decided(desk: Desk, ada: Program, code: str) -> None:
    traits = {each["name"] for each in told(ada.api("GET", "/traits"))["items"]}
    assert "configuration" in traits
    told(ada.put(f"/{code}/traits", traits=["configuration"]))
    item = next(each for each in told(ada.get(f"/{code}/checklist"))["items"] if each["consent"])
    asked: dict[str, Any] = {
        "what": "Restart",
        "why": "It is needed.",
        "risk": "None.",
        "undo": "Restart again.",
    }
    stand = told(ada.get(f"/{code}"))
    seen = {"claim": stand["claim_number"], "thread": stand["thread"]}
    consent = told(ada.post(f"/{code}/consents", **asked, **seen, item=item["name"]))
    seen["thread"] += 1
    offer = told(ada.post(f"/{code}/offers", what="More", why="It helps.", price="20", **seen))
    assert offer["price"] == {"minor": 2000, "currency": "USD"}
    assert told(ada.post(f"/{code}/decisions/{offer['reference']}/withdraw"))["state"] == "withdrawn"
    desk.work()
    desk.answer(code, desk.decided(code)[0], "approved")
    states = {each["reference"]: each["state"] for each in told(ada.get(f"/{code}/decisions"))["items"]}
    assert states == {consent["reference"]: "approved", offer["reference"]: "withdrawn"}


def test_programs_order_for_many_customers(app: Flask, ada: Program) -> None:
    """The limit of one network address is for visitors; that of one customer's address holds."""
    settings = mount_of(app).services.settings
    for number in range(settings.orders_per_hour + 1):
        assert ada.post("", **ORDER | {"email": f"customer{number}@example.com"}).status_code == 201
    answers = [ada.post("", **ORDER).status_code for _ in range(settings.automatic_mails_per_hour + 1)]
    assert (answers[0], answers[-1]) == (201, 429)


def test_items_are_skipped_and_opened_again(desk: Desk, ada: Program) -> None:
    """Under the version of the item; what cannot be left out says so in the sentence of the page."""
    code = desk.in_progress(desk.ada)
    items = told(ada.get(f"/{code}/checklist"))["items"]
    kept = next(each for each in items if not each["skippable"])
    refused = ada.post(f"/{code}/checklist/{kept['name']}/skip", version=1, because="No.")
    assert refused.status_code == 409
    assert "can't be left out" in refused.json["detail"]  # type: ignore[index]
    name = next(each["name"] for each in items if each["skippable"])
    skipped = told(ada.post(f"/{code}/checklist/{name}/skip", version=1, because="Not here."))
    assert (skipped["state"], skipped["version"]) == ("skipped", 2)
    assert ada.post(f"/{code}/checklist/{name}/untick", version=1).status_code == 409
    opened = ada.post(f"/{code}/checklist/{name}/untick", version=2)
    assert opened.headers["ETag"] == '"3"'
    assert told(ada.get(f"/{code}/checklist/{name}"))["state"] == "open"
    assert ada.get(f"/{code}/checklist/nothing").status_code == 404


def test_tickets_are_linked_and_merged(desk: Desk, ada: Program) -> None:
    """A link, a further request, a merge that is undone; several tickets at once."""
    code, other = desk.order(), desk.order()
    told(ada.post(f"/{code}/links", other=other, kind="related"))
    assert told(ada.get(f"/{other}/links"))["items"][0]["code"] == code
    assert ada.post(f"/{code}/links", other=code, kind="related").status_code == 422
    told(ada.delete(f"/{code}/links/{other}"))
    more = told(ada.post(f"/{code}/requests", service="installation", details="One more."))["code"]
    assert told(ada.get(f"/{more}"))["links"][0]["kind"] == "follows"
    assert told(ada.get(f"/{code}/merge/{other}")) == {"possible": True, "against": []}
    told(ada.post(f"/{code}/merge", version=1, other=other, other_version=1))
    assert told(ada.get(f"/{other}"))["merged"] == [code]
    told(ada.post(f"/{code}/apart", version=2))
    done = told(ada.api("POST", "/bulk", action="tag", value="club", tickets={code: 3, other: 1}))
    assert sorted(done["changed"]) == sorted([code, other])
    told(ada.api("POST", f"/bulk/{done['reference']}/undo"))
    assert told(ada.get("?tag=club"))["items"] == []


def test_lists_are_filtered_and_paged(desk: Desk, ada: Program) -> None:
    """By the filters of the queue; `after` goes on where the page before ended."""
    codes = [desk.order() for _ in range(5)]
    desk.claim(codes[0], desk.ada)
    told(ada.put(f"/{codes[1]}/priority", priority="urgent"))
    told(ada.put(f"/{codes[1]}/subject", subject="A broken gallery"))
    found = {
        "?owner=me": codes[:1],
        "?priority=urgent": codes[1:2],
        "?q=broken": codes[1:2],
        "?part=unassigned&order=up": codes[1:],
        "?service=nothing": [],
        "?payment=paid": [],
    }
    for query, wanted in found.items():
        assert [each["code"] for each in told(ada.get(query))["items"]] == wanted, query
    seen: list[str] = []
    after: Any = ""
    while after is not None:
        page = told(ada.get(f"?limit=2&after={after.replace('+', '%2B')}"))
        seen += [each["code"] for each in page["items"]]
        after = page["next"]
    assert seen == codes[::-1]
    assert ada.get("?after=x").status_code == 422
    assert ada.get("?sort=x").status_code == 422


def test_logins_are_never_told(desk: Desk, ada: Program) -> None:
    """That there is one, and no more; one in a message is masked, and moved out of it."""
    code = desk.in_progress(desk.ada)
    reference = desk.give(code, "tr0ub4dor&3x")
    desk.receive(code, "My password: hunter2hunter2")
    assert [each["reference"] for each in told(ada.get(f"/{code}/logins"))["items"]] == [reference]
    whole = ada.get(f"/{code}")
    assert "tr0ub4dor" not in whole.text
    assert "hunter2" not in whole.text
    number = next(each["number"] for each in told(whole)["messages"] if each["holds_login"])
    assert "hunter2" not in told(ada.post(f"/{code}/messages/{number}/cut"))["body"]
    refused = ada.post(f"/{code}/annotations", body="Log in.", files=[file("a.txt", b"tr0ub4dor&3x")])
    assert refused.status_code == 422
    assert "reveals a login" in refused.json["errors"][0]["detail"]  # type: ignore[index]
    wrong = ada.post(f"/{code}/annotations", body="Look.", files=[{"name": "a.txt", "content": "%%"}])
    assert wrong.json["errors"][0]["pointer"] == "#/files/0/content"  # type: ignore[index]
    told(ada.post(f"/{code}/annotations", body="Look.", files=[file("a.txt", b"In order.")]))
    assert len(told(ada.get(f"/{code}/annotations"))["items"][-1]["files"]) == 1
    told(ada.delete(f"/{code}/logins/{reference}"))
    assert all(each["destroyed_at"] for each in told(ada.get(f"/{code}/logins"))["items"][:1])


def test_canned_replies_are_kept(desk: Desk, ada: Program) -> None:
    """Written, filled in for a ticket, changed, deleted; a colleague does not find a personal one."""
    path = "/canned-replies"
    made = told(ada.api("POST", path, title="Thanks", body="Thank you."))
    assert not made["shared"]
    code = desk.order()
    assert told(ada.get(f"/{code}/canned-replies/{made['id']}"))["body"] == "Thank you."
    changed = told(ada.api("PUT", f"{path}/{made['id']}", title="Thanks", body="Many thanks."))
    assert changed["body"] == "Many thanks."
    assert ada.api("DELETE", f"{path}/{made['id']}").status_code == 204
    assert made["id"] not in [each["id"] for each in told(ada.api("GET", path))["items"]]
    assert ada.api("DELETE", f"{path}/0").status_code == 404
