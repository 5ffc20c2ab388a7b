"""The contacts of an organisation (T8). Tickets from their address or number belong to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from paidsupport.intake.arrivals.queries import intakes
from paidsupport.kernel import phones
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible, many_lines, one_line
from paidsupport.sales.organisations.operations import log, matching, records
from paidsupport.sales.organisations.queries import records as queries
from paidsupport.sales.organisations.rules import domain_of, fold_name
from paidsupport.sales.organisations.tables import Contact, Organisation
from paidsupport.tickets import tables as tickets

_NOTE_LIMIT = 2_000
_SAME_ADDRESS = _("A contact with this address exists already.")


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as typed; the caller has checked the syntax of the email address, which may be empty."""

    name: str
    email: str = ""
    phone: str = ""
    role: str = ""
    note: str = ""


def add(ctx: Context, reference: str, person: Person, *, key: str) -> Organisation:
    """Add a contact; earlier tickets of theirs without an organisation are assigned to this one.

    Raises:
        NotFoundError: There is no such record.
        TransitionRefusedError: The record is archived.
        InvalidInputError: By field as in `Person`.
        KeyReusedError: The form was sent with other content.
    """
    with log.create(ctx, key=key, content=("contact", reference, person)) as change:
        if change.repeated:
            return ctx.session.get_one(Organisation, change.earlier_id)
        _add(ctx, reference, person, change)
    return change.record


def _add(ctx: Context, reference: str, person: Person, change: Change[Context, Organisation]) -> None:
    columns = _tidied(person)
    # tickets are locked first, so that a contact who writes at this moment waits, or is waited for
    ids = queries.earlier(ctx.session, str(columns["email"]), str(columns["phone"]))
    tickets.lock_all(ctx.session, ids)
    organisation = change.record = queries.by_reference(ctx.session, reference, lock=True)
    if organisation.archived_at is not None:
        raise TransitionRefusedError(
            organisation.name, [_("“%(name)s” is archived. Restore it first.", name=organisation.name)]
        )
    same = Contact.organisation_id == organisation.id, Contact.folded == columns["folded"]
    if columns["folded"] and queries.contacts(ctx.session, *same):
        raise InvalidInputError({"email": [_SAME_ADDRESS]})
    ctx.session.add(_contact(ctx, organisation, columns))
    change.tell("contact-added")
    matching.adopt(ctx, organisation, ids, how="email" if columns["email"] else "phone")


def add_alone(ctx: Context, organisation_id: int, person: Person) -> None:
    """Add a contact, and leave all tickets as they are: for what moves in from another system.

    Raises InvalidInputError, also if the record is archived or has a contact with this address.
    """
    columns = _tidied(person)
    organisation = queries.lock_organisations(ctx.session, {organisation_id})[organisation_id]
    same = Contact.organisation_id == organisation.id, Contact.folded == columns["folded"]
    if columns["folded"] and queries.contacts(ctx.session, *same):
        raise InvalidInputError({"email": [_SAME_ADDRESS]})
    with log.edit(ctx, organisation.reference) as change:
        ctx.session.add(_contact(ctx, organisation, columns))
        change.tell("contact-added")


def add_sender(ctx: Context, code: str, reference: str, *, key: str) -> Organisation:
    """Make the sender of a ticket a contact of an organisation, and assign the ticket to it.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: There is no such organisation (field `organisation`).
        TransitionRefusedError: The ticket does not allow it now.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, code)
    if ticket.erased_at is not None:
        raise TransitionRefusedError(
            code, [_("The customer's data was erased, so they can't become a contact.")]
        )
    phone = next((intake.phone for intake in intakes(ctx.session, [ticket.id])), "")
    person = Person(ticket.customer_name, ticket.customer_email, phone)
    if not person.email and not phones.compared(phone):
        raise InvalidInputError({"organisation": [_("The customer has no email address or phone number.")]})
    there = queries.of_ticket(ctx.session, ticket)
    if there is None or there.reference != reference:
        matching.assign(ctx, code, reference, key=f"{key} assign")
    try:
        return add(ctx, reference, person, key=key)
    except InvalidInputError as error:
        lines = [line for sentences in error.problems.values() for line in sentences]
        raise InvalidInputError({"organisation": lines}) from None


def remove(ctx: Context, reference: str, contact: str, *, key: str) -> Organisation:
    """Remove a contact; their tickets stay with the organisation.

    Raises NotFoundError, KeyReusedError.
    """
    with log.edit(ctx, reference, key=key, content=("contact-off", reference, contact)) as change:
        organisation = change.record
        if change.repeated:
            return organisation
        theirs = Contact.organisation_id == organisation.id
        found = existing(
            next(iter(queries.contacts(ctx.session, theirs, Contact.reference == contact)), None)
        )
        ctx.session.delete(found)
        change.tell("contact-removed")
    return organisation


def _contact(ctx: Context, organisation: Organisation, columns: dict[str, str]) -> Contact:
    return Contact(
        reference=new_reference(),
        organisation_id=organisation.id,
        added_by_id=ctx.by.id,
        added_at=ctx.now,
        **columns,
    )


def _tidied(person: Person) -> dict[str, str]:
    """A contact as the columns to store. Raises InvalidInputError with all problems at once."""
    fields = Fields()
    columns = records.read_all(fields, person, _TIDY)
    if not is_visible(columns["name"]):
        fields.refuse("name", _("Enter the name."))
    fields.done()
    columns["folded"] = compared(columns["email"])
    columns["domain"] = domain_of(columns["folded"])
    columns["digits"] = phones.compared(columns["phone"])
    columns["words"] = fold_name(" ".join((columns["name"], columns["email"], columns["phone"])))
    return columns


_TIDY: dict[str, Callable[[str], str]] = {
    "name": one_line,
    "email": one_line,
    "phone": phones.tidy_phone,
    "role": one_line,
    "note": partial(many_lines, limit=_NOTE_LIMIT),
}
