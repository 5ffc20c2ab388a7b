"""The queue: parts, filters in the address, pages by key, news, and what all of it costs (G3, G5, P6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.demo import content as demo
from paidsupport.kernel.mail.transports import UnclearError
from paidsupport.kernel.staff import operations as people
from paidsupport.testing import mount_of
from paidsupport.tickets.queue import queries as queue
from tests.people import Desk, sign_in


def codes(client: FlaskClient, address: str = "") -> list[str]:
    """The codes in the table of a queue page, in their order."""
    page = BeautifulSoup(client.get(f"/support/desk/{address}").text, "html.parser")
    return rows_of(page)


def rows_of(page: BeautifulSoup) -> list[str]:
    """The codes in a table whose cells, as HTML allows, are not closed."""
    return [cell.get_text()[: len("PS-XXXX-XXXX")] for cell in page.select("td.ps-code")]


def tab_counts(client: FlaskClient) -> list[str]:
    """What the tabs count."""
    page = BeautifulSoup(client.get("/support/desk/").text, "html.parser")
    return [count.get_text() for count in page.select(".ps-tabs .ps-count")]


@pytest.mark.row("G3")
def test_every_ticket_is_in_the_part_of_its_state(app: Flask, desk: Desk) -> None:
    """Open tickets wait, held ones are pending, ended ones closed; the tabs count them."""
    ada = sign_in(app, "ada")
    open_, claimed, busy, ended = desk.order(), desk.order(), desk.in_progress(desk.ada), desk.order()
    desk.claim(claimed, desk.ben)
    desk.transition(ended, "reject", desk.mia, reason="spam", note="Spam.")
    assert codes(ada) == [open_]
    assert set(codes(ada, "?part=pending")) == {claimed, busy}
    assert codes(ada, "?part=closed") == [ended]
    assert tab_counts(ada) == ["1", "2", "1"]


@pytest.mark.row("P6")
def test_filters_and_sorting_live_in_the_address(app: Flask, desk: Desk) -> None:
    """By service, holder, age; sorted by time or price in both directions; in any combination."""
    ada = sign_in(app, "ada")
    cheap = desk.order()
    desk.clock.forward(days=2)
    dear = desk.order(service="customization", answers={"wish": ["A clock."]})
    assert codes(ada, "?service=customization") == [dear]
    assert codes(ada, "?older=1") == [cheap]
    assert codes(ada, "?sort=price&order=down") == [dear, cheap]
    assert codes(ada, "?sort=submitted&order=down") == [dear, cheap]
    assert codes(ada, "?sort=submitted&order=up") == [cheap, dear]
    desk.claim(cheap, desk.ada)
    desk.claim(dear, desk.ben)
    assert codes(ada, f"?part=pending&owner={desk.ben.id}") == [dear]
    assert codes(ada, f"?part=pending&owner={desk.ben.id}&service=installation") == []


@pytest.mark.row("P6")
@pytest.mark.parametrize(
    "address",
    [
        "?part=x",
        "?sort=code",
        "?sort=submitted;drop",
        "?owner=x",
        "?owner=99999999999999999999",
        "?older=x",
        "?after=x",
        "?after=~9",
        "?after=2034~x",
        "?sort=price&after=x~1",
    ],
)
def test_addresses_nobody_linked_to_are_not_found(lite_app: Flask, address: str) -> None:
    """What is not on the list of sorts, parts and keys is refused, and never reaches the database."""
    assert sign_in(lite_app, "ada").get(f"/support/desk/{address}").status_code == 404


@pytest.mark.row("P6")
def test_pages_follow_each_other_by_key(app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking from page to page shows every ticket once, also when new ones come in meanwhile."""
    monkeypatch.setattr(queue, "PAGE", 3)
    ada = sign_in(app, "ada")
    ordered = []
    for number in range(8):
        ordered.append(desk.order(email=f"c{number}@example.com"))
        desk.clock.forward(minutes=number % 2)
    seen: list[str] = []
    address = "/support/desk/"
    while address:
        page = BeautifulSoup(ada.get(address).text, "html.parser")
        seen += rows_of(page)
        following = page.select_one("a[rel=next]")
        address = str(following["href"]) if following else ""
        desk.order(email=f"late{len(seen)}@example.com")
        if len(seen) > 30:
            break
    assert seen[:8] == ordered
    assert len(seen) == len(set(seen))


@pytest.mark.row("P6")
def test_search_finds_words_wherever_they_stand(app: Flask, desk: Desk) -> None:
    """Codes, names, addresses, messages; accents and case do not matter."""
    ada = sign_in(app, "ada")
    code = desk.order(name="Zoë Übelacker", details="The ÉCLAIR theme")
    desk.order()
    for words in (code, code.lower(), "zoe", "ubelack", "eclair theme", "gallery.example.com eclair"):
        assert codes(ada, f"?q={words}") == [code], words
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.receive(code, "It is about the xylophone.")
    assert codes(ada, "?q=xylophone") == [code]
    assert codes(ada, "?q=nothing+of+this") == []
    assert codes(ada, "?q=%27%22%20OR%20zzz--%20*%20%28:%26%7C%21%5C") == []


@pytest.mark.row("P6")
def test_a_reply_to_an_ended_ticket_is_announced(app: Flask, desk: Desk) -> None:
    """The queue says how many ended tickets have a new message, and leads to them."""
    ada = sign_in(app, "ada")
    code = desk.in_progress(desk.ada)
    desk.finish(code, desk.ada)
    assert "ended ticket" not in ada.get("/support/desk/").text
    desk.receive(code, "It broke again.")
    assert "1 ended ticket has" in ada.get("/support/desk/").text
    assert codes(ada, "?part=closed&waiting=1") == [code]
    desk.transition(code, "reopen", desk.ben, note="They wrote again.")
    assert codes(ada) == [code]


def poll_of(client: FlaskClient) -> tuple[str, dict[str, str]]:
    """The address and the headers with which an open queue asks for news."""
    page = BeautifulSoup(client.get("/support/desk/").text, "html.parser")
    element = page.select_one("#ps-tickets")
    assert element is not None
    found = re.search(r'"(X-[\w-]+)": "([^"]+)"', str(element["hx-headers"]))
    assert found
    return str(element["hx-get"]), {found[1]: found[2], "HX-Request": "true"}


@pytest.mark.row("G5")
def test_an_open_queue_hears_of_everything(app: Flask, desk: Desk) -> None:
    """204 while nothing happens.

    After any operation of anybody the fragment, with a new address to ask at.
    """
    ada = sign_in(app, "ada")
    code = desk.order()
    address, headers = poll_of(ada)
    assert ada.get(address, headers=headers).status_code == 204
    desk.claim(code, desk.ben)
    news = ada.get(address, headers=headers)
    assert news.status_code == 200
    assert "<html" not in news.text
    assert code not in news.text
    assert "since=" in news.text
    assert address.split("since=")[1] not in news.text


@pytest.mark.row("G5")
def test_a_pass_is_good_for_nothing_but_the_pulse(app: Flask, desk: Desk) -> None:
    """Without the session it says that nothing changed, and no more; a forged or foreign one says nothing."""
    desk.order()
    address, headers = poll_of(sign_in(app, "ada"))
    stranger = app.test_client()
    assert stranger.get(address, headers=headers).status_code == 204
    assert stranger.get("/support/desk/", headers=headers).status_code == 302
    desk.order()
    assert stranger.get(address, headers=headers).status_code == 302
    assert stranger.get(address).status_code == 302
    pass_, name = next((value, name) for name, value in headers.items() if name.startswith("X-"))
    assert stranger.get(address, headers={name: pass_[:-2]}).status_code == 302


@pytest.mark.row("G3")
def test_what_happens_shows_at_once_in_a_queue_that_is_kept(app: Flask, desk: Desk) -> None:
    """Rows and counts are rendered once for all, and again after any operation of any person."""
    ada, ben = sign_in(app, "ada"), sign_in(app, "ben")
    first, second = desk.order(), desk.order()
    for client in (ada, ben, ada):
        assert (codes(client), tab_counts(client)) == ([first, second], ["2", "0", "0"])
    desk.claim(first, desk.ada)
    for client in (ben, ada):
        assert (codes(client), tab_counts(client)) == ([second], ["1", "1", "0"])
    assert "need a decision" not in ben.get("/support/desk/").text
    desk.write(first, desk.ada)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.transport, "send", lambda _mail: (_ for _ in ()).throw(UnclearError("It broke.")))
        desk.work()
    assert "need a decision" in ben.get("/support/desk/").text


@pytest.mark.row("P3")
def test_whoever_may_no_longer_see_the_queue_does_not_see_a_kept_one(app: Flask, desk: Desk) -> None:
    """Every request looks the person up: one who was removed a moment ago finds nothing, in any way."""
    desk.order()
    ada, ben = sign_in(app, "ada"), sign_in(app, "ben")
    poll, headers = poll_of(ben)
    assert ben.get("/support/desk/").status_code == 200
    with desk.ctx() as ctx:
        people.remove(ctx, "ben@example.org")
    assert ada.get("/support/desk/").status_code == 200
    for address in ("/support/desk/", "/support/desk/?part=closed", poll):
        assert ben.get(address, headers=headers).status_code == 404


@pytest.mark.row("P3")
def test_what_is_kept_of_a_queue_has_nothing_of_whoever_asked(app: Flask, desk: Desk) -> None:
    """Passes, tokens and one-time keys are each person's own, and never in what others are shown."""
    desk.order()
    seen = []
    for name in ("ada", "ben"):
        client = sign_in(app, name)
        page = BeautifulSoup(client.get("/support/desk/").text, "html.parser")
        own = {str(tag["name"]): str(tag["value"]) for tag in page.select("main input[type=hidden]")}
        _, headers = poll_of(client)
        seen.append({own["csrf_token"], own["key"], *headers.values()} - {"true"})
    assert [len(own) for own in seen] == [3, 3]
    assert not seen[0] & seen[1]
    kept = str(vars(mount_of(app).drawn))
    assert "data-ps-row" in kept
    assert not [value for own in seen for value in own if value in kept]


@pytest.mark.row("G5", "P3")
def test_what_pages_cost_does_not_depend_on_the_number_of_tickets(app: Flask, desk: Desk) -> None:
    """Queries in all, the site's own included: queue 6, and 2 once drawn; ticket 9, claim 11; the poll 1."""
    ada = sign_in(app, "ada")
    code = desk.in_progress(desk.ada)
    for _ in range(4):
        desk.write(code, desk.ada, "More.")
        desk.receive(code, "And more.")
    first = desk.order()
    limits = {"/support/desk/": 6, "/support/desk/?part=closed": 6, f"/support/desk/tickets/{code}": 9}
    for round_ in range(2):
        ada.get("/support/")  # every two seconds, a process asks whether a setting was changed
        for address, limit in limits.items():
            with desk.statements() as seen:
                assert ada.get(address).status_code == 200
            assert len(seen) <= limit, (address, seen)
        for address in ("/support/desk/", "/support/desk/?part=closed"):
            with desk.statements() as seen:
                assert ada.get(address).status_code == 200
            assert len(seen) == 2, seen
        poll, headers = poll_of(ada)
        with desk.statements() as seen:
            assert ada.get(poll, headers=headers).status_code == 204
        assert len(seen) == 1, seen
        if round_ == 0:
            with app.app_context():
                demo.prepare(16)
            with desk.ctx():
                pass  # it looks what managers have changed, as a process does once in two seconds
    page = BeautifulSoup(ada.get(f"/support/desk/tickets/{first}").text, "html.parser")
    fields = {str(tag["name"]): str(tag.get("value", "")) for tag in page.select("main input[name]")}
    with desk.statements() as seen:
        assert ada.post(f"/support/desk/tickets/{first}/claim", data=fields).status_code == 303
    assert len(seen) <= 11, seen  # one sees that she still works here, three write the ledger, one announces


@pytest.mark.row("P6")
def test_a_full_page_is_small(lite_app: Flask, lite_desk: Desk) -> None:
    """A page of forty tickets in at most 40 KB of HTML."""
    for number in range(51):
        lite_desk.order(
            email=f"c{number}@example.com",
            details="We would like to move all of our albums to the new server. " * 3,
        )
        lite_desk.clock.forward(minutes=1)
    answer = sign_in(lite_app, "ada").get("/support/desk/")
    assert answer.text.count("data-ps-row") == 40
    assert len(answer.data) <= 40 * 1024


def test_ages_are_counted_from_now(lite_app: Flask, lite_desk: Desk) -> None:
    """A filter by age in a bookmark moves on with the time."""
    code = lite_desk.order()
    ada = sign_in(lite_app, "ada")
    assert codes(ada, "?older=7") == []
    lite_desk.clock.now += timedelta(days=7, minutes=1)
    assert codes(ada, "?older=7") == [code]
