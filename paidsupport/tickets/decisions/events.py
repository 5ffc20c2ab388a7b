"""Kinds of events of what the customer is asked to decide: consent to a risky step, offers of extra work."""

from __future__ import annotations

from functools import partial

from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_decision = partial(event, keeps=frozenset({"decision", "number", "price"}))

KINDS = (
    _decision("consent-asked", "{who} asked for consent[ no. {number}][ (“{item}”)]"),
    _decision("consent-used", "{who} used for a line the answer to[ no. {number}][ (“{item}”)]"),
    _decision("consent-approved", "{who} said yes to[ no. {number}][ (“{item}”)]", audience=FOLLOWERS),
    _decision("consent-declined", "{who} said no to[ no. {number}][ (“{item}”)]", audience=FOLLOWERS),
    _decision("offer-made", "{who} made offer[ no. {number}][ (“{item}”)]"),
    _decision("offer-accepted", "{who} accepted offer[ no. {number}][ (“{item}”)]", audience=FOLLOWERS),
    _decision("offer-declined", "{who} declined offer[ no. {number}][ (“{item}”)]", audience=FOLLOWERS),
    _decision("decision-withdrawn", "{who} took back[ no. {number}][ (“{item}”)]"),
)
