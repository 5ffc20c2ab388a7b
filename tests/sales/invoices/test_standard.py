"""Invoices keep to the rules of EN 16931; what breaks one is refused before it has a number (T19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsupport.kernel import countries, vat
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.seller import read_seller, tidied
from paidsupport.sales.invoices import einvoice, standard
from paidsupport.sales.invoices.rules import Amounts, InvoiceKind, Paper, Priced
from paidsupport.testing import mount_of
from tests.people import Desk, sign_in
from tests.sales.invoices.file_rules import broken
from tests.sales.invoices.test_einvoice import LINES, paper
from tests.sales.invoices.test_invoices import code_of, drafted, filled, issue, serials
from tests.sales.invoices.test_rules import SELLER
from tests.tickets.decisions.test_pages import at, fields, words

pytestmark = pytest.mark.row("T19", "P16")

FREE = [("x", Priced(1, 100, 0))]
TAXED = [("x", Priced(1, 11900, 1900))]


def seller(of: Paper, **changed: str) -> Paper:
    """The invoice, from a seller with other details."""
    return replace(of, seller=replace(of.seller, **changed))


def buyer(of: Paper, **changed: str) -> Paper:
    """The invoice, to a buyer with other details."""
    return replace(of, buyer=replace(of.buyer, **changed))


def line(of: Paper, **changed: Any) -> Paper:  # noqa: ANN401  # fields of a line
    """The invoice, with another first line."""
    return replace(of, lines=[*(replace(first, **changed) for first in of.lines[:1]), *of.lines[1:]])


BROKEN: list[tuple[str, str, Callable[[Paper], Paper]]] = [
    ("BR-02", "", lambda one: replace(one, serial="")),
    ("BR-05", "", lambda one: replace(one, currency="eur")),
    ("BR-06", "seller_name", lambda one: seller(one, name="")),
    ("BR-07", "buyer_name", lambda one: buyer(one, name="\u200b")),
    ("BR-08", "seller_street", lambda one: seller(one, street=" ")),
    ("BR-08", "seller_city", lambda one: seller(one, city="")),
    ("BR-09", "seller_country", lambda one: seller(one, country="")),
    ("BR-10", "buyer_street", lambda one: buyer(one, street="")),
    ("BR-10", "buyer_city", lambda one: buyer(one, city="")),
    ("BR-11", "buyer_country", lambda one: buyer(one, country="")),
    ("BR-CL-14", "seller_country", lambda one: seller(one, country="UK")),
    ("BR-CL-14", "buyer_country", lambda one: buyer(one, country="EL")),
    ("BR-16", "", lambda one: replace(one, lines=[], total=Amounts(0, 0, 0))),
    ("BR-22", "", lambda one: line(one, quantity=0)),
    ("BR-25", "line_1_description", lambda one: line(one, description=" ")),
    ("BR-27", "", lambda one: line(replace(one, total=Amounts(-1, 0, -1)), amounts=Amounts(-1, 0, -1))),
    ("BR-CO-10", "", lambda one: replace(one, total=replace(one.total, net=one.total.net + 1))),
    ("BR-CO-14", "", lambda one: replace(one, total=replace(one.total, tax=one.total.tax + 1))),
    ("BR-CO-15", "", lambda one: replace(one, total=replace(one.total, gross=one.total.gross + 1))),
    ("BR-CO-17", "", lambda one: line(one, rate=2000)),
    ("BR-CO-25", "pay_days", lambda one: replace(one, due_on=date(2034, 3, 13))),
    ("BR-CO-26", "seller_registration", lambda one: seller(one, vat_id="", tax_number="29/815/08150")),
    ("BR-CO-09", "seller_vat_id", lambda one: seller(one, vat_id="UK980780684")),
    ("BR-CO-09", "buyer_vat_id", lambda one: buyer(one, vat_id="ZZ1234567")),
    ("BR-50", "seller_iban", lambda one: seller(one, iban="")),
    ("BR-55", "", lambda one: replace(one, kind=InvoiceKind.CREDIT_NOTE, credits="")),
    ("BR-CO-04", "untaxed", lambda _: paper(FREE, untaxed="")),
    ("BR-S-02", "seller_tax_number", lambda one: seller(one, vat_id="", registration="HRB 1")),
    ("BR-E-02", "seller_tax_number", lambda _: seller(paper(FREE), vat_id="", registration="HRB 1")),
    ("BR-E-09, BR-AE-09", "", lambda _: line(paper(FREE), amounts=Amounts(90, 10, 100))),
    ("BR-E-10", "untaxed_reason", lambda _: paper(FREE, untaxed_reason=" ")),
    (
        "BR-AE-02",
        "seller_vat_id",
        lambda _: seller(paper(FREE, untaxed="reverse-charge"), vat_id="", registration="HRB 1"),
    ),
    ("BR-AE-02", "buyer_vat_id", lambda _: buyer(paper(FREE, untaxed="reverse-charge"), vat_id="")),
]


def test_what_the_demonstration_invoices_breaks_no_rule() -> None:
    """Neither an invoice over three rates, nor a credit note, nor reverse charge."""
    note = paper(LINES, kind=InvoiceKind.CREDIT_NOTE, credits="INV-2034-0001", due_on=date(2034, 3, 14))
    for one in (paper(LINES), note, paper(FREE, untaxed="reverse-charge", untaxed_reason="")):
        assert standard.breaches(one) == []
        assert broken(einvoice.render(one)) == set()


@pytest.mark.parametrize(("rule", "field", "change"), BROKEN)
def test_every_rule_can_be_broken(rule: str, field: str, change: Callable[[Paper], Paper]) -> None:
    """And is then told at its field, with what to do."""
    made = change(paper(TAXED))
    found = [each for each in standard.RULES if each.name == rule and field in list(each.places(made))]
    assert len(found) == 1
    assert field in {breach.field for breach in standard.breaches(made)}
    assert found[0].sentence.endswith(".")


def test_no_rule_is_forgotten() -> None:
    """Each function is tried above."""
    assert [each.name for each in standard.RULES if each.name not in {rule for rule, _, _ in BROKEN}] == []
    assert len(standard.RULES) >= 24


changes = st.lists(st.sampled_from([change for _, _, change in BROKEN]), max_size=2)


@settings(max_examples=60, deadline=None)
@given(changes, st.sampled_from([TAXED, LINES, FREE]), st.sampled_from(["", "exempt", "reverse-charge"]))
def test_what_keeps_to_our_rules_keeps_to_those_of_the_file(
    changed: list[Callable[[Paper], Paper]], lines: list[tuple[str, Priced]], untaxed: str
) -> None:
    """Whatever is wrong with an invoice: if nothing is found, its file has the schema and breaks no rule."""
    made = paper(lines, untaxed=untaxed)
    for change in changed:
        made = change(made)
    if not standard.breaches(made):
        assert broken(einvoice.render(made)) == set()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *[("de 136 695 976", "DE136695976"), ("ATU13585627", "ATU13585627"), ("GR 094259216", "EL094259216")],
        *[("EL094259216", "EL094259216"), ("XI 980 7806 84", "XI980780684"), ("GB980780684", "GB980780684")],
        *[("CHE-107.787.577 MWST", "CHE107787577MWST"), ("NO 995 525 828 MVA", "NO995525828MVA")],
        ("US12-3456789", "US123456789"),
    ],
)
def test_vat_numbers_are_known_however_they_are_spaced(typed: str, kept: str) -> None:
    """Those of the European Union, its neighbours, and all other countries."""
    assert vat.tidied(typed) == kept
    assert vat.fault(kept) is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("DE136695975", "Compare"),
        ("ATU1358562", "Compare"),
        ("GB980780685", "Compare"),
        ("CHE107787578MWST", "Compare"),
        ("UK980780684", "Begin this VAT number with GB"),
        ("EU372000041", "two letters for its country"),
        ("ZZ12345", "two letters for its country"),
        ("12345678", "two letters for its country"),
    ],
)
def test_what_is_no_vat_number_is_said(typed: str, sentence: str) -> None:
    """A digit that slipped, and letters of no country."""
    assert sentence in str(vat.fault(typed))


def test_without_the_libraries_letters_are_checked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The countries are those of Babel then, and the same."""
    known = countries.codes()
    countries.codes.cache_clear()
    monkeypatch.setattr(countries, "find_spec", lambda _name: None)
    monkeypatch.setattr(vat, "find_spec", lambda _name: None)
    assert countries.codes() == known
    assert vat.fault("DE136695975") is None
    assert vat.fault("ZZ136695976") is not None
    monkeypatch.undo()
    countries.codes.cache_clear()


def test_what_managers_type_is_checked_by_the_libraries_and_the_configuration_by_its_letters() -> None:
    """So no process loads them at its start."""
    wrong = SELLER | {"vat_id": "DE136695975", "country": "ZZ"}
    assert set(tidied(wrong)[1]) == {"vat_id", "country"}
    assert read_seller(wrong).country == "ZZ"


WRONG_SELLERS = [
    ({"vat_id": "", "tax_number": "29/815/08150"}, "a tax number alone"),
    ({"vat_id": "ZZ123456789"}, "VAT number"),
    ({"vat_id": "DE136695975"}, "a digit or letter is wrong"),
    ({"country": "UK"}, "Write this country as GB"),
    ({"country": "ZZ"}, "two letters"),
]


@pytest.mark.parametrize(("changed", "sentence"), WRONG_SELLERS)
def test_a_wrong_seller_takes_no_number(
    lite_app: Flask, lite_desk: Desk, changed: dict[str, str], sentence: str
) -> None:
    """The page of the draft says what to change, with a link to the settings, and issuing is refused."""
    draft = filled(lite_desk, drafted(lite_desk))
    now = mount_of(lite_app).settings
    object.__setattr__(now, "seller", replace(now.seller, **changed))  # type: ignore[type-var]  # a frozen setting
    with pytest.raises(TransitionRefusedError, match=sentence):
        issue(lite_desk, draft)
    assert serials(lite_desk) == []
    mia: FlaskClient = sign_in(lite_app, "mia")
    url = at(code_of(lite_desk, draft), f"/invoices/{draft.reference}")
    for page in (mia.get(url).text, mia.get(f"{url}/issue").text):
        assert sentence in words(page)
        assert "setup/settings/invoices" in page
    assert lite_desk.broken() == {}


def test_a_country_that_is_none_takes_no_number(lite_desk: Desk) -> None:
    """Nor does reverse charge without the buyer's VAT number, in a draft from before."""
    draft = filled(lite_desk, drafted(lite_desk), buyer_vat_id="EL 094259216")
    assert draft.buyer_vat_id == "EL094259216"
    with lite_desk.ctx(lite_desk.mia) as ctx:
        ctx.session.merge(draft).buyer_vat_id = "ZZ1"
    with pytest.raises(InvalidInputError) as refused:
        issue(lite_desk, draft)
    assert list(refused.value.problems) == ["buyer_vat_id"]
    assert serials(lite_desk) == []


def test_a_draft_is_discarded_after_a_page_that_says_so(lite_desk: Desk, lite_app: Flask) -> None:
    """The link alone does nothing; the page of issuing says the number to come."""
    draft = filled(lite_desk, drafted(lite_desk))
    mia = sign_in(lite_app, "mia")
    url = at(code_of(lite_desk, draft), f"/invoices/{draft.reference}")
    assert "INV-2034-0001" in words(mia.get(f"{url}/issue").text)
    page = mia.get(f"{url}/cancel")
    assert "What was typed into this draft is lost" in words(page.text)
    with lite_desk.ctx(lite_desk.mia) as ctx:
        assert ctx.session.merge(draft).state == "draft"
    assert mia.post(f"{url}/cancel", data=fields(page.text)).status_code == 303
    assert "Discarded" in words(mia.get(at(code_of(lite_desk, draft), "/invoices")).text)
