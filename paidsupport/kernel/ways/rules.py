"""Ways to pay: which the desk begins with, and how a person is paid in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel.i18n.messages import SPOKEN, Catalogue, Sayable, _, escaped, said, together


class Check(StrEnum):
    """What the detail of a person has to be, as far as that can be seen."""

    NONE = "none"
    EMAIL = "email"
    IBAN = "iban"
    ADDRESS = "address"


class WayState(StrEnum):
    """Whether a way can be chosen. Rows stay, because profiles know ways by name."""

    OFFERED = "offered"
    RETIRED = "retired"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class WayToPay:
    """One way to pay.

    Attributes:
        name: What profiles and files know it by: `bank-transfer`.
        label: What staff and customers call it.
        hint: For staff: what they fill in.
        example: What could be filled in.
        check: What is checked of that.
        offered: Whether staff fill it in, and customers are told of it.
    """

    name: str
    label: str
    hint: str = ""
    example: str = ""
    check: Check = Check.NONE
    offered: bool = True

    @property
    def help(self) -> str:
        """What stands at the field of it, if anything."""
        example = _("Like %(example)s.", example=self.example) if self.example else ""
        return together([self.hint, example]) if self.hint and example else self.hint or example


#: What every desk begins with. Managers change and retire these; none is ever renamed.
DECLARED: Mapping[str, WayToPay] = {
    way.name: way
    for way in (
        WayToPay(
            "bank-transfer",
            _("Bank transfer"),
            _("Your IBAN. After a comma, the name of the account holder if it isn't yours."),
            "DE89 3704 0044 0532 0130 00",
            Check.IBAN,
        ),
        WayToPay(
            "paypal", _("PayPal"), _("The email address of your account."), "ada@example.org", Check.EMAIL
        ),
        WayToPay(
            "taler",
            _("GNU Taler"),
            _("The address where your payments arrive. It begins with taler:// or https://."),
            "taler://pay-template/shop.example.org/support",
            Check.ADDRESS,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class HowToPay(Sayable):
    """How customers pay a person, as one line: it is false if nothing was filled in.

    Attributes:
        parts: Labels and details, in order; what has no way of its own has no label.
    """

    parts: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was filled in."""
        return bool(self.parts)

    def __str__(self) -> str:
        """In English."""
        return self.said(None)

    def __html__(self) -> str:
        """In the language spoken, and safe."""
        return escaped(self.said(SPOKEN.get()))

    def said(self, catalogue: Catalogue | None) -> str:
        """In the language of a catalogue."""
        *first, last = [
            said(_("%(label)s: %(name)s", label=label, name=detail), catalogue) if label else detail
            for label, detail in self.parts or (("", ""),)
        ]
        return " ".join([*(text if text.endswith(".") else f"{text}." for text in first), last])

    @property
    def each(self) -> list[HowToPay]:
        """Every part by itself."""
        return [HowToPay((part,)) for part in self.parts]

    @property
    def details(self) -> list[str]:
        """What was filled in, without labels."""
        return [detail for _label, detail in self.parts]

    def only(self, details: Iterable[str]) -> HowToPay:
        """With nothing but these details."""
        wanted = set(details)
        return HowToPay(tuple(part for part in self.parts if part[1] in wanted))


def how_to_pay(ways: Sequence[WayToPay], details: Mapping[str, str], other: str) -> HowToPay:
    """How customers pay a person: by the ways that are offered, in their order, then by anything else.

    Args:
        ways: All ways.
        details: What the person filled in, by the name of the way.
        other: What they say besides.
    """
    found = [(way.label, details[way.name]) for way in ways if way.offered and details.get(way.name)]
    return HowToPay((*found, *([("", other)] if other else [])))
