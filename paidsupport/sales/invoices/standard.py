"""The business rules of EN 16931 that an invoice of ours could break, each as a function over its content.

What every invoice has by construction (the kind of document, the scheme of an address, two decimals) needs no
rule. An invoice that breaks one gets no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from paidsupport.kernel import countries, vat
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import is_iban
from paidsupport.kernel.text import is_visible
from paidsupport.sales.invoices.rules import InvoiceKind, Paper, Untaxed

#: What the names of fields of the seller begin with, as in the settings.
SELLER = "seller_"
_CURRENCY = re.compile("[A-Z]{3}")
#: Where a rule is broken: the name of a field, or nothing for the invoice as a whole.
_Rule = Callable[[Paper], Iterable[str]]

_SUMS = _(
    "The sums of this invoice don't add up, so it can't be issued. Discard the draft and make a new one."
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that an invoice breaks.

    Attributes:
        rule: Its name in the standard: BR-07.
        field: Where: a field of the draft, one of the seller after `SELLER`, or nothing.
        sentence: What to do.
    """

    rule: str
    field: str
    sentence: Message

    @property
    def of_seller(self) -> bool:
        """Whether it is mended in the settings."""
        return self.field.startswith(SELLER)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the standard: its name, what looks for breaches, and what to do about them."""

    name: str
    places: _Rule
    sentence: Message

    def breaches(self, paper: Paper) -> Iterator[Breach]:
        """Where an invoice breaks it."""
        return (Breach(self.name, field, self.sentence) for field in self.places(paper))


#: All rules, in the order in which they are looked at.
RULES: list[Rule] = []


def breaches(paper: Paper) -> list[Breach]:
    """Every rule that an invoice breaks; of several at one field, the first."""
    found: dict[str, Breach] = {}
    for rule in RULES:
        for breach in rule.breaches(paper):
            found.setdefault(breach.field, breach)
    return list(found.values())


def _rule(sentence: Message) -> Callable[[_Rule], _Rule]:
    """Declare a rule; its name is the first word of its docstring."""

    def declared(places: _Rule) -> _Rule:
        RULES.append(Rule((places.__doc__ or "").partition(":")[0], places, sentence))
        return places

    return declared


def _unless(kept: object, field: str = "") -> list[str]:
    return [] if kept else [field]


@_rule(_("The invoice has no number, so it can't be issued. Discard the draft and make a new one."))
def _numbered(paper: Paper) -> list[str]:
    """BR-02: an invoice has a number."""
    return _unless(is_visible(paper.serial))


@_rule(_("Write the currency of the ticket as its three letters, like EUR, and make a new draft."))
def _currency(paper: Paper) -> list[str]:
    """BR-05: an invoice has a currency, as the three letters of ISO 4217."""
    return _unless(_CURRENCY.fullmatch(paper.currency))


@_rule(_("Enter the name of the company."))
def _seller_name(paper: Paper) -> list[str]:
    """BR-06: an invoice names its seller."""
    return _unless(is_visible(paper.seller.name), f"{SELLER}name")


@_rule(_("Enter the buyer's name."))
def _buyer_name(paper: Paper) -> list[str]:
    """BR-07: an invoice names its buyer."""
    return _unless(is_visible(paper.buyer.name), "buyer_name")


@_rule(_("Enter the street and number."))
def _seller_street(paper: Paper) -> list[str]:
    """BR-08: an invoice has the address of its seller; the law wants the street, too."""
    return _unless(is_visible(paper.seller.street), f"{SELLER}street")


@_rule(_("Enter the town."))
def _seller_city(paper: Paper) -> list[str]:
    """BR-08: likewise, the town."""
    return _unless(is_visible(paper.seller.city), f"{SELLER}city")


@_rule(_("Write the country as its two letters, like DE or CH."))
def _seller_country(paper: Paper) -> list[str]:
    """BR-09: the address of the seller has a country."""
    return _unless(is_visible(paper.seller.country), f"{SELLER}country")


@_rule(_("Enter the buyer's street, or another line of the address."))
def _buyer_street(paper: Paper) -> list[str]:
    """BR-10: an invoice has the address of its buyer; the law wants the street, too."""
    return _unless(is_visible(paper.buyer.street), "buyer_street")


@_rule(_("Enter the buyer's town."))
def _buyer_city(paper: Paper) -> list[str]:
    """BR-10: likewise, the town."""
    return _unless(is_visible(paper.buyer.city), "buyer_city")


@_rule(_("Enter the buyer's country."))
def _buyer_country(paper: Paper) -> list[str]:
    """BR-11: the address of the buyer has a country."""
    return _unless(is_visible(paper.buyer.country), "buyer_country")


@_rule(_("Write the country as its two letters, like DE or CH."))
def _known_countries(paper: Paper) -> Iterator[str]:
    """BR-CL-14: countries are written as in ISO 3166-1, so neither as UK nor as EL."""
    for country, field in (
        (paper.seller.country, f"{SELLER}country"),
        (paper.buyer.country, "buyer_country"),
    ):
        if country and country not in countries.codes():
            yield field


@_rule(_("There's nothing on this invoice. Discard the draft and make a new one."))
def _has_lines(paper: Paper) -> list[str]:
    """BR-16: an invoice has a line."""
    return _unless(paper.lines)


@_rule(_SUMS)
def _quantities(paper: Paper) -> list[str]:
    """BR-22: a line has a quantity."""
    return _unless(all(line.quantity > 0 for line in paper.lines))


@_rule(_("Enter what this line is for."))
def _descriptions(paper: Paper) -> list[str]:
    """BR-25: a line says what it is for."""
    return [
        f"line_{position}_description"
        for position, line in enumerate(paper.lines, 1)
        if not is_visible(line.description)
    ]


@_rule(_SUMS)
def _prices(paper: Paper) -> list[str]:
    """BR-27: no price is negative."""
    return _unless(all(line.amounts.net >= 0 for line in paper.lines))


@_rule(_SUMS)
def _line_total(paper: Paper) -> list[str]:
    """BR-CO-10: the net sum is that of the lines."""
    return _unless(paper.total.net == sum(line.amounts.net for line in paper.lines))


@_rule(_SUMS)
def _tax_total(paper: Paper) -> list[str]:
    """BR-CO-14: the tax is the sum of the taxes by rate."""
    return _unless(paper.total.tax == sum(sums.tax for _rate, sums in paper.by_rate))


@_rule(_SUMS)
def _grand_total(paper: Paper) -> list[str]:
    """BR-CO-15: the sum is net and tax."""
    return _unless(paper.total.gross == paper.total.net + paper.total.tax)


@_rule(_SUMS)
def _taxes(paper: Paper) -> list[str]:
    """BR-CO-17: the tax of a rate is its net times the rate, give or take less than one unit."""
    return _unless(all(abs(sums.tax * 10_000 - sums.net * rate) < 10_000 for rate, sums in paper.by_rate))  # noqa: PLR2004


@_rule(_("Enter a number of days after which the invoice has to be paid."))
def _due(paper: Paper) -> list[str]:
    """BR-CO-25: where there is something to pay, it is said by when; that is never before the invoice."""
    return _unless(paper.total.gross <= 0 or paper.due_on >= paper.issued_on, "pay_days")


@_rule(_("Enter the VAT number or a number in a register: a tax number alone doesn't say who the seller is."))
def _identified(paper: Paper) -> list[str]:
    """BR-CO-26: the seller has a VAT number, or a number in a register."""
    return _unless(paper.seller.vat_id or paper.seller.registration, f"{SELLER}registration")


@_rule(_("Enter a VAT number that begins with two letters for its country, like DE123456788."))
def _vat_prefixes(paper: Paper) -> Iterator[str]:
    """BR-CO-09: a VAT number begins with its country; that of Greece with EL."""
    for number, field in ((paper.seller.vat_id, f"{SELLER}vat_id"), (paper.buyer.vat_id, "buyer_vat_id")):
        if number and not vat.begins(number):
            yield field


@_rule(_("Compare this IBAN with the papers of your bank: its check digits do not fit."))
def _account(paper: Paper) -> list[str]:
    """BR-50: a transfer needs an account to go to (likewise BR-61)."""
    return _unless(is_iban(paper.seller.iban), f"{SELLER}iban")


@_rule(_("The credit note does not say which invoice it cancels."))
def _reference(paper: Paper) -> list[str]:
    """BR-55: a reference to an invoice has its number; a credit note has such a reference."""
    return _unless(paper.kind != InvoiceKind.CREDIT_NOTE or is_visible(paper.credits))


@_rule(_("Choose why a line has no tax."))
def _categories(paper: Paper) -> list[str]:
    """BR-CO-04: every line has a VAT category, and an untaxed one has E or AE."""
    return _unless(not _untaxed(paper) or paper.untaxed in set(Untaxed), "untaxed")


@_rule(_("Enter the VAT number or the tax number: an invoice with tax needs one of them."))
def _standard_rated(paper: Paper) -> list[str]:
    """BR-S-02: the seller of taxed lines has a VAT number or a tax number."""
    taxed = any(line.rate for line in paper.lines)
    return _unless(not taxed or paper.seller.vat_id or paper.seller.tax_number, f"{SELLER}tax_number")


@_rule(_("Enter the VAT number or the tax number: an invoice with exempt lines needs one of them."))
def _exempt(paper: Paper) -> list[str]:
    """BR-E-02: the seller of exempt lines has a VAT number or a tax number."""
    exempt = _untaxed(paper) and paper.untaxed != Untaxed.REVERSE_CHARGE
    return _unless(not exempt or paper.seller.vat_id or paper.seller.tax_number, f"{SELLER}tax_number")


@_rule(_SUMS)
def _no_tax(paper: Paper) -> list[str]:
    """BR-E-09, BR-AE-09: lines without a rate bear no tax."""
    return _unless(all(not line.amounts.tax for line in paper.lines if not line.rate))


@_rule(_("Enter the reason for the exemption. It is printed on the invoice."))
def _exemption(paper: Paper) -> list[str]:
    """BR-E-10: exempt lines have a reason."""
    exempt = _untaxed(paper) and paper.untaxed == Untaxed.EXEMPT
    return _unless(not exempt or is_visible(paper.untaxed_reason), "untaxed_reason")


@_rule(_("Enter your VAT number. Reverse charge needs those of both sides."))
def _charged_seller(paper: Paper) -> list[str]:
    """BR-AE-02: the seller has a VAT number, if the buyer owes the tax."""
    return _unless(not _reversed(paper) or paper.seller.vat_id, f"{SELLER}vat_id")


@_rule(_("Enter the buyer's VAT number. Reverse charge needs one."))
def _charged_buyer(paper: Paper) -> list[str]:
    """BR-AE-02: likewise, the buyer, who has to tell programs who they are."""
    return _unless(not _reversed(paper) or paper.buyer.vat_id, "buyer_vat_id")


def _untaxed(paper: Paper) -> bool:
    return any(not line.rate for line in paper.lines)


def _reversed(paper: Paper) -> bool:
    return _untaxed(paper) and paper.untaxed == Untaxed.REVERSE_CHARGE
