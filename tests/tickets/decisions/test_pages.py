"""Consents and offers on the pages of both sides, and every way around the gate (G14, G17, N4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff import operations as people
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.tables import Decision
from tests.people import ASK, OFFER, Desk, sign_in

pytestmark = pytest.mark.row("N4")

#: What is filled in to ask for consent.
CONSENT = {"what": ASK.what, "why": ASK.why, "risk": ASK.risk, "undo": ASK.undo}
EXTRA = {"what": OFFER.what, "why": OFFER.why, "price": "20.00", "days": "14"}


def at(code: str, rest: str = "") -> str:
    """The address of a ticket's page on the desk, or of one below it."""
    return f"/support/desk/tickets/{code}{rest}"


def words(html: str) -> str:
    """What a page says, in one line."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def fields(html: str, action: str = "") -> dict[str, str]:
    """The hidden fields of the page's form for `action`, or of its last one."""
    forms = BeautifulSoup(html, "html.parser").select(".ps-root form[method=post]")
    form = [form for form in forms if str(form.get("action", "")).endswith(action)][-1]
    return {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}


def send(client: FlaskClient, url: str, **typed: str) -> Any:  # noqa: ANN401  # a response
    """Open the form at `url`, fill it in, and send it."""
    return client.post(url, data=fields(client.get(url).text) | typed)


def decide(desk: Desk, code: str, decision: Decision) -> str:
    """The address of the customer's page about a decision."""
    return f"/support/t/{desk.token(code)}/decide/{decision.reference}"


def state(desk: Desk, code: str) -> tuple[Any, ...]:
    """All that an answer could change."""
    ticket = desk.ticket(code)
    answers = [(row.answer, row.answered_at, row.word) for row in desk.decided(code)]
    items = [(item.name, item.state, item.version) for item in desk.items(code).values()]
    return (ticket.event_count, ticket.awaits, ticket.price_minor, answers, items)


@pytest.fixture
def ada(app: Flask, desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(app, "ada")


@pytest.fixture
def lite_ada(lite_app: Flask, lite_desk: Desk) -> FlaskClient:
    """Ada's browser, on SQLite."""
    return sign_in(lite_app, "ada")


@pytest.fixture
def lite_client(lite_app: Flask) -> FlaskClient:
    """The customer's browser, on SQLite."""
    return lite_app.test_client()


@pytest.mark.row("G14")
def test_consent_from_the_question_to_the_tick(desk: Desk, ada: FlaskClient, client: FlaskClient) -> None:
    """Asked from the line that waits for it, answered with one click, seen on both sides, ticked."""
    code = desk.risky(desk.ada)
    assert "Ask for approval" in words(ada.get(at(code)).text)
    form = at(code, "/consents/new?item=configuration")
    assert "Change the configuration of web server or PHP" in ada.get(form).text
    sent = send(ada, form, **CONSENT)
    assert (sent.status_code, sent.location) == (303, at(code) + "#decisions")
    asked = words(ada.get(at(code)).text)
    assert "Restart Apache Approval no. 1" in asked
    assert "Email: Leaves in a moment" in asked
    desk.work()
    private = f"/support/t/{desk.token(code)}"
    page = client.get(private).text
    assert "Ada needs a decision from you" in words(page)
    assert "Do you approve this?" in words(page)
    for text in CONSENT.values():
        assert text in words(page)
    (decision,) = desk.decided(code)
    assert str(decide(desk, code, decision)) in page
    answer = send(client, decide(desk, code, decision), choice="approved", word="At night.")
    assert (answer.status_code, answer.location) == (303, private)
    page = words(client.get(private).text)
    assert "You've approved this." in page
    assert "You approved this on 14 Mar 2034, 09:00 UTC. At night." in page
    assert "Do you approve this?" not in page
    shown = words(ada.get(at(code)).text)
    assert "Approved just now At night." in shown
    history = words(ada.get(at(code, "/history")).text)
    assert "The customer approved a step, no. 1" in history
    line = at(code, "/items/configuration")
    assert send(ada, line, action="tick", evidence_done="Restarted.").status_code == 303
    assert desk.items(code)["configuration"].state == "done"
    assert desk.broken() == {}


@pytest.mark.row("G17")
def test_an_offer_from_the_wish_to_the_new_price(desk: Desk, ada: FlaskClient, client: FlaskClient) -> None:
    """Offered from the message, shown with price and time, accepted with one click."""
    code = desk.in_progress(desk.ada)
    desk.receive(code, "Oh, can you also add e-cards?")
    page = BeautifulSoup(ada.get(at(code)).text, "html.parser")
    (link,) = page.select(".ps-thread a[href*=offers]")
    form = str(link["href"])
    assert form == at(code, "/offers/new?message=2")
    assert "can you also add e-cards?" in words(ada.get(form).text)
    assert send(ada, form, **EXTRA).status_code == 303
    desk.work()
    (decision,) = desk.decided(code)
    shown = words(client.get(decide(desk, code, decision)).text)
    for text in (OFFER.what, "USD 20.00", "28 Mar 2034, 09:00 UTC", "your new total is USD 65.00"):
        assert text in shown
    assert send(client, decide(desk, code, decision), choice="approved").status_code == 303
    page_after = words(client.get(f"/support/t/{desk.token(code)}").text)
    assert "You accepted this for USD 20.00" in page_after
    assert "USD 65.00" in page_after
    shown = words(ada.get(at(code)).text)
    assert "USD 65.00" in shown
    assert "E-cards and the random block" in [item.text for item in desk.items(code).values()]
    assert "The customer accepted an offer, no. 1" in words(ada.get(at(code, "/history")).text)
    assert desk.broken() == {}


@pytest.mark.row("G14")
def test_a_no_is_seen_on_both_sides_and_locks_the_line(
    lite_desk: Desk, lite_ada: FlaskClient, lite_client: FlaskClient
) -> None:
    """The line says so, cannot be ticked by any form, and is not asked about again."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    decision = desk.ask(code, desk.ada, "configuration")
    desk.work()
    line = at(code, "/items/configuration")
    stale = fields(lite_ada.get(line).text) | {"action": "tick", "evidence_done": "Done."}
    assert send(lite_client, decide(desk, code, decision), choice="declined").status_code == 303
    assert "The customer does not want this: it stays undone." in words(lite_ada.get(at(code)).text)
    refused = lite_ada.post(line, data=stale)
    assert refused.status_code == 409
    for action in ("tick", "skip", "untick"):
        form = fields(lite_ada.get(line).text) | {"action": action, "because": "x", "evidence_done": "x"}
        assert lite_ada.post(line, data=form).status_code == 409
    again = send(lite_ada, at(code, "/consents/new"), **CONSENT, item="configuration")
    assert again.status_code == 409
    assert "A no is final" in words(again.text)
    assert desk.items(code)["configuration"].state == "refused"
    assert "You didn't approve this on" in words(lite_client.get(f"/support/t/{desk.token(code)}").text)


@pytest.mark.row("G14")
@pytest.mark.parametrize("when", ["unasked", "unanswered"])
def test_no_way_leads_around_the_gate(lite_desk: Desk, lite_ada: FlaskClient, when: str) -> None:
    """Neither a form that no page has, nor the JSON API, nor a message ticks the line or gives consent."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    if when == "unanswered":
        desk.ask(code, desk.ada, "configuration")
        desk.work()
        desk.receive(code, "Yes, go ahead.")
    line = at(code, "/items/configuration")
    page = lite_ada.get(line).text
    assert "evidence_done" not in page
    before = state(desk, code)
    answer = lite_ada.post(line, data=fields(page) | {"action": "tick", "evidence_done": "Done."})
    assert answer.status_code == 409
    assert lite_ada.post(line, data=fields(page) | {"action": "skip", "because": "No."}).status_code == 409
    with desk.ctx() as ctx:
        token = people.new_token(ctx, "ada@example.org", "program", days=1, scope="write")
    program = desk.app.test_client()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_key(), "If-Match": '"3"'}
    for rest in ("items/configuration", "moves/tick", "moves/approve", "decisions", "consents"):
        url = f"/support/api/v1/tickets/{code}/{rest}"
        assert program.post(url, json={"answer": "approved"}, headers=headers).status_code in {
            404,
            405,
            409,
            422,
        }
    assert state(desk, code) == before


def test_link_scanners_change_nothing(lite_desk: Desk, lite_client: FlaskClient) -> None:
    """Whatever follows every link of the mail and of the pages behind it, by GET or HEAD, decides nothing."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    desk.ask(code, desk.ada, "configuration")
    desk.offer(code, desk.ada)
    mails = desk.work()
    before = state(desk, code)
    todo = [
        link
        for mail in mails
        for part in ("plain", "html")
        for link in re.findall(r"https?://[^\s\"<]+", str(mail.get_body((part,)).get_content()))  # type: ignore[union-attr]
    ]
    seen = set[str]()
    while todo:
        url = re.sub(r"^https?://[^/]+", "", todo.pop()).split("#")[0]
        if url in seen or not url.startswith("/support/"):
            continue
        seen.add(url)
        lite_client.head(url)
        soup = BeautifulSoup(lite_client.get(url).text, "html.parser")
        todo += [str(a["href"]) for a in soup.select("a[href]")]
        todo += [str(form["action"]) for form in soup.select("form[action]")]
    assert sum("/decide/" in url for url in seen) == 2
    assert state(desk, code) == before
    url = next(url for url in seen if "/decide/" in url)
    lite_client.get(f"{url}?choice=approved&text_hash={desk.decided(code)[0].text_hash}&key={new_key()}")
    assert state(desk, code) == before


def test_two_tabs_give_one_answer(lite_desk: Desk, lite_client: FlaskClient) -> None:
    """The second tab is told what was answered, has no buttons left, and nothing happens twice."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.offer(code, desk.ada)
    desk.work()
    url = decide(desk, code, decision)
    tabs = [fields(lite_client.get(url).text) for _ in range(2)]
    assert lite_client.post(url, data=tabs[0] | {"choice": "approved"}).status_code == 303
    after = state(desk, code)
    late = lite_client.post(url, data=tabs[1] | {"choice": "declined"})
    assert late.status_code == 409
    assert "You accepted this" in words(late.text)
    assert "You accepted this for USD 20.00" in words(late.text)
    assert "<button" not in late.text.split("<main", 1)[-1].split("choice")[0]
    assert 'name="choice"' not in late.text
    # a double click of the first: the same again, and no error
    assert lite_client.post(url, data=tabs[0] | {"choice": "approved"}).status_code == 303
    assert state(desk, code) == after


def test_a_text_that_changed_is_read_again(lite_desk: Desk, lite_client: FlaskClient) -> None:
    """The answer to the old one is refused; the page shows the new one, and its form answers that."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    url = decide(desk, code, decision)
    old = fields(lite_client.get(url).text) | {"choice": "approved", "word": "Fine."}
    with desk.ctx() as ctx:
        row = ctx.session.get(Decision, decision.id)
        assert row is not None
        row.what = "Restart the machine"
        row.text_hash = decisions.text_hash(row)
    refused = lite_client.post(url, data=old)
    assert refused.status_code == 409
    assert "The text has changed since you opened this page" in words(refused.text)
    assert "Restart the machine" in words(refused.text)
    assert re.search(r">\s*Fine\.</textarea>", refused.text)
    assert desk.decided(code)[0].answer == ""
    assert lite_client.post(url, data=fields(refused.text) | {"choice": "approved"}).status_code == 303


def test_a_form_without_an_answer_or_with_a_password_comes_back(
    lite_desk: Desk, lite_client: FlaskClient
) -> None:
    """With a sentence on top that leads to its place, and what was typed."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    url = decide(desk, code, decision)
    for typed in ({}, {"choice": "maybe"}, {"choice": "approved", "word": "password: hunter2"}):
        answer = send(lite_client, url, **typed)
        assert answer.status_code == 422, typed
        summary = BeautifulSoup(answer.text, "html.parser").select(".ps-summary a")
        assert [answer.text.count(f'id="{str(a["href"])[1:]}"') for a in summary] == [1]
    assert desk.decided(code)[0].answer == ""
    for left_out in ("csrf_token", "key"):
        form = {name: value for name, value in fields(lite_client.get(url).text).items() if name != left_out}
        assert lite_client.post(url, data=form | {"choice": "approved"}).status_code == 422
    assert desk.decided(code)[0].answer == ""


def test_a_link_of_somebody_else_finds_nothing(
    lite_app: Flask, lite_desk: Desk, lite_client: FlaskClient
) -> None:
    """Another customer, a void link, a developer's session without the link: 404, by GET and by POST."""
    desk = lite_desk
    code, other = desk.in_progress(desk.ada), desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    good = decide(desk, code, decision)
    form = fields(lite_client.get(good).text) | {"choice": "approved"}
    foreign = f"/support/t/{desk.token(other)}/decide/{decision.reference}"
    before = state(desk, code)
    for url in (foreign, f"/support/t/forged/decide/{decision.reference}", good + "x"):
        for client in (lite_client, sign_in(lite_app, "mia")):
            assert client.get(url).status_code == 404
            assert client.post(url, data=form).status_code == 404
    assert state(desk, code) == before


def test_what_has_not_left_is_nowhere_on_the_customers_side(
    lite_desk: Desk, lite_client: FlaskClient
) -> None:
    """Not on the page, and not behind its address."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    assert ASK.what not in lite_client.get(f"/support/t/{desk.token(code)}").text
    assert lite_client.get(decide(desk, code, decision)).status_code == 404


@pytest.mark.row("G17")
def test_an_offer_that_is_over_says_so(
    lite_desk: Desk, lite_ada: FlaskClient, lite_client: FlaskClient
) -> None:
    """It waits no longer, has no buttons, and a form that was open before is refused."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.offer(code, desk.ada, days=1)
    desk.work()
    url = decide(desk, code, decision)
    old = fields(lite_client.get(url).text) | {"choice": "approved"}
    desk.clock.forward(days=1)
    assert lite_client.post(url, data=old).status_code == 409
    page = lite_client.get(url).text
    assert "This offer is no longer valid" in words(page)
    assert 'name="choice"' not in page
    assert "Do you approve this?" not in words(lite_client.get(f"/support/t/{desk.token(code)}").text)
    assert "Not answered in time" in words(lite_ada.get(at(code)).text)
    assert desk.ticket(code).price_minor == 4500


@pytest.mark.row("G11")
def test_nobody_to_answer_to(lite_desk: Desk, lite_client: FlaskClient) -> None:
    """While the ticket has no owner the question stays, without buttons; then it can be answered."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    desk.transition(code, "release", desk.ada, note="No time.")
    page = lite_client.get(decide(desk, code, decision)).text
    assert "once one has taken over" in words(page)
    assert 'name="choice"' not in page
    assert "Do you approve this?" not in words(lite_client.get(f"/support/t/{desk.token(code)}").text)
    desk.claim(code, desk.ben)
    assert send(lite_client, decide(desk, code, decision), choice="declined").status_code == 303


@pytest.mark.row("G6", "G14")
@pytest.mark.parametrize(("path", "typed"), [("/consents/new", CONSENT), ("/offers/new", EXTRA)])
def test_a_question_over_a_stale_thread_is_shown_what_is_new(
    lite_desk: Desk, lite_ada: FlaskClient, path: str, typed: dict[str, str]
) -> None:
    """Nothing is sent, what was typed stays, and one click sends it all the same."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    form = fields(lite_ada.get(at(code, path)).text)
    desk.receive(code, "Not before Tuesday, please!")
    refused = lite_ada.post(at(code, path), data=form | typed)
    assert refused.status_code == 409
    assert "Not before Tuesday, please!" in words(refused.text)
    for text in typed.values():
        assert text in refused.text
    assert desk.decided(code) == []
    again = fields(refused.text, path) | typed
    assert lite_ada.post(at(code, path), data=again).status_code == 303
    assert len(desk.decided(code)) == 1


@pytest.mark.parametrize(("path", "typed"), [("/consents/new", CONSENT), ("/offers/new", EXTRA)])
def test_who_does_not_hold_the_ticket_cannot_ask(
    lite_app: Flask, lite_desk: Desk, path: str, typed: dict[str, str]
) -> None:
    """A colleague and a manager are told who has it, and keep what they typed."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    form = fields(sign_in(lite_app, "ada").get(at(code, path)).text)
    for name in ("ben", "mia"):
        client = sign_in(lite_app, name)
        shown = client.get(at(code, path))
        assert shown.status_code == 409
        assert "Ada has this ticket" in words(shown.text)
        own = fields(shown.text) if 'name="csrf_token"' in shown.text else {}
        own |= {"csrf_token": fields(client.get(at(code)).text)["csrf_token"]}
        answer = client.post(at(code, path), data=form | own | typed)
        assert answer.status_code == 409
        assert typed["why"] in answer.text
    assert desk.decided(code) == []


@pytest.mark.parametrize(
    ("path", "typed", "wrong"),
    [
        ("/consents/new", CONSENT | {"risk": " "}, "risk"),
        ("/consents/new", CONSENT | {"what": "x" * 201}, "what"),
        ("/offers/new", EXTRA | {"price": "cheap"}, "price"),
        ("/offers/new", EXTRA | {"days": "many"}, "days"),
        ("/offers/new", EXTRA | {"days": ""}, "days"),
        ("/offers/new", EXTRA | {"about": "x"}, "about"),
        ("/consents/new", CONSENT | {"claim": "x"}, "claim"),
    ],
)
def test_a_form_that_cannot_be_sent_says_where(
    lite_desk: Desk, lite_ada: FlaskClient, path: str, typed: dict[str, str], wrong: str
) -> None:
    """422 with the sentence; the rest of what was typed stays."""
    code = lite_desk.in_progress(lite_desk.ada)
    answer = send(lite_ada, at(code, path), **typed)
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    assert soup.select_one(".ps-summary li")
    field = soup.select_one(f"[name={wrong}]")
    assert field is not None
    if wrong not in {"about", "claim"}:
        assert field.get("aria-invalid") == "true"
    assert typed["why"] in answer.text
    assert lite_desk.decided(code) == []


@pytest.mark.parametrize(
    "path", ["/consents/new?item=nothing", "/offers/new?message=1", "/offers/new?message=x"]
)
def test_addresses_that_name_nothing_do_no_harm(lite_desk: Desk, lite_ada: FlaskClient, path: str) -> None:
    """A line that is not there is not found; a message that is not the customer's is refused when sent."""
    code = lite_desk.in_progress(lite_desk.ada)
    page = lite_ada.get(at(code, path))
    if "item" in path:
        assert page.status_code == 404
        return
    assert page.status_code == 200
    answer = lite_ada.post(at(code, "/offers/new"), data=fields(page.text) | EXTRA)
    assert answer.status_code == (404 if path.endswith("1") else 303)


def test_the_owner_and_managers_take_back(lite_app: Flask, lite_desk: Desk, lite_client: FlaskClient) -> None:
    """A button on the ticket's page; a colleague has none, and the form is refused."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    url = at(code, f"/decisions/{decision.reference}/withdraw")
    ben, mia = sign_in(lite_app, "ben"), sign_in(lite_app, "mia")
    assert url not in ben.get(at(code)).text
    token = fields(ben.get(at(code)).text)["csrf_token"]
    assert ben.post(url, data={"csrf_token": token, "key": new_key()}).status_code == 409
    assert mia.post(url, data=fields(mia.get(at(code)).text, "/withdraw")).status_code == 303
    assert "Withdrawn just now" in words(mia.get(at(code)).text)
    answer = lite_client.get(decide(desk, code, decision)).text
    assert "We withdrew this" in words(answer)
    assert 'name="choice"' not in answer
    token = fields(mia.get(at(code)).text)["csrf_token"]
    again = mia.post(url, data={"csrf_token": token, "key": new_key()})
    assert again.status_code == 409
    assert mia.post(at(code, "/decisions/x/withdraw"), data={"csrf_token": token}).status_code in {404, 422}


@pytest.mark.row("G8")
def test_an_answer_before_the_work_is_the_next_step(
    lite_desk: Desk, lite_ada: FlaskClient, lite_client: FlaskClient
) -> None:
    """The owner reads it, and the customer sees that it has arrived."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    decision = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, decision, "declined")
    assert "The customer has decided" in words(lite_ada.get(at(code)).text)
    assert "Ada has your answer" in words(lite_client.get(f"/support/t/{desk.token(code)}").text)
    desk.receive(code, "Otherwise fine.")
    assert "Next: answer Jane Doe" in words(lite_ada.get(at(code)).text)


def test_what_was_typed_is_text_on_every_page(
    lite_desk: Desk, lite_ada: FlaskClient, lite_client: FlaskClient
) -> None:
    """Neither side can put marks into the pages or the mail of the other."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    bad = "<b onclick=x>{{ 7*7 }}"
    typed = {"what": bad, "why": bad, "risk": bad, "undo": bad}
    decision = desk.ask(code, desk.ada, "configuration", **typed)
    (mail,) = [mail for mail in desk.work() if mail["To"] == "jane@example.com"]
    page = lite_client.get(decide(desk, code, decision)).text
    desk.answer(code, decision, "declined", word=bad)
    shown = [page, lite_ada.get(at(code)).text, lite_client.get(f"/support/t/{desk.token(code)}").text]
    shown.append(str(mail.get_body(("html",)).get_content()))  # type: ignore[union-attr]
    for html in shown:
        assert "<b onclick" not in html
        assert "{{ 7*7 }}" in words(html)


def test_pages_with_decisions_cost_no_more_queries(desk: Desk, ada: FlaskClient, client: FlaskClient) -> None:
    """They come with the thread."""
    code = desk.risky(desk.ada)
    private = f"/support/t/{desk.token(code)}"
    costs = []
    ada.get(at(code))  # what is the same for everybody is read
    for _ in range(2):
        with desk.statements() as seen:
            ada.get(at(code))
            client.get(private)
        costs.append(len(seen))
        desk.ask(code, desk.ada, "configuration")
        desk.offer(code, desk.ada)
        desk.work()
    assert costs[0] == costs[1]


@pytest.mark.row("G14")
def test_a_question_names_its_line(lite_desk: Desk, lite_ada: FlaskClient) -> None:
    """The general form offers the lines that wait for consent; a line sets it; none is possible."""
    desk = lite_desk
    code = desk.risky(desk.ada)

    def offered(query: str = "") -> tuple[list[str], list[str]]:
        page = BeautifulSoup(lite_ada.get(at(code, f"/consents/new{query}")).text, "html.parser")
        options = page.select("select[name=item] option")
        return [str(each["value"]) for each in options], [
            str(each["value"]) for each in options if each.has_attr("selected")
        ]

    assert offered() == (["", "configuration"], [""])
    assert offered("?item=configuration")[1] == ["configuration"]
    assert send(lite_ada, at(code, "/consents/new"), **CONSENT, item="configuration").status_code == 303
    (decision,) = desk.decided(code)
    assert decision.item_id == desk.items(code)["configuration"].id
    assert offered() == ([], [])


@pytest.mark.row("G14")
def test_the_page_offers_an_existing_yes(lite_desk: Desk, lite_ada: FlaskClient) -> None:
    """On the ticket and at the line, once the line is there; one POST uses it."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    desk.answer(code, decision, "approved")
    assert send(lite_ada, at(code, "/traits"), traits="configuration").status_code == 303
    url = at(code, f"/decisions/{decision.reference}/use")
    for page in (at(code), at(code, "/items/configuration")):
        assert "The customer approved “Restart Apache”" in words(lite_ada.get(page).text)
    used = lite_ada.post(url, data=fields(lite_ada.get(at(code)).text, "/use"))
    assert (used.status_code, used.location) == (303, at(code) + "#item-configuration")
    page = words(lite_ada.get(at(code)).text)
    assert "Ask the customer " not in page
    assert "applied an earlier answer, no. 1" in words(lite_ada.get(at(code, "/history")).text)


def test_the_next_step_waits_for_what_is_open(lite_desk: Desk, lite_ada: FlaskClient) -> None:
    """It says for whom and for what; a question of the customer comes first until it is answered."""
    desk = lite_desk
    code = desk.risky(desk.ada)

    def step() -> str:
        box = BeautifulSoup(lite_ada.get(at(code)).text, "html.parser").select_one("#ps-next-step")
        return words(str(box))

    assert step() == "Next: do the work"
    decision = desk.ask(code, desk.ada, "configuration")
    assert step() == "Waiting for Jane Doe: may we restart Apache?"
    desk.receive(code, "When will you be done?")
    assert step() == "Next: answer Jane Doe"
    desk.offer(code, desk.ada)
    desk.work()
    assert step() == "Next: answer Jane Doe"
    desk.answer(code, decision, "approved")
    assert step() == "Next: answer Jane Doe"
    desk.write(code, desk.ada, "On Friday.")
    assert step() == "Waiting for Jane Doe: do they want “E-cards and the random block” for USD 20.00?"
    desk.answer(code, desk.decided(code)[1], "declined")
    assert step() == "Next: do the work"
