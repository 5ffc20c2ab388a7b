"""A customer, a developer and a manager on one ticket, each in a language of their own (P15)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Locator, Page, expect

from paidsupport.testing import mount_of, take_over
from tests.browser.conftest import QUEUE, Open, private_link
from tests.kernel.i18n.test_hosts_texts import PLAIN, host_of
from tests.people import Desk
from tests.sites import site

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]

QUESTION = "Übernehmen Sie auch unsere alten Alben?"
THEIRS = "Host: How it works, Host: Home"


@pytest.fixture
def app(sqlite_site: Path, tmp_path: Path) -> Iterator[Flask]:
    """A desk inside a site whose own texts are translated by Flask-Babel."""
    copy = shutil.copy(sqlite_site, tmp_path / "site.sqlite3")
    for made in site(f"sqlite:///{copy}", tmp_path, prepare=False):
        layout = PLAIN.replace("%s", host_of("flask-babel", made))
        made.jinja_loader = ChoiceLoader([DictLoader({"host.html": layout}), made.jinja_loader])  # type: ignore[list-item]
        mount = mount_of(made)
        mount._environments.clear()
        object.__setattr__(mount.settings, "layout", "host.html")  # frozen
        yield made


def spoken(page: Page, tag: str, money: str) -> Locator:
    """Our part of a page, which is in this language; what is around it is the site's, and in its own."""
    page.wait_for_load_state()
    expect(page.locator("nav").first).to_have_text(THEIRS)
    part = page.locator(f".ps-root[lang={tag}]").first
    expect(part).to_be_visible()
    if money:
        expect(part).to_contain_text(money)
    return part


def letter(mail: EmailMessage) -> str:
    """The text of an email to the customer, which is in German."""
    assert (mail["To"], mail["Content-Language"]) == ("juergen@example.com", "de")
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\xa0", " ")


def order(page: Page) -> str:
    """An order with a mistake in it; returns its code."""
    page.goto("/support/order/upgrade")
    spoken(page, "de", "60,00 USD")
    for number in range(3):
        page.locator(f"[name=requirement_{number}]").check()
    page.locator("[name=answer_albums]").fill("etwa ein Dutzend")
    page.locator("[name=answer_from_version]").fill("1.5.4")
    page.locator("[name=answer_disk][value=yes]").check()
    page.locator("[name=answer_deadline], [name=answer_until], [type=date]").first.fill("2034-05-17")
    page.locator("[name=details]").fill("Unsere Galerie ist sehr alt.")
    page.locator("[name=host_url]").fill("galerie.example.com")
    page.locator("[name=name]").fill("Jürgen Weiß")
    page.locator("[name=email]").fill("juergen")
    send = page.locator("form[method=post]:has([name=email]) .ps-primary")
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("E-Mail-Adresse wie name@example.org")
    page.locator("[name=email]").fill("juergen@example.com")
    send.click()
    answers = spoken(page, "de", "60,00 USD")
    for answer in ("etwa ein Dutzend", "Ja", "17. Mai 2034"):
        expect(answers).to_contain_text(answer)
    page.locator("form[method=post] .ps-primary").last.click()
    code = spoken(page, "de", "60,00 USD").locator(".ps-code").first
    expect(code).to_have_text(re.compile(r"PS-\w{4}-\w{4}"))
    return code.inner_text()


def test_a_customer_a_developer_and_a_manager_speak_three_languages(
    app: Flask, live: str, open_browser: Open
) -> None:
    """The order and its emails are German, the desk is French to one and English to the other."""
    desk = Desk(app, *take_over(app))
    customer = open_browser(live, locale="de-DE")
    code = order(customer)
    [received] = desk.work()
    assert "60,00 USD" in letter(received)
    private, ticket = private_link(desk), f"/support/desk/tickets/{code}"

    ada = open_browser(live, "ada", at=QUEUE, locale="fr-FR")
    row = spoken(ada, "fr", "60,00 USD").get_by_role("row").filter(has_text=code)
    row.locator("button[formaction$='/claim']").click()
    ada.wait_for_url(f"**/{code}**")
    ada.goto(f"{ticket}/write")
    spoken(ada, "fr", "60,00 USD")
    # what is drafted is for the customer
    body = ada.locator("textarea[name=body]")
    for words in ("Guten Tag Jürgen Weiß,", "60,00 USD", "? Ja", "17. Mai 2034", "von Hand"):
        expect(body).to_have_value(re.compile(re.escape(words).replace("\\ ", r"\s")))
    ada.locator("[value=preview]").click()
    spoken(ada, "fr", "")
    ada.locator("[value=send]").click()
    ada.wait_for_url(re.compile(f"{code}(#.*)?$"))
    [first] = desk.work()
    assert "60,00 USD" in letter(first)

    customer.goto(private)
    spoken(customer, "de", "60,00 USD")
    customer.locator("form[method=post] [name=body]").fill(QUESTION)
    customer.locator("form:has([name=body]) .ps-primary").click()
    expect(customer.locator("main")).to_contain_text(QUESTION)

    ada.goto(ticket)
    page = spoken(ada, "fr", "60,00 USD")
    for words in (QUESTION, "Oui", "17 mai 2034"):
        expect(page).to_contain_text(words)
    ada.locator("form[action$='/write'] textarea").fill("Ja, das gehört dazu.")
    ada.locator("form[action$='/write'] [value=send]").click()
    expect(ada.locator("#thread")).to_contain_text("Ja, das gehört dazu.")
    [answer] = desk.work()
    assert "Ja, das gehört dazu." in letter(answer)

    mia = open_browser(live, "mia", locale="en-GB")
    mia.goto(ticket)
    page = spoken(mia, "en", "USD 60.00")
    for words in (QUESTION, "Yes", "17 May 2034", "Ada"):
        expect(page).to_contain_text(words)
    # what the manager chooses for herself changes nothing for the others
    mia.goto("/support/desk/profile")
    mia.locator("[name=language]").select_option("fr")
    mia.locator("form:has([name=language]) .ps-primary").click()
    spoken(mia, "fr", "")
    customer.reload()
    spoken(customer, "de", "60,00 USD")
    assert desk.broken() == {}
