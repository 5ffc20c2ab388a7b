"""From an empty desk to the first order (P10)."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.catalogue.tables import Service
from paidsupport.kernel.actors import ANONYMOUS, Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.queries import managers
from paidsupport.manage.first.operations import beginning, services
from paidsupport.manage.first.operations.beginning import BegunError, Claimant
from paidsupport.testing import mount_of
from paidsupport.tickets.tables import Ticket
from tests.empty import code_of, empty, lite_empty  # noqa: F401  # fixtures
from tests.people import field, sign_in

pytestmark = pytest.mark.row("P10")

DESK = "/support/desk/"
BEGIN = "/support/desk/begin"
FIRST = "/support/desk/setup/first"

#: What a visitor types into the order form of an installation.
ORDERED = {
    "name": "Jane",
    "email": "jane@example.com",
    "host_url": "https://example.com",
    "host_access": "SSH",
    "details": "A gallery.",
    "answer_php": "8.2",
    "answer_database": "PostgreSQL",
    "requirement_0": "y",
    "requirement_1": "y",
    "requirement_2": "y",
    "place": "1",
}


def soup(answer: TestResponse, status: int = 200) -> BeautifulSoup:
    """A page as it is read."""
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def send(client: FlaskClient, path: str, /, button: str = "", **typed: str) -> TestResponse:
    """Fill in the form of a page and press a button; the answer itself."""
    form = soup(client.get(path)).select_one("form.ps-narrow[method=post]")
    assert form is not None
    data = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")}
    more = {button: "1"} if button else {}
    return client.post(str(form["action"]), data=data | typed | more)


def begun(app: Flask) -> FlaskClient:
    """The browser of Mia, who has become the first manager."""
    client = sign_in(app, "mia")
    assert send(client, BEGIN, code=code_of(app)).location == FIRST
    return client


def words(page: BeautifulSoup) -> str:
    """All that stands there."""
    return " ".join(page.get_text(" ").split())


def test_from_the_code_to_the_first_order(empty: Flask, caplog: pytest.LogCaptureFixture) -> None:  # noqa: F811
    """A visitor signs in, has the code of the log, and goes step by step until an order comes in."""
    with caplog.at_level(logging.WARNING, "paidsupport.mount"):
        assert "/login" in empty.test_client().get(DESK).location
    client = sign_in(empty, "mia")
    assert client.get(DESK).location == BEGIN
    code = code_of(empty)
    assert code in caplog.text
    assert send(client, BEGIN, code=code.lower().replace("-", " "), name="Mia Manager").location == FIRST
    page = soup(client.get(FIRST))
    assert "1 of 6 done" in words(page), "emails leave"
    assert len(page.select(".ps-list a")) == 6

    assert send(client, f"{FIRST}/name", name="Photo help", time_zone="Europe/Berlin").location == FIRST
    bad = send(client, f"{FIRST}/service/upgrade", price="25,5,0", currency="EUR")
    assert soup(bad, 422).select_one("#price-error")
    assert soup(send(client, f"{FIRST}/service/upgrade", currency="Euro"), 422).select_one("#currency-error")
    assert send(client, f"{FIRST}/service/hourly", "draft", price="80", currency="CHF").location == FIRST
    assert "hourly" not in client.get("/support/").text
    assert send(client, f"{FIRST}/service/installation", price="49,50", currency="eur").location == FIRST
    assert "49.50" in client.get("/support/").text
    assert send(client, f"{FIRST}/staff", payment="PayPal: mia").location == FIRST
    assert "4 of 6 done" in words(soup(client.get(FIRST)))
    assert "not finished" in client.get("/support/desk/setup/").text

    visitor = empty.test_client()
    form = visitor.get("/support/order/installation").text
    sealed = {name: field(form, name) for name in ("csrf_token", "key", "terms") if f'name="{name}"' in form}
    answer = visitor.post("/support/order/installation", data=sealed | ORDERED)
    assert answer.status_code == 303, [each.text for each in soup(answer, 422).select(".ps-error")]
    assert "5 of 6 done" in words(soup(client.get(FIRST)))
    assert "The set-up is finished" in words(soup(client.get(FIRST)))
    assert "not finished" not in client.get("/support/desk/setup/").text
    with empty.app_context(), mount_of(empty).database.reading() as session:
        assert session.scalar(select(Ticket.customer_name)) == "Jane"
        told = session.scalars(select(ConfigurationEvent.kind)).all()
    assert {"began", "changed", "added", "published"} <= set(told)


def test_a_wrong_code_is_refused_at_its_field_and_counted(lite_empty: Flask) -> None:  # noqa: F811
    """After ten tries even the right one is refused for an hour."""
    client = sign_in(lite_empty, "ada")
    assert soup(send(client, BEGIN, code=""), 422).select_one("#code-error")
    for _ in range(10):
        assert soup(send(client, BEGIN, code="BCDF-GHJK-MNPQ"), 422).select_one("#code-error")
    assert send(client, BEGIN, code=code_of(lite_empty)).status_code == 429
    assert code_of(lite_empty), "nobody has become a manager"


def test_as_soon_as_there_is_a_manager_there_is_nothing_to_see(lite_empty: Flask) -> None:  # noqa: F811
    """The code is void, and users of the site get what they get on any desk."""
    code = code_of(lite_empty)
    late = sign_in(lite_empty, "ada")
    begin = soup(late.get(BEGIN))
    client = begun(lite_empty)
    data = {
        str(each["name"]): str(each["value"]) for each in begin.select("form.ps-narrow input[type=hidden]")
    }
    refused = late.post(BEGIN, data=data | {"code": code, "name": "Ada"})
    assert refused.status_code == 409
    assert "manager by now" in refused.text
    assert late.get(DESK).status_code == 404
    assert late.get(FIRST).status_code == 404
    assert late.get(BEGIN, follow_redirects=True).status_code == 404
    assert client.get(BEGIN, follow_redirects=True).status_code == 200
    visitor = lite_empty.test_client()
    assert "setup" not in visitor.get("/support/").text
    cli = lite_empty.test_cli_runner().invoke(args=["paidsupport", "setup-code"])
    assert cli.exit_code == 1
    assert "has a manager" in cli.output


def test_commands_print_the_code(lite_empty: Flask) -> None:  # noqa: F811
    """The upgrade of the tables says it, and a command of its own."""
    run = lite_empty.test_cli_runner().invoke
    assert f"Set-up code: {code_of(lite_empty)}" in run(args=["paidsupport", "db", "upgrade"]).output
    assert code_of(lite_empty) in run(args=["paidsupport", "setup-code"]).output


def test_of_many_at_once_one_becomes_the_manager(empty: Flask) -> None:  # noqa: F811
    """All have the code, and press the button at the same moment."""
    code, barrier = code_of(empty), threading.Barrier(4)
    ended: list[str] = []

    def press(number: int) -> None:
        mount = mount_of(empty)
        barrier.wait()
        try:
            with empty.app_context(), mount.database.writing() as session:
                ctx = Context(mount.services, session, ANONYMOUS, mount.clock())
                who = Claimant(str(number), f"User {number}", f"u{number}@example.org", f"10.0.0.{number}")
                assert beginning.begin(ctx, who, code)
            ended.append("made")
        except BegunError:
            ended.append("refused")

    threads = [threading.Thread(target=press, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["made", "refused", "refused", "refused"]
    with empty.app_context(), mount_of(empty).database.reading() as session:
        assert len(managers(session)) == 1


def test_a_code_of_before_an_earlier_manager_opens_nothing(lite_empty: Flask) -> None:  # noqa: F811
    """Should a desk lose its managers in some way, it has another code."""
    before = code_of(lite_empty)
    begun(lite_empty)
    with lite_empty.app_context(), mount_of(lite_empty).database.writing() as session:
        person = people.find(_ctx(lite_empty, session), managers(session)[0])
        with set_aside(session):
            person.active = False
    assert code_of(lite_empty) not in {"", before}


def test_templates_fit_together_in_any_order(lite_empty: Flask) -> None:  # noqa: F811
    """All of them, one after the other, make a catalogue that the reader of files takes, too."""
    begun(lite_empty)
    mount = mount_of(lite_empty)
    slugs = ["customization", "question", "hourly", "upgrade", "installation"]
    for slug in slugs:
        with lite_empty.app_context(), mount.database.writing() as session:
            ctx = _ctx(lite_empty, session)
            template = services.find(ctx.services.workflows, slug)
            price = services.Price(template.price.plain, "EUR", ".")
            key = new_key()
            made = services.make(ctx, template, price, publish=True, key=key)
            assert services.make(ctx, template, price, publish=True, key=key).id == made.id
            text = catalogue_file.dump(ctx)
        with lite_empty.app_context(), mount.database.writing() as session:
            ctx = _ctx(lite_empty, session)
            catalogue_file.load(ctx, text)
            assert catalogue_file.dump(ctx) == text
            with pytest.raises(services.MadeError):
                services.make(ctx, template, price, publish=True, key=new_key())
    with lite_empty.app_context(), mount.database.reading() as session:
        assert session.scalars(select(Service.slug).order_by(Service.position)).all() == slugs


def test_a_key_of_the_vault_is_shown_once(lite_empty: Flask) -> None:  # noqa: F811
    """With the line for the configuration; it is stored nowhere."""
    client = begun(lite_empty)
    made = soup(send(client, f"{FIRST}/vault"))
    line = made.select_one(".ps-notice code")
    assert line is not None
    assert line.text.startswith("PAIDSUPPORT_VAULT_KEYS = ")
    assert line.text not in client.get(f"{FIRST}/vault").text
    for step in ("mail", "order", "service"):
        assert client.get(f"{FIRST}/{step}").status_code == 200


def _ctx(app: Flask, session: Any) -> Context:  # noqa: ANN401  # a session
    mount = mount_of(app)
    return Context(mount.services, session, Actor("person", "Mia", 1, Role.MANAGER), mount.clock())
