"""Orders that are not placed yet: what was typed and uploaded is kept against the form's key, for a day."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.ordering.tables import FormFile
from tests.kernel.web.test_unsent import BROWSER
from tests.people import Desk
from tests.tickets.ordering.ordering import FILLED, ORDER, hidden, multipart, problems, soup, typed, words


def browse(
    client: FlaskClient, url: str, data: dict[str, object] | None = None, *files: tuple[str, bytes]
) -> str:
    """Go there, or send a form there, as a browser does; returns where that leads."""
    if data is None:
        answer = client.get(url, headers=BROWSER)
    else:
        kind = "multipart/form-data; boundary=limit"
        answer = client.post(url, data=multipart(data, files), content_type=kind, headers=BROWSER)
    assert answer.status_code in {302, 303}, words(answer.text)[:300]
    return str(answer.location)


def opened(client: FlaskClient) -> tuple[str, dict[str, object]]:
    """The address of a new form with its key in it, and the form filled in."""
    filled = {**FILLED, **hidden(client.get(browse(client, ORDER)).text)}
    return f"{ORDER}?form={filled['key']}", filled


def stored(desk: Desk) -> list[str]:
    """The names of the files that wait with a form."""
    with desk.ctx() as ctx:
        return [file.name for file in ctx.session.scalars(select(FormFile).order_by(FormFile.id))]


@pytest.mark.row("G1")
def test_what_was_typed_and_uploaded_outlives_refusals_and_changes(client: FlaskClient, desk: Desk) -> None:
    """Every form is answered by redirect; the files come with the order, once, however often it is sent."""
    url, data = opened(client)
    refused = browse(client, url, data | {"email": "jane"}, ("a.txt", b"a"), ("b.txt", b"b"))
    assert refused == url
    page = client.get(refused).text
    assert problems(page) == {"email": "Enter an email address like name@example.org."}
    assert typed(page, "details").strip() == FILLED["details"]
    remove = soup(page).select("[name=remove]")
    assert [button.get_text() for button in remove] == ["Remove a.txt", "Remove b.txt"]
    assert browse(client, url, data | {"remove": remove[0]["value"]}) == f"{url}#files"
    assert stored(desk) == ["b.txt"]
    assert problems(client.get(url).text) == {}
    check = browse(client, url, data)
    assert check == f"{url}&check=1"
    shown = client.get(check).text
    for said in ("Slideshow, Comments", "b.txt", "USD 45.00", "nothing to pay now", "within 3 working days"):
        assert said in words(shown)
    change = soup(shown).select_one(".ps-change a[href$='#details']")
    assert change
    assert str(change["href"]).split("#")[0] == url
    assert typed(client.get(url).text, "details").strip() == FILLED["details"]
    form = soup(shown).select_one("form[action]")
    assert form
    sent: dict[str, object] = {}
    for each in form.select("input[type=hidden]"):
        sent[str(each["name"])] = [*sent.get(str(each["name"]), []), str(each["value"])]  # type: ignore[misc]
    receipts = {browse(client, str(form["action"]), sent | {"place": "1"}).split(".")[0] for _ in range(2)}
    assert len(receipts) == 1
    with desk.ctx() as ctx:
        (file,) = ctx.session.scalars(select(File))
        assert (file.name, file.sha256[:6]) == ("b.txt", "3e23e8")
        with ctx.services.files.open(file.storage_key) as content:
            assert content.read() == b"b"
    assert stored(desk) == []
    for gone in (url, check):
        assert "/ordered/" in browse(client, gone)
    assert desk.broken() == {}


def test_only_the_key_leads_to_a_draft_and_only_for_a_day(lite_desk: Desk) -> None:
    """Nothing in the database tells what was typed; files go with it."""
    client = lite_desk.app.test_client()
    url, data = opened(client)
    browse(client, url, data | {"details": "Only for us."}, ("a.txt", b"a"))
    assert "Only for us." in lite_desk.app.test_client().get(url).text
    (key,) = parse_qs(urlsplit(url).query)["form"]
    with lite_desk.ctx() as ctx:
        raw: object = ctx.session.connection().connection.driver_connection
        dumped = "\n".join(raw.iterdump())  # type: ignore[attr-defined]
        (file,) = ctx.session.scalars(select(FormFile))
    assert "Only for us." not in dumped
    assert key not in dumped
    lite_desk.clock.forward(days=1)
    assert "Only for us." not in client.get(url).text
    lite_desk.work()
    assert stored(lite_desk) == []
    assert file.storage_key not in set(mount_of(lite_desk.app).files.keys_before(lite_desk.clock.now))


@pytest.mark.parametrize("typed_before", [False, True])
def test_who_sent_a_link_to_a_form_does_not_read_what_is_typed_there(
    lite_desk: Desk,
    typed_before: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Neither before the order is placed nor after it: the customer's form is kept under another key."""
    evil, customer = (lite_desk.app.test_client() for _ in range(2))
    lure, typed_in = opened(evil)
    if typed_before:
        browse(evil, lure, typed_in | {"name": ""}, ("lure.txt", b"l"))
    elsewhere = BROWSER | {"Sec-Fetch-Site": "cross-site", "Referer": "https://evil.example/"}
    page = customer.get(f"{lure}&check=1", headers=elsewhere).text
    assert ("lure.txt" in page) == typed_before
    here = BROWSER | {"Referer": f"http://localhost{lure}"}
    sent = multipart({**FILLED, **hidden(page), "email": "karla@example.com"}, [("a.txt", b"a")])
    answer = customer.post(lure, data=sent, content_type="multipart/form-data; boundary=limit", headers=here)
    mine = str(answer.location)
    assert mine.startswith(ORDER)
    assert mine.partition("&")[0] != lure
    assert "a.txt" in customer.get(mine, headers=here).text
    seen = evil.get(lure).text + evil.get(f"{lure}&check=1").text
    assert "karla@example.com" not in seen
    assert "a.txt" not in seen
    form = soup(customer.get(mine, headers=here).text).select_one("form[action]")
    assert form
    placing = {str(each["name"]): str(each["value"]) for each in form.select("input[type=hidden]")}
    done = browse(customer, mine, {**FILLED, **placing, "place": "1"})
    assert "/ordered/" in done
    for path in (lure, f"{lure}&check=1"):
        assert "/ordered/" not in str(evil.get(path).location or "")
    assert "/ordered/" in browse(customer, mine)


def test_nobody_fills_the_disk_by_taking_files_away_again(lite_desk: Desk) -> None:
    """Within an hour as many files can be added as can be ordered with; what was typed is kept."""
    object.__setattr__(mount_of(lite_desk.app).settings, "orders_per_hour", 1)
    client = lite_desk.app.test_client()
    url, data = opened(client)
    browse(client, url, data, *((f"{number}.txt", b"x") for number in range(5)))
    (button, *_) = soup(client.get(url).text).select("[name=remove]")
    browse(client, url, data | {"remove": str(button["value"])})
    kind = "multipart/form-data; boundary=limit"
    refused = client.post(url, data=multipart(data, [("more.txt", b"m")]), content_type=kind)
    assert refused.status_code == 429
    assert typed(refused.text, "details").strip() == FILLED["details"]
    assert stored(lite_desk) == [f"{number}.txt" for number in range(1, 5)]


def test_files_that_do_not_fit_are_named_and_the_others_kept(lite_desk: Desk) -> None:
    """Too many, too large: said at the field, once."""
    client = lite_desk.app.test_client()
    url, data = opened(client)
    large = ("large.iso", b"x" * (10 * 1024 * 1024 + 1))
    browse(client, url, data, large, *((f"{number}.txt", b"x") for number in range(6)))
    said = problems(client.get(url).text)["files"]
    assert "“large.iso” is too large. A file can have up to 10 MB." in said
    assert "“5.txt” wasn't added. You can add up to 5 files." in said
    assert stored(lite_desk) == [f"{number}.txt" for number in range(5)]
    assert browse(client, url, data) == f"{url}&check=1"
