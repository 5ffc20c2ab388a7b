"""Merging a duplicate into the ticket it duplicates, and separating the two again (P7).

A duplicate ends by the transition of its workflow that has the reason `duplicate`, and is reopened by the one
that frees it. No email is sent. Messages stay where they were written; the pages of the other ticket show
them as well, and new ones arrive there.
"""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.kernel import addresses
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import StaleTicketError, TransitionRefusedError, existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.workflow import Part, Transition, Workflow
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.queries import entries, items
from paidsupport.tickets.contact import operations as contact_log
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.decisions.queries import asked
from paidsupport.tickets.hooks import AGAINST_MERGING, MERGED
from paidsupport.tickets.operations import history, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.queries.tickets import by_code, by_codes, holder_name
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.relations.queries import merged_into
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.queries import secrets

_RECORD = _(
    "Work has begun on this ticket, or the customer gave access, an approval, a payment or more work: that"
    " stays where it is. Merge the other ticket into this one, or link the two."
)
_ITSELF = _("A ticket can't be merged into itself.")
#: The reason of the transition that ends a duplicate.
_REASON = "duplicate"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two tickets side by side with their owners, and the obstacles to merging them, in sentences.

    Without an `other`, the sentence says what is wrong with its code.
    """

    ticket: Ticket
    other: Ticket | None
    holders: tuple[str, str]
    against: list[str]


def weigh(ctx: Context, code: str, typed: str) -> Weighed:
    """Check what `merge` would do; nothing is locked or changed. Raises NotFoundError for the first code."""
    other_code = tidy_code(typed) or ""
    found = by_codes(ctx.session, code, other_code)
    ticket, other = existing(found.get(code)), found.get(other_code)
    if other is None or other is ticket:
        wrong = _ITSELF if other else _("There is no ticket with this code.")
        return Weighed(ticket, None, (holder_name(ctx.session, ticket), ""), [wrong])
    holders = (holder_name(ctx.session, ticket), holder_name(ctx.session, other))
    return Weighed(ticket, other, holders, _against(ctx, ticket, other))


def merge(ctx: Context, code: str, other_code: str, *, version: int, other_version: int, key: str) -> Ticket:
    """End the ticket called `code` as a duplicate of the other one, which then shows both.

    Args:
        ctx: Who merges.
        code: The duplicate.
        other_code: The ticket it is merged into.
        version: The version of the duplicate that was seen.
        other_version: The version of the other ticket that was seen.
        key: The one-time key of the form.

    Returns:
        The duplicate.

    Raises:
        NotFoundError: There is no such duplicate.
        InvalidInputError: The other code is wrong (field `other`).
        StaleTicketError: One of the two has changed since it was seen.
        TransitionRefusedError: The two cannot be merged.
        KeyReusedError: The form was sent with other content.
    """
    ticket, other = relations.both(ctx, code, other_code, _ITSELF)
    with history.edit(ctx, ticket, key=key, content=("merge", code, other.code, ctx.by.id)) as change:
        if change.repeated:
            return ticket
        for seen, at in ((ticket, version), (other, other_version)):
            if seen.version != at:
                raise StaleTicketError(seen.code, holder_name(ctx.session, seen))
        against = _against(ctx, ticket, other)
        ending = _ending(ctx.services.workflows[ticket.workflow], ticket)
        if against or ending is None:
            raise TransitionRefusedError(code, against)
        _end(ctx, ticket, other, ending, change)
    return ticket


def _noted(sentence: Message) -> str:
    """A sentence for the note of the transition, in the language of the person who merges."""
    return str(translate(sentence))


def _end(
    ctx: Context, ticket: Ticket, other: Ticket, ending: Transition, change: Change[Context, Ticket]
) -> None:
    given = Filled(reason=_REASON, note=_noted(_("Merged into %(code)s.", code=other.code)))
    unanswered = ticket.awaits == "desk" and ticket.thread > 0
    ctx.services.hooks.call(MERGED, ctx, ticket, other)
    transitions.apply(ctx, ticket, ending.name, version=ticket.version, filled=given)
    change.tell("merged", {"other": other.code}, merged_into_id=other.id)
    columns = _waits(ctx, other) if unanswered else {}
    history.tell(ctx, other, "merged-here", {"other": ticket.code}, **columns)


def take_apart(ctx: Context, code: str, *, version: int, key: str) -> Ticket:
    """Undo a merge: the duplicate called `code` is open again and can be claimed.

    Its earlier claim is not restored, because only a person takes a claim. Messages received in the meantime
    stay on the other ticket.

    Returns:
        The duplicate.

    Raises:
        NotFoundError: There is no such ticket.
        StaleTicketError: It has changed since it was seen.
        TransitionRefusedError: It is not merged, or not for this person to separate.
        KeyReusedError: The form was sent with other content.
    """
    ticket = by_code(ctx.session, code)
    locked = tickets.lock_all(ctx.session, {ticket.id, ticket.merged_into_id or ticket.id})
    with history.edit(ctx, ticket, key=key, content=("take-apart", code, ctx.by.id)) as change:
        if change.repeated:
            return ticket
        # a colleague who was faster, between the first read and the locks, has changed the version too
        if ticket.version != version:
            raise StaleTicketError(code, holder_name(ctx.session, ticket))
        opening = _opening(ctx.services.workflows[ticket.workflow], ticket.state)
        if ticket.merged_into_id is None or opening is None:
            raise TransitionRefusedError(code, [_("This ticket is not merged into another one.")])
        other = locked[ticket.merged_into_id]
        tickets.change(ctx.session, ticket, merged_into_id=None)
        given = Filled(note=_noted(_("Taken apart from %(code)s.", code=other.code)))
        transitions.apply(ctx, ticket, opening.name, version=version, filled=given)
        change.tell("taken-apart", {"other": other.code})
        history.tell(ctx, other, "taken-apart", {"other": ticket.code})
    return ticket


def _waits(ctx: Context, other: Ticket) -> dict[str, object]:
    """Let the other ticket wait for the answer that the customer of the duplicate is due."""
    due = deadlines.asked(ctx, other)
    return {**correspondence.lease_after_reply(ctx, other), **due, "awaits": "desk"}


def _ending(flow: Workflow, ticket: Ticket) -> Transition | None:
    """The transition that ends `ticket` as a duplicate and can be undone, if its state has one."""
    for transition in flow.transitions:
        inside = transition.target is not None and not transition.into
        ends = inside and flow.state(transition.target or "").part is Part.CLOSED
        if (
            ends
            and ticket.state in transition.sources
            and _REASON in {reason.name for reason in transition.reasons}
        ):
            return transition if _opening(flow, transition.target or "") else None
    return None


def _opening(flow: Workflow, state: str) -> Transition | None:
    """The transition that leads from an end back to where a ticket can be claimed."""
    for transition in flow.transitions:
        inside = state in transition.sources and transition.target and not transition.into
        if inside and flow.state(transition.target or "").part is Part.UNASSIGNED:
            return transition
    return None


def _against(ctx: Context, ticket: Ticket, other: Ticket) -> list[str]:
    """Every reason why `ticket` cannot be merged into `other`, as sentences that say what to do instead."""
    if sentence := _between_strangers(ticket, other) or _in_a_chain(ctx, ticket, other):
        return [sentence]
    if ticket.part == Part.CLOSED:
        return [_("This ticket has ended: there is nothing to merge. Link the two instead.")]
    ending = _ending(ctx.services.workflows[ticket.workflow], ticket)
    if ending is None or _has_a_record(ctx, ticket):
        return [_RECORD]
    # a merge fills in everything that the form of the transition asks for
    against = [
        guard.unmet for guard in ending.blocked(transitions.facts(ctx, ticket, ending, asked_for=False))
    ]
    if other.part == Part.CLOSED:
        against.append(_("%(code)s has ended. Open it again first, or link the two.", code=other.code))
    against += [said for said in ctx.services.hooks.call(AGAINST_MERGING, ctx, ticket) if said]
    if contact_log.has_begun(ctx, ticket) and not contact_log.has_begun(ctx, other):
        against.append(
            _(
                "The customer has been written to about this ticket and not about %(code)s, and is never"
                " contacted twice. Merge %(code)s into this one.",
                code=other.code,
            )
        )
    return against


def _between_strangers(ticket: Ticket, other: Ticket) -> str:
    """Why the two may belong to different customers; empty if not. Each could see the other's ticket."""
    for each in (ticket, other):
        if each.erased_at is not None:
            return _("The personal data of %(code)s was erased, so it stays as it is.", code=each.code)
    if not addresses.is_same(ticket.customer_email, other.customer_email):
        # a caller is only known by their own word, which does not prove that two callers are the same
        return _(
            "The two are of different customers, and each would read what the other wrote."
            " Link the two instead."
        )
    if ticket.customer_user_id != other.customer_user_id:
        # an order does not prove an address: a signed-in visitor may have typed another person's
        return _(
            "One of the two was ordered under an account of the site that the other does not belong to, and"
            " that account would open both. Link the two instead."
        )
    return ""


def _in_a_chain(ctx: Context, ticket: Ticket, other: Ticket) -> str:
    if ticket.merged_into_id is not None:
        return _("This ticket is merged into another one already.")
    if other.merged_into_id is not None:
        final = tickets.living(ctx.session, other).code
        return _(
            "%(code)s is itself merged into %(final)s. Merge this one into that.",
            code=other.code,
            final=final,
        )
    if code := merged_into(ctx.session, ticket):
        return _(
            "%(code)s was merged into this ticket. Merge %(other)s into this one, or take them apart.",
            code=code,
            other=other.code,
        )
    return ""


def _has_a_record(ctx: Context, ticket: Ticket) -> bool:
    """Whether work was done on the customer's server, a login was given, a decision made, or money moved."""
    if ticket.paid_minor or ticket.refunded_minor or ticket.payment_mark:
        return True
    agreed = any(row.answer == "approved" for row in asked(ctx.session, ticket))
    return agreed or any(rows(ctx.session, ticket) for rows in (secrets, items, entries))
