"""Managers keep the ways to pay, staff fill them in, and first contacts say them (P10)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import paidsupport
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import file
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.merging import ChangedMeanwhileError
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.languages import language_of, speaking
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.text import BadTextError
from paidsupport.kernel.ways.checks import checked
from paidsupport.kernel.ways.rules import DECLARED, Check
from paidsupport.manage.ways import operations as ways
from paidsupport.sales.invoices.operations.directly import asked
from paidsupport.tickets.conversation.operations import boilerplate, correspondence
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in
from tests.tickets.decisions.test_pages import words

pytestmark = pytest.mark.row("P10")

ALL = "/support/desk/setup/ways"
PROFILE = "/support/desk/profile"
IBAN = "DE89 3704 0044 0532 0130 00"


def labels(client: FlaskClient) -> list[str]:
    """The ways that a profile asks for, in order."""
    page = BeautifulSoup(client.get(PROFILE).text, "html.parser")
    return [each["name"].removeprefix("way_") for each in page.select('[name^="way_"]')]  # type: ignore[union-attr]


def send_profile(client: FlaskClient, **typed: str) -> TestResponse:
    """Fill in one's profile, and save it."""
    page = BeautifulSoup(client.get(PROFILE).text, "html.parser").select_one("form.ps-narrow")
    assert page is not None
    sent = {str(each["name"]): str(each.get("value", "")) for each in page.select("input[name]")}
    return client.post(PROFILE, data={**sent, **typed})


def drafted(desk: Desk, code: str) -> str:
    """The draft of Ada's next email."""
    ticket = desk.ticket(code)
    with desk.ctx(desk.ada) as ctx:
        return correspondence.open_email(ctx, ticket).body


def test_ways_are_kept_filled_in_and_said(app: Flask, desk: Desk) -> None:
    """From the manager's list by the profile into the first contact, in its order and language."""
    mia, ada = Manager(app), sign_in(app, "ada")
    assert labels(ada) == list(DECLARED)
    cheque = {"label": "Cheque", "label_de": "Scheck", "hint": "To whom.", "example": "Ada L."}
    assert mia.send(f"{ALL}/new_way", **cheque).status_code == 303
    moved = mia.press(ALL, f"{ALL}/cheque/move", to="place", place="2")
    assert mia.page(moved.location).select_one("#cheque-go[autofocus]")
    assert labels(ada) == ["bank-transfer", "cheque", "paypal", "taler"]
    assert "To whom. Like Ada L." in words(ada.get(PROFILE).text)

    typed = {"way_bank-transfer": "DE8937040044", "way_paypal": "ada", "way_taler": "http://x.example"}
    said = errors(send_profile(ada, **typed))
    for sentence in (
        "its check digits do not fit",
        "like name@example.org",
        "begins with https:// or taler://",
    ):
        assert sentence in said
    mine = {"way_bank-transfer": "de89370400440532013000 , Ada L.", "way_cheque": "Ada L.", "way_paypal": ""}
    assert send_profile(ada, **mine, way_taler="", payment="Cash at the fair").status_code == 303

    english = desk.order()
    with speaking(language_of("de")):
        german = desk.order()
    for code in (english, german):
        desk.claim(code, desk.ada)
    line = f"Bank transfer: {IBAN}, Ada L. Cheque: Ada L. Cash at the fair"
    assert f"How to pay me: {line}" in drafted(desk, english)
    assert f"{IBAN}, Ada L. Scheck: Ada L. Cash at the fair" in drafted(desk, german)
    page = f"/support/t/{desk.token(english)}"
    assert f"You pay Ada directly: {line}" in words(app.test_client().get(page).text)
    with pytest.raises(InvalidInputError, match="Add how to pay you"):
        desk.write(english, desk.ada, drafted(desk, english).replace("Ada L.", "Ada"))
    # whatever the author calls a way, its detail counts
    desk.write(english, desk.ada, drafted(desk, english).replace("Bank transfer:", "My bank:"))
    sent = [str(mail.get_body()) for mail in desk.work()]
    assert any(IBAN in mail for mail in sent)

    assert mia.press(ALL, f"{ALL}/cheque/offer").status_code == 303
    assert labels(ada) == ["bank-transfer", "paypal", "taler"]
    assert "Scheck" not in drafted(desk, german)
    assert "In the profile of Ada" in words(mia.client.get(ALL).text)
    assert mia.press(ALL, f"{ALL}/cheque/offer").status_code == 303
    assert "Ada L." in drafted(desk, german)
    kinds = [(kind, about) for kind, about, _ in told(desk, "way")]
    assert [kind for kind, about in kinds if about == "way:cheque"] == [
        "added",
        "moved",
        "retired",
        "reinstated",
    ]
    assert ada.get(ALL).status_code == 403
    page = sign_in(app, "ada").get(f"/support/desk/tickets/{english}").text
    assert f"My bank: {IBAN}" in words(page)
    assert desk.broken() == {}


@pytest.mark.parametrize("name", DECLARED)
def test_a_declared_way_can_be_opened_before_anybody_changed_it(lite_app: Flask, name: str) -> None:
    """It has no row yet, and looking at it makes none."""
    assert sign_in(lite_app, "mia").get(f"{ALL}/{name}").status_code == 200


def test_a_canned_reply_and_an_invoice_know_how_a_person_is_paid(lite_app: Flask, lite_desk: Desk) -> None:
    """Not what the profile says now, but what of it the customer was told."""
    desk = lite_desk
    with desk.ctx(desk.ada) as ctx:
        people.set_profile(ctx, email="ada@example.org", payment="", details={"way_paypal": "a@example.org"})
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada, drafted(desk, code))
    ticket = desk.ticket(code)
    with desk.ctx(desk.ada) as ctx:
        more = {"way_taler": "taler://pay-template/example.org/ada"}
        people.set_profile(ctx, email="ada@example.org", payment="", details=more)
        payee = asked(ctx, ticket)
        reply = boilerplate.keep(ctx, None, title="Pay", body="Pay by {payment}", shared=False)
        ctx.session.flush()
        text = boilerplate.filled(ctx, ticket, reply.id)
    assert str(payee.payment if payee else "") == "PayPal: a@example.org"
    assert text == "Pay by PayPal: a@example.org. GNU Taler: taler://pay-template/example.org/ada"


def test_two_managers_change_one_way(lite_desk: Desk) -> None:
    """What only one of them changed is merged; what both changed is asked for."""
    desk = lite_desk
    with desk.ctx(desk.mia) as ctx:
        seen = ways.values_of(ctx, "paypal")
        ways.keep(ctx, "paypal", {**seen, "label": "PayPal account"}, seen=seen, key=new_key())
        ways.keep(ctx, "paypal", {**seen, "check": "none"}, seen=seen, key=new_key())
        assert ways.values_of(ctx, "paypal")["label"] == "PayPal account"
        with pytest.raises(ChangedMeanwhileError) as caught:
            ways.keep(ctx, "paypal", {**seen, "label": "PP"}, seen=seen, key=new_key())
    assert list(caught.value.problems) == ["label"]
    changed = [data["after"] for _kind, _about, data in told(desk, "way")]
    assert changed == [{"label": "PayPal account"}, {"check": "none"}]


def test_two_people_change_one_profile(lite_app: Flask, lite_desk: Desk) -> None:
    """A manager's form keeps what the person has filled in since, and its own fields are checked."""
    mia, there = Manager(lite_app), f"/support/desk/setup/staff/{lite_desk.ada.id}"
    form = mia.filled(there, way_paypal="a@example.org")
    with lite_desk.ctx(lite_desk.ada) as ctx:
        mine = {"way_bank-transfer": IBAN}
        people.set_profile(ctx, email="ada@example.org", payment="", details=mine)
    assert mia.client.post(there, data=form).status_code == 303
    assert "like name@example.org" in errors(mia.send(there, way_paypal="a"))
    with lite_desk.ctx() as ctx:
        person = people.find(ctx, lite_desk.ada.id or 0)
        assert person.pay_details == {"bank-transfer": IBAN, "paypal": "a@example.org"}
        assert person.payment == ""
    (line,) = told(lite_desk, "person")
    assert line[2]["after"] == {"way_paypal": "a@example.org"}


def test_a_way_in_use_is_never_removed(lite_app: Flask, lite_desk: Desk) -> None:
    """Nor one that came with the desk; names of removed ones are not given again. Bad input is told."""
    mia, desk = Manager(lite_app), lite_desk
    wrong = mia.send(f"{ALL}/new_way", label=" ", hint_de="Wem?", example="ada", check="email")
    for sentence in ("Enter a name.", "Fill in the field above first", "like name@example.org"):
        assert sentence in errors(wrong)
    for _ in range(2):
        assert mia.send(f"{ALL}/new_way", label="Cheque").status_code == 303
    assert mia.press(ALL, f"{ALL}/cheque-2/remove").status_code == 303
    assert mia.send(f"{ALL}/new_way", label="Cheque").status_code == 303
    assert [way.name for way in DECLARED.values()] + ["cheque", "cheque-3"] == labels(mia.client)
    form = mia.filled(ALL, f'form[action="{ALL}/cheque/remove"]')
    with desk.ctx(desk.ada) as ctx:
        people.set_profile(ctx, email="ada@example.org", payment="", details={"way_cheque": "Ada"})
    refused = mia.client.post(f"{ALL}/cheque/remove", data=form)
    assert "It's in the profile of Ada. Retire it instead." in errors(refused)
    assert not mia.page(ALL).select(f'form[action="{ALL}/paypal/remove"]')
    with desk.ctx(desk.mia) as ctx, pytest.raises(InvalidInputError, match="came with the desk"):
        ways.remove(ctx, "paypal", key=new_key())
    assert mia.client.get(f"{ALL}/cheque-2").status_code == 404
    assert "Enter a whole number" in errors(mia.press(ALL, f"{ALL}/cheque/move", to="place", place="x"))


def test_a_file_retires_what_is_in_use_and_undo_puts_all_back(lite_desk: Desk) -> None:
    """Byte for byte; without any detail of a person; a wrong check is told with its line."""
    desk = lite_desk
    with desk.ctx(desk.mia) as ctx:
        mine = {"way_paypal": "mia@secret.example"}
        people.set_profile(ctx, email="mia@example.org", payment="", details=mine)
        before = file.dump(ctx)
    assert "secret.example" not in before
    head = 'format = 1\nholds = ["way"]\n'
    text = f'{head}[[way]]\nname = "cheque"\nlabel = "Cheque"\n[way.de]\nlabel = "Scheck"\n'
    for each in (text, before):
        with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
            file.carry_out(ctx, change, file.plan(ctx, each), "")
        with desk.ctx(desk.mia) as ctx:
            offered = [way.name for way in ctx.services.present.ways if way.offered]
            assert offered == (["cheque"] if each is text else list(DECLARED))
            assert people.find(ctx, desk.mia.id or 0).pay_details == {"paypal": "mia@secret.example"}
    with desk.ctx(desk.mia) as ctx:
        assert file.dump(ctx) == before
        for wrong, told_ in (
            ('check = "magic"', "Line 5: way “x”: check: Write one of these: none, email, iban, address."),
            ('label = ""', "Line 5: way “x”: label: Enter a name."),
            ('label = "X"\ncheck = "iban"\nexample = "1"', "Line 7: way “x”: example: Compare this IBAN"),
        ):
            with pytest.raises(InvalidInputError, match=re.escape(told_)):
                file.plan(ctx, f'{head}[[way]]\nname = "x"\n{wrong}\n')


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        (Check.NONE, " a b ", "a b"),
        (Check.EMAIL, "ada@example.org", "ada@example.org"),
        (Check.EMAIL, "ada", None),
        (Check.IBAN, "de89370400440532013000", IBAN),
        (Check.IBAN, f"{IBAN},  Ada, COBADEFFXXX", f"{IBAN}, Ada, COBADEFFXXX"),
        (Check.IBAN, "DE88 3704 0044 0532 0130 00", None),
        (Check.ADDRESS, "https://paypal.me/ada", "https://paypal.me/ada"),
        (Check.ADDRESS, "javascript:alert(1)//https://", None),
        (Check.ADDRESS, "https:// x", None),
        (Check.IBAN, "", ""),
    ],
)
def test_details_are_checked(check: Check, typed: str, kept: str | None) -> None:
    """As the manager chose; what cannot be right is refused."""
    if kept is None:
        with pytest.raises(BadTextError):
            checked(check, typed)
    else:
        assert checked(check, typed) == kept


def test_everything_that_is_told_of_a_payment_comes_from_one_function() -> None:
    """Whoever reads a person's columns by themselves would tell half of it."""
    there = Path(paidsupport.__file__).parent
    reads = re.compile(r"\b[Pp]erson\.(payment|pay_details)\b|\bme\.(payment|pay_details)\b")
    found = {
        str(each.relative_to(there))
        for each in there.rglob("*")
        if each.suffix in {".py", ".html", ".txt"} and reads.search(each.read_text())
    }
    assert found == {
        "kernel/ways/paying.py",
        "kernel/ways/queries.py",  # who has filled them in
        # the columns of a ticket's owner, for that function
        "tickets/queries/pages.py",
        # what is edited
        "kernel/staff/operations.py",
        "kernel/staff/forms.py",
        "manage/first/views.py",
        # what a program leaves as it is
        "connect/api/resources/people.py",
    }
