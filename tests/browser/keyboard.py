"""A page as it is used by keyboard alone: Tab to what is wanted, then the keys that a person would press."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

#: More stops than any page of the set-up has.
_FAR = 400


def go_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(_FAR):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {wanted}")


def fill(page: Page, label: str, text: str) -> None:
    """Type into a field, which may be an optional one, instead of what is there."""
    go_to(page, page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+\(optional\))?\s*$")))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def follow(page: Page, name: str, *, exact: bool = False) -> None:
    """Go to a link and press Enter: the first one with this text, which need not be all of it."""
    go_to(page, page.get_by_role("link", name=name, exact=exact).first)
    _enter(page)


def push(page: Page, name: str) -> None:
    """Go to a button and press Enter, and wait for the page that answers."""
    go_to(page, page.get_by_role("button", name=name, exact=True))
    _enter(page)


def _enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose_file(page: Page, label: str, path: Path) -> None:
    """Open the dialogue of a field for files, and choose one."""
    go_to(page, page.get_by_label(label, exact=True))
    with page.expect_file_chooser() as dialogue:
        page.keyboard.press("Space")
    dialogue.value.set_files(path)


def save_as(page: Page, name: str, path: Path) -> Path:
    """Follow a link to a file, or press a button for one, and save it."""
    go_to(page, page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(path)
    return path
