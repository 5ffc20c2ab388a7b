"""An invoice as PDF and as XML: both say what it says, and the XML keeps to EN 16931 (T19)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from paidsupport.demo import SELLER
from paidsupport.kernel import pdf
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.seller import read_seller
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices import pdf as invoice_pdf
from paidsupport.sales.invoices.rules import Amounts, Buyer, InvoiceKind, Paper, Priced, Printed, amounts

pytestmark = pytest.mark.row("T19")

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
BUYER = Buyer("Doe & Söhne Ltd.", "2 Side Street", "1010", "Vienna", "AT", "bills@doe.example", "ATU12345675")
HOSTILE = '#panic("run") $x$ *b* <script>&amp;]]> @ref ` \\ Żółć \uffff'


def paper(lines: Sequence[tuple[str, Priced]], **changed: object) -> Paper:
    """What an invoice over these lines says."""
    sums = amounts([each for _, each in lines])
    printed = [
        Printed(words, each.quantity, each.rate, sum_)
        for (words, each), sum_ in zip(lines, sums, strict=True)
    ]
    total = Amounts(sum(s.net for s in sums), sum(s.tax for s in sums), sum(s.gross for s in sums))
    plain = Paper(
        InvoiceKind.INVOICE,
        "INV-2034-0007",
        "PS-7K3F-9QXM",
        date(2034, 3, 14),
        date(2034, 3, 28),
        "EUR",
        read_seller(SELLER),
        BUYER,
        printed,
        total,
        "exempt",
        "Exempt by § 19 UStG.",
    )
    return replace(plain, **changed)  # type: ignore[arg-type]  # fields of a Paper


LINES = [
    ("Installation", Priced(1, 4500, 1900)),
    ("E-cards", Priced(3, 2000, 700)),
    ("Tips", Priced(1, 500, 0)),
]


def text_of(made: bytes) -> str:
    """All text of a PDF, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())


def said(xml: ET.Element, path: str) -> list[str]:
    """What stands at every place of a path of names."""
    return [
        node.text or "" for node in xml.iterfind(".//" + "/".join(RAM + name for name in path.split("/")))
    ]


def one(xml: ET.Element, path: str) -> Decimal:
    """The one figure at a path."""
    (found,) = said(xml, path)
    return Decimal(found)


class TestPdf:
    """The page that people keep."""

    def test_it_says_all_that_an_invoice_must(self) -> None:
        """Number, days, both sides, lines, taxes by rate, sums, and how to pay."""
        text = text_of(invoice_pdf.render(paper(LINES)))
        for words in (
            *("Invoice INV-2034-0007", "14 March 2034", "28 March 2034", "PS-7K3F-9QXM"),
            *("Doe & Söhne Ltd.", "ATU12345675", "Gallery Support Ltd.", "DE123456788"),
            *("Installation", "45.00", "37.82", "E-cards", "60.00", "Tax 19 %", "7.18", "Tax 7 %", "3.93"),
            *("Total EUR", "110.00", "Exempt by § 19 UStG.", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX"),
        ):
            assert words in text, words

    def test_a_credit_note_asks_for_no_money(self) -> None:
        """It names what it takes back."""
        note = paper(LINES[:1], kind=InvoiceKind.CREDIT_NOTE, serial="CN-2034-0001", credits="INV-2034-0007")
        text = text_of(invoice_pdf.render(note))
        assert "Credit note CN-2034-0001" in text
        assert "takes back the whole of invoice INV-2034-0007" in text
        assert "IBAN" not in text
        assert "pay" not in text

    def test_nothing_that_was_typed_is_run(self) -> None:
        """Not as markup, not as code; a hundred lines go over pages."""
        lines = [(HOSTILE, Priced(1, 100, 1900))] * 100
        made = invoice_pdf.render(paper(lines, buyer=replace(BUYER, name=HOSTILE)))
        assert '#panic("run")' in text_of(made)
        assert len(PdfReader(io.BytesIO(made)).pages) > 2

    def test_yen_have_no_cents(self) -> None:
        """Nor has the tax."""
        text = text_of(invoice_pdf.render(paper([("x", Priced(1, 4500, 1000))], currency="JPY")))
        assert "Total JPY 4,500" in text
        assert "Tax 10 % 409" in text


class TestXml:
    """The same for programs."""

    def test_it_names_both_sides_and_how_to_pay(self) -> None:
        """What EN 16931 asks for, in the places of CII; the schema is checked when it is written."""
        made = paper(LINES, buyer=replace(BUYER, buyer_reference="04011000-12345-67"))
        xml = ET.fromstring(einvoice.render(made))  # noqa: S314  # our own
        assert said(xml, "GuidelineSpecifiedDocumentContextParameter/ID") == ["urn:cen.eu:en16931:2017"]
        assert "380" in said(xml, "TypeCode")
        assert said(xml, "SellerTradeParty/Name") == ["Gallery Support Ltd."]
        assert said(xml, "BuyerTradeParty/Name") == ["Doe & Söhne Ltd."]
        assert said(xml, "BuyerTradeParty/PostalTradeAddress/CountryID") == ["AT"]
        assert said(xml, "SellerTradeParty/SpecifiedTaxRegistration/ID") == ["DE123456788"]
        assert said(xml, "BuyerReference") == ["04011000-12345-67"]
        assert said(xml, "IBANID") == ["DE89370400440532013000"]
        assert said(xml, "PaymentReference") == ["INV-2034-0007"]
        assert said(xml, "ApplicableHeaderTradeSettlement/ApplicableTradeTax/CategoryCode") == ["S", "S", "E"]
        assert said(xml, "ExemptionReason") == ["Exempt by § 19 UStG."]

    def test_a_credit_note_names_what_it_takes_back(self) -> None:
        """Type 381, and the number of the invoice."""
        note = paper(LINES[:1], kind=InvoiceKind.CREDIT_NOTE, credits="INV-2034-0007")
        xml = ET.fromstring(einvoice.render(note))  # noqa: S314  # our own
        assert "381" in said(xml, "TypeCode")
        assert said(xml, "InvoiceReferencedDocument/IssuerAssignedID") == ["INV-2034-0007"]

    def test_reverse_charge_is_its_own_category(self) -> None:
        """With a reason, even if none was written."""
        made = paper([("x", Priced(1, 100, 0))], untaxed="reverse-charge", untaxed_reason="")
        xml = ET.fromstring(einvoice.render(made))  # noqa: S314  # our own
        assert set(said(xml, "CategoryCode")) == {"AE"}
        assert said(xml, "ExemptionReason") == ["Reverse charge"]

    def test_what_was_typed_is_text(self) -> None:
        """Marks stay marks, and what XML cannot hold is left out."""
        xml = ET.fromstring(einvoice.render(paper([(HOSTILE, Priced(1, 100, 0))])))  # noqa: S314  # our own
        assert said(xml, "SpecifiedTradeProduct/Name") == [HOSTILE.rstrip("\uffff")]

    def test_currencies_of_three_decimals_have_no_xml(self) -> None:
        """The format knows two at most; a page is there all the same."""
        assert not einvoice.is_available("KWD")
        with pytest.raises(NotFoundError):
            einvoice.render(paper(LINES, currency="KWD"))

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.builds(
                Priced, st.integers(1, 20), st.integers(1, 999_999), st.sampled_from([0, 550, 700, 1900])
            ),
            min_size=1,
            max_size=12,
        ),
        st.sampled_from(["EUR", "JPY"]),
    )
    def test_its_sums_keep_to_the_rules(self, prices: list[Priced], currency: str) -> None:
        """BR-CO-10, 13, 14, 15, 16, 17 and the price of a line, from what stands in the file alone."""
        made = paper([("x", each) for each in prices], currency=currency)
        xml = ET.fromstring(einvoice.render(made))  # noqa: S314  # our own
        total = "SpecifiedTradeSettlementHeaderMonetarySummation/"
        taxes = "ApplicableHeaderTradeSettlement/ApplicableTradeTax/"
        line = "IncludedSupplyChainTradeLineItem/"
        nets = [
            Decimal(net) for net in said(xml, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")
        ]
        bases = [Decimal(base) for base in said(xml, taxes + "BasisAmount")]
        found = [Decimal(tax) for tax in said(xml, taxes + "CalculatedAmount")]
        percents = [Decimal(rate) for rate in said(xml, taxes + "RateApplicablePercent")]
        assert one(xml, total + "LineTotalAmount") == sum(nets) == one(xml, total + "TaxBasisTotalAmount")
        assert sum(bases) == sum(nets)
        assert one(xml, total + "TaxTotalAmount") == sum(found)
        assert one(xml, total + "GrandTotalAmount") == sum(nets) + sum(found)
        assert one(xml, total + "DuePayableAmount") == one(xml, total + "GrandTotalAmount")
        assert len(set(percents)) == len(percents)
        for base, tax, percent in zip(bases, found, percents, strict=True):
            assert abs(tax - base * percent / 100) < 1
        net_prices = said(
            xml, line.rstrip("/") + "/SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"
        )
        assert [Decimal(price) for price in net_prices] == nets
        # two decimals at most, everywhere
        assert all(len(figure.partition(".")[2]) <= 2 for figure in said(xml, taxes + "BasisAmount"))


def test_without_the_libraries_there_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not there, and nothing breaks."""
    monkeypatch.setattr(einvoice, "find_spec", lambda _name: None)
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    for render in (einvoice.render, invoice_pdf.render):
        with pytest.raises(NotFoundError):
            render(paper(LINES))
