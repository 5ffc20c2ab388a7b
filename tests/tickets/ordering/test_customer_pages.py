"""The customer's side in a browser: ordering, the private page, looking things up."""

from __future__ import annotations

import re
from copy import copy
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, update

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.files import MEGABYTE
from paidsupport.kernel.jobs import heartbeat
from paidsupport.testing import mount_of, worker_of
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.ordering.tables import FormFile
from paidsupport.tickets.tables import Ticket
from tests.people import Desk, sign_in
from tests.sites import site
from tests.tickets.ordering.ordering import (
    FILLED,
    ORDER,
    content,
    control,
    hidden,
    is_plain,
    order,
    post,
    problems,
    send,
    soup,
    summary,
    typed,
    words,
)

EVERY_KIND = """
[[service]]
slug = "everything"
name = "Everything"
price = "1.00"
currency = "EUR"
requirements = ["I am sure."]
[[service.question]]
name = "a"
label = "A text"
required = true
[[service.question]]
name = "b"
label = "A long text"
kind = "long text"
help = "As long as you like."
[[service.question]]
name = "c"
label = "A choice"
kind = "choice"
choices = ["one", "two"]
required = true
[[service.question]]
name = "d"
label = "A long list"
kind = "choice"
choices = ["1", "2", "3", "4", "5", "6", "7"]
[[service.question]]
name = "e"
label = "Several"
kind = "several"
choices = ["red", "green"]
required = true
[[service.question]]
name = "f"
label = "Yes or no"
kind = "yes/no"
[[service.question]]
name = "g"
label = "A number"
kind = "number"
shown_by = "f"
shown_value = "yes"
required = true
[[service.question]]
name = "h"
label = "An address"
kind = "url"
[[service.question]]
name = "i"
label = "A date"
kind = "date"
[[service.question]]
name = "later"
label = "Asked by the developer"
moment = "contact"
"""


@pytest.fixture
def lite_client(lite_app: Flask) -> FlaskClient:
    """A browser without a signed-in user, on SQLite."""
    return lite_app.test_client()


@pytest.fixture
def everything(lite_desk: Desk) -> FlaskClient:
    """A browser before a site that asks every kind of question."""
    with lite_desk.ctx() as ctx:
        catalogue_file.load(ctx, EVERY_KIND)
    return lite_desk.app.test_client()


def path_in(mail: EmailMessage) -> str:
    """The path of the private link in a mail."""
    part = mail.get_body(("plain",))
    assert part
    link = next(word for word in part.get_content().split() if "/t/" in word)
    return str(urlsplit(link).path)


def private(desk: Desk, code: str) -> str:
    """The address of the customer's page."""
    return f"/support/t/{desk.token(code)}"


@pytest.mark.row("G1")
def test_services_are_shown_with_their_prices(client: FlaskClient) -> None:
    """Every visitor sees what can be ordered and what it costs."""
    page = client.get("/support/")
    assert page.status_code == 200
    lines = [" ".join(line.get_text(" ").split()) for line in soup(page.text).select(".ps-list li")]
    assert lines[0] == "Installation USD 45.00 We set up a working gallery on your server and test it."
    names = ["Installation", "Upgrade", "Customization", "Archive", "Check-up", "Ask", "Talk"]
    assert [line.split()[0] for line in lines] == names
    assert lines[5].startswith("Ask a question free ")


@pytest.mark.row("G1", "G2")
def test_an_order_gives_a_code_on_the_page_and_by_mail(client: FlaskClient, desk: Desk) -> None:
    """Without an account: the form, the code at once, the mail with code and link, the private page."""
    answer = send(client, ORDER, FILLED, [("plan.txt", b"three albums")])
    assert answer.status_code == 303
    receipt = client.get(answer.location).text
    code = soup(receipt).select_one(".ps-panel .ps-code").get_text()  # type: ignore[union-attr]
    assert "/t/" not in receipt
    (mail,) = desk.work()
    assert mail["To"] == "jane@example.com"
    assert code in mail["Subject"]
    page = client.get(path_in(mail))
    assert page.status_code == 200
    for text in (code, "SSH, no root", "A gallery for our club.", "8.2", "Slideshow, Comments", "plan.txt"):
        assert text in words(page.text)


def test_unknown_and_retired_services_are_not_there(lite_desk: Desk) -> None:
    """A service that was taken from the catalogue is as unknown as one that never was."""
    client = lite_desk.app.test_client()
    with lite_desk.ctx() as ctx:
        catalogue_file.load(ctx, EVERY_KIND)
    assert client.get("/support/order/nothing").status_code == 404
    assert client.get(ORDER).status_code == 404
    assert client.post(ORDER, data=FILLED).status_code == 404


@pytest.mark.row("G1")
def test_each_requirement_is_confirmed_on_its_own(lite_client: FlaskClient) -> None:
    """One that is left out is named, at its own box; the others stay ticked."""
    data = {name: value for name, value in FILLED.items() if name != "requirement_1"}
    answer = send(lite_client, ORDER, data)
    assert answer.status_code == 422
    assert list(problems(answer.text)) == ["requirement_1"]
    assert control(answer.text, "requirement_0").has_attr("checked")
    assert not control(answer.text, "requirement_1").has_attr("checked")


def test_everything_wrong_is_said_at_once(lite_client: FlaskClient) -> None:
    """Rules of the form and of the service are checked together, and the summary follows the page."""
    data = {**FILLED, "email": "jane", "host_url": "", "answer_php": " ", "answer_database": "Oracle"}
    answer = send(lite_client, ORDER, data)
    assert answer.status_code == 422
    assert list(problems(answer.text)) == ["answer_php", "answer_database", "host_url", "email"]
    assert len(summary(answer.text)) == 4
    assert "Which PHP version does your server have? – Answer this question." in summary(answer.text)
    targets = [str(link["href"])[1:] for link in soup(answer.text).select(".ps-summary a")]
    assert all(soup(answer.text).find(id=target) for target in targets)
    assert typed(answer.text, "email") == "jane"
    assert typed(answer.text, "name") == "Jane Doe"
    assert "Error:" in soup(answer.text).title.get_text()  # type: ignore[union-attr]


@pytest.mark.row("G1")
def test_every_kind_of_question_can_be_asked(everything: FlaskClient) -> None:
    """Each with its fitting control, and what may be left out says so."""
    page = everything.get("/support/order/everything").text
    kinds = {name: control(page, f"answer_{name}") for name in "abcdefghi"}
    assert kinds["b"].name == "textarea"
    assert kinds["d"].name == "select"
    assert [kinds[name]["type"] for name in "acefghi"] == [
        "text",
        "radio",
        "checkbox",
        "radio",
        "text",
        "url",
        "date",
    ]
    optional = {
        str(label.find_parent(class_="ps-field").select_one("[name]")["name"])  # type: ignore[union-attr,index]
        for label in soup(page).select(".ps-optional")
    }
    answers = {f"answer_{name}" for name in "bdfhi"}
    assert optional == answers | {"subject", "details", "files", "host_access", "website"}
    shown = kinds["g"].find_parent(class_="ps-field")
    assert shown
    assert (shown["data-ps-shown-by"], shown["data-ps-shown-value"]) == ("answer_f", '["yes"]')
    assert "Asked by the developer" not in page


@pytest.mark.parametrize(("yes_no", "status"), [("no", 303), ("yes", 422), ("", 303)])
def test_a_question_is_required_only_where_it_is_shown(
    everything: FlaskClient, yes_no: str, status: int
) -> None:
    """What the answer to another question hides need not be answered."""
    data = {name: FILLED[name] for name in ("requirement_0", "host_url", "name", "email")}
    data |= {"answer_a": "a", "answer_c": "one", "answer_e": ["red"], "answer_f": yes_no}
    answer = send(everything, "/support/order/everything", data)
    assert answer.status_code == status
    assert list(problems(answer.text)) == (["answer_g"] if status == 422 else [])


@pytest.mark.row("G1")
def test_somebody_signed_in_is_known(app: Flask, desk: Desk) -> None:
    """Name and address are there already, and their orders stand on the first page, for them alone."""
    client = sign_in(app, "ada")
    form = client.get(ORDER).text
    assert (typed(form, "name"), typed(form, "email")) == ("Ada", "ada@example.org")
    code = order(client, name="Ada", email="ada@example.org")
    assert desk.ticket(code).customer_user_id == "1"
    mine = soup(client.get("/support/").text)
    assert code in mine.get_text()
    link = str(mine.select_one(".ps-list a[href*='/t/']")["href"])  # type: ignore[index]
    assert code in app.test_client().get(link).text
    assert code not in sign_in(app, "ben").get("/support/").text
    assert code not in app.test_client().get("/support/").text


@pytest.mark.row("G2", "P5")
def test_the_customer_answers_on_the_private_page(client: FlaskClient, desk: Desk) -> None:
    """The developer's email stands there; the answer and its file arrive at the desk."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert "Hello Jane Doe" not in client.get(private(desk, code)).text, "not before it has left"
    desk.work()
    page = client.get(private(desk, code)).text
    assert "Ada is waiting for your answer" in words(page)
    assert "Hello Jane Doe" in words(page)
    answer = send(client, private(desk, code), {"body": "Agreed.\nGo on."}, [("map.png", b"\x89PNG")])
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Message sent." in words(page)
    assert "Ada has your message" in words(page)
    assert soup(page).select(".ps-thread .ps-prose")[-1].get_text() == "Agreed.\nGo on."
    link = soup(page).select_one(".ps-thread a[href*='/files/']")
    assert link
    assert content(client, str(link["href"])) == b"\x89PNG"
    assert desk.ticket(code).awaits == "desk"


def test_a_subject_is_shown_if_it_was_typed(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """A title that was made out of the text would only repeat it."""
    for typed_subject, shown in (("Slow since Monday", True), ("", False)):
        code = order(lite_client, subject=typed_subject, details="Hello,\n\nthe gallery is slow.")
        page = words(lite_client.get(private(lite_desk, code)).text)
        assert ("What is it about? Slow since Monday" in page, "What is it about?" in page) == (shown, shown)


def reply_form(html: str) -> dict[str, Any]:
    """The hidden fields of the form to write with, those of one name as a list."""
    found: dict[str, Any] = {}
    for each in soup(html).select("#ps-reply input[type=hidden]"):
        found.setdefault(str(each["name"]), []).append(str(each["value"]))
    return found


@pytest.mark.row("G2", "P5")
def test_files_of_a_refused_message_are_kept_with_it(client: FlaskClient, desk: Desk) -> None:
    """Only what cannot be taken is chosen again; a file can be removed; sent twice, it arrives once."""
    url = private(desk, desk.order())
    good, bad = [("a.txt", b"a"), ("b.txt", b"b")], ("bad\x02.txt", b"c")
    refused = send(client, url, {"body": "See."}, [good[0], bad, good[1]])
    assert (refused.status_code, list(problems(refused.text))) == (422, ["files"])
    assert "Rename “bad" in problems(refused.text)["files"]
    buttons = soup(refused.text).select("#ps-reply [name=remove]")
    assert [button.get_text() for button in buttons] == ["Remove a.txt", "Remove b.txt"]
    form = reply_form(refused.text) | {"body": "See."}
    gone = post(client, url, form | {"remove": str(buttons[0]["value"])}, [("c.txt", b"c")])
    assert (gone.status_code, problems(gone.text), typed(gone.text, "body").strip()) == (200, {}, "See.")
    form = reply_form(gone.text)
    empty = post(client, url, form | {"body": " "})
    assert list(problems(empty.text)) == ["body"]
    many = [(f"{number}.txt", b"n") for number in range(4)]
    crowded = post(client, url, form | {"body": "See."}, many)
    assert "“3.txt” wasn't added. You can add up to 5 files." in problems(crowded.text)["files"]
    form = reply_form(crowded.text)
    for _ in range(2):
        assert post(client, url, form | {"body": "See."}).status_code == 303
    page = client.get(url).text
    links = soup(page).select(".ps-thread a[href*='/files/']")
    assert len(soup(page).select("[id^=message-]")) == 1
    assert [link.get_text() for link in links] == ["b.txt", "c.txt", "0.txt", "1.txt", "2.txt"]
    assert content(client, str(links[0]["href"])) == b"b"
    again = post(client, url, reply_form(page) | {"body": "And this.", "kept": form["kept"]})
    assert problems(again.text) == {"files": "Choose your files again. We keep them for a day."}
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(FormFile)).all() == []
    assert desk.broken() == {}


def test_files_that_wait_count_with_those_of_the_ticket(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """A ticket has room for so much, however files come; nothing that another site's page sends is kept."""
    url = private(lite_desk, lite_desk.order())
    object.__setattr__(mount_of(lite_desk.app).settings, "ticket_megabytes", 2)
    half = b"x" * (MEGABYTE + 1)
    first = send(lite_client, url, {"body": " "}, [("a.txt", half)])
    assert list(problems(first.text)) == ["body"]
    assert send(lite_client, url, {"body": "This one."}, [("b.txt", half)]).status_code == 303
    late = post(lite_client, url, reply_form(first.text) | {"body": "And this one."})
    assert list(problems(late.text)) == ["files"]
    full = send(lite_client, url, {"body": "See."}, [("c.txt", half)])
    assert "All files together can have up to 2 MB." in problems(full.text)["files"]
    forged = send(lite_client, url, {"body": "See."}, [("d.txt", b"d")], Origin="https://evil.example")
    assert "Choose your files again" in problems(forged.text)["files"]
    with lite_desk.ctx() as ctx:
        assert [row.name for row in ctx.session.scalars(select(FormFile))] == ["a.txt"]


def test_a_message_must_say_something(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """An empty one is refused at its field."""
    url = private(lite_desk, lite_desk.order())
    answer = send(lite_client, url, {"body": " \n "})
    assert answer.status_code == 422
    assert list(problems(answer.text)) == ["body"]


@pytest.mark.row("G2")
def test_nothing_of_the_desk_is_on_the_private_page(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """No annotation, no history, no file of the desk, no address of its people."""
    code = lite_desk.in_progress(lite_desk.ada)
    with lite_desk.ctx(lite_desk.ada) as ctx:
        annotation.annotate(ctx, code, "A difficult person.", key=new_key())
    page = lite_client.get(private(lite_desk, code)).text
    said = copy(soup(page))
    # the developer's line about payment and the customer's own address are meant for them
    for own in said.select(".ps-thread, .ps-aside .ps-facts, [aria-labelledby=ps-due]"):
        own.decompose()
    assert "difficult" not in page
    assert "On the phone." not in page
    assert "@" not in said.get_text()


@pytest.mark.parametrize(
    ("transitions", "title", "step"),
    [
        ([], "We're finding you a developer", "Received"),
        (["claim"], "Ada has taken your order", "Taken"),
        (["claim", "write"], "Ada is waiting for your answer", "Agreeing"),
        (["claim", "write", "receive"], "Ada has your message", "Agreeing"),
        (["claim", "write", "receive", "start"], "Ada has your message", "Work"),
        (["claim", "write", "start", "again"], "Ada is working on it", "Work"),
        (["claim", "write", "start", "close"], "Your order is done", "Done"),
        (["claim", "abandon"], "This order has ended before the work was done", ""),
        (["claim", "write", "start", "close", "receive"], "You've asked us to look at your order again", ""),
    ],
)
@pytest.mark.row("G2")
def test_what_happens_next_stands_on_top(
    lite_desk: Desk, transitions: list[str], title: str, step: str
) -> None:
    """In every state the page says what comes next, and the way up to there."""
    desk, code = lite_desk, lite_desk.order()
    deeds = {
        "claim": lambda: desk.claim(code, desk.ada),
        "write": lambda: (desk.write(code, desk.ada), desk.work()),
        "again": lambda: (desk.write(code, desk.ada, "It goes well."), desk.work()),
        "receive": lambda: desk.receive(code, "Yes."),
        "start": lambda: desk.transition(code, "start", desk.ada, note="On the phone."),
        "close": lambda: desk.finish(code, desk.ada),
        "abandon": lambda: desk.transition(code, "abandon", desk.ada, reason="backed-out", note="They did."),
    }
    for transition in transitions:
        deeds[transition]()  # type: ignore[no-untyped-call]  # a lambda
    page = soup(desk.app.test_client().get(private(desk, code)).text)
    assert page.select_one("#ps-next").get_text() == title  # type: ignore[union-attr]
    present = page.select_one(".ps-steps [aria-current=step]")
    assert (present.get_text() if present else "") == step


@pytest.mark.row("G2")
def test_after_the_end_a_message_asks_for_reopening(client: FlaskClient, desk: Desk) -> None:
    """The page stays open for some months, and what is written there reaches the desk."""
    code = desk.in_progress(desk.ada)
    desk.finish(code, desk.ada)
    assert send(client, private(desk, code), {"body": "It broke again."}).status_code == 303
    ticket = desk.ticket(code)
    assert (ticket.part, ticket.awaits) == ("closed", "desk")
    desk.clock.forward(days=179)
    assert client.get(private(desk, code)).status_code == 200
    desk.clock.forward(days=1)
    assert client.get(private(desk, code)).status_code == 404


def test_a_void_link_opens_nothing(client: FlaskClient, desk: Desk) -> None:
    """Counting up the edition closes every link that was given out."""
    url = private(desk, code := desk.order())
    with desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).where(Ticket.code == code).values(link_edition=2))
    assert client.get(url).status_code == 404
    assert client.get(private(desk, code)).status_code == 200


def test_receipts_and_private_links_do_not_open_each_other(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """A receipt tells the code for a day, and opens no ticket."""
    answer = send(lite_client, ORDER, FILLED)
    receipt = answer.location.rsplit("/", 1)[1]
    assert lite_client.get(f"/support/t/{receipt}").status_code == 404
    code = lite_desk.order()
    assert lite_client.get(f"/support/ordered/{lite_desk.token(code)}").status_code == 404


@pytest.mark.row("P5")
def test_only_the_customers_own_files_open(client: FlaskClient, desk: Desk) -> None:
    """Another ticket's file is not there, and neither is one of the desk."""
    one, other = order(client, [("a.txt", b"a")]), order(client, [("b.txt", b"b")], name="Somebody else")
    with desk.ctx() as ctx:
        files = {row.name: row.reference for row in ctx.session.scalars(select(File))}
    own, strange = private(desk, one), private(desk, other)
    assert content(client, f"{own}/files/{files['a.txt']}") == b"a"
    assert client.get(f"{strange}/files/{files['a.txt']}").status_code == 404
    assert client.get(f"{own}/files/nothing").status_code == 404
    with desk.ctx() as ctx:
        ctx.session.execute(update(File).where(File.name == "a.txt").values(audience="desk"))
    assert client.get(f"{own}/files/{files['a.txt']}").status_code == 404


def test_verify_tells_who_has_the_ticket_and_nothing_else(client: FlaskClient, desk: Desk) -> None:
    """An owner or none, and since when; careless spelling of the code is fine."""
    code = desk.order()
    answer = send(client, "/support/verify", {"code": code})
    assert "No developer has this order at the moment." in words(answer.text)
    desk.claim(code, desk.ada)
    answer = send(client, "/support/verify", {"code": f" {code.lower().replace('-', '')} "})
    assert answer.status_code == 200
    assert "Ada has had this order since 14 Mar 2034, 09:00 UTC." in words(answer.text)
    for secret in ("Jane", "jane@", "gallery.example.com", "Installation", "ada@"):
        assert secret not in answer.text


@pytest.mark.parametrize("code", ["PS-2222-2222", "nonsense", "PS-", "'; DROP TABLE x", "\u202e", "x" * 150])
def test_verify_says_the_same_of_every_unknown_code(lite_client: FlaskClient, code: str) -> None:
    """The same page with 404, whether it could be a code or not."""
    answer = send(lite_client, "/support/verify", {"code": code})
    if code == "\u202e":
        assert answer.status_code == 422
    else:
        assert answer.status_code == 404
        assert "We don't know an order with this code." in words(answer.text)


def test_verify_does_the_same_work_for_every_code(client: FlaskClient, desk: Desk) -> None:
    """Codes that exist, codes that do not and texts that are none cost the same queries."""
    code = desk.order()
    data = hidden(client.get("/support/verify").text)
    counted = []
    for typed_code in (code, "PS-2222-2222", "nonsense"):
        with desk.statements() as seen:
            client.post("/support/verify", data=data | {"code": typed_code})
        counted.append(seen)
    assert counted[0] == counted[1] == counted[2]


def test_guessing_ends_after_a_while(tmp_path: Path, sqlite_uri: str) -> None:
    """Unknown codes count like known ones, for an hour."""
    for app in site(sqlite_uri, tmp_path, PAIDSUPPORT_LOOKUPS_PER_HOUR=3):
        client = app.test_client()
        for url, name, text in (
            ("/support/verify", "code", "PS-2222-2222"),
            ("/support/link", "email", "a@example.com"),
        ):
            tries = [send(client, url, {name: text}).status_code for _ in range(4)]
            assert tries[-1] == 429
            assert 429 not in tries[:3]
            assert typed(send(client, url, {name: text}).text, name) == text


@pytest.mark.row("G2")
def test_a_lost_link_is_mailed_again_to_its_owner_alone(client: FlaskClient, desk: Desk) -> None:
    """The answer never tells whether an address is known, nor that there were enough mails."""
    desk.order()
    desk.work()
    pages = []
    for address in ("JANE@example.com", "eve@example.com", *["jane@example.com"] * 6):
        answer = send(client, "/support/link", {"email": address})
        assert answer.status_code == 303
        pages.append(words(client.get(answer.location).text))
    assert len(set(pages)) == 1
    mails = desk.work()
    assert {mail["To"] for mail in mails} == {"jane@example.com"}
    assert len(mails) == 4, "with the confirmation that makes the five of an hour"
    assert client.get(path_in(mails[0])).status_code == 200


def test_health_is_one_query_and_503_without_a_database(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """A monitor learns in one query whether orders can be taken; people read that nothing was kept."""
    lite_client.get("/support/healthz")  # the very first request looks whether the vault can be opened
    with lite_desk.statements() as seen:
        answer = lite_client.get("/support/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert len(seen) == 1
    mount = mount_of(lite_desk.app)
    kept, mount.database = mount.database, Database(create_engine("sqlite:////nowhere/at/all"))
    for url in ("/support/healthz", "/support/", ORDER):
        answer = lite_client.get(url)
        assert answer.status_code == 503
        assert "A form that did arrive is not carried out twice" in words(answer.text)
    mount.database = kept


def test_mail_of_a_demonstration_can_be_read(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """Every email that left, newest first, as the mail has it, its link clickable."""
    first, second = lite_desk.order(), lite_desk.order(email="zoe@example.com")
    assert "No emails yet" in words(lite_client.get("/support/dev/mail").text)
    lite_desk.work()
    page = soup(lite_client.get("/support/dev/mail").text)
    subjects = [title.get_text() for title in page.select(".ps-letter h2")]
    assert [second in subjects[0], first in subjects[1]] == [True, True]
    assert "zoe@example.com" in page.select(".ps-letter")[0].get_text()
    link = page.select_one(".ps-letter a[href*='/t/']")
    assert link
    assert lite_client.get(urlsplit(str(link["href"])).path).status_code == 200


def test_mail_is_shown_on_demonstrations_only(tmp_path: Path, sqlite_uri: str) -> None:
    """Elsewhere the page does not exist."""
    for app in site(sqlite_uri, tmp_path, PAIDSUPPORT_DEV_MAIL=False):
        assert app.test_client().get("/support/dev/mail").status_code == 404


@pytest.fixture
def pages(lite_desk: Desk) -> list[str]:
    """The HTML of every page a customer can see, in several states."""
    client, desk = lite_desk.app.test_client(), lite_desk
    code = desk.in_progress(desk.ada)
    urls = ["/", "/order/upgrade", "/verify", "/link", "/dev/mail", "/t/nothing"]
    found = [client.get(f"/support{url}").text for url in urls]
    answer = send(client, ORDER, FILLED, [("a.txt", b"a")])
    found += [client.get(answer.location).text, client.get(private(desk, code)).text]
    found += [send(client, "/support/verify", {"code": code}).text, send(client, ORDER, {}).text]
    return found


@pytest.mark.row("P15")
def test_every_page_works_without_scripts_and_by_ear(pages: list[str]) -> None:
    """One heading, a label for each control, plain forms and links, nothing inline."""
    for html in pages:
        page = soup(html)
        assert len(page.select("h1")) == 1
        assert is_plain(html)
        names = [label.get("for") for label in page.select("label[for]")]
        for field in page.select(".ps-plain form :is(input:not([type=hidden]), select, textarea)"):
            assert field.get("id") in names or field.find_parent("label"), field
        for form in page.select(".ps-plain form"):
            assert form["method"] == "post"
            assert form.select_one("input[name=csrf_token]")
            assert form.select_one("button")
        levels = [int(heading.name[1]) for heading in page.select("h1, h2, h3")]
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_private_pages_are_kept_by_nobody(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """No cache keeps them, no other site learns their address, no script of others runs."""
    headers = lite_client.get(private(lite_desk, lite_desk.order())).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_get_changes_nothing(client: FlaskClient, desk: Desk) -> None:
    """Mail scanners open links: viewing a page leaves no trace."""
    code = desk.order()
    before = desk.ticket(code)
    for url in (private(desk, code), ORDER, "/support/verify", "/support/link"):
        with desk.statements() as seen:
            client.get(url)
        assert not [statement for statement in seen if not statement.startswith("SELECT")]
    assert desk.ticket(code).event_count == before.event_count


def test_messages_are_limited_too(tmp_path: Path, sqlite_uri: str) -> None:
    """Orders and messages from one address of the network end at the limit, with everything kept."""
    for app in site(sqlite_uri, tmp_path, PAIDSUPPORT_ORDERS_PER_HOUR=2):
        client = app.test_client()
        assert order(client)
        assert order(client, email="second@example.com")
        refused = send(client, ORDER, {**FILLED, "email": "third@example.com"})
        assert refused.status_code == 429
        assert typed(refused.text, "email") == "third@example.com"
        mount = mount_of(app)
        with app.app_context(), mount.database.reading() as session:
            token = mount.services.links.customer(session.scalars(select(Ticket)).first())  # type: ignore[arg-type]
        url = f"/support/t/{token}"
        answers = [send(client, url, {"body": f"Number {number}"}) for number in range(3)]
        assert [answer.status_code for answer in answers] == [303, 303, 429]
        assert typed(answers[2].text, "body").strip() == "Number 2"


def test_a_resent_message_arrives_once(client: FlaskClient, desk: Desk) -> None:
    """Reload and double click give one message."""
    url = private(desk, code := desk.order())
    data = hidden(client.get(url).text) | {"body": "Once."}
    assert [post(client, url, data).status_code for _ in range(3)] == [303] * 3
    assert desk.ticket(code).thread == 1


@pytest.mark.row("G2")
def test_the_address_is_changed_on_the_private_page_by_a_code(client: FlaskClient, desk: Desk) -> None:
    """The mail with it holds no link, a wrong one changes nothing; the old one is told, its link is void."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    old = private(desk, code)
    page = client.get(f"{old}/address").text
    sent = hidden(page) | {"email": "jane@home.example", "action": "send"}
    answers = [post(client, f"{old}/address", sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    (asked,) = desk.work()
    told = str(asked.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert (asked["To"], "/t/" in told, asked["Reply-To"]) == ("jane@home.example", False, None)
    (proof,) = re.findall(r"^\d{6}$", told, re.MULTILINE)
    page = answers[0].text
    assert "jane@home.example" in words(page)
    browser = client.post(f"{old}/address", data=sent, headers={"Accept": "text/html"})
    assert (browser.status_code, "home.example" in browser.location) == (303, False)
    assert "jane@home.example" in words(client.get(browser.location).text)
    typed_code = hidden(page) | {"email": "jane@home.example", "action": "confirm"}
    wrong = post(client, f"{old}/address", typed_code | {"code": f"{(int(proof) + 1) % 10**6:06}"})
    assert (wrong.status_code, list(problems(wrong.text))) == (422, ["code"])
    other = post(client, f"{old}/address", typed_code | {"email": "eve@example.com", "code": proof})
    assert other.status_code == 422
    assert desk.ticket(code).customer_email == "jane@example.com"
    desk.write(code, desk.ada, "It goes on.")
    done = post(client, f"{old}/address", typed_code | {"code": f"{proof[:3]} {proof[3:]}"})
    assert (done.status_code, done.location) == (303, private(desk, code))
    assert "we've emailed it to you" in words(client.get(done.location).text)
    assert client.get(old).status_code == 404
    mails = desk.work()
    to = {mail["To"]: str(mail.get_body(("plain",)).get_content()) for mail in mails}  # type: ignore[union-attr]
    assert [mail["To"] for mail in mails].count("jane@example.com") == 1
    assert "was changed" in to["jane@example.com"]
    assert "/t/" not in to["jane@example.com"]
    assert [mail["To"] for mail in mails].count("jane@home.example") == 2
    ticket = desk.ticket(code)
    assert (ticket.customer_email, ticket.address_proven_at is None) == ("jane@home.example", False)
    assert desk.broken() == {}


@pytest.mark.row("G2")
def test_a_mistyped_address_is_corrected_on_the_receipt(client: FlaskClient, desk: Desk) -> None:
    """The old one gets nothing more, its link opens nothing; the page says where the email is."""
    code = desk.order(email="jane@exmaple.com")
    receipt = f"/support/ordered/{mount_of(desk.app).services.links.receipt(desk.ticket(code))}"
    old = private(desk, code)
    assert "We'll email jane@exmaple.com as soon as we can." in words(client.get(receipt).text)
    with desk.app.app_context():
        heartbeat.beat(worker_of(desk.app))
    assert "An email to jane@exmaple.com is on its way." in words(client.get(receipt).text)
    desk.clock.forward(minutes=4)
    assert "jane@exmaple.com hasn't left yet" in words(client.get(receipt).text)
    refused = send(client, receipt, {"email": "jane@"})
    assert (refused.status_code, typed(refused.text, "email")) == (422, "jane@")
    sent = hidden(client.get(receipt).text) | {"email": "jane@example.com"}
    for _ in range(2):
        answer = post(client, receipt, sent)
        assert answer.status_code == 303
    assert "We've changed your address to jane@example.com" in words(client.get(answer.location).text)
    (mail,) = desk.work()
    assert mail["To"] == "jane@example.com"
    assert client.get(old).status_code == 404
    assert client.get(path_in(mail)).status_code == 200
    assert "We've sent an email to jane@example.com" in words(client.get(receipt).text)
    desk.receive(code, "It is me.")
    assert "Wrong address" not in client.get(receipt).text
    assert post(client, receipt, sent | {"key": new_key(), "email": "eve@example.com"}).status_code == 422
    assert desk.ticket(code).customer_email == "jane@example.com"
    assert desk.broken() == {}
