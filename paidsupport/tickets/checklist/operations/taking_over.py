"""Taking over the checklist of a newer version: how a safety fix reaches work that is under way (P10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.catalogue.rules.checklists import Template
from paidsupport.catalogue.wording import templates_of
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.checklist import queries, rules
from paidsupport.tickets.checklist.operations.checklist import (
    add_and_remove,
    newest_of,
    refuse_without_work,
)
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.decisions import queries as decisions
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: The kind of the event that tells of it.
TAKEN_OVER = "checklist-taken-over"


@dataclass(frozen=True, slots=True)
class Offer:
    """A newer checklist that a ticket can have.

    Attributes:
        version_id: the version of the service that it belongs to.
        number: the number of that version.
        word: what was changed in it, and why.
        told: the texts of the items that are added, changed and removed.
    """

    version_id: int
    number: int
    word: str
    told: Mapping[str, Sequence[str]]


def offer(ticket: Ticket, found: Any, items: Sequence[Item], asked: Sequence[Decision]) -> Offer | None:  # noqa: ANN401  # a row of `queries`
    """What a ticket under way is offered; None if it would change nothing.

    Args:
        ticket: The ticket.
        found: The version whose checklist is offered.
        items: The ticket's items.
        asked: Everything that its customer was asked.
    """
    if found is None:
        return None
    changes = rules.difference(items, _applying(ticket, found), newest_of(asked))
    return Offer(found.id, found.number, found.word, changes.told()) if changes else None


def take_over(ctx: Context, code: str, version_id: int, *, key: str) -> Ticket:
    """Replace the checklist of a ticket under way by a newer one.

    Items that were not worked on get its words, or go; what was done or skipped stays as it is.

    Args:
        ctx: The owner, or a manager.
        code: The ticket.
        version_id: The version that was offered on its page.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: Work is not under way, the ticket is a colleague's, or another checklist is
            offered by now.
        KeyReusedError: The form was sent for another version.
    """
    with history.edit(ctx, code, key=key, content=("take over", code, version_id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        refuse_without_work(ctx, ticket)
        if ticket.owner_id != ctx.by.id and not ctx.by.is_manager:
            raise TransitionRefusedError(
                code, [_("Only the owner or a manager can take over a new checklist.")]
            )
        found = queries.offered(ctx.session, ticket)
        if found is None or found.id != version_id:
            raise TransitionRefusedError(
                code, [_("This checklist is no longer offered. The page shows what is offered now.")]
            )
        changes = _replace(ctx, ticket, _applying(ticket, found))
        told = {"version": found.number, **changes.told()}
        more = history.renewed_lease(ctx, ticket)
        change.tell(TAKEN_OVER, told, checklist_version_id=found.id, **more)
    return ticket


def _applying(ticket: Ticket, found: Any) -> list[Template]:  # noqa: ANN401  # a row of `queries`
    templates = templates_of(found.checklist)
    return [each for each in templates if each.applies(found.slug, set(ticket.traits))]


def _replace(ctx: Context, ticket: Ticket, wanted: Sequence[Template]) -> rules.Difference:
    items = queries.items(ctx.session, ticket)
    changes = rules.difference(items, wanted, newest_of(decisions.asked(ctx.session, ticket)))
    add_and_remove(ctx, ticket, wanted, changes)
    for item, template in changes.changed:
        # people who have it open are told that it has changed
        item.version += 1
        for name, value in rules.copied(template).items():
            setattr(item, name, value)
    names = [template.name for template in wanted]
    for number, item in enumerate(each for each in items if each not in changes.removed):
        item.position = names.index(item.name) if item.name in names else len(names) + number
    ctx.session.flush()
    return changes
