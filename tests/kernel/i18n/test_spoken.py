"""Which language is spoken to whom: on pages, and in emails from the worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.catalogue.tables import Service
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.languages import ENGLISH, language_of, speaking, spoken
from paidsupport.settings import Settings
from paidsupport.testing import mount_of
from paidsupport.tickets.filters import answered
from paidsupport.tickets.language import operations as choosing
from tests.people import Desk, field, sign_in
from tests.services import publish_all

ACCENTED, RIGHT_TO_LEFT = "en-XA", "ar-XB"


@pytest.fixture
def several(lite_app: Flask) -> Iterator[Flask]:
    """A desk that speaks English and both languages of tests."""
    settings = mount_of(lite_app).settings
    object.__setattr__(settings, "languages", f"en, {ACCENTED}, {RIGHT_TO_LEFT}")  # frozen
    yield lite_app
    assert spoken() is ENGLISH, "the thread speaks English to the host"


def language(client: FlaskClient, address: str, accepted: str = "") -> str:
    """The language of a page, as its markup and its header say it."""
    answer = client.get(address, headers={"Accept-Language": accepted})
    assert f'lang="{answer.headers["Content-Language"]}"' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    return answer.headers["Content-Language"]


def test_visitors_get_what_the_host_says_or_their_browser(several: Flask) -> None:
    """The host's word stands above the browser's; what the desk does not speak counts as nothing."""
    client, mount = several.test_client(), mount_of(several)
    assert language(client, "/support/") == "en"
    assert language(client, "/support/", "fr, en-XA;q=0.8, en;q=0.5") == ACCENTED
    assert language(client, "/support/", "xx-" + "9" * 300) == "en"
    mount.language = lambda: "ar_XB"
    assert language(client, "/support/", ACCENTED) == RIGHT_TO_LEFT
    assert 'dir="rtl"' in client.get("/support/").text
    mount.language = lambda: "fr"
    assert language(client, "/support/", ACCENTED) == ACCENTED


def test_staff_choose_their_language(several: Flask) -> None:
    """A setting on the profile stands above the host and the browser, and can be taken back."""
    client, page = sign_in(several, "ada"), "/support/desk/profile"
    assert language(client, page, RIGHT_TO_LEFT) == RIGHT_TO_LEFT
    for chosen, spoken_then in ((ACCENTED, ACCENTED), ("", "en")):
        html = client.get(page).text
        sent = {name: field(html, name) for name in ("csrf_token", "key", "email")}
        client.post(page, data={**sent, "payment": "PayPal: ada@example.org", "language": chosen})
        assert language(client, page) == spoken_then
    assert language(client, "/support/desk/", "de") == "en"


def test_a_customer_reads_the_language_of_the_order_everywhere(several: Flask, lite_desk: Desk) -> None:
    """Page and emails, also those of a worker without a request, are in it until another is chosen."""
    client = several.test_client()
    with speaking(language_of(ACCENTED)):
        code = lite_desk.order()
    token = lite_desk.token(code)
    assert language(client, f"/support/t/{token}", "en") == ACCENTED
    [mail] = lite_desk.work()
    assert mail["Content-Language"] == ACCENTED
    html_part = mail.get_body(("html",))
    assert html_part is not None
    assert f'<html lang="{ACCENTED}" dir="ltr">' in html_part.get_content()
    assert "⟦" in html_part.get_content()

    page = client.get(f"/support/t/{token}").text
    sent = {"csrf_token": field(page, "csrf_token"), "key": field(page, "key"), "language": RIGHT_TO_LEFT}
    client.post(f"/support/t/{token}/language", data=sent)
    assert language(client, f"/support/t/{token}", "en") == RIGHT_TO_LEFT
    assert lite_desk.happened(code)[-1] == "language-chosen"
    for _ in range(choosing.TIMES):
        answer = client.post(f"/support/t/{token}/language", data=sent | {"key": new_key()})
    assert answer.status_code == 429  # each is a line of history
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    [mail] = lite_desk.work()
    assert mail["Content-Language"] == RIGHT_TO_LEFT


def test_a_desk_speaks_what_it_is_told_to() -> None:
    """All that is complete by default, pseudo-languages only when named; an unknown one stops the start."""
    assert Settings.from_config({}).languages == ""
    with pytest.raises(ConfigurationError, match="does not speak 'tlh'"):
        Settings.from_config({"PAIDSUPPORT_LANGUAGES": "en,tlh"})


def test_what_is_ordered_keeps_the_words_of_its_language(several: Flask, lite_desk: Desk) -> None:
    """Services and questions of a catalogue in German; what is kept of a choice is what its rules name."""
    object.__setattr__(mount_of(several).settings, "languages", "en,en-XA")
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        for service in ctx.session.scalars(select(Service)):
            service.translations = {ACCENTED: dict(service.translations["de"])}
    publish_all(lite_desk)
    client = several.test_client()
    page = client.get("/support/order/upgrade", headers={"Accept-Language": ACCENTED}).text
    for shown in ("Aktualisierung", "Wie viele Alben gibt es ungefähr?", "Sicherung der Galerie"):
        assert shown in page
    page = client.get("/support/order/installation", headers={"Accept-Language": ACCENTED}).text
    assert 'value="I don&#39;t know"' in page
    assert "Das weiß ich nicht" in page
    assert "Which PHP version does your server have?" in client.get("/support/order/installation").text
    with speaking(language_of(ACCENTED)):
        code = lite_desk.order(
            service="upgrade", answers={"from_version": ["1.5"], "disk": ["no"], "other_space": ["Here."]}
        )
    ticket = lite_desk.ticket(lite_desk.order())
    assert (ticket.service_name, ticket.traits) == ("Installation", {})
    ticket = lite_desk.ticket(code)
    assert ticket.service_name == "Aktualisierung"
    assert ticket.answers[0]["label"] == "Welche Version haben Sie jetzt?"
    assert ticket.requirements[0].startswith("Es ist Platz")
    assert "no-space" in ticket.traits
    with speaking(language_of(ACCENTED)):
        answers = {"php": ["8"], "database": ["I don't know"], "features": ["Slideshow", "Zip upload"]}
        code = lite_desk.order(answers=answers)
    ticket = lite_desk.ticket(code)
    assert ticket.answers[1]["value"] == "I don't know"
    assert ticket.traits == {"zip": "order"}
    for tag, shown in ((ACCENTED, "Das weiß ich nicht"), ("en", "I don't know")):
        with speaking(language_of(tag)):
            assert answered(ticket.answers[1]) == shown
    customers = client.get(f"/support/t/{lite_desk.token(code)}").text
    assert "Diashow, Hochladen als Zip" in customers
    seen = sign_in(several, "ada").get(f"/support/desk/tickets/{code}").text
    assert "Slideshow, Zip upload" in seen
