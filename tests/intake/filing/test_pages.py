"""The page on which an issue is made of a request, and the page that customers are sent to (T3, T4, T13)."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from paidsupport.issues.rules.kinds import MEANINGS
from paidsupport.issues.workflow import ISSUE
from tests.calling import call, take_calls
from tests.intake.filing.test_filing import MAIL
from tests.intake.triage.test_triage import asked
from tests.people import Desk, sign_in
from tests.tickets.test_pages import DESK, at, words

pytestmark = pytest.mark.row("T3")

ISSUES = f"{DESK}/issues"


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


@pytest.fixture
def ben(lite_desk: Desk) -> FlaskClient:
    """Ben's browser."""
    return sign_in(lite_desk.app, "ben")


def filled(html: str) -> dict[str, Any]:
    """What the form of the page would send unchanged."""
    form = BeautifulSoup(html, "html.parser").select(".ps-root form[method=post]")[-1]
    sent: dict[str, Any] = {}
    for tag in form.select("input, textarea"):
        if tag.name == "textarea":
            sent[str(tag["name"])] = tag.get_text().removeprefix("\r\n").removeprefix("\n")
        elif tag.get("type") not in {"checkbox", "radio"} or tag.has_attr("checked"):
            sent.setdefault(str(tag["name"]), []).append(str(tag.get("value", "")))
    return sent


def box(html: str, text: str) -> str:
    """The mark of what was recognised as `text`."""
    [found] = [
        each
        for each in BeautifulSoup(html, "html.parser").select(".ps-cut")
        if each.select_one("bdi").get_text() == text  # type: ignore[union-attr]
    ]
    tag = found.select_one("input[type=checkbox]")
    assert tag
    return str(tag["name"]).removeprefix("keep-")


@pytest.mark.row("T2", "T4")
def test_triage_leads_to_the_form_and_the_form_back(lite_desk: Desk, ada: FlaskClient) -> None:
    """What is personal is struck through on the page, and not in the issue."""
    code = asked(lite_desk, MAIL, Subject="Jane Doe: upload fails")
    page = BeautifulSoup(ada.get(f"{DESK}/triage").text, "html.parser")
    there = page.select_one('.ps-side [data-ps-key="b"]')
    assert there
    html = ada.get(str(there["href"])).text
    struck = {each.get_text() for each in BeautifulSoup(html, "html.parser").select("del")}
    assert {"Jane Doe", "10.1.2.3", "4711-08", "+49 30 7654321"} <= struck
    assert "We may have missed some" in html
    answer = ada.post(str(there["href"]), data=filled(html) | {"note": "It is Jane Doe."})
    assert (answer.status_code, answer.location) == (303, f"{DESK}/triage")
    page_of = ada.get(at(code)).text
    issue = BeautifulSoup(page_of, "html.parser").select_one("#issues a")
    assert issue
    shown = words(ada.get(f"{ISSUES}/{issue.get_text()}").text)
    for said in (code, "It is Jane Doe.", "[name]: upload fails", "Customer"):
        assert said in shown
    assert "Private note for the issue" in words(page_of)
    assert "let the ticket wait for an issue" in words(ada.get(at(code, "/history")).text)
    assert lite_desk.broken() == {}


def test_a_box_with_a_reason_keeps_what_is_needed(lite_desk: Desk, ada: FlaskClient) -> None:
    """Without a reason the form comes back with the box ticked; looking again files nothing."""
    code = asked(lite_desk, MAIL)
    here = at(code, "/issue")
    html = ada.get(here).text
    mark = box(html, "10.1.2.3")
    looked = ada.post(here, data=filled(html) | {f"keep-{mark}": "1", "look": "1"})
    assert looked.status_code == 200
    assert BeautifulSoup(looked.text, "html.parser").select_one("mark").get_text() == "10.1.2.3"  # type: ignore[union-attr]
    assert lite_desk.ticket(code).state == "new"
    refused = ada.post(here, data=filled(looked.text))
    assert refused.status_code == 422
    assert "Enter a reason" in words(refused.text)
    sent = filled(refused.text)
    assert f"keep-{mark}" in sent
    assert ada.post(here, data=sent | {f"why-{mark}": "It depends on this network."}).status_code == 303
    [issue] = {
        row["href"] for row in BeautifulSoup(ada.get(at(code)).text, "html.parser").select("#issues a")
    }
    shown = words(ada.get(str(issue)).text)
    assert "10.1.2.3" in shown
    assert "IP address: It depends on this network." in shown


def test_what_was_typed_since_is_shown_before_it_is_filed(lite_desk: Desk, ada: FlaskClient) -> None:
    """The sentence at the field, the new one struck through; sent once more it is filed."""
    code = asked(lite_desk, MAIL)
    here = at(code, "/issue")
    sent = filled(ada.get(here).text)
    refused = ada.post(here, data=sent | {"details": f"{MAIL}\nAlso 10.9.9.9."})
    assert refused.status_code == 422
    assert "<del>10.9.9.9</del>" in refused.text
    assert ada.post(here, data=filled(refused.text)).status_code == 303


def test_what_is_taken_from_the_conversation_is_chosen(lite_desk: Desk, ada: FlaskClient) -> None:
    """By number; a message without a tick is not in the form."""
    code = asked(lite_desk, "It fails.")
    lite_desk.receive(code, "Only in the album of 1999.")
    assert "Only in the album" not in filled(ada.get(at(code, "/issue")).text)["details"]
    both = filled(ada.get(at(code, "/issue?message=1&message=2")).text)["details"]
    assert "It fails." in both
    assert "Only in the album of 1999." in both


def test_an_issue_that_is_there_is_found_and_followed(lite_desk: Desk, ada: FlaskClient) -> None:
    """By words or code, and only among those that one may see."""
    shown = lite_desk.open_issue(lite_desk.mia, summary="Upload fails on phones")
    hidden = lite_desk.open_issue(lite_desk.mia, summary="Upload opens everything", private=True)
    code = asked(lite_desk, MAIL)
    here = at(code, "/issue?follow=1")
    for q in ("upload", shown.lower()):
        found = ada.get(f"{here}&q={q}").text
        assert shown in found
        assert hidden not in found
    assert "No issues found" in ada.get(f"{here}&q=xylophone").text
    sent = filled(found) | {"issue": shown, "stage": "git"}
    assert ada.post(here, data=sent).status_code == 303
    assert code in ada.get(f"{ISSUES}/{shown}").text
    assert (
        ada.post(here, data=filled(ada.get(here).text) | {"issue": hidden, "stage": "git"}).status_code == 422
    )


@pytest.mark.row("T6")
def test_a_call_leads_there_as_well(lite_desk: Desk, ada: FlaskClient) -> None:
    """After its code was read out; a bank waits for the test system."""
    take_calls(lite_desk)
    code = call(lite_desk, lite_desk.ada, caller="bank").code
    page = BeautifulSoup(ada.get(at(code, "/called")).text, "html.parser")
    link = page.find("a", string="File issue…")
    assert link
    assert filled(ada.get(str(link["href"])).text)["stage"] == ["staging"]


def test_who_may_not_file_reads_why(lite_desk: Desk, ada: FlaskClient, ben: FlaskClient) -> None:
    """No button that would only refuse."""
    code = asked(lite_desk, MAIL)
    lite_desk.claim(code, lite_desk.ada)
    page = ben.get(at(code, "/issue"))
    assert page.status_code == 409
    assert "with Ada" in page.text
    assert "File issue" not in page.text
    assert ada.get(at(lite_desk.order(), "/issue")).status_code == 409
    late = filled(ada.get(at(code, "/issue")).text)
    lite_desk.transition(code, "hand-over", lite_desk.ada, colleague=lite_desk.ben.id)
    assert ada.post(at(code, "/issue"), data=late).status_code == 409


def test_what_was_refused_can_be_let_stay(lite_desk: Desk, ada: FlaskClient) -> None:
    """On the page of the issue, with a reason."""
    issue = lite_desk.open_issue(lite_desk.ada)
    here = f"{ISSUES}/{issue}"
    html = BeautifulSoup(ada.get(here).text, "html.parser")

    def send(action: str, **typed: str) -> Any:  # noqa: ANN401
        form = html.select_one(f'form[action$="{action}"]')
        assert form
        hidden = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
        return ada.post(f"{here}/{action}", data=hidden | typed)

    refused = send("notes", body="10.1.2.3 answers.")
    assert refused.status_code == 422
    assert "“10.1.2.3” (IP address)" in words(refused.text)
    assert send("stays", typed="10.1.2.3", reason="").status_code == 422
    assert send("stays", typed="10.1.2.3", reason="It is ours.").status_code == 303
    html = BeautifulSoup(ada.get(here).text, "html.parser")
    assert send("notes", body="10.1.2.3 answers.").status_code == 303


def test_a_private_issue_shows_nowhere_to_who_may_not_see_it(
    lite_desk: Desk, ada: FlaskClient, ben: FlaskClient
) -> None:
    """Lists, counts, search, links of tickets, histories, JSON, the public page: all pass over it."""
    code = asked(lite_desk, MAIL)
    html = ada.get(at(code, "/issue")).text
    ada.post(at(code, "/issue"), data=filled(html) | {"private": "y", "summary": "Zebras open the vault"})
    link = BeautifulSoup(ada.get(at(code)).text, "html.parser").select_one("#issues a")
    assert link
    issue = link.get_text()
    places = [
        ISSUES,
        f"{ISSUES}?state=all",
        f"{ISSUES}?state=new&sort=priority",
        f"{ISSUES}?q=zebras",
        f"{ISSUES}?tag=Customer",
        f"{DESK}/?q=zebras",
        f"{DESK}/?q={issue}",
        f"{DESK}/",
        f"{DESK}/news",
        at(code),
        at(code, "/history"),
        at(asked(lite_desk, "Another."), "/issue?follow=1&q=zebras"),
    ]
    for place in places:
        page = ben.get(place)
        assert page.status_code == 200, place
        assert "Zebras" not in page.text, place
        # what was looked for stands in the page
        assert issue not in page.text or issue in place
    assert "A private issue<" in ben.get(at(code)).text
    assert 'New <span class="ps-count">0</span>' in ben.get(ISSUES).text
    for place in ("", "/history", "/moves/grab"):
        assert ben.get(f"{ISSUES}/{issue}{place}").status_code == 404
    nobody = lite_desk.app.test_client()
    answer, none = nobody.get(f"/support/issues/{issue}"), nobody.get("/support/issues/IS-2222-2222")
    assert (answer.status_code, answer.data) == (none.status_code, none.data) == (404, none.data)
    assert ben.get(f"/support/issues/{issue}").status_code == 404
    told = ben.get(f"/support/api/v1/tickets/{code}", headers={"Accept": "application/json"})
    assert issue not in told.text
    assert "Zebras" not in told.text


@pytest.mark.row("T13")
def test_everybody_reads_what_an_issue_is_and_nothing_of_people(lite_desk: Desk, ada: FlaskClient) -> None:
    """Its subject, kind, state in words, release and version; no notes, no names; search engines pass by."""
    issue = lite_desk.open_issue(lite_desk.ada, lite_desk.order(), summary="Albums are empty")
    lite_desk.issue_move(issue, "ask", lite_desk.mia, colleague=lite_desk.ben.id, note="Seen it?")
    lite_desk.change_issue(issue, target_release="2.1", stage="git", stage_version="2.1-rc1")
    nobody = lite_desk.app.test_client()
    answer = nobody.get(f"/support/issues/{issue.lower()}")
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    shown = words(answer.text)
    for said in ("Albums are empty", issue, "Bug", "Feedback", MEANINGS["feedback"], "2.1", "2.1-rc1"):
        assert said in shown
    for said in ("Ben", "Mia", "Ada", "Upload one.", "Seen it?", "Customer", "Jane"):
        assert said not in shown
    assert set(MEANINGS) == {state.name for state in ISSUE.states}
    for wrong in ("IS-2222-2222", "x", "%00"):
        assert nobody.get(f"/support/issues/{wrong}").status_code == 404
