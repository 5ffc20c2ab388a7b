"""The texts of a catalogue in several languages: each reader gets theirs, or what there is."""

from __future__ import annotations

import re
import tomllib
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.tables import Boilerplate, ChecklistItem, Trait
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.languages import language_of, speaking
from paidsupport.kernel.i18n.messages import said, worded
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.report import operations as report
from tests.catalogue.test_catalogue import SMALL, dump, load
from tests.people import Desk, field, sign_in
from tests.tickets.checklist.test_checklists import BACKUP

pytestmark = pytest.mark.row("P15")

GERMAN, FRENCH = language_of("de"), language_of("fr")
DESK = "/support/desk"

TEXTS = """
[[trait]]
name = "old"
label = "It is old"
[trait.de]
label = "Es ist alt"

[[checklist]]
name = "look"
text = "Look"
reason = "To see."
[[checklist.evidence]]
name = "what"
label = "What?"
[checklist.de]
text = "Ansehen"
[checklist.de.evidence.what]
label = "Was?"

[[boilerplate]]
title = "Thanks"
body = '''
Thank you,
{customer}.'''
[boilerplate.de]
title = "Danke"
body = '''
Vielen Dank,
{customer}.'''
[boilerplate.zh-Hant]
title = "謝謝"
"""

FAULTS = """
[[trait]]
name = "old"
label = "It is old"
[trait.de]
lable = "Es ist alt"

[[checklist]]
name = "look"
text = "Look"
reason = "To see."
[[checklist.evidence]]
name = "what"
label = "What?"
[checklist.german]
text = "Ansehen"
[checklist.de]
text = 5
told = "Angesehen."
[checklist.de.evidence.how]
label = "Wie?"
[checklist.fr]
evidence = "Quoi ?"

[[boilerplate]]
title = "Thanks"
body = "Thank you"
de = "Danke"
[boilerplate.fr]
title = "Deux\\nlignes"
body = "Merci, {client}"
"""


def page_of(client: FlaskClient, path: str, tag: str = "") -> str:
    """What a page says to a visitor who asks for a language."""
    html = client.get(path, headers={"Accept-Language": tag}).text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<(?!option)[^>]+>", " ", html)))


def german_work(desk: Desk) -> str:
    """An upgrade for a customer who speaks German; work has begun."""
    with speaking(GERMAN):
        code = desk.order(
            service="upgrade",
            answers={"from_version": ["1.5"], "disk": ["yes"]},
            acknowledged=frozenset({0, 1, 2}),
        )
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.transition(code, "start", desk.ada, note="On the phone.")
    return code


def test_a_file_keeps_every_language_and_takes_one_away(desk: Desk) -> None:
    """What is dumped loads to the same; a language that is missing in the file is gone from the desk."""
    shipped = dump(desk)
    load(desk, shipped + TEXTS)
    before = dump(desk)
    load(desk, before)
    assert dump(desk) == before
    document = tomllib.loads(before)
    [old], [look], [thanks] = (
        [each for each in document[kind] if name in each.values()]
        for kind, name in (("trait", "old"), ("checklist", "look"), ("boilerplate", "Thanks"))
    )
    assert old["de"] == {"label": "Es ist alt"}
    assert look["de"] == {"text": "Ansehen", "evidence": {"what": {"label": "Was?"}}}
    assert thanks["de"] == {"title": "Danke", "body": "Vielen Dank,\n{customer}."}
    assert thanks["zh-Hant"] == {"title": "謝謝"}
    load(desk, shipped + re.sub(r"(?m)^\[\w+\.(de|zh-Hant)[^\n]*\n[^\[]*", "", TEXTS))
    with desk.ctx() as ctx:
        for wanted in (
            select(Trait.translations).where(Trait.name == "old"),
            select(ChecklistItem.translations).where(ChecklistItem.name == "look"),
            select(Boilerplate.translations).where(Boilerplate.title == "Thanks"),
        ):
            assert ctx.session.scalars(wanted).all() == [{}]


def test_what_is_wrong_with_a_language_is_told_with_its_place(lite_desk: Desk) -> None:
    """Which thing, which language, which key."""
    with pytest.raises(InvalidInputError) as refused:
        load(lite_desk, SMALL + FAULTS)
    told = [re.sub(r"^Line \d+: ", "", each) for each in map(str, refused.value.problems["file"])]
    for sentence in (
        "trait “old”: de: lable: This key is not known.",
        "checklist “look”: german: This key is not known.",
        'checklist “look”: de: text: Write it like this: text = "…"',
        "checklist “look”: de: told: Translate each text that is there without a language, and no others.",
        "checklist “look”: de: evidence: how: This key is not known.",
        "checklist “look”: fr: evidence: Write it like this: […]",
        "boilerplate 1: de: Write it like this: […]",
    ):
        assert sentence in told, "\n".join(told)
    assert any(each.startswith("boilerplate 1: fr: body: {client} isn't a placeholder.") for each in told)
    assert any(sentence.startswith("boilerplate 1: fr: title: ") for sentence in told), told


def test_the_catalogue_of_the_demonstration_is_complete(lite_desk: Desk) -> None:
    """Every text that it has, it has in German and in French."""

    def missing(thing: dict[str, object], tag: str, place: str) -> list[str]:
        own = thing.get(tag)
        if not isinstance(own, dict):
            return [f"{place}: {tag}"]
        texts = ("name", "summary", "description", "settings_help", "label", "help", "text", "reason")
        names = [*texts, "told", "title", "body", "refusal", "choices", "requirements"]
        if place.startswith(("trait", "checklist")):
            names.remove("name")
        found = [f"{place}: {tag}: {name}" for name in names if thing.get(name) and not own.get(name)]
        for key in ("question", "evidence"):
            for part in thing.get(key, []):  # type: ignore[attr-defined]  # a list of tables
                said = own.get(key, {}).get(part["name"])
                inside = {**part, "name": "", tag: said}
                found += missing(inside, tag, f"{place}: {key} {part['name']}")
        return found

    document = tomllib.loads(dump(lite_desk))
    things = [
        (f"{kind} {thing.get('slug') or thing.get('name') or thing.get('title')}", thing)
        for kind in ("service", "trait", "checklist", "boilerplate")
        for thing in document[kind]
    ]
    assert things
    lacking = [each for place, thing in things for tag in ("de", "fr") for each in missing(thing, tag, place)]
    assert not lacking, "\n".join(lacking)


@pytest.mark.row("G20")
def test_a_canned_reply_is_in_the_customers_language(lite_app: Flask, lite_desk: Desk) -> None:
    """Its title is in the reader's; one that is not there in the customer's language comes as it is."""
    code = german_work(lite_desk)
    ada, page = sign_in(lite_app, "ada"), f"{DESK}/tickets/{code}"
    with lite_desk.ctx() as ctx:
        by_title = {str.__str__(row.title): row.id for row in catalogue.boilerplate(ctx.session)}
    reply = by_title["How to pay"]
    assert f'<option value="{reply}">How to pay' in page_of(ada, page)
    assert f'<option value="{reply}">Comment payer' in page_of(ada, page, "fr")
    inserted = ada.get(f"{page}/canned?id={reply}", headers={"Accept-Language": "en"}).text
    assert inserted.startswith("Der Preis für „Aktualisierung“ beträgt 60,00")
    assert f"geben Sie {code} an" in inserted
    # the greeting of the draft is there already
    late = ada.get(f"{page}/canned?id={by_title['No response so far']}").text
    assert late.startswith(f"zu {code} habe ich")
    written = ada.get(f"{page}/write?boilerplate={reply}").text
    assert "Der Preis für „Aktualisierung“" in unescape(written)
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.get_one(Boilerplate, reply).translations = {}
    assert ada.get(f"{page}/canned?id={reply}").text.startswith("The price for Aktualisierung is 60,00")
    assert "Réponses types" in (listed := page_of(ada, f"{DESK}/boilerplate", "fr"))
    assert "Après le travail : réglages" in listed.replace("\u00a0", " ")
    assert "The price for {service}" in listed


@pytest.mark.row("G20")
def test_a_canned_reply_is_written_in_other_languages(lite_app: Flask, lite_desk: Desk) -> None:
    """Each has its fields; what is emptied is taken away, and a form without the fields leaves them."""
    ada, new = sign_in(lite_app, "ada"), f"{DESK}/boilerplate/new"

    def kept() -> tuple[int, dict[str, dict[str, str]]]:
        with lite_desk.ctx() as ctx:
            [row] = ctx.session.scalars(select(Boilerplate).where(Boilerplate.title == "Bye"))
            return row.id, row.translations

    def send(path: str, **typed: str) -> int:
        page = ada.get(path).text
        hidden = {name: field(page, name) for name in ("csrf_token", "key")}
        return ada.post(
            path, data={**hidden, "title": "Bye", "body": "Bye, {customer}.", **typed}
        ).status_code

    assert "Text (Deutsch)" in ada.get(new).text
    wrong = send(new, body_de="Tschüss, {kundin}.")
    assert wrong == 422
    assert send(new, title_de="Abschied", body_de="Tschüss, {kunde}.", title_fr="", body_fr="") == 303
    reply, said_there = kept()
    assert said_there == {"de": {"title": "Abschied", "body": "Tschüss, {customer}."}}
    one = f"{DESK}/boilerplate/{reply}"
    assert "Tschüss, {customer}." in ada.get(one).text
    assert send(one) == 303
    assert kept() == (reply, said_there)
    assert send(one, title_de="", body_de=" ") == 303
    assert kept() == (reply, {})


@pytest.mark.row("G12", "G18")
def test_a_checklist_is_in_the_language_of_whoever_reads_it(lite_app: Flask, lite_desk: Desk) -> None:
    """The developer's at the desk, the customer's in the report; items that have no such text stay."""
    code = german_work(lite_desk)
    ada, page = sign_in(lite_app, "ada"), f"{DESK}/tickets/{code}"
    english, german, french = (page_of(ada, page, tag) for tag in ("en", "de", "fr"))
    assert "Back up the old gallery and all albums" in english
    assert "Die alte Galerie und alle Alben sichern" in german
    assert "Back up the old gallery" not in german
    assert "Sauvegarder l'ancienne galerie et tous ses albums" in french
    assert "Zuerst: Die alte Galerie und alle Alben sichern." in german
    item = page_of(ada, f"{page}/items/backup", "de")
    assert "Wo liegt die Sicherung?" in item
    assert "darf niemanden ein Foto kosten" in item
    assert "Ich habe Root-Zugriff auf dem Server" in page_of(ada, f"{page}/traits", "de")
    assert "J'ai un accès root sur le serveur" in page_of(ada, f"{page}/traits", "fr")
    lite_desk.tick(code, lite_desk.ada, "backup", **BACKUP)
    assert "Where is it? /home/jane/backup" in page_of(ada, page, "en")
    with lite_desk.ctx(lite_desk.ada) as ctx:
        text = report.draft(ctx, tickets.lock(ctx.session, code))
    assert "- Zuerst wurden die alte Galerie und alle Alben gesichert.\n" in text
    assert "  Wo liegt die Sicherung: /home/jane/backup\n" in text
    assert "The old gallery" not in text
    with lite_desk.ctx(lite_desk.ada) as ctx:
        checklists.set_traits(ctx, code, ["compiling"], key=new_key())
    form = ada.get(f"{page}/items/compiler").text
    sent = {name: field(form, name) for name in ("csrf_token", "key", "version")} | {"action": "tick"}
    sent["evidence_version"] = "GCC 2.96"
    refused = ada.post(f"{page}/items/compiler", data=sent, headers={"Accept-Language": "de"})
    assert "Kompilieren Sie nicht mit GCC 2.96 oder 3.0" in refused.text
    lite_desk.tick_all(code, lite_desk.ada)
    lite_desk.report(code, lite_desk.ada)
    lite_desk.work()
    customer = page_of(lite_app.test_client(), f"/support/t/{lite_desk.token(code)}/report", "en")
    assert "Jedes Album wurde geöffnet und geprüft." in customer
    assert "Every album was opened" not in customer


def test_a_request_for_approval_begins_in_the_customers_words(lite_app: Flask, lite_desk: Desk) -> None:
    """The developer reads the item in English, and edits what the customer will read."""
    with speaking(GERMAN):
        code = lite_desk.risky(lite_desk.ada)
    form = sign_in(lite_app, "ada").get(f"{DESK}/tickets/{code}/consents/new?item=configuration").text
    assert "Die Konfiguration von Webserver oder PHP ändern oder einen Dienst neu starten" in form
    assert "Change the configuration of web server or PHP, or restart a service" in form


def test_a_text_is_said_in_the_language_without_its_country() -> None:
    """A text of the site's own can be in English as well, where it is written in another language."""
    text = worded("Grüezi", {"de": "Guten Tag", "en": "Hello", "pt-BR": "Olá"})
    assert said(text, GERMAN) == "Guten Tag"
    assert said(text, language_of("en")) == said(text, None) == "Hello"
    assert said(text, FRENCH) == "Grüezi"


@pytest.mark.row("G1")
def test_conditions_that_change_in_one_language_are_to_be_read_again(lite_desk: Desk) -> None:
    """An order form that was opened before says so, as it does for a change of the price."""

    def terms() -> str:
        with lite_desk.ctx() as ctx:
            return catalogue.orderable(ctx, "upgrade").agreement

    before, file = terms(), dump(lite_desk)
    load(lite_desk, file)
    assert terms() == before
    load(lite_desk, file.replace("Es ist Platz für", "Es ist genug Platz für"))
    assert terms() != before
