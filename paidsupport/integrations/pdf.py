"""A document as PDF, set by Typst: the extra `pdf`. Without it there are pages to print, and no PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from importlib.util import find_spec

from paidsupport.domain.documents import Block
from paidsupport.domain.invoices import Paper, Untaxed, spelled_rate
from paidsupport.domain.money import Money
from paidsupport.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Document:
    """What is set: a title, the blocks of a text, and a line at the foot of every page."""

    title: str
    author: str
    footer: str
    blocks: Sequence[Block]
    lang: str = "en"


def is_available() -> bool:
    """Whether the library that sets documents is installed."""
    return find_spec("typst") is not None


def render(document: Document) -> bytes:
    """The document as tagged PDF. Raises NotFoundError where the extra `pdf` is not installed."""
    return _set("document.typ", asdict(document))


def render_invoice(paper: Paper) -> bytes:
    """An invoice as tagged PDF, with a table of its lines and the taxes by rate. Raises as `render`."""

    def plain(minor: int) -> str:
        return Money(minor, paper.currency).spaced

    bare = any(not rate for rate, _ in paper.by_rate)
    owed = "The buyer owes the tax (reverse charge)." if paper.untaxed == Untaxed.REVERSE_CHARGE else ""
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
        "taxes": [(f"Tax {spelled_rate(rate)} %", plain(sums.tax)) for rate, sums in paper.by_rate],
        "total": plain(paper.total.gross),
        "untaxed": " ".join(filter(None, (owed, paper.untaxed_reason))) if bare else "",
    }
    return _set("invoice.typ", data)


def _set(source: str, data: Mapping[str, object]) -> bytes:
    if not is_available():
        raise NotFoundError
    import typst  # noqa: PLC0415  # the extra may be missing, and it is large

    template = files(__package__).joinpath(source).read_bytes()
    made: bytes = typst.compile(template, sys_inputs={"data": json.dumps(data)})
    return made


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _in_fours(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
