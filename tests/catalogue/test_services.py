"""Services as managers set them up in the browser (P10)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.file import dump, load
from paidsupport.catalogue.tables import ChecklistItem, Service, ServiceVersion, Trait
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.staff.tables import Person
from paidsupport.testing import mount_of
from tests.forms import Opened, words
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

SERVICES = "/support/desk/setup/services"
ONE = f"{SERVICES}/installation"


def service_of(desk: Desk, slug: str = "installation") -> Service:
    """The draft as it is now."""
    with desk.ctx() as ctx:
        found = catalogue.find(ctx.session, slug)
        ctx.session.expunge_all()
        return found


def history(desk: Desk, about: str = "service:installation") -> list[ConfigurationEvent]:
    """What the history tells of a service, newest first."""
    with desk.ctx() as ctx:
        wanted = select(ConfigurationEvent).where(ConfigurationEvent.about == about)
        found = ctx.session.scalars(wanted.order_by(ConfigurationEvent.number.desc())).all()
        ctx.session.expunge_all()
        return list(found)


def test_a_price_is_changed_and_published_and_undone(app: Flask, desk: Desk) -> None:
    """A draft is seen by managers alone; a ticket and a customer's open form keep their terms."""
    mia, customer = sign_in(app, "mia"), app.test_client()
    old = desk.order()
    form = Opened(mia, ONE)
    assert form.values["price"] == "45.00"
    answer = form.send(price="1.045,5", currency="eur", summary="Quick & tidy")
    assert answer.status_code == 303
    assert history(desk)[0].data["before"] == {
        "price": "45.00",
        "currency": "USD",
        "summary": "We set up a working gallery on your server and test it.",
    }
    assert "USD 45.00" in words(customer, "/support/order/installation")
    assert "The draft differs from it" in words(mia, SERVICES)
    assert "EUR 1,045.50" in words(mia, f"{ONE}/preview")

    publish = Opened(mia, f"{SERVICES}/publish")
    assert "Price USD 45.00 EUR 1,045.50" in words(mia, f"{SERVICES}/publish")
    assert publish.send(word=" ").status_code == 422
    assert publish.errors == {"word": "Say what was changed, and why."}
    assert publish.send(word="Dearer since spring.").status_code == 303
    assert "EUR 1,045.50" in words(customer, "/support/order/installation")
    assert desk.ticket(old).price_minor == 4500
    assert "Dearer since spring." in words(mia, f"{ONE}/versions")
    assert "Price USD 45.00 EUR 1,045.50" in words(mia, f"{ONE}/versions/2")

    again = Opened(mia, f"{ONE}/versions/1/again")
    assert again.send(word="A mistake.").status_code == 303
    assert "USD 45.00" in words(customer, "/support/order/installation")
    assert "Version 3, published" in words(mia, ONE)
    assert "in force" in words(mia, f"{ONE}/versions")
    assert Opened(mia, f"{ONE}/discard").send().status_code == 303
    assert service_of(desk).price_minor == 4500
    assert Opened(mia, ONE).values["currency"] == "USD"
    assert "Nothing to publish" in words(mia, f"{SERVICES}/publish")
    assert [event.kind for event in history(desk)][:4] == ["undone", "published", "published", "changed"]
    assert desk.broken() == {}


@pytest.mark.parametrize(
    ("language", "typed", "currency", "minor"),
    [
        ("en", "25,50", "USD", 2550),
        ("en", "1,234.50", "USD", 123450),
        ("en", "1.234", "USD", None),
        ("de", "1.234,50", "EUR", 123450),
        ("de", "1.234", "EUR", 123400),
        ("de", "1.234", "KWD", None),
        ("de", "1,234", "KWD", 1234),
        ("en", "1500", "JPY", 1500),
        ("en", "15.50", "JPY", None),
        ("en", "many", "USD", None),
    ],
)
def test_prices_are_read_in_the_language_of_who_types_them(
    lite_app: Flask, lite_desk: Desk, language: str, typed: str, currency: str, minor: int | None
) -> None:
    """What can mean two amounts is refused with an example in that language; what was typed stays."""
    mia = sign_in(lite_app, "mia")
    with lite_desk.ctx() as ctx:
        ctx.session.query(Person).filter_by(name="Mia").update({"language": language})
    form = Opened(mia, ONE)
    answer = form.send(price=typed, currency=currency)
    if minor is not None:
        assert answer.status_code == 303, form.errors
        assert (service_of(lite_desk).price_minor, service_of(lite_desk).currency) == (minor, currency)
        return
    assert answer.status_code == 422
    example = {"USD": "25.50", "KWD": "25,500", "JPY": "25"}[currency]
    assert example in form.errors["price"]
    assert form.values["price"] == typed
    assert form.values["currency"] == currency


def test_two_managers_change_one_draft(app: Flask, desk: Desk) -> None:
    """What only one of them changed is merged; what both changed is asked, and sent again it is replaced."""
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.query(Person).filter_by(name="Ben").update({"role": "manager"})
    first, second = Opened(sign_in(app, "mia"), ONE), Opened(sign_in(app, "ben"), ONE)
    assert first.send(name="Set-up", price="50").status_code == 303
    assert second.send(price="60", claim_hours="24").status_code == 422
    assert second.errors == {"price": "This was changed to “50.00” meanwhile. Save again to replace that."}
    assert service_of(desk).claim_hours is None
    assert second.send().status_code == 303
    found = service_of(desk)
    assert (found.name, found.price_minor, found.claim_hours) == ("Set-up", 6000, 24)
    assert [(event.actor_name, event.data["after"]) for event in history(desk)[:2]] == [
        ("Ben", {"price": "60.00", "claim_hours": 24, "currency": "USD"}),
        ("Mia", {"name": "Set-up", "price": "50.00", "currency": "USD"}),
    ]


def test_every_field_of_a_draft_is_kept(lite_app: Flask, lite_desk: Desk) -> None:
    """In every language; what is wrong is said at its field, all at once; saving nothing changes nothing."""
    mia, before = sign_in(lite_app, "mia"), service_of(lite_desk)
    form = Opened(mia, ONE)
    assert form.send().status_code == 303
    assert history(lite_desk)[0].kind == "published"
    form = Opened(mia, ONE)
    wrong = {
        "name": "",
        "currency": "ABC",
        "answer": "soon",
        "warn": "0",
        "work_hours": "x",
        "purposes": "a/b",
    }
    assert form.send(**wrong, first_contact="12H").status_code == 422
    assert set(form.errors) == set(wrong)
    assert form.values["first_contact"] == "12H"
    right = {"name": "Installation", "currency": "USD", "answer": "none", "warn": "80", "work_hours": "400"}
    more = {"purposes": "support, sales", "asks_host": None, "traits": ["zip"], "name_de": "Einrichtung"}
    more["settings_help_de"] = "Unter „Einstellungen“.\r\nFertig."
    assert form.send(**right, **more, resolution="", summary_fr="").status_code == 303
    found = service_of(lite_desk)
    assert found.deadlines == {"first-contact": "12h", "answer": "none", "warn": 80}
    assert (found.work_hours, found.claim_hours) == (400, None)
    assert (found.purposes, found.traits, found.asks_host) == (["support", "sales"], ["zip"], False)
    assert found.translations["de"] == before.translations["de"] | {
        "name": "Einrichtung",
        "settings_help": "Unter „Einstellungen“.\nFertig.",
    }
    assert "summary" not in found.translations["fr"]
    assert found.translations["fr"]["question"] == before.translations["fr"]["question"]
    with lite_desk.ctx(lite_desk.mia) as ctx:
        text = dump(ctx)
        load(ctx, text)
        assert dump(ctx) == text


def test_requirements_are_rows(app: Flask, desk: Desk) -> None:
    """Added, changed, moved and removed, with their texts in other languages beside them."""
    mia, page = sign_in(app, "mia"), f"{ONE}/requirements"
    before = service_of(desk)
    german = before.translations["de"]["requirements"]
    texts = [row.text for row in before.requirements]
    assert (
        Opened(mia, page).send(text="I have a backup.", text_de="Ich habe eine Sicherung.").status_code == 303
    )
    added = service_of(desk).requirements[-1]
    moved = Opened(mia, page, f"/{added.id}/move").send(to="place", place="1")
    assert moved.location.endswith(f"focus=requirement-{added.id}-go#requirement-{added.id}-go")
    assert "“I have a backup.” is now 1 of 4." in words(mia, moved.location)
    focused = BeautifulSoup(mia.get(moved.location).text, "html.parser").select_one("[autofocus]")
    assert focused
    assert focused["id"] == f"requirement-{added.id}-go"
    row = service_of(desk).requirements[2]
    form = Opened(mia, f"{page}/{row.id}")
    assert form.values["text_de"] == german[1]
    assert form.send(text="I can give access.", text_fr="").status_code == 303
    last = service_of(desk).requirements[3]
    assert Opened(mia, page, f"/{last.id}/remove").send().status_code == 303
    found = service_of(desk)
    assert [each.text for each in found.requirements] == ["I have a backup.", texts[0], "I can give access."]
    assert [each.position for each in found.requirements] == [0, 1, 2]
    assert found.translations["de"]["requirements"] == ["Ich habe eine Sicherung.", *german[:2]]
    assert found.translations["fr"]["requirements"][0] == ""
    assert found.translations["fr"]["requirements"][2] == ""
    refused = Opened(mia, page, f"/{added.id}/move").send(to="place", place="first")
    assert refused.status_code == 422
    assert "Enter a whole number, like 3." in refused.text
    assert mia.get(f"{page}/{last.id}").status_code == 404
    assert [event.kind for event in history(desk)][:5] == [*["changed"] * 4, "published"]
    assert "Requirements › 1 I have a backup." in words(mia, f"{SERVICES}/publish")  # noqa: RUF001


def test_a_service_is_added_as_a_copy_and_deleted(app: Flask, desk: Desk) -> None:
    """Its address is made from its name and is its own; what was never published can be deleted, else not."""
    mia = sign_in(app, "mia")
    form = Opened(mia, f"{SERVICES}/new")
    assert form.send(name="", slug="No good", price="", copy_of="").status_code == 422
    assert set(form.errors) == {"name", "slug", "price"}
    assert form.send(name="Upgrade", slug="upgrade", price="1").status_code == 422
    assert form.errors == {"slug": "Choose another address. This one is in use."}
    assert form.send(name="Große Änderung", slug="", copy_of="upgrade", price="").status_code == 303
    found, original = service_of(desk, "grosse-anderung"), service_of(desk, "upgrade")
    assert (found.price_minor, found.published) == (original.price_minor, 0)
    assert [each.name for each in found.questions] == [each.name for each in original.questions]
    assert "name" not in found.translations["de"]
    assert mia.get("/support/order/grosse-anderung").status_code == 404
    assert mia.get(f"{SERVICES}/grosse-anderung/preview").status_code == 200
    assert history(desk, "service:grosse-anderung")[0].kind == "added"
    # that items are for another service as well changes nothing here
    assert "The draft differs from it" not in words(mia, SERVICES)
    with desk.ctx() as ctx:
        items = ctx.session.scalars(select(ChecklistItem)).all()
        assert {"grosse-anderung" in item.services for item in items if "upgrade" in item.services} <= {True}
    assert Opened(mia, f"{SERVICES}/grosse-anderung/delete").send().status_code == 303
    assert mia.get(f"{SERVICES}/grosse-anderung").status_code == 404
    assert history(desk, "service:grosse-anderung")[0].kind == "removed"
    refused = Opened(mia, f"{SERVICES}/upgrade/delete").send()
    assert refused.status_code == 409
    assert "can only be retired" in refused.text
    assert desk.broken() == {}


def test_a_service_is_retired_and_put_back(app: Flask, desk: Desk) -> None:
    """With open tickets, which go on: the page says how many."""
    mia, code = sign_in(app, "mia"), desk.order()
    assert "1 open ticket goes on as before." in words(mia, f"{ONE}/retire")
    assert Opened(mia, f"{ONE}/retire").send().status_code == 303
    assert mia.get("/support/order/installation").status_code == 404
    desk.claim(code, desk.ada)
    assert "Customers can order it again at once, as it is in version 1." in words(mia, f"{ONE}/reinstate")
    assert Opened(mia, f"{ONE}/reinstate").send().status_code == 303
    assert mia.get("/support/order/installation").status_code == 200
    assert [event.kind for event in history(desk)][:2] == ["reinstated", "retired"]


def test_a_deleted_service_is_named_nowhere(lite_app: Flask, lite_desk: Desk) -> None:
    """Items that are for other services as well lose it, which is told; one for it alone is changed first."""
    mia = sign_in(lite_app, "mia")
    Opened(mia, f"{SERVICES}/new").send(name="Copy", slug="", copy_of="upgrade", price="")
    for name, services in (("backup", ["upgrade", "copy"]), ("look-around", ["copy"])):
        with lite_desk.ctx() as ctx, set_aside(ctx.session):
            item = ctx.session.scalars(select(ChecklistItem).where(ChecklistItem.name == name)).one()
            item.services = services
    refused = Opened(mia, f"{SERVICES}/copy/delete").send()
    assert refused.status_code == 409
    assert "is for this service alone. Change it first." in refused.text
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        item = ctx.session.scalars(select(ChecklistItem).where(ChecklistItem.name == "look-around")).one()
        item.services = []
    assert Opened(mia, f"{SERVICES}/copy/delete").send().status_code == 303
    told = history(lite_desk, "item:backup")[0].data
    assert (told["before"], told["after"]) == (
        {"services": ["upgrade", "copy"]},
        {"services": ["upgrade"]},
    )
    assert "what the set-up refers to is there" not in lite_desk.broken()


def test_what_needs_a_lost_trait_does_not_come_back(lite_app: Flask, lite_desk: Desk) -> None:
    """A retired service may outlive its traits; putting it on offer, or going back to them, is refused."""
    mia = sign_in(lite_app, "mia")
    for slug in ("upgrade", "archive"):
        Opened(mia, f"{SERVICES}/{slug}/retire").send()
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.delete(ctx.session.scalars(select(Trait).where(Trait.name == "upgrade")).one())
        for item in ctx.session.scalars(select(ChecklistItem)):
            item.traits = []
            item.unless = []
    assert "what the set-up refers to is there" not in lite_desk.broken()
    for deed in ("reinstate", "discard"):
        form = Opened(mia, f"{SERVICES}/upgrade/{deed}")
        assert form.send().status_code == 409
        assert "It needs the trait “upgrade”, which was removed." in form.page.get_text()


def test_services_are_put_in_order(app: Flask, desk: Desk) -> None:
    """The button that was pressed has the focus again; customers see the new order at once."""
    mia = sign_in(app, "mia")
    answer = Opened(mia, SERVICES, "/installation/move").send(to="down")
    assert answer.location.endswith("focus=service-installation-down#service-installation-down")
    assert "“Installation” is now 2 of 7." in words(mia, answer.location)
    with desk.ctx() as ctx:
        assert [each.slug for each in catalogue.services(ctx)][:2] == ["upgrade", "installation"]
    assert history(desk)[0].data["after"] == {"position": 2}
    Opened(mia, SERVICES, "/upgrade/move").send(to="up")
    assert history(desk, "service:upgrade")[0].kind == "published"


def test_only_what_was_seen_and_has_no_faults_is_published(app: Flask, desk: Desk) -> None:
    """A draft that another manager changed meanwhile is shown again; faults lead to where they are mended."""
    mia = sign_in(app, "mia")
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.add(Trait(name="shop", position=99, label="Has a shop"))
    Opened(mia, ONE).send(price="50", traits=["shop"])
    Opened(mia, f"{SERVICES}/upgrade").send(price="70")
    publish = Opened(mia, f"{SERVICES}/publish")
    assert publish.values["chosen"] == ["installation", "upgrade"]
    Opened(mia, ONE).send(price="55")
    assert publish.send(word="Dearer.").status_code == 409
    assert "“Installation” has changed since you opened this page." in publish.page.get_text()
    assert "USD 55.00" in publish.page.get_text()
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.delete(ctx.session.scalars(select(Trait).where(Trait.name == "shop")).one())
    publish = Opened(mia, f"{SERVICES}/publish")
    fault = publish.page.select_one(".ps-warn a")
    assert fault
    assert (fault.get_text(), fault["href"]) == ("Traits: There is no “shop”.", ONE)
    assert publish.send(word="Dearer.").status_code == 422
    assert "“Installation” can't be published yet" in publish.errors["chosen"]
    assert publish.send(chosen=None).status_code == 422
    assert publish.errors["chosen"] == "Choose what to publish."
    assert publish.send(chosen="upgrade", offers_checklist="y").status_code == 303
    with desk.ctx() as ctx:
        made = ctx.session.scalars(select(ServiceVersion).where(ServiceVersion.number == 2)).all()
        assert [(each.name, each.word, each.offers_checklist) for each in made] == [
            ("Upgrade", "Dearer.", True)
        ]


def test_what_was_shown_before_a_publication_may_be_made_up(lite_app: Flask, lite_desk: Desk) -> None:
    """Then nothing of it was seen, so the page is shown again."""
    mia = sign_in(lite_app, "mia")
    Opened(mia, ONE).send(price="50")
    for seen in ("[" * 100_000, "[1]", "x", '{"installation": []}'):
        publish = Opened(mia, f"{SERVICES}/publish")
        assert publish.send(word="Dearer.", seen=seen).status_code == 409
    assert lite_desk.broken() == {}


def test_a_preview_is_the_order_form_and_takes_no_order(lite_app: Flask, lite_desk: Desk) -> None:
    """Made from the draft, in each language of the desk, with nothing to press."""
    mia = sign_in(lite_app, "mia")
    Opened(mia, ONE).send(summary="S", description="First.\n\nSecond.", description_de="Zuerst.")
    page = BeautifulSoup(mia.get(f"{ONE}/preview").text, "html.parser")
    form = page.select_one(".ps-plain form:has(#details)")
    assert form
    assert "method" not in form.attrs
    assert not form.select("button, input[type=submit], input[name=csrf_token]")
    assert form.select_one("#answer_php")
    assert "Nothing can be ordered here." in page.get_text()
    assert "Second." in page.get_text()
    assert "Zuerst." in words(mia, f"{ONE}/preview?language=de")
    assert mia.post(f"{ONE}/preview").status_code == 405
    assert sign_in(lite_app, "ada").get(f"{ONE}/preview").status_code == 403


def test_what_is_not_translated_is_listed(lite_app: Flask, lite_desk: Desk) -> None:
    """Each part that lacks a text in a language leads to where it is written; what is complete does not."""
    mia = sign_in(lite_app, "mia")
    page = soup_of(mia, ONE)
    assert "not translated yet" not in page.get_text()
    Opened(mia, ONE).send(summary_de="")
    Opened(mia, f"{ONE}/questions/new-question").send(label="Who hosts it?", required="y")
    lists = soup_of(mia, ONE).select("details:has(> summary:-soup-contains('not translated yet'))")
    found = {each.summary.get_text(): [link["href"] for link in each.select("a")] for each in lists}  # type: ignore[union-attr]
    question = f"{ONE}/questions/who_hosts_it"
    assert found == {
        "Deutsch: 2 parts are not translated yet": ["#name_de", question],
        "Français: 1 part is not translated yet": [question],
    }
    trail = soup_of(mia, f"{question}").select(".ps-trail a")
    assert [each["href"] for each in trail] == ["/support/desk/setup/", SERVICES, ONE, f"{ONE}/questions"]
    assert not soup_of(sign_in(lite_app, "ada"), "/support/desk/boilerplate").select(".ps-trail")


def soup_of(client: FlaskClient, path: str) -> BeautifulSoup:
    """A page."""
    return BeautifulSoup(client.get(path).text, "html.parser")


@pytest.mark.row("P16")
def test_whom_customers_of_a_service_pay_is_chosen_and_published(lite_app: Flask, lite_desk: Desk) -> None:
    """What cannot work is refused or doubted; tickets keep what they were ordered under."""
    desk, mia, customer = lite_desk, sign_in(lite_app, "mia"), lite_app.test_client()
    old = desk.order()
    form = Opened(mia, ONE)
    assert form.values["payee"] == "developer"
    assert form.send(payee="nobody").status_code == 422
    assert form.errors == {"payee": "Choose one of these."}
    assert Opened(mia, ONE).send(payee="before").status_code == 303
    assert "no provider of payments takes USD" in words(mia, ONE)
    free = Opened(mia, ONE)
    assert free.send(price="0").status_code == 422
    assert "before this work, there's nothing to pay" in free.errors["payee"]
    changed = "Paid to The developer, directly The desk, before the work"
    page = words(mia, f"{SERVICES}/publish")
    assert changed in page
    assert "no provider of payments takes USD" in page
    assert "You pay us before the work begins." in words(mia, f"{ONE}/preview")
    assert "You pay your developer directly" in words(customer, "/support/order/installation")
    assert Opened(mia, f"{SERVICES}/publish").send(word="We collect it now.").status_code == 303
    assert "You pay us before the work begins." in words(customer, "/support/order/installation")
    assert changed in words(mia, f"{ONE}/versions/2")
    assert [desk.ticket(code).payee for code in (old, desk.order())] == ["developer", "before"]
    with desk.ctx(desk.mia) as ctx:
        kept = dump(ctx)
        assert kept.count('payee = "before"') == 2  # this one, and the check-up
        with pytest.raises(InvalidInputError, match="Write one of these: developer, before, after"):
            load(ctx, kept.replace('payee = "before"', 'payee = "later"'))
    with desk.ctx(desk.mia) as ctx:
        load(ctx, kept.replace('payee = "before"\n', ""))
    assert service_of(desk).payee == "developer"
    with desk.ctx(desk.mia) as ctx:
        load(ctx, kept)
    assert service_of(desk).payee == "before"

    copied = Opened(mia, f"{SERVICES}/new")
    assert copied.send(name="A copy", copy_of="installation").status_code == 303
    assert service_of(desk, "a-copy").payee == "before"
    assert Opened(mia, f"{ONE}/versions/1/again").send(word="A mistake.").status_code == 303
    assert "You pay your developer directly" in words(customer, "/support/order/installation")
    object.__setattr__(mount_of(lite_app).settings, "seller", None)  # a frozen setting
    assert "don't say who invoices are from" in words(mia, f"{SERVICES}/archive")
    assert desk.broken() == {}
