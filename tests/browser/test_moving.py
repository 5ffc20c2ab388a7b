"""One desk is set up like another by a file, by keyboard alone and without JavaScript (P10)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from paidsupport.demo.users import User, db, ensure
from tests.browser.conftest import QUEUE, Open, serve
from tests.browser.keyboard import choose_file, fill, follow, go_to, push, save_as
from tests.empty import code_of, empty_site
from tests.manage.test_file import furnish
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.row("P10")]

SET_UP = "/support/desk/setup/"


@pytest.fixture
def other(postgres_uri: str, tmp_path: Path) -> Iterator[Flask]:
    """A second site on a database of the other kind, whose desk is empty; Ben is a user of it, too."""
    for app in empty_site(postgres_uri, tmp_path / "other"):
        with app.app_context():
            ensure("ben@example.org", "Ben", "demo")
            db.session.commit()
        yield app


def open_file(page: Page) -> None:
    """The page of the file, from the hub."""
    page.goto(SET_UP)
    follow(page, "Export and import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Export and import")


def add(page: Page, app: Flask, name: str) -> None:
    """Let a user of the site work at the desk."""
    with app.app_context():
        number = db.session.query(User.id).filter_by(name=name).scalar()
    page.goto(SET_UP)
    follow(page, "Staff")
    follow(page, "Add a user of the site")
    fill(page, "User id", str(number))
    fill(page, "Name", name)
    fill(page, "Email address", f"{name.lower()}@example.org")
    push(page, "Add to the staff")
    expect(page.get_by_role("status")).to_contain_text(f"{name} works here now.")


def load(page: Page, word: str) -> None:
    """Load the file that is shown."""
    fill(page, "What was changed, and why", word)
    push(page, "Load file")
    expect(page.get_by_role("status")).to_contain_text("File loaded.")


def test_a_desk_is_carried_over_by_its_file_and_back_again(
    lite_desk: Desk, lite_live: str, other: Flask, open_browser: Open, tmp_path: Path
) -> None:
    """Out of a desk that has lived, into an empty one, out again: equal byte for byte; then undone."""
    furnish(lite_desk)
    script = {"java_script_enabled": False}
    here = open_browser(lite_live, "mia", **script)
    open_file(here)
    first = save_as(here, "Download file", tmp_path / "first.toml")

    for address in serve(other):
        mia = open_browser(address, "mia", at=QUEUE, **script)
        fill(mia, "Set-up code", code_of(other))
        push(mia, "Become the manager")
        open_file(mia)
        empty = save_as(mia, "Download file", tmp_path / "empty.toml").read_bytes()
        assert b"[[service]]" not in empty

        # who does not work here yet is named before anything is done
        choose_file(mia, "File", first)
        push(mia, "Show changes")
        expect(mia.get_by_role("heading", level=1)).to_have_text("Changes of the file")
        expect(mia.get_by_text("ada@example.org does not work here. Invite them first.")).to_be_visible()
        looked_at = mia.url
        for name in ("Ada", "Ben"):
            add(mia, other, name)

        # the difference is read, and a word is asked for
        mia.goto(looked_at)
        expect(mia.get_by_text("does not work here")).to_have_count(0)
        for part, thing in (("Services", "Installation"), ("Settings", "Name of the desk"), ("Guides", "")):
            section = mia.get_by_role("region", name=part, exact=True)
            expect(section).to_contain_text(f"{thing} added")
        push(mia, "Load file")
        expect(mia.get_by_role("alert")).to_contain_text("Say what was changed, and why.")
        load(mia, "As on the other desk.")
        second = save_as(mia, "Download file", tmp_path / "second.toml")
        assert second.read_bytes() == first.read_bytes()

        customer = open_browser(address, at="/support/", **script)
        expect(customer.get_by_role("link", name="Installation")).to_be_visible()

        # pasted this time: the same file changes nothing
        open_file(mia)
        go_to(mia, mia.get_by_label("Or its text"))
        mia.keyboard.insert_text(first.read_text(encoding="utf-8"))
        push(mia, "Show changes")
        expect(mia.get_by_text("The file changes nothing")).to_be_visible()

        # the desk is as it was, but for guides, which stay; and undoing that brings all of it back
        open_file(mia)
        push(mia, "Undo this import…")
        expect(mia.get_by_role("main")).to_contain_text("This is the set-up from before that import.")
        expect(mia.get_by_role("main")).to_contain_text(
            "9 guides are not in the file. They stay as they are."
        )
        expect(mia.get_by_role("region", name="Services", exact=True)).to_contain_text("Installation retired")
        load(mia, "It was the wrong desk.")
        customer.reload()
        expect(customer.get_by_text("Nothing can be ordered at the moment.")).to_be_visible()
        expect(mia.get_by_role("listitem").filter(has_text="As on the other desk.")).to_contain_text("undone")
        push(mia, "Undo this import…")
        load(mia, "It was the right one.")
        again = save_as(mia, "Download file", tmp_path / "again.toml")
        assert again.read_bytes() == first.read_bytes()
