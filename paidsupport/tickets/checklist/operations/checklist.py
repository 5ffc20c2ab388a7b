"""Working through the checklist on a customer's server (G12-G14, N3).

Ticking changes the version of the item only, not of its ticket: people who tick different items both
succeed, and a colleague's tick never makes a claim stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.checklists import Evidence, Phase, Template
from paidsupport.kernel import fields, files
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.edit import Change, Content
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, StaleItemError, TransitionRefusedError
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.transitions import Attempt, Effect, Fact, begins_work
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.checklist import queries, rules
from paidsupport.tickets.checklist.rules import ItemState
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.checklist.wording import WHY_EXTRA, text_of
from paidsupport.tickets.conversation.operations import files as operations_files
from paidsupport.tickets.decisions import queries as decisions
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: The kind of the event that tells which items were added and removed.
LAID = "checklist-laid"
#: The name of the item that is ticked by sending the closing report.
REPORT = "report"
_SET = update(Item).where(Item.id == bindparam("item_id"), Item.version == bindparam("seen"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A change of an item: the item's `version` as it was seen, and the form's one-time `key`."""

    name: str
    version: int
    key: str


def lay_out(ctx: Context, ticket: Ticket) -> dict[str, object] | None:
    """Give `ticket` the items that apply now.

    Called when work starts and when its traits change. Items that are done stay done, except that a new
    round of work reopens the last phase.

    Returns:
        The data of the event, or None if no item was added or removed.
    """
    wanted = _applying(ctx, ticket)
    asked = newest_of(decisions.asked(ctx.session, ticket))
    found = rules.difference(queries.items(ctx.session, ticket), wanted, asked)
    add_and_remove(ctx, ticket, wanted, found)
    ctx.session.flush()
    if not found.added and not found.removed:
        return None
    return {
        "added": [template.name for template in found.added],
        "removed": [item.name for item in found.removed],
    }


def add_and_remove(ctx: Context, ticket: Ticket, wanted: Sequence[Template], found: rules.Difference) -> None:
    """Give a ticket the items that it lacks among those `wanted`, and take away what no longer applies."""
    ctx.session.add_all(_copy(ticket, template, wanted) for template in found.added)
    for item in found.removed:
        ctx.session.delete(item)


def ask_again(ctx: Context, ticket: Ticket) -> None:
    """Reopen the items of the last phase: tests from before a new round of work prove nothing."""
    ctx.session.execute(
        update(Item)
        .where(Item.ticket_id == ticket.id, Item.phase == Phase.AFTER, Item.state == ItemState.DONE)
        .values(state=ItemState.OPEN, version=Item.version + 1, by_id=ctx.by.id, by_name=ctx.by.name)
        .execution_options(synchronize_session=False)
    )


def is_missing(ctx: Context, ticket: Ticket) -> bool:
    """Whether items apply but the ticket has none: its work began before there was a checklist."""
    return not queries.items(ctx.session, ticket) and bool(_applying(ctx, ticket))


def unticked(items: Sequence[Item], transition: str) -> list[Item]:
    """The items that hold back the transition called `transition`."""
    return [item for item in items if rules.holding_back(transition, [item])]


def waits_for(item: Item, items: Iterable[Any], consent: Decision | None) -> list[str]:
    """Why `item` cannot be ticked now, as sentences; empty if it can (G13, G14).

    Args:
        item: The item.
        items: All items of the ticket, or at least the open ones.
        consent: The newest consent that was asked for it.
    """
    held_back = rules.holding_back(item.name, items)
    sentences: list[str] = [_("First: %(item)s.", item=text_of(other)) for other in held_back]
    if item.consent:
        sentences += _consent_sentences(consent)
    return sentences


def tick(
    ctx: Context, code: str, tick: Tick, typed: Mapping[str, Sequence[str]], uploads: Sequence[Upload] = ()
) -> Item:
    """Mark an item as done, with the evidence it needs. A repeated key changes nothing.

    Raises:
        NotFoundError: There is no such ticket or item.
        StaleItemError: Someone else changed this item.
        TransitionRefusedError: Work is not under way, another item comes first, or consent is missing.
        InvalidInputError: By field of the evidence.
        KeyReusedError: The form was sent with other content.
    """
    content = ("tick", code, tick.name, sorted(typed.items()), files.outlines(uploads))
    with _edit(ctx, code, tick, content) as change:
        ticket = change.record
        item = _found(ctx, change, tick)
        if change.repeated:
            return item
        _refuse_if_held_back(ctx, ticket, item)
        declared = [Evidence.of_row(row) for row in item.evidence]
        answers, problems = rules.check_evidence(declared, typed, len(uploads))
        if problems:
            raise InvalidInputError(problems)
        for answer in answers:
            refuse_quotes(ctx, ticket, str(answer["value"]), str(answer["name"]))
        refuse_quotes(ctx, ticket, "", "files", uploads)
        _set(ctx, item, tick, ItemState.DONE, answers=answers)
        attached = operations_files.attach(ctx, ticket, uploads, audience="desk", item_id=item.id)
        _tell(ctx, change, "item-done", item, {"evidence": fingerprint(answers), "files": attached})
    return item


def skip(ctx: Context, code: str, tick: Tick, because: str) -> Item:
    """Skip an item, with the reason in `because`, also the name of the field. Raises as `tick`."""
    with _edit(ctx, code, tick, ("skip", code, tick.name, because)) as change:
        item = _found(ctx, change, tick)
        if change.repeated:
            return item
        if not item.skippable:
            raise TransitionRefusedError(
                code, [_("“%(item)s” can't be left out. %(reason)s", item=item.text, reason=item.reason)]
            )
        because = fields.many_lines("because", because, required=_("Say why it does not apply here.")).strip()
        refuse_quotes(ctx, change.record, because, "because")
        _set(ctx, item, tick, ItemState.SKIPPED, because=because)
        _tell(ctx, change, "item-skipped", item, {"because": fingerprint(because)})
    return item


def untick(ctx: Context, code: str, tick: Tick) -> Item:
    """Reopen an item; its history stays. Raises as `tick`."""
    with _edit(ctx, code, tick, ("untick", code, tick.name)) as change:
        item = _found(ctx, change, tick)
        if change.repeated:
            return item
        if item.state == ItemState.REFUSED:
            raise TransitionRefusedError(code, [_("The customer does not want this: it stays undone.")])
        if resting := rules.resting_on(item, queries.items(ctx.session, change.record)):
            raise TransitionRefusedError(
                code, [_("“%(item)s” was done because of this. Open that first.", item=resting[0].text)]
            )
        _set(ctx, item, tick, ItemState.OPEN, because="")
        _tell(ctx, change, "item-opened", item, {})
    return item


def set_traits(ctx: Context, code: str, wanted: Collection[str], *, key: str) -> Ticket:
    """Set the traits of the server and the work; items come and go with them (G12).

    Traits that follow from the order stay, and so do items that were worked on.

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: Work is not under way.
        InvalidInputError: A trait is unknown.
        KeyReusedError: The form was sent with other traits.
    """
    with history.edit(ctx, code, key=key, content=("traits", code, sorted(wanted))) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        refuse_without_work(ctx, ticket)
        known = dict(catalogue.traits(ctx.session))
        if unknown := set(wanted) - set(known):
            raise InvalidInputError({"traits": [_("There is no “%(name)s” in the list.", name=min(unknown))]})
        fixed = {name: who for name, who in ticket.traits.items() if who == "order"}
        kept = {name: who for name, who in ticket.traits.items() if name in wanted}
        new = {name: ctx.by.name for name in known if name in wanted} | kept | fixed
        change.tell("traits-set", {"traits": sorted(new)}, traits=new)
        if laid := lay_out(ctx, ticket):
            change.tell(LAID, laid)
    return ticket


def refuse(ctx: Context, item: Item) -> None:
    """Lock `item` for good, because the customer has declined what it needs (G14). Writes no event itself."""
    item.state, item.version = ItemState.REFUSED, item.version + 1
    item.by_id, item.by_name, item.at = None, ctx.by.name, ctx.now


def add_extra(ctx: Context, ticket: Ticket, name: str, text: str) -> Item:
    """Add an item for accepted extra work (G17); the ticket cannot be closed before it is done."""
    item = Item(
        ticket_id=ticket.id,
        name=name,
        position=len(queries.items(ctx.session, ticket)),
        text=text,
        reason=WHY_EXTRA,
        told=text,
        phase=Phase.DURING,
        gates=["close"],
        evidence=[],
        consent=False,
        skippable=False,
        guide="",
    )
    ctx.session.add(item)
    ctx.session.flush()
    return item


def note_report(ctx: Context, ticket: Ticket) -> None:
    """Tick the item for the closing report, which is on its way. Its message writes the event."""
    ctx.session.execute(
        update(Item)
        .where(Item.ticket_id == ticket.id, Item.name == REPORT, Item.state == ItemState.OPEN)
        .values(
            state=ItemState.DONE,
            version=Item.version + 1,
            by_id=ctx.by.id,
            by_name=ctx.by.name,
            at=ctx.now,
        )
        .execution_options(synchronize_session=False)
    )


def newest_of(asked: Iterable[Decision]) -> dict[int, Decision]:
    """The newest consent that was `asked` for each item, by the item's id.

    Withdrawn ones count too: each replaced an earlier answer, which is not restored.
    """
    return {row.item_id: row for row in asked if row.kind == "consent" and row.item_id is not None}


def wants_consent(item: Item, asked: Decision | None) -> bool:
    """Whether the customer must still be asked about `item`; `asked` is the newest consent for it."""
    return item.consent and item.state == ItemState.OPEN and (asked is None or asked.answer == "withdrawn")


def usable(item: Item, asked: Decision | None, decisions: Iterable[Decision]) -> list[Decision]:
    """The consents among `decisions` that can serve `item` without asking the customer again.

    These name no item and were not declined. Those from before a withdrawn question about the item are out of
    date, because that question replaced them.
    """
    if not wants_consent(item, asked):
        return []
    since = asked.number if asked is not None else 0
    return [row for row in decisions if _is_free(row) and row.number > since]


def _is_free(row: Decision) -> bool:
    return row.kind == "consent" and row.item_id is None and row.answer in {"", "approved"}


def _applying(ctx: Context, ticket: Ticket) -> list[Template]:
    version = ticket.checklist_version_id or ticket.service_version_id
    slug, traits = catalogue.terms_under(ctx, version).slug, set(ticket.traits)
    return [each for each in catalogue.checklist_under(ctx, version) if each.applies(slug, traits)]


def _copy(ticket: Ticket, template: Template, wanted: Sequence[Template]) -> Item:
    return Item(
        ticket_id=ticket.id,
        position=wanted.index(template),
        **rules.copied(template),
    )


def _edit(ctx: Context, code: str, tick: Tick, content: Content) -> Change[Context, Ticket]:
    """Edit under a key of the item's own: a page has one key, and each of its items can be ticked with it."""
    return history.edit(ctx, code, key=f"{tick.name} {tick.key}", content=content)


def _found(ctx: Context, change: Change[Context, Ticket], tick: Tick) -> Item:
    """The item as it is now, checked: unchanged since it was seen, and work under way; or sent before."""
    item = queries.item(ctx.session, change.record, tick.name)
    if not change.repeated:
        refuse_without_work(ctx, change.record)
        if item.version != tick.version:
            raise StaleItemError(item.text, item.by_name if item.by_id != ctx.by.id else "")
    return item


_NOT_STARTED = _("The checklist is for work in progress. Start the work first.")


def refuse_without_work(ctx: Context, ticket: Ticket, sentence: str = _NOT_STARTED) -> None:
    """Raise NotFoundError unless this is staff, and TransitionRefusedError unless work is under way."""
    if not ctx.by.is_person:
        raise NotFoundError
    if ticket.part != Part.PENDING or ticket.started_at is None:
        raise TransitionRefusedError(ticket.code, [sentence])


def _refuse_if_held_back(ctx: Context, ticket: Ticket, item: Item) -> None:
    if item.state == ItemState.REFUSED:
        raise TransitionRefusedError(ticket.code, [_("The customer does not want this: it stays undone.")])
    asked = newest_of(decisions.asked(ctx.session, ticket)) if item.consent else {}
    if sentences := waits_for(item, queries.open_lines(ctx.session, ticket), asked.get(item.id)):
        raise TransitionRefusedError(ticket.code, sentences)


def _consent_sentences(consent: Decision | None) -> list[str]:
    if consent is None or consent.answer == "withdrawn":
        return [_("Ask the customer for approval first: say what, why and at which risk.")]
    if consent.answer == "":
        return [_("The customer has not answered the request for approval yet.")]
    return [] if consent.answer == "approved" else [_("The customer does not want this: it stays undone.")]


def _set(ctx: Context, item: Item, tick: Tick, state: ItemState, **values: object) -> None:
    """Write the item in one conditional update, if it is still at the version that was seen."""
    new = {"state": state, "version": tick.version + 1, "by_id": ctx.by.id, "by_name": ctx.by.name}
    new |= {"at": ctx.now, **values}
    if write(ctx.session, _SET, {"item_id": item.id, "seen": tick.version, **new}) != 1:
        raise StaleItemError(item.text)
    for name, value in new.items():
        set_committed_value(item, name, value)


def _tell(
    ctx: Context, change: Change[Context, Ticket], kind: str, item: Item, data: Mapping[str, object]
) -> None:
    """Write the event; it also renews the lease, because an owner who ticks is at work."""
    told = {"item": item.name, "line": item.text, **data}
    change.tell(kind, told, **history.renewed_lease(ctx, change.record))


def _is_checked(at: Attempt[Context, Ticket, Any]) -> bool | None:
    """Whether the checklist allows the transition; work without a checklist must get one first."""
    items = at.page.items if at.page is not None else queries.items(at.ctx.session, at.record)
    if not items:
        return False if is_missing(at.ctx, at.record) else None
    return not unticked(items, at.transition.name)


def _begun(at: Attempt[Context, Ticket, Any]) -> None:
    ask_again(at.ctx, at.record)
    if laid := lay_out(at.ctx, at.record):
        history.append(at.ctx, at.record, LAID, laid)


GUARDS: Mapping[str, Fact] = {"checked": _is_checked}
EFFECTS = (Effect("checklist-laid", _begun, on=begins_work),)
