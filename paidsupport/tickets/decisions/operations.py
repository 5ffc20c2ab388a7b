"""Asking the customer for consent, offering extra work, and the one answer to each (G14, G17, N4).

An answer is a button on the customer's page, never a mail: it names the hash of the exact text it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from paidsupport.kernel import chain, codes
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.money import MOST_MINOR, Money, parse
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Attempt, Effect, Fact, ends, ends_claim
from paidsupport.kernel.workflow import Part
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.rules import EXTRA, ItemState
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.conversation.queries import message_of_customer
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.decisions import queries
from paidsupport.tickets.decisions.rules import is_open, state_of
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import AGAINST_OFFER, OFFER_ANSWERED, OFFER_MADE
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering.operations import NO_PASSWORDS
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket

_CHOOSE = _("Choose one of the two buttons.")
#: The most days for which an offer can be valid.
MOST_DAYS = 90
#: The longest text that the customer can add to an answer, in characters.
WORD_LIMIT = 2_000
#: The longest explanation, so that all of them together fit into one email.
_EXPLANATION_LIMIT = 4_000
_MISSING = {
    "what": _("Say in one line what it is about."),
    "why": _("Say why, so that the customer can understand it."),
    "risk": _("Say what can go wrong, or that nothing can."),
    "undo": _("Say how it is undone if it goes wrong."),
}
#: The kinds of events for answers.
EVENTS = {
    ("consent", "approved"): "consent-approved",
    ("consent", "declined"): "consent-declined",
    ("offer", "approved"): "offer-accepted",
    ("offer", "declined"): "offer-declined",
    ("consent", "withdrawn"): "decision-withdrawn",
    ("offer", "withdrawn"): "decision-withdrawn",
}
#: The kind of the event for a consent that is used for another item.
USED = "consent-used"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for consent as it was typed; `item` names the checklist item that waits for it."""

    what: str
    why: str
    risk: str
    undo: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Extra work at a price as it was typed; `about` is the number of the message that asked for it."""

    what: str
    why: str
    price: str
    days: int
    about: int = 0


def standing(asked: Iterable[Decision], now: datetime) -> list[tuple[Decision, str]]:
    """Each decision with its state, for pages."""
    return [(decision, state_of(decision, now)) for decision in asked]


def text_hash(decision: Decision) -> str:
    """A hash over all that the customer reads of it; any change gives another hash."""
    until = decision.valid_until
    said = {
        "number": decision.number,
        "kind": decision.kind,
        "what": decision.what,
        "why": decision.why,
        "risk": decision.risk,
        "undo": decision.undo,
        "price": decision.price_minor,
        "currency": decision.currency,
        "until": until.astimezone(UTC).isoformat(timespec="microseconds") if until else None,
    }
    return chain.digest(decision.reference, said)


def ask_consent(ctx: Context, code: str, ask: Ask, *, claim: int, thread: int, key: str) -> Decision:
    """Ask the customer whether something risky may be done.

    A new question for the same item replaces the one before: a change needs a new answer. A no is final.

    Raises:
        NotFoundError: There is no such ticket.
        NotTheOwnerError: This person is not the owner under this claim.
        StaleThreadError: A message was added since the page was shown.
        TransitionRefusedError: The customer was not contacted yet or has declined, or the item needs no
            consent.
        InvalidInputError: By field as in `Ask`.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("consent", code, ask)) as change:
        ticket = change.record
        if change.repeated:
            return queries.named(ctx.session, ticket, change.earlier["decision"])
        item = _item_to_ask_for(ctx, ticket, ask.item) if ask.item else None
        texts = _explained({"what": ask.what, "why": ask.why, "risk": ask.risk, "undo": ask.undo})
        decision = _new(ctx, ticket, "consent", texts)
        earlier = _newest_for(ctx, ticket, item) if item else None
        _send(ctx, ticket, decision, Draft("", claim, thread, key), earlier=earlier)
        if item is not None:
            decision.item_id = item.id
        if earlier is not None and is_open(earlier, ctx.now):
            _take_back(ctx, ticket, earlier)
        ctx.session.flush()
        change.tell("consent-asked", {**_names(decision), "item": item.name if item else ""})
    return decision


def use_consent(ctx: Context, code: str, reference: str, name: str, *, key: str) -> Decision:
    """Use a consent for the item called `name`, if it was asked before the item existed or without naming it.

    Its answer, present or future, then counts for this item, and the customer is not asked again.

    Raises:
        NotFoundError: There is no such ticket, decision or item.
        TransitionRefusedError: The item needs no consent or has one, or the decision cannot be used for it.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, code)
    decision = queries.named(ctx.session, ticket, reference)
    if not ctx.by.is_person:
        raise NotFoundError
    with history.edit(ctx, ticket, key=key, content=("use-consent", code, reference, name)) as change:
        if change.repeated:
            return decision
        checklists.refuse_without_work(ctx, ticket)
        item = _item_to_ask_for(ctx, ticket, name)
        asked = _newest_for(ctx, ticket, item)
        if decision not in checklists.usable(item, asked, [decision]):
            raise TransitionRefusedError(
                code, [_("This answer can't be used for the item. Ask the customer.")]
            )
        decision.item_id = item.id
        change.tell(USED, {**_names(decision), "item": item.name})
    return decision


def make_offer(ctx: Context, code: str, offer: Offer, *, claim: int, thread: int, key: str) -> Decision:
    """Offer extra work at a price in the ticket's currency.

    Raises:
        NotFoundError: There is no such ticket.
        NotTheOwnerError: This person is not the owner under this claim.
        StaleThreadError: A message was added since the page was shown.
        TransitionRefusedError: The customer was not contacted yet.
        InvalidInputError: By field as in `Offer`.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("offer", code, offer)) as change:
        ticket = change.record
        if change.repeated:
            return queries.named(ctx.session, ticket, change.earlier["decision"])
        fields = Fields()
        price = _priced(fields, ticket, offer)
        about = message_of_customer(ctx.session, ticket, offer.about) if offer.about else None
        texts = _explained({"what": offer.what, "why": offer.why}, fields)
        is_order = ctx.services.workflows[ticket.workflow].is_order
        if not is_order:
            # a customer who has ordered nothing yet gets one offer at a time
            withdraw_open(ctx, ticket)
        decision = _new(ctx, ticket, "offer", texts)
        decision.price_minor, decision.currency = price.minor, price.currency
        decision.valid_until = ctx.now + timedelta(days=offer.days)
        # a customer who has ordered nothing yet asked for the offer, so it is an answer
        own = Draft("", claim, thread, key)
        _send(ctx, ticket, decision, own, answers=not is_order, about=about, amount=price)
        ctx.session.flush()
        data = {"price": price.minor, "currency": price.currency, "about": offer.about}
        change.tell("offer-made", {**_names(decision), **data})
        ctx.services.hooks.call(OFFER_MADE, ctx, ticket)
    return decision


def answer(
    ctx: Context, ticket: Ticket, reference: str, choice: str, *, word: str, text_hash: str, key: str
) -> Decision:
    """Store the customer's one answer (`approved` or `declined`) and its consequences.

    Of simultaneous answers exactly one counts.

    Raises:
        NotFoundError: This is not the customer, or the decision has not reached them.
        TransitionRefusedError: The text is not the one that was read, or it can no longer be answered.
        InvalidInputError: By field (`choice`, `word`).
        KeyReusedError: The form was sent with another answer.
    """
    if ctx.by.kind != "customer":
        raise NotFoundError
    ticket = tickets.lock(ctx.session, ticket.code)
    decision = pages.decision_for_customer(ctx.session, ticket, reference)
    content = ("answer", reference, choice, word, text_hash)
    with history.edit(ctx, ticket, key=key, content=content) as change:
        if change.repeated:
            return decision
        if against := why_not(ctx, ticket, decision):
            raise TransitionRefusedError(ticket.code, [against])
        if text_hash != decision.text_hash:
            raise TransitionRefusedError(
                ticket.code, [_("The text has changed since you opened this page. Read it again.")]
            )
        _close(ctx, ticket, decision, _choice(choice), word=_word(word))
        values, data = _consequences(ctx, ticket, decision)
        data |= _names(decision) | {"word": fingerprint(decision.word) if decision.word else ""}
        search.index(ctx.session, ticket.id, decision.word)
        # not a message, so the thread does not change: a click does not make the owner's draft stale
        values |= correspondence.lease_after_reply(ctx, ticket) | deadlines.resumed(ctx, ticket)
        change.tell(EVENTS[decision.kind, decision.answer], data, **{**values, "awaits": "desk"})
        if decision.kind == "offer" and decision.ticket_id == ticket.id:
            ctx.services.hooks.call(OFFER_ANSWERED, ctx, ticket, decision)
        _send_receipt(ctx, ticket, decision)
    return decision


def _send_receipt(ctx: Context, ticket: Ticket, decision: Decision) -> None:
    """Email the customer what they have decided, and what their order costs now."""
    if ticket.customer_email and ticket.erased_at is None:
        kind = EmailKind.DECISION
        amount = Money(decision.price_minor or 0, decision.currency or ticket.currency)
        words = {"decision": decision, "amount": amount}
        # an issue may have become private since it was named: that must not stop the answer
        with suppress(InvalidInputError):
            emails.to_customer(ctx, ticket, kind, *emails.written(ctx, kind, ticket, **words))


def against_offer(ctx: Context, ticket: Ticket) -> str:
    """Why nothing can be offered to the customer now, as a sentence; empty if something can."""
    return ctx.services.hooks.objection(AGAINST_OFFER, ctx, ticket)


def why_not(ctx: Context, ticket: Ticket, decision: Decision) -> str:
    """Why the customer cannot answer now, as a sentence; empty if they can."""
    if sentence := _SETTLED.get(state_of(decision, ctx.now)):
        return sentence
    if ticket.part == Part.CLOSED:
        return _("This has ended, so there's nothing left to decide.")
    if ticket.part != Part.PENDING:
        return _("We're finding you a new developer. You can answer once one has taken over.")
    if decision.price_minor and ticket.price_minor + decision.price_minor > MOST_MINOR:
        return _("The total would be too high to accept here. Write to us about it.")
    return ""


_SETTLED = {
    "approved": _("You've already answered this with yes. Your first answer counts."),
    "declined": _("You've already answered this with no. Your first answer counts."),
    "withdrawn": _("We've withdrawn this, so there's nothing you need to do."),
    "expired": _("This offer is no longer valid. Write to us if you'd still like it."),
}


def withdraw(ctx: Context, code: str, reference: str, *, key: str) -> Decision:
    """Withdraw a decision that the customer has not answered, and its email if that has not left yet.

    For the owner and for managers. Raises NotFoundError, TransitionRefusedError, KeyReusedError.
    """
    ticket = tickets.lock(ctx.session, code)
    decision = queries.named(ctx.session, ticket, reference)
    if not ctx.by.is_person:
        raise NotFoundError
    with history.edit(ctx, ticket, key=key, content=("withdraw", code, reference)) as change:
        if change.repeated:
            return decision
        if not ctx.by.is_manager and ctx.by.id != ticket.owner_id:
            raise TransitionRefusedError(
                code, [_("Only the owner of the ticket or a manager can withdraw this.")]
            )
        if not is_open(decision, ctx.now):
            raise TransitionRefusedError(
                code, [_("This is not open any more, so there is nothing to withdraw.")]
            )
        _close_unanswered(ctx, ticket, decision)
        change.tell("decision-withdrawn", _names(decision))
    return decision


def withdraw_unsent(ctx: Context, ticket: Ticket) -> None:
    """When a claim ends, withdraw the decisions that have not reached the customer; the others stay open.

    The caller writes the ticket's row.
    """
    for decision in queries.unsent(ctx.session, ticket):
        _take_back(ctx, ticket, decision)


def withdraw_open(ctx: Context, ticket: Ticket) -> None:
    """When the work has ended, withdraw all open decisions. The caller writes the ticket's row."""
    for decision in open_ones(ctx, ticket):
        _take_back(ctx, ticket, decision)


def open_ones(ctx: Context, ticket: Ticket) -> list[Decision]:
    """The decisions that the customer can still answer, even if they are only on their way."""
    return [asked for asked in queries.asked(ctx.session, ticket) if is_open(asked, ctx.now)]


def _newest_for(ctx: Context, ticket: Ticket, item: Item) -> Decision | None:
    return checklists.newest_of(queries.asked(ctx.session, ticket)).get(item.id)


def _item_to_ask_for(ctx: Context, ticket: Ticket, name: str) -> Item:
    item = lines.item(ctx.session, ticket, name)
    sentence = ""
    if not item.consent:
        sentence = _("“%(item)s” needs no approval.", item=item.text)
    elif item.state == ItemState.REFUSED:
        sentence = _(
            "The customer has declined this. A no is final: it is not asked again, and stays undone."
        )
    elif item.state != ItemState.OPEN:
        sentence = _("“%(item)s” is settled already. Open it again before you ask.", item=item.text)
    if sentence:
        raise TransitionRefusedError(ticket.code, [sentence])
    return item


def _explained(typed: Mapping[str, str], fields: Fields | None = None) -> dict[str, str]:
    """The texts as they are stored. Raises InvalidInputError with all problems at once."""
    fields, kept = fields or Fields(), {}
    for name, text in typed.items():
        if name == "what":
            kept[name] = fields.one_line(name, text, required=_MISSING[name])
        else:
            kept[name] = fields.many_lines(name, text, required=_MISSING[name], limit=_EXPLANATION_LIMIT)
    fields.done()
    return kept


def _priced(fields: Fields, ticket: Ticket, offer: Offer) -> Money:
    if not 1 <= offer.days <= MOST_DAYS:
        fields.refuse("days", _("Enter a number of days from 1 to %(most)s.", most=MOST_DAYS))
    try:
        price = parse(offer.price, ticket.currency, spoken().formats.mark)
    except ValueError as error:
        fields.refuse("price", str(error))
        return Money(0, ticket.currency)
    if ticket.price_minor + price.minor > MOST_MINOR:
        fields.refuse("price", _("With this the order would cost more than can be kept."))
    return price


def _new(ctx: Context, ticket: Ticket, kind: str, texts: Mapping[str, str]) -> Decision:
    earlier = queries.asked(ctx.session, ticket)
    return Decision(
        reference=codes.new_reference(),
        ticket_id=ticket.id,
        number=earlier[-1].number + 1 if earlier else 1,
        kind=kind,
        why=texts["why"],
        what=texts["what"],
        risk=texts.get("risk", ""),
        undo=texts.get("undo", ""),
        currency="",
        claim_number=ticket.claim_number,
        asked_by_id=ctx.by.id,
        asked_by_name=ctx.by.name,
        asked_at=ctx.now,
        answer="",
        word="",
    )


def _send(
    ctx: Context,
    ticket: Ticket,
    decision: Decision,
    draft: Draft,
    *,
    answers: bool = False,
    **more: object,
) -> None:
    """Write the email that carries `decision` to the customer, and store both."""
    kind = EmailKind(decision.kind)
    person = ctx.session.get(Person, ctx.by.id)
    body = emails.render(ctx, kind, "body", ticket, decision=decision, person=person, **more)
    # the event of the decision has the form's own key, so the event of its email needs another
    own = Draft(body, draft.claim, draft.thread, f"{draft.key} letter")
    email = correspondence.send(ctx, ticket, own, kind=kind, answers=answers)
    decision.message_id = email.message_id or 0
    decision.text_hash = text_hash(decision)
    ctx.session.add(decision)
    ctx.session.flush()


def _names(decision: Decision) -> dict[str, object]:
    """How events name a decision: by the hash over its text, without any of it."""
    return {"decision": decision.reference, "number": decision.number, "hash": decision.text_hash}


def _choice(typed: str) -> str:
    if typed not in {"approved", "declined"}:
        raise InvalidInputError({"choice": [_CHOOSE]})
    return typed


def _word(typed: str) -> str:
    fields = Fields()
    word = fields.many_lines("word", typed, limit=WORD_LIMIT).strip()
    if looks_like_credential(word):
        fields.refuse("word", NO_PASSWORDS)
    fields.done()
    return word


def _consequences(
    ctx: Context, ticket: Ticket, decision: Decision
) -> tuple[dict[str, object], dict[str, object]]:
    """The consequences of an answer: the columns of the ticket to write, and the data of the event."""
    if decision.kind == "offer" and decision.answer == "approved":
        price = decision.price_minor or 0
        if not ctx.services.workflows[ticket.workflow].is_order:
            told = {"price": price, "currency": decision.currency}
            return {"price_minor": ticket.price_minor + price}, told
        item = checklists.add_extra(ctx, ticket, f"{EXTRA}{decision.number}", decision.what)
        decision.item_id = item.id
        told = {"price": price, "currency": decision.currency, "item": item.name}
        return {"price_minor": ticket.price_minor + price}, told
    if decision.kind == "consent" and decision.item_id is not None:
        waiting = ctx.session.get(Item, decision.item_id, populate_existing=True)
        if waiting is not None and decision.answer == "declined":
            checklists.refuse(ctx, waiting)
        return {}, {"item": waiting.name if waiting else ""}
    return {}, {}


def _take_back(ctx: Context, ticket: Ticket, decision: Decision) -> None:
    """Withdraw `decision`; the caller writes the ticket's row."""
    _close_unanswered(ctx, ticket, decision)
    history.append(ctx, ticket, "decision-withdrawn", _names(decision))


_TAKEN_BACK = storable(_("What it asked was taken back."))


def _close_unanswered(ctx: Context, ticket: Ticket, decision: Decision) -> None:
    """Withdraw `decision`, and its email if that has not left."""
    _close(ctx, ticket, decision, "withdrawn")
    if email := queries.lock_unsent_email(ctx.session, decision):
        emails.withdraw(ctx, ticket, email, _TAKEN_BACK)


def _close(ctx: Context, ticket: Ticket, decision: Decision, answer: str, word: str = "") -> None:
    """Write the one answer if there is none yet: the condition is part of the UPDATE."""
    ctx.session.flush()
    closed = (
        update(Decision)
        .where(Decision.id == decision.id, Decision.answer == "")
        .values(answer=answer, answered_at=ctx.now, word=word)
    )
    if changed(ctx.session, closed) != 1:
        raise TransitionRefusedError(ticket.code, [_("This has already been answered.")])
    ctx.session.refresh(decision)


def _is_answered(at: Attempt[Context, Ticket, Any]) -> bool:
    """Whether no question to the customer is unanswered."""
    if at.page is not None:
        return not at.page.undecided
    return not open_ones(at.ctx, at.record)


GUARDS: Mapping[str, Fact] = {"answered": _is_answered}
EFFECTS_OF_A_CLAIM = (
    Effect("unsent-withdrawn", lambda at: withdraw_unsent(at.ctx, at.record), on=ends_claim),
)
EFFECTS = (Effect("decisions-withdrawn", lambda at: withdraw_open(at.ctx, at.record), on=ends),)
