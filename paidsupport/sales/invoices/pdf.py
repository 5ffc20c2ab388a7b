"""Invoices as PDF, typeset with Typst like all our documents."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from importlib.resources import files

from paidsupport.kernel import pdf
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.sales.invoices.rules import Paper, Untaxed, spelled_rate


def render(paper: Paper) -> bytes:
    """The invoice as tagged PDF, with a table of its lines and the taxes by rate. Raises as `pdf.render`."""

    def plain(minor: int) -> str:
        return Money(minor, paper.currency).spaced

    bare = any(not rate for rate, _ in paper.by_rate)
    owed = _("The buyer owes the tax (reverse charge).") if paper.untaxed == Untaxed.REVERSE_CHARGE else ""
    data = {
        "kind": paper.kind,
        "serial": paper.serial,
        "code": paper.code,
        "issued_on": _day(paper.issued_on),
        "due_on": _day(paper.due_on),
        "currency": paper.currency,
        "seller": asdict(paper.seller) | {"iban": _in_fours(paper.seller.iban)},
        "buyer": asdict(paper.buyer),
        "credits": paper.credits,
        "lines": [
            {
                "description": line.description,
                "quantity": str(line.quantity),
                "rate": f"{spelled_rate(line.rate)} %",
                "net": plain(line.amounts.net),
                "gross": plain(line.amounts.gross),
            }
            for line in paper.lines
        ],
        "net": plain(paper.total.net),
        "taxes": [
            (str(translate(_("Tax %(rate)s %%", rate=spelled_rate(rate)))), plain(sums.tax))
            for rate, sums in paper.by_rate
        ],
        "total": plain(paper.total.gross),
        "untaxed": " ".join(filter(None, (owed, paper.untaxed_reason))) if bare else "",
    }
    return pdf.typeset(files(__package__).joinpath("invoice.typ"), data)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _in_fours(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
