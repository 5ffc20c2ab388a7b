"""Triage in the browser: what waits, one key each, the way to a page, and the customer's answer (T2, T5)."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from paidsupport.intake.guides import queries as guide_queries
from tests.intake.mail.incoming import thread
from tests.intake.triage.test_triage import GUIDE, asked, decide, point, pointers
from tests.people import Desk, sign_in
from tests.tickets.ordering import ordering
from tests.tickets.test_pages import DESK, at, fields, next_step, words

pytestmark = pytest.mark.row("T2")

TRIAGE = f"{DESK}/triage"
#: Everything a request asks for.
QUESTION = {"details": "My photos do not upload.", "name": "Jane", "email": "jane@example.com", "website": ""}


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def heading(html: str) -> str:
    """What stands on top of a page."""
    found = BeautifulSoup(html, "html.parser").select_one(".ps-root h1")
    assert found
    return found.get_text()


def say(client: FlaskClient, code: str, decision: str, **typed: Any) -> Any:  # noqa: ANN401
    """Press a button of the triage page as it is now."""
    html = client.get(TRIAGE).text
    sent = fields(html, f"{code}/triage") | {"decision": decision} | typed
    return client.post(at(code, "/triage"), data=sent)


def test_one_after_the_other(lite_desk: Desk, ada: FlaskClient) -> None:
    """After each decision the next one comes up, and a line says what has become of the last."""
    codes = []
    for number in range(4):
        codes.append(asked(lite_desk, f"Text {number}.", Subject=f"Subject {number}"))
        lite_desk.clock.forward(minutes=1)
    page = ada.get(TRIAGE).text
    assert heading(page) == "Subject 0"
    for said in ("4 requests to triage", "Text 0.", "jane@example.com", "Email"):
        assert said in words(page)
    for decision, typed, said in (
        ("bug", {"note": "#4711"}, "is a bug"),
        ("commercial", {}, "lead"),
        ("take", {}, "claimed"),
    ):
        code = codes.pop(0)
        answer = say(ada, code, decision, **typed)
        assert (answer.status_code, answer.location) == (303, TRIAGE)
        page = ada.get(answer.location).text
        assert f"{code} " in words(page)
        assert said in words(page)
        assert f"Subject {4 - len(codes)}" == heading(page)
    answer = say(ada, codes[0], "spam")
    page = ada.get(answer.location).text
    assert f"{codes[0]} marked as spam." in words(page)
    assert "No requests to triage" in page
    undone = ada.post(at(codes[0], "/triage/undo"), data=fields(page, "undo"))
    assert undone.status_code == 303
    assert heading(ada.get(TRIAGE).text) == "Subject 3"
    assert lite_desk.broken() == {}


def test_a_bug_says_where_it_is_followed(lite_desk: Desk, ada: FlaskClient) -> None:
    """Without that the same request stays, with the sentence at the field."""
    code = asked(lite_desk)
    answer = say(ada, code, "bug", note="")
    assert answer.status_code == 422
    error = BeautifulSoup(answer.text, "html.parser").select_one(".ps-field .ps-error")
    assert error
    assert "Enter the number or the address" in error.get_text()
    assert lite_desk.ticket(code).state == "new"
    say(ada, code, "bug", note="https://bugs.example.org/4711")
    page = BeautifulSoup(ada.get(at(code)).text, "html.parser")
    assert "https://bugs.example.org/4711" in page.text
    # the next step is to write, so the first button does that
    assert [each.get_text(" ", strip=True) for each in page.select(".ps-next .ps-primary")] == [
        "Write to the customer w"
    ]


def test_who_comes_second_is_told_and_gets_the_next(lite_desk: Desk, ada: FlaskClient) -> None:
    """Nothing of theirs is done."""
    first = asked(lite_desk, "One.", Subject="First")
    lite_desk.clock.forward(minutes=1)
    asked(lite_desk, "Two.", Subject="Second")
    seen = fields(ada.get(TRIAGE).text, f"{first}/triage")
    decide(lite_desk, first, lite_desk.ben, "take")
    answer = ada.post(at(first, "/triage"), data=seen | {"decision": "spam"})
    assert answer.status_code == 303
    page = ada.get(answer.location).text
    assert heading(page) == "Second"
    assert "This is the next request." in words(page)
    assert lite_desk.ticket(first).state == "triage"


def test_skipping_leads_on_and_stays_there(lite_desk: Desk, ada: FlaskClient) -> None:
    """What was skipped comes back only when one begins anew."""
    codes = []
    for number in range(3):
        codes.append(asked(lite_desk, "Text.", Subject=f"Subject {number}"))
        lite_desk.clock.forward(minutes=1)
    page = BeautifulSoup(ada.get(TRIAGE).text, "html.parser")
    skip = page.select_one('[data-ps-key="n"]')
    assert skip
    html = ada.get(str(skip["href"])).text
    assert heading(html) == "Subject 1"
    form = BeautifulSoup(html, "html.parser").select('form[action*="/triage"]')[-1]
    sent = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
    answer = ada.post(str(form["action"]), data=sent | {"decision": "take"})
    html = ada.get(answer.location).text
    assert heading(html) == "Subject 2"
    skip = BeautifulSoup(html, "html.parser").select_one('[data-ps-key="n"]')
    assert skip
    assert "No more requests after the skipped ones" in ada.get(str(skip["href"])).text
    for wrong in ("x", "~", "2034~x", "~1", "9" * 40):
        assert ada.get(f"{TRIAGE}?after={wrong}").status_code == 404


def test_it_takes_as_many_queries_however_many_wait(lite_desk: Desk, ada: FlaskClient) -> None:
    """The user, the person, the request with the count, and one for each kind of thing around it."""
    costs = []
    for count in (1, 3):
        for number in range(count):
            asked(lite_desk, f"> quoted\n> and more\n> and more\n\nText {number}.")
        ada.get(TRIAGE)
        with lite_desk.statements() as seen:
            assert ada.get(TRIAGE).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_it_can_do_without_script_and_says_its_keys(lite_desk: Desk, ada: FlaskClient) -> None:
    """Every decision is a button or a link of the page; keys of the bar that mean something else give way."""
    asked(lite_desk, "See this:\n> a\n> b\n> c\n\nThanks.", From='"<b>X</b>" <x@example.net>')
    page = BeautifulSoup(ada.get(TRIAGE).text, "html.parser")
    inside = page.select(".ps-split [data-ps-key]")
    assert {str(tag["data-ps-key"]) for tag in inside} == {"b", "d", "m", "s", "c", "n"}
    assert "3 quoted lines" in words(str(page.select_one("details.ps-more")))
    listed = [tag.get_text() for tag in page.select("#ps-keys dt")]
    assert len(listed) == len(set(listed))
    assert ordering.is_plain(str(page.select_one(".ps-split")))


def test_the_queue_leads_there_and_shows_requests_alone(lite_desk: Desk, ada: FlaskClient) -> None:
    """A line with the count, a filter by kind, no price where none is paid."""
    order, code = lite_desk.order(), asked(lite_desk, Subject="A request")
    page = words(ada.get(f"{DESK}/").text)
    assert "1 request to triage" in page
    alone = BeautifulSoup(ada.get(f"{DESK}/?workflow=request").text, "html.parser")
    row = str(alone.select_one("tbody"))
    assert (code in row, order in row, "USD" in row) == (True, False, False)
    assert "Requests" in alone.select_one("#ps-workflow").get_text()  # type: ignore[union-attr]


@pytest.mark.row("T5")
def test_a_page_is_found_and_sent(lite_desk: Desk, ada: FlaskClient) -> None:
    """Searched by the words of the request, chosen, looked through, sent; the next request comes up."""
    code = asked(lite_desk, "Why?", Subject="Photos upload fails")
    triage = BeautifulSoup(ada.get(TRIAGE).text, "html.parser")
    there = triage.select_one('[data-ps-key="d"]')
    assert there
    choice = BeautifulSoup(ada.get(str(there["href"])).text, "html.parser")
    links = choice.select(".ps-list h2 a")
    assert links[0].get_text() == "Photos do not upload"
    email = str(links[0]["href"])
    html = ada.get(email).text
    sent = fields(html, "")
    assert f"/support/help/{GUIDE}" in sent["body"]
    assert lite_desk.ticket(code).owner_id is None
    answer = ada.post(email, data=sent | {"body": "Have a look."})
    assert answer.status_code == 422
    assert "Add the address of the page" in words(answer.text)
    answer = ada.post(email, data=sent)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, TRIAGE)
    ticket = lite_desk.ticket(code)
    assert (ticket.state, ticket.owner_id) == ("waiting", lite_desk.ada.id)
    assert "asked whether it helps" in next_step(ada.get(at(code)).text)
    # one who is late reads who has it
    late = sign_in(lite_desk.app, "ben").post(email, data=sent)
    assert late.status_code in {409, 422}


@pytest.mark.row("T5")
def test_an_address_elsewhere_is_typed(lite_desk: Desk, ada: FlaskClient) -> None:
    """A wrong one is refused before there is an email."""
    code = asked(lite_desk)
    refused = ada.get(at(code, "/documented?url=http://example.com"))
    assert refused.status_code == 422
    assert "begins with https://" in words(refused.text)
    there = at(code, "/documented?url=https://example.com/manual")
    assert ada.post(there, data=fields(ada.get(there).text, "")).location == at(code)
    assert pointers(lite_desk, code) == [("https://example.com/manual", "", False)]
    assert ada.get(at(code, "/documented?guide=ending-well")).status_code in {404, 409}


@pytest.mark.row("T5")
def test_the_customer_says_whether_it_helped(lite_desk: Desk) -> None:
    """Two buttons, once the email has left; a no can say what is missing; both end with the owner told."""
    customer = lite_desk.app.test_client()
    code = asked(lite_desk)
    private = f"/support/t/{lite_desk.token(code)}"
    assert "We have your message" in words(customer.get(private).text)
    point(lite_desk, code, lite_desk.ada)
    assert "Yes, it helped" not in customer.get(private).text
    lite_desk.work()
    html = customer.get(private).text
    assert "Did this answer your question?" in words(html)
    sent = fields(html, "helped") | {"choice": "not-helped", "words": "Where is the panel?"}
    for _ in range(2):
        assert customer.post(f"{private}/helped", data=sent).status_code == 303
    assert thread(lite_desk, code)[-1] == "Where is the panel?"
    page = words(customer.get(private).text)
    assert "look into it and write back" in page
    assert "Ada is looking into it" in page
    point(lite_desk, code, lite_desk.ada)
    lite_desk.work()
    old = customer.post(f"{private}/helped", data=sent | {"key": "0" * 32, "choice": "helped"})
    assert old.status_code == 409
    html = customer.get(private).text
    assert (
        customer.post(f"{private}/helped", data=fields(html, "helped") | {"choice": "x"}).status_code == 422
    )
    customer.post(f"{private}/helped", data=fields(html, "helped") | {"choice": "helped"})
    page = words(customer.get(private).text)
    assert "This is settled" in page
    assert lite_desk.ticket(code).state == "resolved"
    # what is written now asks for opening it again
    written = ordering.hidden(html) | {"key": "1" * 32, "body": "It is back."}
    assert customer.post(private, data=written).status_code == 303
    assert "You've asked us to look at this again" in words(customer.get(private).text)
    assert lite_desk.broken() == {}


@pytest.mark.row("T5")
def test_help_pages_are_public_and_guides_are_not(lite_desk: Desk, ada: FlaskClient) -> None:
    """Published guides are open to all; everything else stays internal. A checkbox publishes one."""
    visitor = lite_desk.app.test_client()
    assert "Photos do not upload" in visitor.get("/support/help/").text
    assert " found" in visitor.get("/support/help/?words=xylophone").text
    page = visitor.get(f"/support/help/{GUIDE}")
    assert page.status_code == 200
    assert "upload_max_filesize" in page.text
    for slug in ("ending-well", "nothing", "%00", "new"):
        assert visitor.get(f"/support/help/{slug}").status_code == 404
    form = f"{DESK}/guides/ending-well/edit"
    sent = fields(ada.get(form).text, "")
    with lite_desk.ctx() as ctx:
        title = guide_queries.title_of(ctx.session, "ending-well")
    answer = ada.post(form, data=sent | {"title": title, "public": "y", "action": "keep"})
    assert answer.status_code == 303
    assert visitor.get("/support/help/ending-well").status_code == 200
    assert "checked" in str(BeautifulSoup(ada.get(form).text, "html.parser").select_one("[name=public]"))
    ada.post(form, data=sent | {"title": title, "action": "keep", "key": "2" * 32})
    assert visitor.get("/support/help/ending-well").status_code == 404


@pytest.mark.row("T1")
def test_a_question_is_asked_on_a_form_of_five_fields(lite_desk: Desk, ada: FlaskClient) -> None:
    """Name, address, subject, question, files; nothing of hosts, prices, developers or orders."""
    visitor = lite_desk.app.test_client()
    url = "/support/order/question"
    html = visitor.get(url).text
    names = [str(tag["name"]) for tag in BeautifulSoup(html, "html.parser").select(".ps-field [name]")]
    assert sorted(names) == ["details", "email", "files", "name", "subject", "website"]
    for strange in ("USD", "developer", "order", "site to work on"):
        assert strange not in words(str(BeautifulSoup(html, "html.parser").select_one(".ps-plain")))
    refused = ordering.send(visitor, url, QUESTION | {"details": " "})
    assert refused.status_code == 422
    assert ordering.problems(refused.text) == {"details": "Enter your question."}
    answer = ordering.send(visitor, url, QUESTION, [("error.txt", b"500")])
    assert answer.status_code == 303
    receipt = words(visitor.get(answer.location).text)
    assert "We've received your question" in receipt
    assert "developer" not in receipt
    [confirmation] = lite_desk.work()
    assert "Your question" in str(confirmation["Subject"])
    found = words(ada.get(TRIAGE).text)
    for said in ("My photos do not upload.", "error.txt", "Form “Ask a question”"):
        assert said in found
    assert lite_desk.broken() == {}


def test_the_next_step_of_a_request_is_never_about_payment(lite_desk: Desk, ada: FlaskClient) -> None:
    """From taking it to the end: to answer, to wait, to resolve; of a lead to offer and to win."""
    code = asked(lite_desk)
    decide(lite_desk, code, lite_desk.ada, "take")
    html = ada.get(at(code)).text
    step = next_step(html)
    assert "answer Jane Doe" in step
    for way in ("Answer", "Point to a page", "File an issue", "Make lead", "Resolve ticket"):
        assert way in step
    compose = words(ada.get(at(code, "/write")).text)
    assert "Must be in it" not in compose
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    assert "Waiting for Jane Doe" in next_step(ada.get(at(code)).text)
    lite_desk.receive(code, "Then I want to order something.")
    assert "answer Jane Doe" in next_step(ada.get(at(code)).text)
    assert "Lead" in words(ada.get(at(code, "/moves/commercial")).text)
    lite_desk.transition(code, "commercial", lite_desk.ada, note="Wants prints.")
    lite_desk.claim(code, lite_desk.ada)
    page = ada.get(at(code)).text
    assert "Next" in next_step(page)
    assert "passed it on to sales (In triage → Lead)" in words(ada.get(at(code, "/history")).text)
    for rest in ("/history", "/moves/lose", "/write"):
        assert ada.get(at(code, rest)).status_code == 200
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.transition(code, "offer", lite_desk.ada, note="Prints for 20.")
    assert "Mark as accepted" in next_step(ada.get(at(code)).text)
    lite_desk.transition(code, "agree", lite_desk.ada, note="On the phone.")
    assert "Mark as won" in next_step(ada.get(at(code)).text)
    assert lite_desk.broken() == {}


def test_who_cannot_be_written_to_is_called(lite_desk: Desk, ada: FlaskClient) -> None:
    """No button that would only refuse: a sentence instead."""
    from paidsupport.tickets import tables as tickets  # noqa: PLC0415  # only here

    code = asked(lite_desk)
    with lite_desk.ctx() as ctx:
        tickets.change(ctx.session, tickets.lock(ctx.session, code), customer_email="")
    page = words(ada.get(TRIAGE).text)
    assert "Claim the ticket and call" in page
    assert "Documented" not in page.partition("Keys")[0]
    decide(lite_desk, code, lite_desk.ada, "take")
    html = ada.get(at(code)).text
    assert "We have no email address" in next_step(html)
    assert f"{code}/write" not in html
    assert ada.get(at(code, "/documented")).status_code == 409
