"""What has to be decided before the sums are right."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message, ngettext
from paidsupport.sales.bookkeeping.hooks import TO_DECIDE
from paidsupport.sales.payments.bank import queries as bank


def _unmatched(ctx: Context) -> tuple[Message, str] | None:
    number = bank.waiting(ctx.session)
    if not number:
        return None
    sentence = ngettext(
        "%(num)s bank line has no ticket yet.", "%(num)s bank lines have no ticket yet.", number
    )
    return sentence, "paidsupport.bank_transfers"


SUBSCRIPTIONS = (TO_DECIDE.by(_unmatched),)
