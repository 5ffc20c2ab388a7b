"""A person decides about a bank line: it is for a ticket, or for none; and takes that back (P16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, NotFoundError, for_managers
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import MOST_MINOR, Money
from paidsupport.sales.payments import queries as payments
from paidsupport.sales.payments import tables as rows
from paidsupport.sales.payments.bank import queries
from paidsupport.sales.payments.bank.operations.importing import arrival, entry_of
from paidsupport.sales.payments.bank.rules import matching
from paidsupport.sales.payments.bank.rules.matching import Aside, LineState, Reason
from paidsupport.sales.payments.bank.rules.references import near
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.operations import settling
from paidsupport.sales.payments.tables import Payment
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import payee_of, payees_of_desk
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket

_FOR_MANAGERS = for_managers(_("Only a manager can see and assign bank transfers."))
#: Lines on a page, and proposals of each kind for a line.
PAGE, _MOST = 25, 3


@dataclass(frozen=True, slots=True)
class Proposed:
    """The tickets that a line may be for.

    Attributes:
        near: Their codes are one slip away from what the payer wrote, or the very same.
        amount: Exactly this amount is open on them.
    """

    near: Sequence[str] = ()
    amount: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with the code of its ticket, and proposals while a person has to decide."""

    line: BankLine
    code: str | None = None
    proposed: Proposed = field(default_factory=Proposed)

    @property
    def amount(self) -> Money:
        """What was booked."""
        return Money(self.line.amount_minor, self.line.currency)


@dataclass(frozen=True, slots=True)
class Looked:
    """A line beside the ticket that it is to be assigned to, before that is done."""

    line: BankLine
    ticket: Ticket

    @property
    def amount(self) -> Money:
        """What came."""
        return Money(self.line.amount_minor, self.line.currency)

    @property
    def open(self) -> Money:
        """What is open on the ticket."""
        return Money(sums_of(self.ticket).left(self.ticket.price_minor), self.ticket.currency)

    @property
    def left(self) -> Money:
        """What will be open afterwards."""
        return Money(max(0, self.open.minor - self.amount.minor), self.ticket.currency)

    @property
    def over(self) -> Money:
        """By how much more than the price will have been paid."""
        paid = sums_of(self.ticket).kept + self.amount.minor
        return Money(max(0, paid - self.ticket.price_minor), self.ticket.currency)


def refuse_others(ctx: Context) -> None:
    """Raise ManagersOnlyError for all but managers."""
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)


def listed(ctx: Context, part: str, before: str) -> tuple[list[Shown], str]:
    """A page of lines, newest first, and the key of its last line if there are more.

    Args:
        ctx: The viewer.
        part: One of `queries.PARTS`.
        before: The key of the last line of the page before this one; empty for the first page.

    Raises:
        ManagersOnlyError: This person is not a manager.
    """
    refuse_others(ctx)
    found, more = queries.page(ctx.session, part, before, PAGE)
    lines = [line for line, _code in found]
    proposed = _proposed(ctx, lines)
    shown = [Shown(line, code, proposed.get(line.key, Proposed())) for line, code in found]
    return shown, lines[-1].key if more else ""


def one(ctx: Context, key: str) -> Shown:
    """One line. Raises NotFoundError and ManagersOnlyError."""
    refuse_others(ctx)
    line, code = queries.with_code(ctx.session, key)
    return Shown(line, code, _proposed(ctx, [line]).get(key, Proposed()))


def _proposed(ctx: Context, lines: Sequence[BankLine]) -> dict[str, Proposed]:
    """Proposals for those of these lines about which a person has to decide: a query of each kind for all."""
    waiting = [line for line in lines if line.state == LineState.OPEN and not line.is_debit]
    names: dict[str, list[str]] = {}
    for line in waiting:
        found = matching.codes_of(entry_of(line))
        slips = set[str]().union(*(near(each) for each in sorted(found.meant)[:2]))
        same = found.checked | found.plain
        for each in sorted(same)[:2]:
            slips |= near(each.replace("-", "")[2:])
        names[line.key] = [*sorted(same), *sorted(slips - same)]
    payees = payees_of_desk(ctx)
    known = queries.by_codes(ctx.session, {code for codes in names.values() for code in codes}, payees)
    amounts = {(line.currency, line.amount_minor) for line in waiting}
    same_open = queries.with_open(ctx.session, amounts, payees, _MOST)
    return {
        line.key: Proposed(
            [code for code in names[line.key] if code in known][:_MOST],
            same_open.get((line.currency, line.amount_minor), ()),
        )
        for line in waiting
    }


def look(ctx: Context, key: str, typed: str) -> Looked:
    """The line beside the ticket that is meant.

    Raises:
        NotFoundError: There is no such line.
        InvalidInputError: At `code`.
        ManagersOnlyError: This person is not a manager.
    """
    refuse_others(ctx)
    line, _code = queries.with_code(ctx.session, key)
    ticket = _meant(ctx, typed)
    if sentence := _against(ctx, line, ticket):
        raise InvalidInputError({"code": [sentence]})
    return Looked(line, ticket)


def _meant(ctx: Context, typed: str) -> Ticket:
    code = tidy_code(typed)
    found = queries.targets(ctx.session, {code}, payees_of_desk(ctx)) if code else {}
    if not found:
        raise InvalidInputError({"code": [_("Check the code: there's no such ticket.")]})
    [target] = found.values()
    return tickets.by_id(ctx.session, target.id)


def _against(ctx: Context, line: BankLine, ticket: Ticket) -> Message | str:
    """Why a line cannot be assigned to a ticket; empty if it can."""
    if line.state not in {LineState.OPEN, LineState.ASIDE} or line.is_debit or line.is_reversal:
        return _("This line can't be assigned: it left the account, was taken back, or has a ticket already.")
    if ticket.erased_at is not None:
        return _("Choose another ticket: the customer of this one was erased.")
    if payee_of(ctx, ticket.payee) is Payee.DEVELOPER:
        return _("Choose another ticket: the developer of this one is paid directly.")
    if ticket.currency != line.currency:
        return _(
            "Choose another ticket: this one is paid in %(currency)s, and the transfer came in %(other)s.",
            currency=ticket.currency,
            other=line.currency,
        )
    if not 0 < line.amount_minor <= MOST_MINOR - sums_of(ticket).received:
        return _("This amount can't be assigned to a ticket.")
    return ""


def assign_to(ctx: Context, key: str, typed: str, *, form: str) -> Payment:
    """Make a line the payment of a ticket, after a person has looked at both.

    Args:
        ctx: The manager.
        key: The line.
        typed: The code of the ticket.
        form: The one-time key of the form.

    Raises:
        NotFoundError: There is no such line.
        InvalidInputError: At `code`.
        ManagersOnlyError: This person is not a manager.
        KeyReusedError: The form was sent with another code.
    """
    refuse_others(ctx)
    ticket = tickets.lock_by_id(ctx.session, _meant(ctx, typed).id)
    with history.edit(ctx, ticket, key=form, content=("assign transfer", key, ticket.code)) as change:
        if change.repeated:
            return rows.find(ctx.session, ticket, change.earlier["payment"])
        # the ticket is always locked before the line
        line = queries.line(ctx.session, key)
        if sentence := _against(ctx, line, ticket):
            raise InvalidInputError({"code": [sentence]})
        coming = [arrival(entry_of(line), ticket.id, line.assigned)]
        [id_] = settling.arrived(ctx, {ticket.id: ticket}, coming, by=ctx.by.name, change=change)
        line.state, line.reason = LineState.MATCHED, ""
        line.ticket_id, line.payment_id = ticket.id, id_
        line.assigned += 1
        line.decided_by, line.decided_at = ctx.by.name, ctx.now
        ctx.session.flush()
    return ctx.session.get_one(Payment, id_)


def undo(ctx: Context, key: str, *, form: str) -> BankLine:
    """Take a line off its ticket again: a person has to decide about it once more.

    Raises:
        NotFoundError: There is no such line.
        InvalidInputError: At `line`: a part of the payment was paid back, or it is not assigned.
        ManagersOnlyError: This person is not a manager.
        KeyReusedError: The form was sent with other content.
    """
    refuse_others(ctx)
    before, _code = queries.with_code(ctx.session, key)
    if before.state == LineState.ASIDE:
        return _again(ctx, key)
    if before.payment_id is None or before.state != LineState.MATCHED:
        raise NotFoundError
    ticket, payment = settling.locked(ctx, before.payment_id)
    with history.edit(ctx, ticket, key=form, content=("unassign transfer", key)) as change:
        line = queries.line(ctx.session, key)
        if change.repeated or line.payment_id != payment.id:
            change.nothing_new()
            return line
        if payment.refunded_minor or rows.refunds_of(ctx.session, payment):
            raise InvalidInputError(
                {"line": [_("A part of this payment was refunded. It can't be taken off.")]}
            )
        payment.undone_at = ctx.now
        _reset(ctx, line)
        change.tell("payment-unassigned", settling.told(payment), None, **settling.resum(ctx, ticket))
    settling.agree(ctx, ticket)
    return line


def _again(ctx: Context, key: str) -> BankLine:
    line = queries.line(ctx.session, key)
    if line.state == LineState.ASIDE:
        _reset(ctx, line)
        ctx.session.flush()
    return line


def _reset(ctx: Context, line: BankLine) -> None:
    line.state, line.reason = LineState.OPEN, Reason.UNDONE
    line.ticket_id = line.payment_id = None
    line.decided_by, line.decided_at = ctx.by.name, ctx.now


def set_aside(ctx: Context, key: str, reason: str) -> BankLine:
    """Say that a line is for no ticket, and why.

    Raises:
        NotFoundError: There is no such line.
        InvalidInputError: At `reason`: none was chosen, or the line is not open.
        ManagersOnlyError: This person is not a manager.
    """
    refuse_others(ctx)
    line = queries.line(ctx.session, key)
    if line.state == LineState.ASIDE and line.reason == reason:
        return line
    if line.state != LineState.OPEN:
        raise InvalidInputError({"reason": [_("A colleague has decided about this line already.")]})
    if reason not in set(Aside) - {Aside.OLD}:
        raise InvalidInputError({"reason": [_("Choose why it is for no ticket.")]})
    line.state, line.reason = LineState.ASIDE, reason
    line.decided_by, line.decided_at = ctx.by.name, ctx.now
    ctx.session.flush()
    return line


def account_known(ctx: Context) -> bool:
    """Whether managers have entered the desk's account."""
    return payments.provider(ctx.session, "bank") is not None
