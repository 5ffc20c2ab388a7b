"""The draft on an issue's page, the list of reviews, and the session on a shared screen (T16, T17)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from paidsupport.issues.operations import drafting, tasks
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import new_key
from tests.people import Desk, field, press, sign_in

LIST = "/support/desk/issues"
SESSION = f"{LIST}/session"


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    """A developer who reviews."""
    return sign_in(app, "ada")


@pytest.fixture
def ben(app: Flask) -> FlaskClient:
    """A developer who solves."""
    return sign_in(app, "ben")


def at(code: str, rest: str = "") -> str:
    """The address of an issue."""
    return f"{LIST}/{code}{rest}"


def words(html: str) -> str:
    """What a page says, in one line."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def assigned(desk: Desk, *followed_by: str, **opening: object) -> str:
    """An issue that Ben works on."""
    code = desk.open_issue(desk.ada, *followed_by, **opening)
    desk.change_issue(code, state="assigned", owner_id=desk.ben.id)
    return code


def submitted(desk: Desk, *followed_by: str, by: Any = None, **opening: object) -> str:  # noqa: ANN401
    """An issue that waits for a review of a solution by Ben, or by another developer."""
    code = assigned(desk, *followed_by, **opening)
    author = by or desk.ben
    desk.change_issue(code, owner_id=author.id)
    if followed_by:
        with desk.ctx(author) as ctx:
            drafting.draft(ctx, code, "We fixed it and tested it with your photos.", key=new_key())
    desk.issue_move(code, "submit", author, note="Upload a photo.")
    return code


def send(client: FlaskClient, page: str, url: str, **typed: str) -> Any:  # noqa: ANN401
    """Send the form for `url` on a page as it stands there, with some of it filled in."""
    soup = BeautifulSoup(client.get(page).text, "html.parser")
    form = next(form for form in soup.select("form") if str(form.get("action", "")).startswith(url))
    # as a browser sends them: in their order, and a button last
    said = [(str(tag["name"]), str(tag["value"])) for tag in form.select("input[type=hidden]")]
    return client.post(str(form["action"]), data=MultiDict([*said, *typed.items()]))


@pytest.mark.row("T16")
def test_a_draft_is_marked_answered_and_submitted(desk: Desk, ben: FlaskClient, ada: FlaskClient) -> None:
    """Remarks stand in the text and in a list; nothing is asked for a review before they are answered."""
    code = assigned(desk, desk.order())
    page = ben.get(at(code)).text
    assert "Draft the answer first" in page
    assert "draft" not in words(ada.get(at(code)).text)
    body = "I fixed the upload. It should work."
    refused = send(ben, at(code), at(code, "/draft"), body="Hello Jane Doe")
    assert refused.status_code == 422
    assert "Remove the personal data" in refused.text
    assert "Hello Jane Doe" in refused.text
    assert send(ben, at(code), at(code, "/draft"), body=body).status_code == 303
    soup = BeautifulSoup(ben.get(at(code)).text, "html.parser")
    assert [str(mark.contents[0]) for mark in soup.select("mark")] == ["I fixed", "should work"]
    assert "Write “we fixed”." in soup.select(".ps-remarks li")[0].text
    # what stands against it is said before, and to whoever presses the button all the same
    assert [guard.text for guard in soup.select("#submit + .ps-needs li")] == [
        "The draft has marked sentences. Change them, or give a reason for keeping them."
    ]
    late = send(ben, at(code), at(code, "/submit"))
    assert late.status_code == 409
    assert "The draft has marked sentences" in late.text
    keeps = [str(tag["name"]) for tag in soup.select("form[action$='/draft/keep'] input[type=text]")]
    assert len(keeps) == 2
    short = send(ben, at(code), at(code, "/draft/keep"), **{keeps[0]: "ok"})
    assert short.status_code == 422
    assert BeautifulSoup(short.text, "html.parser").select_one(f"#{keeps[0]}[aria-invalid]")
    said = dict(zip(keeps, ("She asked me for it.", "<b>Ada</b> agreed."), strict=True))
    assert send(ben, at(code), at(code, "/draft/keep"), **said).status_code == 303
    page = ben.get(at(code)).text
    assert "Kept because: She asked me for it." in words(page)
    assert "&lt;b&gt;Ada" in page
    sent = send(ben, at(code), at(code, "/submit"), colleague=str(desk.ada.id), note="Try a photo.")
    assert sent.status_code == 303
    issue = desk.issue(code)
    assert (issue.state, issue.reviewer_id) == ("review", desk.ada.id)
    for wrong in (str(desk.ben.id), "9" * 30, "nobody"):
        other = assigned(desk)
        assert send(ben, at(other), at(other, "/submit"), colleague=wrong).status_code == 422
        assert desk.issue(other).reviewer_id is None


@pytest.mark.row("T17")
def test_a_review_on_the_page_of_the_issue(desk: Desk, ben: FlaskClient, ada: FlaskClient) -> None:
    """The author sees no buttons and is refused; tasks hold it up; then it goes to who tells the customer."""
    ticket = desk.order()
    desk.claim(ticket, desk.mia)
    code = submitted(desk, ticket)
    assert "/review" not in ben.get(at(code)).text
    assert send(ada, at(code), at(code, "/tasks"), task="Build a package").status_code == 303
    early = send(ada, at(code), at(code, "/review"), decision="approve", note="Two phones.")
    assert early.status_code == 409
    assert "Some tasks of this issue are still open" in early.text
    assert "Two phones." in early.text
    assert send(ben, at(code), at(code, "/tasks/done")).status_code == 303
    form = {name: field(early.text, name) for name in ("csrf_token", "key", "version")}
    mine = ben.post(at(code, "/review"), data=form | {"decision": "approve", "note": "Fine."})
    assert mine.status_code != 303
    assert desk.issue(code).state == "review"
    empty = send(ada, at(code), at(code, "/review"), decision="approve")
    assert empty.status_code == 422
    assert "Enter what you tested" in empty.text
    done = send(ada, at(code), at(code, "/review"), decision="approve", note="Two phones.")
    assert done.status_code == 303
    issue = desk.issue(code)
    assert (issue.state, issue.owner_id) == ("assigned", desk.mia.id)
    assert "Solved: the fault no longer occurs" in words(ada.get(at(code)).text)


@pytest.mark.row("T17")
def test_the_list_of_reviews(desk: Desk, ada: FlaskClient) -> None:
    """Most urgent first, with who solved it; what was asked of oneself stands alone on request."""
    calm, urgent = submitted(desk), submitted(desk, desk.order(), priority=1)
    asked = submitted(desk)
    desk.change_issue(asked, reviewer_id=desk.ada.id)
    page = ada.get(f"{LIST}/reviews").text
    assert list(dict.fromkeys(re.findall(r"IS-[\w-]{9}", page))) == [urgent, calm, asked]
    assert "1 customer waiting" in words(page)
    assert "Jane" not in page
    mine = ada.get(f"{LIST}/reviews?mine=1").text
    assert set(re.findall(r"IS-[\w-]{9}", mine)) == {asked}
    desk.change_issue(calm, state="assigned")
    desk.change_issue(urgent, state="assigned")
    desk.change_issue(asked, state="assigned")
    assert "No reviews waiting" in ada.get(f"{LIST}/reviews").text


@pytest.mark.row("T17")
def test_a_session_goes_through_all_reviews_one_by_one(desk: Desk, ada: FlaskClient) -> None:
    """Position, the next one, decisions, skipping, and what is left at the end."""
    first, second, own = submitted(desk, priority=1), submitted(desk), submitted(desk, by=desk.ada)
    page = ada.get(SESSION).text
    assert "1 of 3" in words(page)
    assert "solved by Ben" in words(page)
    assert "Upload a photo." in page
    assert first in page
    refused = send(ada, SESSION, at(first, "/review"), decision="approve")
    assert refused.status_code == 422
    assert "1 of 3" in words(refused.text)
    answer = send(ada, SESSION, at(first, "/review"), decision="approve", note="Two phones.")
    assert answer.status_code == 303
    assert desk.issue(first).state == "resolved"
    page = ada.get(answer.location).text
    assert "2 of 3" in words(page)
    assert second in page
    assert " approved." in page
    answer = send(ada, answer.location, at(second, "/review"), decision="pass", note="No phone here.")
    page = ada.get(answer.location).text
    assert "3 of 3" in words(page)
    assert "You solved this issue" in page
    assert "This is the last one" in page
    assert "/review?" not in page
    following = BeautifulSoup(page, "html.parser").select_one("[data-ps-key=n]")
    assert following is not None
    end = ada.get(str(following["href"])).text
    assert "That was the last one" in end
    assert "2 reviews are still waiting." in end
    assert own in page
    for odd in ("at=IS-2222-2222", "done=-1", "done=x", "done=999999999999999999999", "private=x"):
        assert ada.get(f"{SESSION}?{odd}").status_code == 200


@pytest.mark.row("T17")
@pytest.mark.row("T3")
def test_a_shared_screen_leaves_out_what_is_private(desk: Desk, ada: FlaskClient, ben: FlaskClient) -> None:
    """It is counted, and shown on request; for people who may not see it, it is not even counted."""
    hidden, shown = submitted(desk, priority=1), submitted(desk)
    desk.change_issue(hidden, private=True, summary="Albums open to strangers", author_id=desk.mia.id)
    page = ada.get(SESSION).text
    assert "1 of 1" in words(page)
    assert hidden not in page
    assert "strangers" not in page
    assert "1 private issue is hidden" in words(page)
    page = ada.get(f"{SESSION}?private=1").text
    assert "1 of 2" in words(page)
    assert hidden in page
    with desk.ctx() as ctx:
        ctx.session.connection().exec_driver_sql("DELETE FROM paidsupport_issue_reader")
    page = ben.get(f"{SESSION}?private=1").text
    assert hidden not in page
    assert shown in page
    assert "is hidden" not in ben.get(SESSION).text


@pytest.mark.row("T17")
def test_lists_cost_few_queries_whatever_waits(lite_desk: Desk, lite_app: Flask) -> None:
    """As many for nine reviews as for one."""
    desk, ada = lite_desk, sign_in(lite_app, "ada")
    ticket = desk.order()
    counts: dict[str, list[int]] = {}
    for number in (1, 8):
        for _ in range(number):
            code = submitted(desk, ticket)
            with desk.ctx(desk.ada) as ctx:
                tasks.add(ctx, code, "Build a package", key=new_key())
        for address in (f"{LIST}/reviews", SESSION):
            with desk.statements() as made:
                assert ada.get(address).status_code == 200
            counts.setdefault(address, []).append(len(made))
    for address, (one, many) in counts.items():
        assert one == many <= 6, (address, one, many)


def test_a_task_of_another_issue_is_not_there(desk: Desk, ada: FlaskClient) -> None:
    """A forged number of a task finds nothing."""
    code = submitted(desk)
    send(ada, at(code), at(code, "/tasks"), task="Build a package")
    other = submitted(desk)
    soup = BeautifulSoup(ada.get(at(code)).text, "html.parser")
    form = next(form for form in soup.select("form") if str(form.get("action")).endswith("/tasks/done"))
    said = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
    assert ada.post(at(other, "/tasks/done"), data=said).status_code == 404
    assert isinstance(desk.issue(other), Issue)


def test_press_is_not_enough_without_a_token(desk: Desk, ada: FlaskClient) -> None:
    """No decision comes from another site."""
    code = submitted(desk)
    answer = ada.post(at(code, "/review"), data={"decision": "approve", "note": "Fine."})
    assert answer.status_code == 422
    assert desk.issue(code).state == "review"
    assert press(ada, at(code), at(code, "/notes"), body="Fine").status_code == 303
