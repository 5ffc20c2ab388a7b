"""Technical wishes of a lead: all staff can note them, management decides (T9).

The decision is an offer, a free grant, or a refusal, always with the reason. What is to be built is described
without personal data: once it is accepted or granted, it becomes an issue.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import (
    InvalidInputError,
    ManagersOnlyError,
    NotFoundError,
    TransitionRefusedError,
    existing,
    for_managers,
)
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.sales.leads.operations import building
from paidsupport.sales.leads.operations import notes as kept
from paidsupport.sales.leads.queries import wishes_of
from paidsupport.sales.leads.tables import Wish
from paidsupport.sales.leads.workflow import GIVE, LEAD, OFFERED, QUALIFYING
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history, transitions
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

_FOR_MANAGERS = for_managers(_("Only a manager can decide about technical wishes."))

#: The decisions of management, for the form.
DECISIONS = {
    "offer": _("Offer it: it's built once they accept the price"),
    "gratis": _("Build it free of charge: the issue is opened now"),
    "refuse": _("Don't build it"),
}
#: States in which a lead can still be offered something.
_OFFERING = frozenset({LEAD.name, QUALIFYING.name, OFFERED.name})
_REASON_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Typed:
    """A wish as it was typed; `summary` and `details` go into the issue."""

    what: str = ""
    summary: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was typed, with a description of what is to be built."""

    decision: str
    reason: str
    summary: str = ""
    details: str = ""


def note(ctx: Context, code: str, typed: Typed, *, key: str) -> Ticket:
    """Note a technical wish of a lead; nothing is offered before management has decided. Returns the lead.

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: It is not a lead, or has ended.
        InvalidInputError: By field (`wish`, `summary`, `details`).
        VaultClosedError: The texts cannot be compared with secrets now.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("wish", code, typed)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        kept.refuse_others(ctx, ticket)
        fields = Fields()
        what = fields.one_line("wish", typed.what, required=_("Enter in one line what they want."))
        summary, details = building.tidied(ctx, ticket, typed.summary, typed.details, fields)
        fields.done()
        refuse_quotes(ctx, ticket, f"{what}\n{summary}\n{details}", "wish")
        wish = Wish(
            reference=new_reference(),
            ticket_id=ticket.id,
            what=what,
            summary=summary,
            details=details,
            noted_by_id=ctx.by.id,
            noted_by_name=ctx.by.name,
            noted_at=ctx.now,
        )
        ctx.session.add(wish)
        ctx.session.flush()
        change.tell("wish-noted", {})
    return ticket


def decide(ctx: Context, code: str, reference: str, typed: Decided, *, key: str) -> Ticket:
    """Decide about a wish; only a manager can, and only once. Returns the lead.

    A wish that is granted free of charge becomes an issue at once, and the lead goes on to delivery if
    nothing else is open.

    Raises:
        NotFoundError: There is no such ticket or wish.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: It is decided already, or the ticket is not an open lead.
        InvalidInputError: By field as in `Decided`.
        VaultClosedError: The texts cannot be compared with secrets now.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, code)
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
    with history.edit(ctx, ticket, key=key, content=("decide", code, reference, typed)) as change:
        if change.repeated:
            return ticket
        kept.refuse_others(ctx, ticket)
        wish = of_reference(ctx, ticket, reference)
        if typed.decision == "offer" and ticket.state not in _OFFERING:
            sentence = _("They have already accepted. Choose another decision: a new offer needs a new lead.")
            raise InvalidInputError({"decision": [sentence]})
        values = _tidied(ctx, ticket, typed)
        by = {"decided_by_id": ctx.by.id, "decided_by_name": ctx.by.name, "decided_at": ctx.now}
        undecided = update(Wish).where(Wish.id == wish.id, Wish.decision == "").values(**values, **by)
        if changed(ctx.session, undecided) != 1:
            raise TransitionRefusedError(code, [_("A manager has already decided about this.")])
        ctx.session.refresh(wish)
        data = {"kind": wish.decision, "decision": wish.reference}
        change.tell("wish-decided", data)
        if wish.decision == "gratis":
            building.open_issue(ctx, ticket, wish, key=f"{key} issue")
            _go_on(ctx, ticket)
    return ticket


def refusal(ctx: Context, ticket: Ticket, reference: str) -> str:
    """The draft of an email that refuses a wish. Raises NotFoundError unless it was refused."""
    wish = of_reference(ctx, ticket, reference)
    if wish.decision != "refuse":
        raise NotFoundError
    said = _(
        "You asked for: %(what)s\n\nWe've considered it and decided not to build it. %(reason)s",
        what=wish.what,
        reason=wish.reason,
    )
    return str(translate(said))


def of_reference(ctx: Context, ticket: Ticket, reference: str) -> Wish:
    """The wish of a ticket with this random name. Raises NotFoundError."""
    return existing(
        next((wish for wish in wishes_of(ctx.session, ticket) if wish.reference == reference), None)
    )


def _go_on(ctx: Context, ticket: Ticket) -> None:
    """Let a lead go on to delivery if what was granted is all that they asked for."""
    wishes = wishes_of(ctx.session, ticket)
    rest = any(wish.decision in {"", "offer"} and wish.issue_id is None for wish in wishes)
    if ticket.state in GIVE.sources and not rest:
        transitions.apply(ctx, ticket, GIVE.name, version=ticket.version)


def _tidied(ctx: Context, ticket: Ticket, typed: Decided) -> dict[str, str]:
    """A decision as the columns to store. Raises InvalidInputError."""
    fields = Fields()
    if typed.decision not in DECISIONS:
        fields.refuse("decision", _("Choose a decision."))
    missing = _("Enter a reason. The owner of the lead passes it on.")
    reason = fields.many_lines("reason", typed.reason, required=missing, limit=_REASON_LIMIT).strip()
    is_built = typed.decision in {"offer", "gratis"}
    summary, details = building.tidied(ctx, ticket, typed.summary, typed.details, fields, needed=is_built)
    fields.done()
    refuse_quotes(ctx, ticket, f"{reason}\n{summary}\n{details}", "reason")
    return {"decision": typed.decision, "reason": reason, "summary": summary, "details": details}
