"""Work on a customer's server, played in Chromium from the start to the last reminder, on both databases."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.tickets.vault.operations.credentials import look
from tests.browser.conftest import Open, private_link, send
from tests.people import Desk
from tests.tickets.checklist.test_checklists import working

pytestmark = pytest.mark.browser

PASSWORD = "correct Horse/battery+staple"


def give(page: Page, label: str = "SSH on gallery.example.com") -> None:
    """Give a temporary account on the access page."""
    page.get_by_role("link", name="Share a login").click()
    page.get_by_label("A temporary account").check()
    page.get_by_label("What does it open?").fill(label)
    page.get_by_label("User name").fill("helper")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Share access").click()
    expect(page.get_by_role("status")).to_contain_text("Login shared. It's encrypted")


def evidence(page: Page, item: str, **typed: str) -> None:
    """Tick a line on its own page, with its evidence."""
    page.locator(f"#item-{item} a").first.click()
    for name, value in typed.items():
        page.locator(f"[name=evidence_{name.replace('_', '-')}]").fill(value)
    page.get_by_role("button", name="Tick item").click()
    expect(page).to_have_url(re.compile(f"#item-{item}$"))


@pytest.mark.row("G12", "G13", "G14", "G15", "G16", "G18", "G19", "N2", "N3", "N4", "N7", "P9")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_upgrade_from_the_start_to_the_last_reminder(
    desk: Desk,
    live: str,
    open_browser: Open,
    script: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Access, backup, consent, upgrade, tests, report, closing, password change, backup deletion."""
    code = working(desk)
    story = Story(
        desk,
        open_browser(live, java_script_enabled=script),
        open_browser(live, "ada", java_script_enabled=script),
        private_link(desk),
        f"/support/desk/tickets/{code}",
    )
    story.jane.goto(story.link)
    give(story.jane)
    prepare(story)
    agree(story)
    work(story)
    finish(story)
    remember(story)
    assert desk.broken() == {}


@dataclass
class Story:
    """The two who act, and where."""

    desk: Desk
    jane: Page
    ada: Page
    link: str
    here: str


def prepare(story: Story) -> None:
    """Ada says what applies, looks at the password once, and makes the backup."""
    ada = story.ada
    ada.goto(story.here)
    expect(ada.locator("#item-new-version")).to_contain_text("First: Back up the old gallery and all albums.")
    ada.get_by_role("link", name="Set what applies to this server").click()
    ada.get_by_label("The configuration of the web server or PHP is changed").check()
    ada.get_by_role("button", name="Update the checklist").click()
    evidence(ada, "look-around", system="Debian 12, Apache 2.4, PHP 8.2")
    ada.get_by_role("link", name="View login", exact=True).click()
    ada.get_by_label("What do you need it for?").fill("To make the backup.")
    ada.get_by_role("button", name="View login").click()
    expect(ada.locator("#ps-secret")).to_have_text(PASSWORD)
    ada.goto(story.here)
    evidence(ada, "backup", where="/home/jane/backup", size="2 GB", verified="tar -t, 310 albums")


def agree(story: Story) -> None:
    """Ada asks before she touches the configuration, Jane says yes, and only then it is done."""
    ada, jane = story.ada, story.jane
    ada.locator("#item-configuration").get_by_role("link", name="Ask for approval").click()
    ada.get_by_label("Why?").fill("The new version needs more memory.")
    ada.get_by_label("What can go wrong?").fill("Nothing that a restart does not mend.")
    ada.get_by_label("How can it be undone?").fill("By putting the old line back.")
    send(ada.get_by_role("button", name="Ask for approval"))
    story.desk.work()
    jane.goto(story.link)
    send(jane.get_by_role("button", name="Approve:").first)
    ada.goto(story.here)
    evidence(ada, "configuration", done="memory_limit from 64M to 256M in php.ini")


def work(story: Story) -> None:
    """Under the clock, tested, line by line."""
    ada = story.ada
    ada.goto(f"{story.here}/worklog")
    send(ada.get_by_role("button", name="Start the clock"))
    story.desk.clock.forward(minutes=80)
    ada.goto(f"{story.here}/worklog")
    ada.get_by_label("What did you do?").fill("Ran the upgrade.")
    ada.get_by_role("button", name="Stop the clock").click()
    evidence(ada, "new-version", version="1.5 to 2.3")
    evidence(ada, "albums", albums="310")
    evidence(ada, "test-photo", where="gallery.example.com/test")
    for name in ("test-rotate", "own-records", "password-reminder"):
        ada.locator(f"#item-{name} button").click()
        expect(ada.locator(f"#item-{name}")).to_contain_text("Ada")


def finish(story: Story) -> None:
    """The report tells it all; closing destroys what was given."""
    ada, jane = story.ada, story.jane
    expect(ada.locator(".ps-next")).to_contain_text("Next: send the closing report")
    ada.get_by_role("link", name="Write report").click()
    for words in (
        "Where is it: /home/jane/backup",
        "1 h 20 min",
        "You approved on",
        "open /upgrade on your site",
    ):
        expect(ada.locator("[name=body]")).to_have_value(re.compile(re.escape(words)))
    ada.get_by_role("button", name="Preview").click()
    expect(ada.locator(".ps-letter h2").first).to_have_text("What was done")
    send(ada.get_by_role("button", name="Send report"))
    story.desk.work()
    ada.goto(f"{story.here}/moves/close")
    ada.get_by_label("Delete the customer's login").check()
    ada.get_by_role("main").get_by_role("button", name="Close", exact=False).first.click()
    expect(ada.get_by_text("Closed").first).to_be_visible()
    expect(ada.get_by_role("main")).to_contain_text("Deleted just now by Ada")
    (farewell,) = [mail for mail in story.desk.work() if mail["X-Paidsupport-Kind"] == "ended"]
    assert "delete the account you made for us" in farewell.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    jane.goto(story.link)
    expect(jane.get_by_role("heading", name="Delete the account you made for Ada")).to_be_visible()
    jane.get_by_role("link", name="Read the closing report").click()
    expect(jane.get_by_role("heading", name="Where support ends")).to_be_visible()
    with jane.expect_download() as saved:
        jane.get_by_role("link", name="Save as PDF").click()
    assert saved.value.suggested_filename.endswith(".pdf")


def remember(story: Story) -> None:
    """Jane is reminded until she has changed what she gave, and told when the backup can go."""
    desk, jane = story.desk, story.jane
    desk.clock.forward(days=3)
    (reminder,) = desk.work()
    assert reminder["X-Paidsupport-Kind"] == "password-reminder"
    jane.goto(story.link)
    jane.get_by_role("link", name="See who viewed it and why").click()
    expect(jane.get_by_role("main")).to_contain_text(re.compile(r"Ada viewed it on .*: To make the backup\."))
    send(jane.get_by_role("button", name="I've deleted the account"))
    desk.clock.forward(days=5)
    farewell, news = desk.work()
    assert farewell["To"] == "jane@example.com"
    assert farewell["X-Paidsupport-Kind"] == "backup-reminder"
    assert news["To"] == "Ada <ada@example.org>"
    assert "The customer said that the temporary account was deleted" in news["Subject"]
    desk.clock.forward(days=60)
    assert desk.work() == []


@pytest.mark.row("G12", "G15")
def test_a_hand_over_in_the_middle(desk: Desk, live: str, open_browser: Open) -> None:
    """Ben finds what Ada ticked, looks at the password himself, and Ada cannot any more."""
    code = working(desk)
    jane = open_browser(live)
    jane.goto(private_link(desk))
    give(jane)
    desk.tick(code, desk.ada, "own-records")
    (given,) = desk.given(code)
    before = desk.ticket(code)

    ada = open_browser(live, "ada")
    ada.goto(f"/support/desk/tickets/{code}/moves/hand-over")
    ada.get_by_label("New owner").select_option(label="Ben")
    send(ada.get_by_role("main").get_by_role("button", name="Hand over"))
    expect(ada.get_by_role("link", name="View login", exact=True)).to_have_count(0)
    with pytest.raises(TransitionRefusedError), desk.ctx(desk.ada) as ctx:
        look(
            ctx,
            code,
            given.secret.reference,
            reason="Once more.",
            claim=before.claim_number,
            key=new_key(),
        )

    ben = open_browser(live, "ben")
    ben.goto(f"/support/desk/tickets/{code}")
    expect(ben.locator("#item-own-records")).to_contain_text("Ada")
    ben.get_by_role("link", name="View login", exact=True).click()
    ben.get_by_label("What do you need it for?").fill("To go on.")
    ben.get_by_role("button", name="View login").click()
    expect(ben.locator("#ps-secret")).to_have_text(PASSWORD)
    jane.reload()
    expect(jane.get_by_role("main")).to_contain_text("Ben viewed")
    assert desk.broken() == {}


@pytest.mark.row("G16")
@pytest.mark.parametrize("ending", ["abandon", "reject"])
def test_giving_up_destroys_what_was_given(
    lite_desk: Desk, lite_live: str, open_browser: Open, ending: str
) -> None:
    """Abandoned or invalid: nothing is kept, and the customer sees so and is reminded."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    jane, ada = open_browser(lite_live), open_browser(lite_live, "ada")
    link = private_link(desk)
    jane.goto(link)
    give(jane)
    ada.goto(f"/support/desk/tickets/{code}/moves/{ending}")
    ada.get_by_label("Another reason").check()
    ada.get_by_label(re.compile("What happened|What is wrong")).fill("Nothing more was heard.")
    ada.get_by_role("main").get_by_role("button", name=re.compile("^(Abandon|Mark as invalid)")).click()
    expect(ada.get_by_role("status")).to_contain_text(re.compile("Ticket (abandoned|marked as invalid)"))
    jane.goto(link)
    expect(jane.get_by_role("main")).to_contain_text("Our copy of what you shared is deleted.")
    desk.work()
    desk.clock.forward(days=3)
    (reminder,) = desk.work()
    assert reminder["X-Paidsupport-Kind"] == "password-reminder"
    assert desk.broken() == {}
