"""A solution goes from its draft to a joint review, with the keys of the session (T16, T17, N6)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, ask_axe, press
from tests.people import Desk

pytestmark = pytest.mark.browser

LIST = "/support/desk/issues"
#: Where pictures are put, to be looked at; nowhere by default.
PICTURES = os.environ.get("REVIEW_PICTURES", "")
BAD = (
    "We found why large photos stayed dark: the memory of the server was too small.\n\n"
    "I fixed it on all servers, and it should work for every photo by 20 May 2034."
)


def look(page: Page, name: str) -> None:
    """Nothing on the page is an obstacle, and no line is wider than a phone; kept as pictures if wanted."""
    problems = ask_axe(page).response["violations"]
    assert not problems, problems
    for shape, width in (("desktop", 1280), ("phone", 320)):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (name, shape, wide)
        for scheme in ("light", "dark"):
            if PICTURES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=Path(PICTURES) / f"{name}-{shape}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.row("T16", "T17", "N6")
def test_from_the_draft_to_the_approved_solution(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """Marks are read and answered, a review is asked for, and two solutions are gone through by keys."""
    desk = lite_desk
    first, second = solved(desk)
    ask(open_browser(lite_live, "ben"), first)
    ada = open_browser(lite_live, "ada")
    go_through(ada, first)
    assert desk.issue(first).owner_id == desk.mia.id
    assert (desk.issue(second).state, desk.issue(second).owner_id) == ("assigned", desk.ben.id)
    # ordinary emails are looked at as well
    other = desk.order(email="noor@example.com")
    desk.claim(other, desk.ada)
    desk.write(other, desk.ada)
    ada.goto(f"/support/desk/tickets/{other}/write")
    ada.get_by_role("textbox", name="Message").fill(BAD)
    ada.get_by_role("button", name="Send message").click()
    expect(ada.get_by_text("Check 3 places before you send this.")).to_be_visible()
    look(ada, "letter-marked")
    ada.get_by_role("button", name="Send message").click()
    expect(ada.get_by_text("Message sent")).to_be_visible()


def solved(desk: Desk) -> tuple[str, str]:
    """One that a customer waits for and Ben works on, and one in review; beside a private one."""
    ticket = desk.order()
    desk.claim(ticket, desk.mia)
    codes = []
    for summary, priority, followed_by in (
        ("Large photos stay dark after the upload", 1, [ticket]),
        ("The slideshow stops at the last photo", 3, []),
        ("Albums open to strangers", 2, []),
    ):
        code = desk.open_issue(
            desk.ada,
            *followed_by,
            summary=summary,
            priority=priority,
            details="Upload a photo of more than 40 megapixels.\nIts thumbnail stays dark.",
        )
        desk.change_issue(code, state="assigned", owner_id=desk.ben.id, path="Ask for more memory first.")
        codes.append(code)
    first, second, private = codes
    desk.issue_move(second, "submit", desk.ben, note="Let it run to the end.")
    desk.issue_move(private, "submit", desk.ben)
    desk.change_issue(private, private=True)
    return first, second


def ask(ben: Page, first: str) -> None:
    """Draft, look at what is marked, change some of it, say why the rest stays, ask for the review."""
    ben.goto(f"{LIST}/{first}")
    ben.get_by_label("Answer to the customer").fill(BAD)
    ben.get_by_role("button", name="Save draft").click()
    expect(ben.locator("mark")).to_have_count(3)
    expect(ben.get_by_text("The draft has marked sentences")).to_be_visible()
    # from a remark to its place, and back
    ben.get_by_role("link", name="by 20 May 2034").click()
    expect(ben.locator("#ps-place-3")).to_be_in_viewport()
    look(ben, "draft-marked")
    ben.get_by_label("Answer to the customer").fill(
        BAD.replace("I fixed", "We fixed").replace("should work", "works")
    )
    ben.get_by_role("button", name="Save draft").click()
    expect(ben.locator("mark")).to_have_count(1)
    ben.get_by_text("Keep marked sentences", exact=True).click()
    ben.get_by_label("Reason for keeping “by 20 May 2034”").fill(
        "Mia has agreed to this day with the customer."
    )
    ben.get_by_role("button", name="Save reasons").click()
    expect(ben.get_by_text("Kept because: Mia has agreed")).to_be_visible()
    ben.get_by_label("Reviewer").select_option("Ada")
    ben.get_by_label("How to test it").fill("Upload the photo of 48 megapixels from the share.")
    ben.get_by_role("button", name="Ask for review").click()
    expect(ben.get_by_text("Submitted for review.")).to_be_visible()


def go_through(ada: Page, first: str) -> None:
    """One is approved, the other one goes back, a private one is left out."""
    ada.goto(f"{LIST}/{first}")
    ada.get_by_label("New task").fill("Bring it to the test system")
    ada.get_by_role("button", name="Add task").click()
    expect(ada.get_by_text("1 task must be completed")).to_be_visible()
    look(ada, "review")
    ada.goto(f"{LIST}/reviews")
    look(ada, "reviews")
    press(ada, "s")
    expect(ada.get_by_text("1 of 2")).to_be_visible()
    expect(ada.get_by_text("1 private issue is hidden")).to_be_visible()
    look(ada, "session")
    ada.get_by_role("button", name="Complete task: Bring it to the test system").click()
    expect(ada.get_by_role("button", name="Reopen task: Bring it")).to_be_visible()
    press(ada, "w")
    ada.keyboard.type("Uploaded it twice: its thumbnail is there.")
    ada.keyboard.press("Tab")
    press(ada, "a")
    expect(ada.get_by_text(f"{first} approved.")).to_be_visible()
    expect(ada.get_by_text("2 of 2")).to_be_visible()
    press(ada, "r")
    expect(ada.get_by_role("alert")).to_contain_text("Enter what is still wrong")
    press(ada, "w")
    ada.keyboard.type("It still stops at the last photo but one.")
    ada.keyboard.press("Tab")
    press(ada, "r")
    expect(ada.get_by_role("main")).to_contain_text("That was the last one")
    look(ada, "session-end")
