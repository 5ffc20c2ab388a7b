"""Organisations: merchants, banks and operators, their contacts and tickets."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, post, put
from paidsupport.connect.api.models import Answer, Moment, Page, PageQuery, Sent
from paidsupport.connect.api.resources._common import PersonRef, refs
from paidsupport.kernel import fields
from paidsupport.kernel.addresses import reachable
from paidsupport.kernel.context import Context
from paidsupport.sales.organisations.operations import contacts, matching, records
from paidsupport.sales.organisations.operations.contacts import Person
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.sales.organisations.queries import pages
from paidsupport.sales.organisations.queries.records import of_ticket
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.queries.tickets import by_code

TAG = "Organisations"

Kind = Annotated[str, Field(description="`merchant`, `bank`, `operator` or `other`.")]


class OrganisationQuery(PageQuery):
    """Which organisations."""

    q: Annotated[str, Field(max_length=200, description="Words of its name, or of a contact.")] = ""
    archived: bool = False


class OrganisationShort(Answer):
    """What has become of a record."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    name: str
    version: int
    archived_at: Moment | None


class OrganisationRow(Answer):
    """An organisation in a list."""

    reference: str
    name: str
    kind: Kind
    account_manager: Annotated[str | None, Field(description="The colleague who looks after them.")]
    contacts: int
    tickets: int


class ContactTold(Answer):
    """A contact."""

    reference: str
    name: str
    email: str
    phone: str
    role: str
    note: str


class TicketOfTheirs(Answer):
    """A ticket of theirs."""

    code: str
    state: str
    service: str


class InvoiceOfTheirs(Answer):
    """An invoice of theirs."""

    reference: str
    ticket: str
    kind: str
    state: str


class OrganisationTold(OrganisationShort):
    """Everything about one organisation; what was said stands on its tickets."""

    kind: Kind
    holder: Annotated[PersonRef | None, Field(description="The colleague who looks after them.")]
    notes: Annotated[str, Field(description="Only staff see them.")]
    billing_name: str
    billing_address: str
    billing_email: str
    vat_id: str
    currency: str
    created_at: Moment
    changed_at: Moment
    merged_into: Annotated[str | None, Field(description="The reference of the other one.")]
    contacts: list[ContactTold]
    tickets: Annotated[list[TicketOfTheirs], Field(description="The newest 50.")]
    issues: Annotated[list[str], Field(description="Those that their tickets follow, as far as seen.")]
    invoices: list[InvoiceOfTheirs]


class OrganisationSent(Sent):
    """What is known about an organisation."""

    name: str
    kind: Kind = "merchant"
    notes: str = ""
    billing_name: str = ""
    billing_address: str = ""
    billing_email: str = ""
    vat_id: str = ""
    currency: Annotated[str, Field(description="Three letters, like `EUR`.")] = ""
    holder: Annotated[str, Field(description="The id of the colleague who looks after them.")] = ""


class ContactSent(Sent):
    """A contact."""

    name: str
    email: str = ""
    phone: str = ""
    role: Annotated[str, Field(description="What they do there, in a few words.")] = ""
    note: str = ""


class Other(Sent):
    """Another organisation."""

    organisation: Annotated[str, Field(description="Its reference or its exact name.")]


class Belonging(Answer):
    """The organisation of a ticket."""

    ticket: str
    organisation: OrganisationShort | None


@get("/organisations")
def list_organisations(ctx: Context, query: OrganisationQuery) -> Page[OrganisationRow]:
    """List organisations by name."""
    words = pages.words_of(query.q)
    rows, more = pages.listed(ctx.session, words, query.after, away=query.archived, most=query.limit)
    items = [
        OrganisationRow(
            reference=row.Organisation.reference,
            name=row.Organisation.name,
            kind=row.Organisation.kind,
            account_manager=row.holder,
            contacts=row.people,
            tickets=row.theirs,
        )
        for row in rows
    ]
    return Page[OrganisationRow](items=items, next=more)


@post("/organisations", status=201)
def create_organisation(ctx: Context, body: OrganisationSent, key: str) -> OrganisationShort:
    """Create a record."""
    return _short(records.create(ctx, _record(body), key=key))


@get("/organisations/<organisation>")
def get_organisation(ctx: Context, organisation: str) -> OrganisationTold:
    """Get one organisation with its contacts, tickets, issues and invoices."""
    page = pages.record(ctx.session, organisation, ctx.by)
    found = page.organisation
    plain = set(OrganisationSent.model_fields) - {"holder"} | {"created_at", "changed_at"}
    told: dict[str, Any] = {
        **_short(found).model_dump(),
        **{name: getattr(found, name) for name in plain},
        "holder": refs(ctx)(found.holder_id),
        "merged_into": page.into.reference if page.into else None,
        "contacts": [ContactTold.model_validate(row) for row in page.contacts],
        "tickets": [
            {"code": row.code, "state": row.state, "service": row.service_name} for row in page.tickets
        ],
        "issues": [row.code for row in page.issues],
        "invoices": [
            {
                "reference": row.reference,
                "ticket": page.code_of(row.ticket_id),
                "kind": row.kind,
                "state": row.state,
            }
            for row in page.invoices
        ],
    }
    return OrganisationTold.model_validate(told)


@put("/organisations/<organisation>")
def change_organisation(
    ctx: Context, organisation: str, body: OrganisationSent, version: int, key: str
) -> OrganisationShort:
    """Change a record; what is left out becomes empty."""
    return _short(records.edit(ctx, organisation, _record(body), version=version, key=key))


@post("/organisations/<organisation>/archive")
def archive_organisation(ctx: Context, organisation: str, key: str) -> OrganisationShort:
    """Take a record off the list; its content stays."""
    return _short(records.put_away(ctx, organisation, away=True, key=key))


@post("/organisations/<organisation>/restore")
def restore_organisation(ctx: Context, organisation: str, key: str) -> OrganisationShort:
    """Put an archived record back on the list."""
    return _short(records.put_away(ctx, organisation, away=False, key=key))


@post("/organisations/<organisation>/merge")
def merge_organisation(
    ctx: Context, organisation: str, body: Other, version: int, key: str
) -> OrganisationShort:
    """Merge this record into another one of the same organisation, which is answered."""
    return _short(records.merge(ctx, organisation, body.organisation, version=version, key=key))


@post("/organisations/<organisation>/contacts", status=201)
def add_contact(ctx: Context, organisation: str, body: ContactSent, key: str) -> OrganisationShort:
    """Add a contact; earlier tickets of theirs without an organisation come along."""
    email = fields.read("email", body.email, reachable)
    person = Person(body.name, email, body.phone, body.role, body.note)
    return _short(contacts.add(ctx, organisation, person, key=key))


@delete("/organisations/<organisation>/contacts/<contact>")
def remove_contact(ctx: Context, organisation: str, contact: str, key: str) -> OrganisationShort:
    """Remove a contact; their tickets stay."""
    return _short(contacts.remove(ctx, organisation, contact, key=key))


@get("/tickets/<code>/organisation")
def get_organisation_of_ticket(ctx: Context, code: str) -> Belonging:
    """Get the organisation of a ticket, if it has one."""
    return _belonging(ctx, code)


@put("/tickets/<code>/organisation")
def assign_ticket_to_organisation(ctx: Context, code: str, body: Other, key: str) -> Belonging:
    """Assign a ticket to an organisation."""
    matching.assign(ctx, code, body.organisation, key=key)
    return _belonging(ctx, code)


@delete("/tickets/<code>/organisation")
def take_ticket_off_organisation(ctx: Context, code: str, key: str) -> Belonging:
    """Remove a ticket from its organisation."""
    matching.take_off(ctx, code, key=key)
    return _belonging(ctx, code)


@post("/tickets/<code>/organisation/contact", status=201)
def make_sender_a_contact(ctx: Context, code: str, body: Other, key: str) -> OrganisationShort:
    """Make the sender of a ticket a contact of an organisation, and assign the ticket to it."""
    return _short(contacts.add_sender(ctx, code, body.organisation, key=key))


def _short(found: Organisation) -> OrganisationShort:
    return OrganisationShort.model_validate(found)


def _record(sent: OrganisationSent) -> Record:
    email = fields.read("billing_email", sent.billing_email, reachable)
    return Record(**{**sent.model_dump(), "billing_email": email})


def _belonging(ctx: Context, code: str) -> Belonging:
    ctx.session.flush()
    found = of_ticket(ctx.session, by_code(ctx.session, code))
    return Belonging(ticket=code, organisation=_short(found) if found else None)
