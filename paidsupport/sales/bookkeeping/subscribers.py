"""What has to be decided before the sums are right."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.sales.bookkeeping import queries
from paidsupport.sales.bookkeeping.hooks import TO_DECIDE, ToDecide
from paidsupport.sales.payments.bank import queries as bank
from paidsupport.tickets.standing import Standing


def _unmatched(ctx: Context) -> ToDecide | None:
    number = bank.waiting(ctx.session)
    if not number:
        return None
    sentence = ngettext(
        "%(num)s bank line has no ticket yet.", "%(num)s bank lines have no ticket yet.", number
    )
    return sentence, "paidsupport.bank_transfers", {}


def _overpaid(ctx: Context) -> ToDecide | None:
    number = queries.overpaid(ctx.session)
    if not number:
        return None
    sentence = ngettext("%(num)s ticket is overpaid.", "%(num)s tickets are overpaid.", number)
    return sentence, "paidsupport.queue", {"part": "all", "payment": Standing.OVERPAID}


def _disputed(ctx: Context) -> ToDecide | None:
    number = queries.disputed(ctx.session)
    if not number:
        return None
    sentence = ngettext(
        "The payment of %(num)s ticket is disputed.", "The payments of %(num)s tickets are disputed.", number
    )
    return sentence, "paidsupport.queue", {"part": "all", "payment": Standing.DISPUTED}


SUBSCRIPTIONS = tuple(TO_DECIDE.by(each) for each in (_unmatched, _overpaid, _disputed))
