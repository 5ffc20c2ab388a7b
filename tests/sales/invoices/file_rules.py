"""Business rules of EN 16931 as they are read from an XML file alone, in the syntax CII."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from paidsupport.kernel import countries
from tests.sales.invoices.test_einvoice import said

Xml = ET.Element
_HEAD = "ApplicableHeaderTradeSettlement/"
_TAX = f"{_HEAD}ApplicableTradeTax/"
_TOTAL = "SpecifiedTradeSettlementHeaderMonetarySummation/"
_MEANS = f"{_HEAD}SpecifiedTradeSettlementPaymentMeans/"
_LINE = "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"
_PARTIES = ("SellerTradeParty", "BuyerTradeParty")

#: What has to stand in a file.
_WANTED = {
    "BR-05": f"{_HEAD}InvoiceCurrencyCode",
    "BR-06": "SellerTradeParty/Name",
    "BR-07": "BuyerTradeParty/Name",
    "BR-08": "SellerTradeParty/PostalTradeAddress/CityName",
    "BR-09": "SellerTradeParty/PostalTradeAddress/CountryID",
    "BR-10": "BuyerTradeParty/PostalTradeAddress/CityName",
    "BR-11": "BuyerTradeParty/PostalTradeAddress/CountryID",
    "BR-12": f"{_TOTAL}LineTotalAmount",
    "BR-13": f"{_TOTAL}TaxBasisTotalAmount",
    "BR-14": f"{_TOTAL}GrandTotalAmount",
    "BR-15": f"{_TOTAL}DuePayableAmount",
    "BR-16": "IncludedSupplyChainTradeLineItem/AssociatedDocumentLineDocument/LineID",
    "BR-49": f"{_MEANS}TypeCode",
    "BR-50": f"{_MEANS}PayeePartyCreditorFinancialAccount/IBANID",
    "BR-CO-18": f"{_TAX}CategoryCode",
}


def _sum(xml: Xml, path: str) -> Decimal:
    return sum(map(Decimal, said(xml, path)), Decimal(0))


def _numbers(xml: Xml, party: str, scheme: str = "VA") -> list[str]:
    path = f".//{{*}}{party}/{{*}}SpecifiedTaxRegistration/{{*}}ID[@schemeID='{scheme}']"
    return [node.text or "" for node in xml.iterfind(path)]


def _taxes(xml: Xml, category: str) -> Iterator[tuple[Decimal, str]]:
    """The rate and the reason of each tax of a category."""
    for group in xml.iterfind(".//{*}ApplicableHeaderTradeSettlement/{*}ApplicableTradeTax"):
        if group.findtext("{*}CategoryCode") == category:
            rate = Decimal(group.findtext("{*}RateApplicablePercent") or 0)
            yield rate, (group.findtext("{*}ExemptionReason") or "").strip()


def _registered(xml: Xml) -> bool:
    return bool(_numbers(xml, "SellerTradeParty") or _numbers(xml, "SellerTradeParty", "FC"))


#: What has to hold.
_KEPT: dict[str, Callable[[Xml], bool]] = {
    "BR-25": lambda xml: all(text.strip() for text in said(xml, "SpecifiedTradeProduct/Name")),
    "BR-CL-14": lambda xml: (
        {code for party in _PARTIES for code in said(xml, f"{party}/PostalTradeAddress/CountryID")}
        <= countries.codes()
    ),
    "BR-CO-09": lambda xml: (
        {number[:2] for party in _PARTIES for number in _numbers(xml, party)}
        <= {
            *countries.codes(),
            "EL",
            "XI",
        }
    ),
    "BR-CO-10": lambda xml: _sum(xml, _LINE) == _sum(xml, f"{_TOTAL}LineTotalAmount"),
    "BR-CO-14": lambda xml: _sum(xml, f"{_TAX}CalculatedAmount") == _sum(xml, f"{_TOTAL}TaxTotalAmount"),
    "BR-CO-15": lambda xml: (
        _sum(xml, f"{_TOTAL}TaxBasisTotalAmount") + _sum(xml, f"{_TOTAL}TaxTotalAmount")
        == _sum(xml, f"{_TOTAL}GrandTotalAmount")
    ),
    "BR-CO-25": lambda xml: (
        _sum(xml, f"{_TOTAL}DuePayableAmount") <= 0
        or xml.find(".//{*}SpecifiedTradePaymentTerms/{*}DueDateDateTime/*") is not None
    ),
    "BR-CO-26": lambda xml: bool(
        _numbers(xml, "SellerTradeParty") or said(xml, "SellerTradeParty/SpecifiedLegalOrganization/ID")
    ),
    "BR-S-02": lambda xml: _registered(xml) or not list(_taxes(xml, "S")),
    "BR-S-05": lambda xml: all(rate > 0 for rate, _reason in _taxes(xml, "S")),
    "BR-S-10": lambda xml: not any(reason for _rate, reason in _taxes(xml, "S")),
    "BR-E-02": lambda xml: _registered(xml) or not list(_taxes(xml, "E")),
    "BR-E-05": lambda xml: all(rate == 0 for rate, _reason in _taxes(xml, "E")),
    "BR-E-10": lambda xml: all(reason for _rate, reason in _taxes(xml, "E")),
    "BR-AE-02": lambda xml: all(_numbers(xml, party) for party in _PARTIES) or not list(_taxes(xml, "AE")),
    "BR-AE-05": lambda xml: all(rate == 0 for rate, _reason in _taxes(xml, "AE")),
    "BR-AE-10": lambda xml: all(reason for _rate, reason in _taxes(xml, "AE")),
}


def broken(made: bytes) -> set[str]:
    """The rules that a file breaks."""
    xml = ET.fromstring(made)  # noqa: S314  # our own
    missing = {rule for rule, path in _WANTED.items() if not any(text.strip() for text in said(xml, path))}
    return missing | {rule for rule, keeps in _KEPT.items() if not keeps(xml)}
