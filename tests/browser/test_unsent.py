"""Nothing typed is lost: sessions that end, people who share a browser, two tabs, Back and reload."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from paidsupport.testing import take_over
from tests.browser.conftest import Open, serve
from tests.kernel.web.test_unsent import DESK, NOW_BEN, TEXT, noted
from tests.people import Desk
from tests.sites import site

pytestmark = pytest.mark.browser


def note_in(page: Page) -> Locator:
    """The field for annotations on the page of a ticket."""
    return page.locator('form[action$="/annotations"] [name=body]')


def send_note(page: Page) -> None:
    """Press its button."""
    page.locator('form[action$="/annotations"] button').first.click()


def look_away(page: Page) -> None:
    """As when another window is opened: what is typed is saved at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def sign_out(page: Page) -> None:
    """By the button on the site's first page."""
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()


def sign_in(page: Page, name: str) -> None:
    """With the form that is open."""
    page.get_by_label("Email address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def change_person(page: Page, name: str) -> None:
    """One leaves the browser, another one comes."""
    sign_out(page)
    page.goto("/login")
    sign_in(page, name)


@pytest.mark.row("G6", "G10")
def test_two_people_share_a_browser(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Ada's open tab does nothing for Ben and shows him nothing; her text waits for her, and is sent once."""
    url = f"{DESK}/tickets/{lite_desk.order()}"
    old = open_browser(lite_live, "ada")
    old.goto(url)
    note_in(old).fill(TEXT)
    other = old.context.new_page()
    change_person(other, "ben")
    send_note(old)
    expect(old.get_by_text(NOW_BEN)).to_be_visible()
    expect(note_in(old)).to_have_value("")
    assert noted(lite_desk) == []
    change_person(other, "ada")
    other.goto(url)
    expect(note_in(other)).to_have_value(TEXT)
    # signed out once more, before it is sent
    sign_out(old)
    send_note(other)
    sign_in(other, "ada")
    expect(other.get_by_text("You were signed out before this was sent.")).to_be_visible()
    expect(note_in(other)).to_have_value(TEXT)
    send_note(other)
    other.wait_for_url(f"**{url}**")
    assert noted(lite_desk) == [(TEXT, lite_desk.ada.id)]
    expect(note_in(other)).to_have_value("")


@pytest.mark.row("G10")
def test_drafts_come_back_until_they_are_sent(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """On another device, after the session has ended, with a second tab; sent or discarded they are gone."""
    url = f"{DESK}/tickets/{lite_desk.order()}"
    one = open_browser(lite_live, "ada")
    one.goto(url)
    note_in(one).fill("One")
    look_away(one)
    form = one.locator('form[action$="/annotations"]')
    expect(form.get_by_text("Draft saved")).to_be_visible()
    two = open_browser(lite_live, "ada")
    two.goto(url)
    expect(note_in(two)).to_have_value("One")
    lite_desk.clock.forward(minutes=1)
    # the draft that came back says "saved", too: only the answer tells that this one is
    with two.expect_response("**/drafts?of=**"):
        note_in(two).fill(f"Two {TEXT}")
        look_away(two)
    lite_desk.clock.forward(minutes=1)
    sign_out(one.context.new_page())
    note_in(one).fill("One more")
    look_away(one)
    expect(form.get_by_text("You are signed out. Your draft is saved")).to_be_visible()
    # the newest is in the form, the other one is offered
    two.reload()
    expect(note_in(two)).to_have_value("One more")
    offer = two.locator("[data-ps-draft-of]")
    expect(offer).to_have_count(1)
    two.get_by_role("button", name="Discard draft").last.click()
    expect(note_in(two)).to_have_value("")
    offer.get_by_role("link", name="Continue writing").click()
    expect(note_in(two)).to_have_value(f"Two {TEXT}")
    send_note(two)
    two.wait_for_url(f"**{url}**")
    expect(two.get_by_text("Draft", exact=False)).to_have_count(0)
    assert noted(lite_desk) == [(f"Two {TEXT}", lite_desk.ada.id)]
    # a reply on the page of the ticket, whose preview has a page of its own
    lite_desk.claim(url.rpartition("/")[2], lite_desk.ada)
    lite_desk.write(url.rpartition("/")[2], lite_desk.ada)
    two.goto(url)
    reply = two.locator('form[action$="/write"] [name=body]')
    reply.fill(TEXT)
    look_away(two)
    expect(two.get_by_text("Draft saved")).to_be_visible()
    two.reload()
    expect(reply).to_have_value(TEXT)
    two.locator('form[action$="/write"] [value=send]').click()
    two.wait_for_url(f"**{url}**")
    expect(reply).not_to_have_value(TEXT)
    expect(two.get_by_text("Draft saved")).to_have_count(0)
    assert TEXT in lite_desk.emails(url.rpartition("/")[2])[-1].body


@contextmanager
def started(database: Path, address: str = "") -> Iterator[tuple[Desk, str]]:
    """A server on a database that is there already, at an address that it had before."""
    for app in site(f"sqlite:///{database}", database.parent, prepare=False):
        desk = Desk(app, *take_over(app))
        for served in serve(app, urlsplit(address).port or 0):
            yield desk, served


@pytest.mark.row("G6", "G10")
def test_a_restarted_server_has_lost_nothing(sqlite_site: Path, tmp_path: Path, open_browser: Open) -> None:
    """A draft, a refused form and half an order with its file are there again; what came between is saved."""
    database = Path(shutil.copy(sqlite_site, tmp_path / "site.sqlite3"))
    with started(database) as (desk, address):
        ada, visitor = open_browser(address, "ada"), open_browser(address)
        url = f"{DESK}/tickets/{desk.order()}"
        profile = ada.context.new_page()
        profile.goto(f"{DESK}/profile")
        profile.locator("[name=payment]").fill("x" * 600)
        profile.locator("form:has([name=payment]) .ps-primary").click()
        expect(profile.get_by_role("alert").first).to_be_visible()
        visitor.goto("/support/order/installation")
        visitor.locator("[name=details]").fill(TEXT)
        log = FilePayload(name="error log.txt", mimeType="text/plain", buffer=b"500")
        visitor.locator("[name=files]").set_input_files(log)
        visitor.get_by_role("button", name="Continue").click()
        expect(visitor.get_by_role("button", name="Remove error log.txt")).to_be_visible()
        ada.clock.install()
        ada.goto(url)
        note_in(ada).fill("One")
        look_away(ada)
        saved = ada.locator('form[action$="/annotations"]').get_by_text("Draft saved")
        expect(saved).to_be_visible()
    note_in(ada).fill(TEXT)
    look_away(ada)
    expect(ada.get_by_text("Not saved", exact=False)).to_be_visible()
    with started(database, address) as (desk, _):
        ada.clock.fast_forward(16_000)  # the page tries again by itself
        expect(saved).to_be_visible()
        for page in (ada, profile, visitor):
            page.reload()
        expect(note_in(ada)).to_have_value(TEXT)
        expect(profile.locator("[name=payment]")).to_have_value("x" * 600)
        expect(visitor.locator("[name=details]")).to_have_value(TEXT)
        expect(visitor.get_by_role("button", name="Remove error log.txt")).to_be_visible()
        send_note(ada)
        ada.wait_for_url(f"**{url}**")
        assert noted(desk) == [(TEXT, desk.ada.id)]
