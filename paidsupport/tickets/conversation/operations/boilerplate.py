"""Messages to start from, shared or personal (G20)."""

from __future__ import annotations

from sqlalchemy import or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.catalogue.tables import Boilerplate
from paidsupport.tickets.emails.rules import PLACEHOLDERS, fill, unknown_placeholders
from paidsupport.tickets.tables import Ticket


def usable(ctx: Context) -> list[Boilerplate]:
    """What this person can start from: everything shared and their own, by title."""
    mine = or_(Boilerplate.owner_id.is_(None), Boilerplate.owner_id == ctx.by.id)
    return list(ctx.session.scalars(select(Boilerplate).where(mine).order_by(Boilerplate.title)))


def find(ctx: Context, boilerplate_id: int) -> Boilerplate:
    """One of `usable`. Raises NotFoundError, also for somebody else's."""
    row = ctx.session.get(Boilerplate, boilerplate_id)
    if row is None or row.owner_id not in {None, ctx.by.id}:
        raise NotFoundError
    return row


def keep(ctx: Context, boilerplate_id: int | None, *, title: str, body: str, shared: bool) -> Boilerplate:
    """Write a new one (`boilerplate_id` None) or change one. Raises InvalidInputError, NotFoundError."""
    fields = Fields()
    title = fields.one_line("title", title, required="Give it a title by which it is found.")
    body = fields.many_lines("body", body, required="Write the text.")
    if unknown := unknown_placeholders(body):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        fields.refuse("body", f"{{{unknown[0]}}} is no placeholder. There are {known}.")
    fields.done()
    owner_id = None if shared else ctx.by.id
    # a form that is sent twice makes one text
    same = (
        Boilerplate.title == title,
        Boilerplate.body == body,
        Boilerplate.owner_id.is_not_distinct_from(owner_id),
    )
    twin = select(Boilerplate).where(*same).limit(1)
    before = find(ctx, boilerplate_id) if boilerplate_id else ctx.session.scalar(twin)
    row = before or Boilerplate()
    row.title, row.body, row.changed_at = title, body, ctx.now
    if before is None or before.owner_id is not None:
        # a shared text stays shared: nobody takes it away from the others
        row.owner_id = owner_id
    ctx.session.add(row)
    ctx.session.flush()
    return row


def drop(ctx: Context, boilerplate_id: int) -> None:
    """Delete one. Raises NotFoundError."""
    ctx.session.delete(find(ctx, boilerplate_id))


def filled(ctx: Context, ticket: Ticket, boilerplate_id: int) -> str:
    """The text of one with its placeholders filled in for `ticket`. Raises NotFoundError."""
    person = ctx.session.get(Person, ctx.by.id)
    values = {
        "code": ticket.code,
        "customer": ticket.customer_name,
        "service": ticket.service_name,
        "price": str(Money(ticket.price_minor, ticket.currency)),
        "developer": ctx.by.name,
        "payment": person.payment if person else "",
    }
    return fill(find(ctx, boilerplate_id).body, values)
