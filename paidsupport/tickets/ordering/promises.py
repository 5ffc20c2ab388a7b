"""When a customer can expect an answer, in words."""

from __future__ import annotations

from math import ceil

from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.context import Context
from paidsupport.kernel.hours import HOUR
from paidsupport.kernel.i18n.messages import Message, ngettext
from paidsupport.tickets.deadlines.operations.deadlines import allowed


def first_answer(ctx: Context, service: Terms) -> Message | None:
    """Within what time staff write to a customer who orders this; None if no rule says."""
    rule = allowed(ctx, service).get(DeadlineKind.FIRST_CONTACT)
    if rule is None:
        return None
    day = ctx.services.hours.day
    if rule.minutes >= day:
        days = ceil(rule.minutes / day)
        return ngettext(
            "We'll write to you within %(num)s working day.",
            "We'll write to you within %(num)s working days.",
            days,
        )
    hours = ceil(rule.minutes / HOUR)
    return ngettext(
        "We'll write to you within %(num)s working hour.",
        "We'll write to you within %(num)s working hours.",
        hours,
    )
