"""How a person is paid: what every page, email and check is told of it comes from here."""

from __future__ import annotations

from collections.abc import Mapping

from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways import rules
from paidsupport.kernel.ways.rules import HowToPay


def told(ctx: Context, details: Mapping[str, str] | None, other: str | None) -> HowToPay:
    """How customers pay a person, from what stands in two columns of their row. No queries.

    Args:
        ctx: Knows the ways as managers have them.
        details: The column `pay_details`; None: there is no person.
        other: The column `payment`.
    """
    return rules.how_to_pay(ctx.services.present.ways, details or {}, other or "")


def how_to_pay(ctx: Context, person: Person | None) -> HowToPay:
    """How customers pay a person; nothing if there is none. No queries."""
    return told(ctx, person.pay_details, person.payment) if person else HowToPay()
