"""Hostile input: shown harmlessly, or refused with a sentence and everything typed kept. Never a 500."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import IO, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.files import StoredFile
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import File
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
    multipart,
    order,
    post,
    problems,
    send,
    soup,
    summary,
    typed,
    words,
)

HOSTILE = {
    "nul": "a\x00b",
    "bell": "a\x07b",
    "escape": "\x1b[31mred\x1b[0m",
    "c1": "a\x9bb",
    "header": "Jane\r\nBcc: victim@example.com",
    "bare newline": "Jane\nSubject: free",
    "bare return": "Jane\rX: y",
    "next line": "Jane\x85Bcc: v@example.com",
    "line separator": "Jane\u2028Bcc: v@example.com",
    "encoded word": "=?utf-8?q?Jane=0D=0ABcc:_v@example.com?=",
    "override": "photo\u202egpj.exe",
    "isolate": "\u2066abc\u2069",
    "zero width": "a\u200bb\ufeffc",
    "noncharacter": "a\uffffb",
    "zalgo": "Z" + "\u0335\u0489\u0300" * 60,
    "ligature": "\ufdfa" * 40,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 10,
    "markup": "<script>alert(1)</script>",
    "nested": "<scr<script>ipt>alert(1)</scr</script>ipt><img src=x onerror=alert(1)>",
    "attribute": '" autofocus onfocus="alert(1)',
    "close": "</textarea></title></style><svg onload=alert(1)>",
    "htmx": '<div hx-get="/support/" hx-trigger="load" data-hx-on:load="alert(1)">',
    "link": "javascript:alert(1)//https://example.com",
    "template": "{{ 7*7 }}{{ config }}{% raise %}{# x #}",
    "format": "{0.__class__} %s %(x)s ${x} #{x} {code}",
    "sql": "'; DROP TABLE paidsupport_ticket; --",
    "like": "%_\\",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "path": "../../../../etc/passwd\\..\\windows",
    "spaces": " \t \u00a0\u3000 ",
    "long line": "x" * 5_000,
    "long": "word " * 60_000,
    "megabytes": "x" * 2_000_000,
}
TEXT_FIELDS = ("name", "email", "host_url", "host_access", "details", "answer_php", "website")
CHOSEN_FIELDS = ("answer_database", "answer_features", "requirement_0", "key", "csrf_token")


@pytest.fixture
def lite_client(lite_app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in, on SQLite."""
    return lite_app.test_client()


def squash(text: str) -> str:
    """Without white space: forms and browsers each have their own line ends."""
    return "".join(text.split())


def code_in(html: str) -> str:
    """The confirmation code on the page after an order."""
    found = soup(html).select_one(".ps-panel .ps-code")
    assert found
    return found.get_text()


def tickets_in(desk: Desk) -> int:
    """How many tickets there are."""
    with desk.ctx() as ctx:
        return ctx.session.scalar(select(func.count()).select_from(Ticket)) or 0


def is_refused_well(answer: TestResponse, data: Mapping[str, Any]) -> None:
    """A 4xx with a sentence on top and at a field, and the typed texts kept."""
    assert answer.status_code == 422, words(answer.text)[:300]
    assert summary(answer.text)
    assert is_plain(answer.text)
    for name in TEXT_FIELDS:
        if isinstance(data.get(name), str):
            assert squash(data[name]) in squash(typed(answer.text, name)), name


def is_shown_well(desk: Desk, staff: FlaskClient, answer: TestResponse, text: str) -> None:
    """Everything that shows the order shows `text` as text, and the mail has the headers we gave it."""
    client = desk.app.test_client()
    receipt = client.get(answer.location)
    code = code_in(receipt.text)
    (mail,) = desk.work()
    desk.clock.forward(hours=2)
    parsed = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
    assert not {"bcc", "cc", "x"} & {name.lower() for name in parsed}
    assert [len(parsed.get_all(name) or []) for name in ("subject", "to", "from")] == [1, 1, 1]
    urls = [f"/support/t/{desk.token(code)}", "/support/dev/mail"]
    pages = [receipt.text, *(client.get(url).text for url in urls)]
    for url in (f"/support/desk/tickets/{code}", "/support/desk/"):
        shown = staff.get(url)
        assert shown.status_code == 200
        pages.append(shown.text)
    for page in pages:
        assert is_plain(page)
        assert code in page
    assert not text.isascii() or any(squash(text) in squash(soup(page).get_text()) for page in pages)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_shown_or_refused(lite_client: FlaskClient, lite_desk: Desk, text: str) -> None:
    """In any field: either an order that shows it as text everywhere, or 422 with everything kept."""
    staff = sign_in(lite_desk.app, "ada")
    for field in TEXT_FIELDS:
        before = tickets_in(lite_desk)
        data = {**FILLED, field: text}
        answer = send(lite_client, ORDER, data)
        if answer.status_code == 303:
            is_shown_well(lite_desk, staff, answer, text)
            continue
        is_refused_well(answer, data)
        assert list(problems(answer.text)) == [field]
        assert tickets_in(lite_desk) == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_messages_are_shown_or_refused(lite_client: FlaskClient, lite_desk: Desk, text: str) -> None:
    """On the private page too."""
    code = lite_desk.order()
    url = f"/support/t/{lite_desk.token(code)}"
    answer = send(lite_client, url, {"body": text})
    if answer.status_code == 303:
        page = lite_client.get(answer.location).text
        (message,) = soup(page).select(".ps-thread .ps-prose")
        assert not text.isascii() or squash(text) == squash(message.get_text())
        desk_page = sign_in(lite_desk.app, "ada").get(f"/support/desk/tickets/{code}")
        assert desk_page.status_code == 200
        assert is_plain(page)
        assert is_plain(desk_page.text)
    else:
        assert answer.status_code == 422
        assert list(problems(answer.text)) == ["body"]
        assert squash(text) in squash(typed(answer.text, "body"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_values_of_choices_are_refused(lite_client: FlaskClient, text: str) -> None:
    """A choice that is none, a key and a token of somebody's own making; any value is a tick."""
    for field in CHOSEN_FIELDS:
        data = {**FILLED, field: text}
        answer = send(lite_client, ORDER, data)
        if field == "requirement_0" or (field == "answer_features" and not text.strip()):
            assert answer.status_code == 303
        else:
            is_refused_well(answer, data)


@pytest.mark.parametrize("text", ["a\x00b", "\x1b", "{{7*7}}", "\u202e", "x" * 300_000])
def test_both_databases_take_hostile_texts(client: FlaskClient, desk: Desk, text: str) -> None:
    """What one of them could not store never reaches it."""
    for field in ("name", "details", "answer_php", "host_url", "email"):
        answer = send(client, ORDER, {**FILLED, field: text})
        assert answer.status_code in {303, 422}
    for url, name in (("/support/verify", "code"), ("/support/link", "email")):
        data = {"code": "PS-2222-2222", "email": "a@example.com", name: text}
        assert send(client, url, data).status_code in {303, 404, 422}
    url = f"/support/t/{desk.token(desk.order())}"
    assert send(client, url, {"body": text}).status_code in {303, 422}


@pytest.mark.parametrize(
    "path",
    [
        "/support/order/a%00b",
        "/support/order/%ff%fe",
        "/support/order/" + "x" * 3000,
        "/support/ordered/%00",
        "/support/ordered/a.b.c",
        "/support/t/%00",
        "/support/t/W10.x",
        "/support/t/{{7*7}}",
        "/support/t/" + "A" * 5000,
        "/support/t/%E2%80%AE",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_hostile_addresses_lead_nowhere(client: FlaskClient, path: str, method: str) -> None:
    """All of them look the same: there is nothing here."""
    answer = client.open(path, method=method)
    assert answer.status_code == 404
    assert soup(answer.text).h1.get_text() == "There is nothing here"  # type: ignore[union-attr]
    assert "7*7" not in answer.text


def test_file_addresses_lead_nowhere_either(client: FlaskClient, desk: Desk) -> None:
    """Below a good link, whatever the name of the file."""
    url = f"/support/t/{desk.token(desk.order())}/files"
    for name in ("%00", "..%2f..%2fetc%2fpasswd", "%ff", "x" * 3000, "{{7*7}}"):
        assert client.get(f"{url}/{name}").status_code == 404


@pytest.mark.parametrize("field", [*FILLED, "key", "csrf_token"])
def test_missing_fields(lite_client: FlaskClient, field: str) -> None:
    """A form with any field gone is taken if that one was optional, else refused with the rest kept."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text)}
    del data[field]
    answer = post(lite_client, ORDER, data)
    if field in {"details", "host_access", "website", "answer_features"}:
        assert answer.status_code == 303
    else:
        is_refused_well(answer, data)


@pytest.mark.parametrize("field", [*FILLED, "key", "csrf_token"])
def test_doubled_fields(lite_client: FlaskClient, field: str) -> None:
    """Sent twice with different values: one is taken, or it is said that only one can be."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text)}
    doubled = {
        **data,
        field: [data[field], "another value"] if isinstance(data[field], str) else ["Slideshow"] * 2,
    }
    answer = post(lite_client, ORDER, doubled)
    assert answer.status_code in {303, 422}
    if field in {"answer_php", "answer_database"}:
        is_refused_well(answer, data)
        assert problems(answer.text) == {field: "Give one answer only."}


@pytest.mark.parametrize("field", [*FILLED, "key", "csrf_token"])
def test_a_file_where_a_text_belongs(lite_client: FlaskClient, field: str) -> None:
    """It is as if the text were missing."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text), "place": "1"}
    data[field] = (io.BytesIO(b"<script>"), "x.html")
    answer = lite_client.post(ORDER, data=data, content_type="multipart/form-data")
    assert answer.status_code in {303, 422}
    assert answer.status_code == 303 or summary(answer.text)


def test_a_text_where_files_belong(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """It is no file and none is kept."""
    assert send(lite_client, ORDER, {**FILLED, "files": "no file"}).status_code == 303
    with lite_desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(File)) == 0


@pytest.mark.parametrize(
    "unknown",
    [
        {"state": "closed", "owner_id": "1", "price_minor": "0", "code": "PS-2222-2222", "user_id": "1"},
        {"requirement_99": "y", "requirement_-1": "y", "requirement_": "y", "answer_": "x"},
        {"answer_secret": "x", "answer_title": "asked later", "__class__": "x", "data": "x", "errors": "x"},
        {"validate": "x", "status": "200", "conflict": "x", "_service": "x", "meta": "x", "": "x"},
        {f"field{number}": "x" for number in range(900)},
    ],
    ids=["columns", "near misses", "private", "attributes", "many"],
)
def test_unknown_fields_are_ignored(
    lite_client: FlaskClient, lite_desk: Desk, unknown: dict[str, str]
) -> None:
    """What the form does not ask for has no effect."""
    answer = send(lite_client, ORDER, {**FILLED, **unknown})
    ticket = lite_desk.ticket(code_in(lite_client.get(answer.location).text))
    assert (ticket.state, ticket.owner_id, ticket.price_minor) == ("open", None, 4500)
    assert ticket.customer_user_id is None
    assert [answer["name"] for answer in ticket.answers] == ["php", "database", "features"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary="),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\ncut', "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b'["a", "list"]', "application/json"),
        (b'{"name": {"a": 1}, "email": null}', "application/json"),
        (b"{", "application/json"),
        (b"\xff\xfe\x00", "text/plain"),
        (b"name=%ff%fe&email=%00&key=%", "application/x-www-form-urlencoded"),
        (b"&&&===&" * 1000, "application/x-www-form-urlencoded"),
        (b"name=" + b"%C3" * 1000, "application/x-www-form-urlencoded; charset=utf-7"),
    ],
)
@pytest.mark.parametrize("path", [ORDER, "/support/verify", "/support/link"])
def test_bodies_that_are_no_form(lite_client: FlaskClient, path: str, body: bytes, kind: str) -> None:
    """They are a form with nothing in it."""
    answer = lite_client.post(path, data=body, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert answer.status_code != 422 or summary(answer.text)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=" + b"x" * 5_000_000, "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
            + b"x" * 5_000_000
            + b"\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 3000 + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
    ids=["urlencoded", "multipart", "parts"],
)
def test_too_much_at_once(lite_client: FlaskClient, lite_desk: Desk, body: bytes, kind: str) -> None:
    """More than a form can be is 413 with a sentence; nothing is kept."""
    answer = lite_client.post(ORDER, data=body, content_type=kind)
    assert answer.status_code == 413
    assert "That was too much at once." in words(answer.text)
    assert tickets_in(lite_desk) == 0


@pytest.mark.parametrize("token", ["", "forged", "WyJ4Il0.a.b", "x" * 100_000])
def test_a_form_without_our_token(lite_client: FlaskClient, token: str) -> None:
    """It comes back with what was typed; sent from there, it is taken."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text), "csrf_token": token}
    answer = post(lite_client, ORDER, data)
    is_refused_well(answer, data)
    assert "This form has been open for too long." in summary(answer.text)[0]
    assert post(lite_client, ORDER, data | hidden(answer.text)).status_code == 303


def test_the_token_of_another_browser(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """A page of another site may hold a token that it fetched: the browser says where the form stood."""
    stolen = hidden(lite_desk.app.test_client().get(ORDER).text)
    lite_client.get(ORDER)
    answer = post(lite_client, ORDER, {**FILLED, **stolen}, Origin="https://evil.example")
    is_refused_well(answer, FILLED)
    assert "came from a page of another site" in summary(answer.text)[0]


def test_an_order_needs_no_cookies(lite_desk: Desk) -> None:
    """A browser that keeps no cookies can order."""
    client = lite_desk.app.test_client(use_cookies=False)
    assert send(client, ORDER, FILLED).status_code == 303
    assert tickets_in(lite_desk) == 1


def test_a_resent_order_is_one_order(client: FlaskClient, desk: Desk) -> None:
    """Double click, reload, a proxy that repeats: the same code each time."""
    data = {**FILLED, **hidden(client.get(ORDER).text)}
    answers = [post(client, ORDER, data) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303] * 3
    codes = {code_in(client.get(answer.location).text) for answer in answers}
    assert len(codes) == 1
    assert tickets_in(desk) == 1
    assert len(desk.work()) == 1


def test_a_key_with_other_content_is_refused_once(client: FlaskClient, desk: Desk) -> None:
    """409, everything kept, and pressing the button again makes it an order of its own."""
    data = {**FILLED, **hidden(client.get(ORDER).text)}
    assert post(client, ORDER, data).status_code == 303
    changed = data | {"details": "Something else."}
    answer = post(client, ORDER, changed)
    assert answer.status_code == 409
    assert "You've sent this form before" in words(answer.text)
    assert typed(answer.text, "details").strip() == "Something else."
    assert tickets_in(desk) == 1
    assert post(client, ORDER, changed | hidden(answer.text)).status_code == 303
    assert tickets_in(desk) == 2


def test_the_key_of_another_message_is_refused_once(client: FlaskClient, desk: Desk) -> None:
    """On the private page likewise."""
    url = f"/support/t/{desk.token(code := desk.order())}"
    data = hidden(client.get(url).text)
    assert post(client, url, data | {"body": "One."}).status_code == 303
    answer = post(client, url, data | {"body": "Two."})
    assert answer.status_code == 409
    assert typed(answer.text, "body").strip() == "Two."
    assert post(client, url, hidden(answer.text) | {"body": "Two."}).status_code == 303
    assert desk.ticket(code).thread == 2


def test_the_trap_catches_programs_and_lets_people_out(lite_client: FlaskClient, lite_desk: Desk) -> None:
    """Whoever fills in the hidden field is refused and shown it; empty again, the order is taken."""
    page = lite_client.get(ORDER).text
    trap = control(page, "website")
    assert trap.find_parent(attrs={"aria-hidden": "true"})
    assert trap["tabindex"] == "-1"
    answer = send(lite_client, ORDER, {**FILLED, "website": "https://spam.example"})
    is_refused_well(answer, {**FILLED, "website": "https://spam.example"})
    assert not control(answer.text, "website").find_parent(attrs={"aria-hidden": "true"})
    assert tickets_in(lite_desk) == 0
    assert post(lite_client, ORDER, {**FILLED, **hidden(answer.text)}).status_code == 303


IN_FULL = "Enter an email address like name@example.org."
TOO_LONG = "Enter a shorter email address: at most 200 characters, and at most 64 before the @."
ADDRESSES = [
    "jane",
    "jane@",
    "@example.com",
    "jane@localhost",
    "jane@example",
    "jane@example..com",
    "jane@-example.com",
    "jane@[127.0.0.1]",
    '"jane doe"@example.com',
    "Jane <jane@example.com>",
    "jane@example.com, eve@example.com",
    "jane@example.com\r\nBcc: eve@example.com",
    "jane@example.com%0aBcc:eve@example.com",
    "jane@exa\u202emple.com",
    "jane@example.com\x00",
    "jürgen@example.com",
    "a" * 250 + "@example.com",
    "a" * 65 + "@example.com",
    "a@" + "b" * 250 + ".com",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_no_mail_can_reach(lite_client: FlaskClient, address: str) -> None:
    """They are refused in plain words; `Header injection` ends here."""
    data = {**FILLED, "email": address}
    answer = send(lite_client, ORDER, data)
    is_refused_well(answer, data)
    assert problems(answer.text) == {"email": TOO_LONG if len(address) > 64 else IN_FULL}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (" jane@Example.COM ", "jane@example.com"),
        ("jane+gallery@example.com", "jane+gallery@example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("jane@müller.example.com", "jane@xn--mller-kva.example.com"),
    ],
)
def test_addresses_are_kept_in_one_way_of_writing(
    lite_client: FlaskClient, lite_desk: Desk, address: str, kept: str
) -> None:
    """The way that mail servers understand, and that the lost link is asked for with."""
    code = order(lite_client, email=address)
    assert lite_desk.ticket(code).customer_email == kept
    assert lite_desk.work()[0]["To"] == kept
    send(lite_client, "/support/link", {"email": address})
    assert len(lite_desk.work()) == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("details", "The password is hunter2"),
        ("host_access", "ssh admin, pwd: hunter2"),
        ("host_access", "-----BEGIN OPENSSH PRIVATE KEY-----"),
        ("host_url", "https://admin:hunter2@gallery.example.com"),
    ],
)
def test_passwords_are_sent_back(lite_client: FlaskClient, lite_desk: Desk, field: str, text: str) -> None:
    """They would be read by everybody at the desk: nothing of them is stored."""
    answer = send(lite_client, ORDER, {**FILLED, field: text})
    is_refused_well(answer, {**FILLED, field: text})
    assert list(problems(answer.text)) == [field]
    assert tickets_in(lite_desk) == 0


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.com",
        "https://",
        "https://exa mple.com",
        "https://example.com:99999999",
        "http://[::1",
        'https://example.com/"onmouseover="alert(1)',
        "//evil.example",
    ],
)
def test_addresses_of_sites_that_are_none(lite_client: FlaskClient, url: str) -> None:
    """Only the web, and nothing that a browser would run."""
    answer = send(lite_client, ORDER, {**FILLED, "host_url": url})
    if answer.status_code != 303:
        is_refused_well(answer, {**FILLED, "host_url": url})
        assert list(problems(answer.text)) == ["host_url"]
    else:
        assert url == "//evil.example"


NAMES = [
    "../../../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "C:\\autoexec.bat",
    ".htaccess",
    "...",
    "index.php",
    "shell.pht",
    "logo.svg",
    "page.html",
    "con.txt",
    "a;b,c=d.txt",
    'quote"; filename="evil.html',
    "apostrophe'.txt",
    "percent%00.txt",
    "пример 文件 📎.pdf",
    "{{7*7}}.txt",
    "<script>alert(1)</script>.png",
    "=cmd|' /C calc'!A0.csv",
    "-rf",
    "~",
    "$(touch x)",
    "x" * 120,
]


@pytest.mark.row("P5")
@pytest.mark.parametrize("name", NAMES)
def test_odd_names_of_files_are_names_and_nothing_else(
    lite_client: FlaskClient, lite_desk: Desk, tmp_path: Path, name: str
) -> None:
    """Kept under a random name in the store, shown as text, and sent as a download."""
    code = order(lite_client, [(name, b"<script>alert(1)</script>")])
    (stored,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(stored.name) == 40
    url = f"/support/t/{lite_desk.token(code)}"
    page = lite_client.get(url).text
    assert is_plain(page)
    link = soup(page).select_one("a[href*='/files/']")
    assert link
    with lite_client.get(str(link["href"])) as answer:
        assert answer.data == b"<script>alert(1)</script>"
        kind, options = parse_options_header(answer.headers["Content-Disposition"])
    assert kind == "attachment"
    assert options["filename"] == link.get_text()
    assert not set("/\\\r\n") & set(options["filename"])


@pytest.mark.row("P5")
@pytest.mark.parametrize(
    "raw",
    [b"photo\xe2\x80\xaegpj.exe", b"a\x00.php", b"\x1b[31m.txt", b"x" * 121, b"a\xe2\x80\xa8b.txt"],
    ids=["override", "nul", "escape", "long", "line separator"],
)
def test_names_of_files_that_deceive_are_refused(
    lite_client: FlaskClient, lite_desk: Desk, raw: bytes
) -> None:
    """With a sentence at the field, and everything typed kept."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text)}
    kind = "multipart/form-data; boundary=limit"
    answer = lite_client.post(ORDER, data=multipart(data, [(raw, b"content")]), content_type=kind)
    is_refused_well(answer, data)
    assert list(problems(answer.text)) == ["files"]
    assert tickets_in(lite_desk) == 0


@pytest.mark.row("P5")
@pytest.mark.parametrize(
    ("name", "bytes_"),
    [
        ("shell.php", b"<?php system($_GET['c']); ?>"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("page.html", b"<!doctype html><script>alert(document.cookie)</script>"),
        ("empty.txt", b""),
        ("polyglot.gif", b"GIF89a/*<script>alert(1)</script>*/"),
    ],
)
def test_files_are_downloads_whatever_they_are(
    client: FlaskClient, desk: Desk, name: str, bytes_: bytes
) -> None:
    """Bytes to be saved, in a sandbox, not to be guessed at, kept by no cache."""
    code = order(client, [(name, bytes_)])
    page = client.get(f"/support/t/{desk.token(code)}").text
    url = str(soup(page).select_one("a[href*='/files/']")["href"])  # type: ignore[index]
    with client.get(url) as answer:
        assert answer.data == bytes_
        headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == f"attachment; filename={name}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(bytes_))


@pytest.fixture
def small(tmp_path: Path, sqlite_uri: str) -> Iterator[Flask]:
    """A site that takes two files of one megabyte at once, and three megabytes in all."""
    yield from site(
        sqlite_uri,
        tmp_path,
        PAIDSUPPORT_FILE_MEGABYTES=1,
        PAIDSUPPORT_FILES_AT_ONCE=2,
        PAIDSUPPORT_TICKET_MEGABYTES=3,
    )


@pytest.mark.row("P5")
def test_too_many_and_too_large_files(small: Flask) -> None:
    """Each limit is said at the field; what cannot even be read is 413."""
    client, megabyte = small.test_client(), b"x" * 1024 * 1024
    for files, sentence in (
        ([("a", b"a"), ("b", b"b"), ("c", b"c")], "“c” wasn't added. You can add up to 2 files."),
        ([("large.iso", megabyte + b"x")], "“large.iso” is too large. A file can have up to 1 MB."),
    ):
        answer = send(client, ORDER, FILLED, files)
        is_refused_well(answer, FILLED)
        assert sentence in problems(answer.text)["files"]
    assert send(client, ORDER, FILLED, [("huge", megabyte * 8)]).status_code == 413
    mount = mount_of(small)
    assert order(client, [("a", megabyte), ("b", megabyte)])
    with small.app_context(), mount.database.reading() as session:
        token = mount.services.links.customer(session.scalars(select(Ticket)).one())
    url = f"/support/t/{token}"
    assert send(client, url, {"body": "One more."}, [("c", megabyte)]).status_code == 303
    answer = send(client, url, {"body": "And one more."}, [("d", b"d")])
    assert answer.status_code == 422
    assert "“d” wasn't added. All files together can have up to 3 MB." in problems(answer.text)["files"]
    assert typed(answer.text, "body").strip() == "And one more."


def test_a_full_disk_is_said_and_nothing_is_kept(
    lite_client: FlaskClient, lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """507 with the form as it was; without the files it is taken."""

    def full(_source: IO[bytes]) -> StoredFile:
        raise StorageFullError

    monkeypatch.setattr(mount_of(lite_desk.app).files, "keep", full)
    answer = send(lite_client, ORDER, FILLED, [("a.txt", b"a")])
    assert answer.status_code == 507
    assert "no room for files" in summary(answer.text)[0]
    assert typed(answer.text, "name") == "Jane Doe"
    assert tickets_in(lite_desk) == 0
    assert post(lite_client, ORDER, {**FILLED, **hidden(answer.text)}).status_code == 303


def test_strangers_find_the_same_nothing(client: FlaskClient, desk: Desk) -> None:
    """Forged, cut, foreign, void and expired links answer alike."""
    code = desk.order()
    token = desk.token(code)
    payload, mark = token.rsplit(".", 1)
    bad = ["x", payload, f"{payload}.", f"{payload}.{mark[:-1]}", f"{payload[:-2]}AA.{mark}", f"{token}x"]
    with desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).where(Ticket.code == code).values(link_edition=2))
    ended = desk.in_progress(desk.ada)
    desk.finish(ended, desk.ada)
    expired = desk.token(ended)
    desk.clock.forward(days=200)
    answers = [client.get(f"/support/t/{tried}") for tried in (*bad, token, expired)]
    answers += [
        client.post(f"/support/t/{tried}", data={"body": "Hello."}) for tried in (*bad, token, expired)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert desk.ticket(code).thread == 0


def test_keys_are_not_made_by_strangers(lite_client: FlaskClient) -> None:
    """A missing or odd key is refused once, and the form that comes back has a good one."""
    data = {**FILLED, **hidden(lite_client.get(ORDER).text)}
    for key in ("", "short", "x" * 33, "é" * 31 + "!", new_key()[:-1] + "\x00"):
        answer = post(lite_client, ORDER, data | {"key": key})
        is_refused_well(answer, data)
        assert "This form came back incomplete." in summary(answer.text)[0]
        assert len(hidden(answer.text)["key"]) == 32
    assert post(lite_client, ORDER, data | hidden(answer.text)).status_code == 303


def test_downloads_stream_what_was_sent(client: FlaskClient, desk: Desk) -> None:
    """A large file arrives as it left."""
    large = bytes(range(256)) * 8192
    code = order(client, [("large.bin", large)])
    page = client.get(f"/support/t/{desk.token(code)}").text
    assert content(client, str(soup(page).select_one("a[href*='/files/']")["href"])) == large  # type: ignore[index]
