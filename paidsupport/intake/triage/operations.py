"""Triage: sorting what comes in, one request after the other, by one decision each (T2)."""

from __future__ import annotations

from paidsupport.intake.workflow import CLAIM, COMMERCIAL, FOLLOW, FOLLOWED, MARK_SPAM, REOPEN
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket

#: Decisions that take one click, each with its transition.
DECISIONS = {
    "bug": FOLLOW.name,
    "commercial": COMMERCIAL.name,
    "spam": MARK_SPAM.name,
    "take": CLAIM.name,
}


def decide(ctx: Context, code: str, decision: str, *, version: int, key: str, note: str = "") -> Ticket:
    """Say what a request is; a bug is claimed in the same transaction, and `note` says where it is tracked.

    Of simultaneous decisions exactly one succeeds. Raises InvalidInputError (fields `decision`, `note`), and
    as `transitions.make`.
    """
    if decision not in DECISIONS:
        raise InvalidInputError({"decision": [_("Choose a decision.")]})
    ticket = tickets.lock(ctx.session, code)
    if decision != "bug":
        return transitions.apply(ctx, ticket, DECISIONS[decision], version=version, key=key)
    if not note.strip():
        raise InvalidInputError({"note": [FOLLOWED.unmet]})
    held = claims.ensure(ctx, ticket, version)
    return transitions.apply(ctx, ticket, FOLLOW.name, version=held, key=key, filled=Filled(note=note))


def undo_spam(ctx: Context, code: str, *, version: int, key: str) -> Ticket:
    """Reopen a request that was marked as spam. Raises as `transitions.make`."""
    why = Filled(note=_("Marked as spam by mistake."))
    return transitions.make(ctx, code, REOPEN.name, version=version, key=key, filled=why)
