"""From a wish that was accepted, or granted free of charge, to the issue in which it is built (T9, T4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from paidsupport.issues.operations import opening, privacy
from paidsupport.issues.operations.opening import Opening
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.transitions import Effect, Fact, Phase
from paidsupport.sales.leads.queries import wishes_of
from paidsupport.sales.leads.tables import Wish
from paidsupport.sales.organisations.queries.records import of_ticket
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.tables import Ticket

_DETAILS_LIMIT = 10_000


def tidied(
    ctx: Context,
    ticket: Ticket,
    summary: str,
    details: str,
    fields: Fields,
    *,
    needed: bool = False,
) -> tuple[str, str]:
    """The description of what is to be built, as it is stored; problems are added to `fields`."""
    built = _("Enter in one line what is to be built.") if needed else ""
    more = _("Describe what is to be built, so that a developer can start.") if needed else ""
    texts = {
        "summary": fields.one_line("summary", summary, required=built),
        "details": fields.many_lines("details", details, required=more, limit=_DETAILS_LIMIT),
    }
    for field, text in texts.items():
        with fields.collecting():
            privacy.refuse_personal(ctx, [ticket], text, field)
    return texts["summary"], texts["details"]


def open_all(ctx: Context, ticket: Ticket) -> None:
    """Open an issue for every wish that management has agreed to build and that has none yet.

    The lead follows each of them. The caller holds the ticket's lock.
    """
    wishes = wishes_of(ctx.session, ticket)
    for wish in [each for each in wishes if each.decision in {"offer", "gratis"} and each.issue_id is None]:
        open_issue(ctx, ticket, wish, key=f"wish {wish.reference}")


def facts(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The facts about a lead for the site's own programs: figures, and names of ours."""
    theirs = of_ticket(ctx.session, ticket)
    reference = theirs.reference if theirs else None
    return {"organisation": reference, "price": ticket.price_minor, "currency": ticket.currency}


def open_issue(ctx: Context, ticket: Ticket, wish: Wish, *, key: str) -> None:
    """Open the issue of one wish: it is unassigned, and the lead follows it."""
    # an issue that a customer's click causes is filed by the desk itself
    by = ctx if ctx.by.is_person else replace(ctx, by=CLOCK)
    typed = Opening(kind="feature", summary=wish.summary, details=wish.details)
    # the rules for personal data may have become stricter since: they must not block a customer's yes
    issue = opening.open_issue(by, typed, key=key, tickets=[ticket], read_before=True)
    wish.issue_id = issue.id
    ctx.session.flush()


def _wishes(at: Any) -> Sequence[Wish]:  # noqa: ANN401  # a move of a ticket
    if at.page is not None:
        found: Sequence[Wish] = at.page.wishes
        return found
    return wishes_of(at.ctx.session, at.record)


def _are_decided(at: Any) -> bool | None:  # noqa: ANN401  # a move of a ticket
    wishes = _wishes(at)
    return all(wish.decision for wish in wishes) if wishes else None


def _is_priced(at: Any) -> bool:  # noqa: ANN401  # a move of a ticket
    """Whether there is a note, or an offer that waits on the customer's page."""
    asked = decisions.open_ones(at.ctx, at.record) if not at.filled.note else []
    return bool(at.filled.note) or any(decision.kind == "offer" for decision in asked)


def _told(event: str) -> Effect:
    """Announce it to the site's own programs for customers and invoices."""

    def run(at: Any) -> None:  # noqa: ANN401  # a move of a ticket
        at.ctx.services.hooks.call(ANNOUNCED, at.ctx, event, [(at.record, facts(at.ctx, at.record))])

    return Effect(event, run, Phase.AFTER)


#: Guards and effects of the transitions of leads.
GUARDS: Mapping[str, Fact] = {
    "wishes-decided": _are_decided,
    "granted": lambda at: any(wish.decision == "gratis" for wish in _wishes(at)),
    "priced": _is_priced,
}
EFFECTS = (
    Effect("wishes-opened", lambda at: open_all(at.ctx, at.record)),
    *(_told(event) for event in ("lead-accepted", "lead-won", "lead-lost")),
)
