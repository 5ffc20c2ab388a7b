"""Messages to start from, shared or personal (G20)."""

from __future__ import annotations

from sqlalchemy import or_, select

from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import PLACEHOLDERS, fill, unknown_placeholders
from paidsupport.domain.money import Money
from paidsupport.errors import NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.store.catalogue import Boilerplate
from paidsupport.store.people import Person
from paidsupport.store.tickets import Ticket


def usable(visit: Visit) -> list[Boilerplate]:
    """What this person can start from: everything shared and their own, by title."""
    mine = or_(Boilerplate.owner_id.is_(None), Boilerplate.owner_id == visit.by.id)
    return list(visit.session.scalars(select(Boilerplate).where(mine).order_by(Boilerplate.title)))


def find(visit: Visit, boilerplate_id: int) -> Boilerplate:
    """One of `usable`. Raises NotFoundError, also for somebody else's."""
    row = visit.session.get(Boilerplate, boilerplate_id)
    if row is None or row.owner_id not in {None, visit.by.id}:
        raise NotFoundError
    return row


def keep(visit: Visit, boilerplate_id: int | None, *, title: str, body: str, shared: bool) -> Boilerplate:
    """Write a new one (`boilerplate_id` None) or change one. Raises InvalidInputError, NotFoundError."""
    fields = Fields()
    title = fields.one_line("title", title, required="Give it a title by which it is found.")
    body = fields.many_lines("body", body, required="Write the text.")
    if unknown := unknown_placeholders(body):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        fields.refuse("body", f"{{{unknown[0]}}} is no placeholder. There are {known}.")
    fields.done()
    owner_id = None if shared else visit.by.id
    # a form that is sent twice makes one text
    same = (
        Boilerplate.title == title,
        Boilerplate.body == body,
        Boilerplate.owner_id.is_not_distinct_from(owner_id),
    )
    twin = select(Boilerplate).where(*same).limit(1)
    before = find(visit, boilerplate_id) if boilerplate_id else visit.session.scalar(twin)
    row = before or Boilerplate()
    row.title, row.body, row.changed_at = title, body, visit.now
    if before is None or before.owner_id is not None:
        # a shared text stays shared: nobody takes it away from the others
        row.owner_id = owner_id
    visit.session.add(row)
    visit.session.flush()
    return row


def drop(visit: Visit, boilerplate_id: int) -> None:
    """Delete one. Raises NotFoundError."""
    visit.session.delete(find(visit, boilerplate_id))


def filled(visit: Visit, ticket: Ticket, boilerplate_id: int) -> str:
    """The text of one with its placeholders filled in for `ticket`. Raises NotFoundError."""
    person = visit.session.get(Person, visit.by.id)
    values = {
        "code": ticket.code,
        "customer": ticket.customer_name,
        "service": ticket.service_name,
        "price": str(Money(ticket.price_minor, ticket.currency)),
        "developer": visit.by.name,
        "payment": person.payment if person else "",
    }
    return fill(find(visit, boilerplate_id).body, values)
