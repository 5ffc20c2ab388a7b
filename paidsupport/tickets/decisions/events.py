"""Kinds of events of decisions: consent to a risky step, offers of extra work."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_decision = partial(event, keeps=frozenset({"decision", "number", "price"}))

KINDS = (
    _decision("consent-asked", _("{who} asked for approval[ no. {number}]")),
    _decision("consent-used", _("{who} applied an earlier answer[, no. {number}]")),
    _decision("consent-approved", _("{who} approved a step[, no. {number}]"), audience=FOLLOWERS),
    _decision("consent-declined", _("{who} did not approve a step[, no. {number}]"), audience=FOLLOWERS),
    _decision("offer-made", _("{who} made an offer[, no. {number}]")),
    _decision("offer-accepted", _("{who} accepted an offer[, no. {number}]"), audience=FOLLOWERS),
    _decision("offer-declined", _("{who} declined an offer[, no. {number}]"), audience=FOLLOWERS),
    _decision("decision-withdrawn", _("{who} withdrew a request[, no. {number}]")),
)
