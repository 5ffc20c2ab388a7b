"""Exporting what is kept of one customer, for them to have: a page to read, the same as JSON, files (P13)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from paidsupport.intake.mail import strays
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.i18n.messages import _, pgettext
from paidsupport.ops.erasure.queries import tables
from paidsupport.ops.export import rules
from paidsupport.ops.export.archive import Archive, copied
from paidsupport.ops.export.lines import CONTENT, FILES, Kind, kinds, short
from paidsupport.ops.export.operations import customer
from paidsupport.ops.export.queries import rows
from paidsupport.ops.export.rules import VERSION
from paidsupport.ops.rating.operations import CHOICES
from paidsupport.privacy import redaction
from paidsupport.sales.invoices.rules import serial
from paidsupport.sales.organisations.queries.records import contacts_known_by
from paidsupport.sales.organisations.tables import Contact
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket

#: The page, and the same for programs.
PAGE, DATA = "index.html", "data.json"
_ANSWERS = {
    "consent": {"approved": _("Approved"), "declined": _("Not approved"), "withdrawn": _("Withdrawn")},
    "offer": {"approved": _("Accepted"), "declined": _("Declined"), "withdrawn": _("Withdrawn")},
}
_SETTLED = {"paid": pgettext("invoice", "Paid"), "cancelled": pgettext("invoice", "Cancelled")}


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is exported of one customer.

    Attributes:
        about: The address or number that it was looked for by.
        tickets: By the name of its table, the rows of each ticket, as JSON; those of the ticket itself are
            under “ticket”.
        beside: The same of what belongs to no ticket.
        files: The keys in the store, by the names in the export.
        language: The tag of the language that the customer speaks.
    """

    about: str
    tickets: list[dict[str, list[dict[str, Any]]]]
    beside: dict[str, list[dict[str, Any]]]
    with_notes: bool
    language: str = ""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(len(each) for part in (*self.tickets, self.beside) for each in part.values())


def gathered(ctx: Context, about: str, *, with_notes: bool) -> Gathered:
    """Read all that is kept of a customer.

    Args:
        ctx: Who reads, in one snapshot.
        about: An email address, phone number or ticket code.
        with_notes: Whether with annotations, histories and whatever else only staff see.

    Raises:
        InvalidInputError: Nothing is kept, or the customer was erased.
    """
    found = customer(ctx, about)
    tickets = sorted(by_codes(ctx.session, *found.codes).values(), key=lambda each: each.id)
    told = Gathered(found.about, [], {}, with_notes, tickets[-1].language if tickets else "")
    by_table = {short(kind.table): kind for kind in kinds()}
    told.tickets.extend(_of_ticket(ctx, ticket, told, by_table) for ticket in tickets)
    contacts = [row.id for row in contacts_known_by(ctx.session, found.about)]
    loose = [row.id for row in strays.of(ctx, found.about)] if "@" in found.about else []
    for model, ids in ((Contact, contacts), (RawMail, loose)):
        kind = by_table[model.__tablename__.removeprefix("paidsupport_")]
        if ids:
            told.beside[kind.type] = [_told(kind, row, told) for row in rows.with_ids(ctx.session, kind, ids)]
    return told


def fill(ctx: Context, told: Gathered, archive: Archive) -> Iterator[int]:
    """Write it; yields again and again how many rows there are."""
    said = {
        "version": VERSION,
        "made_at": ctx.now.isoformat(),
        "desk": ctx.services.settings.name,
        "customer": told.about,
        "tickets": told.tickets,
        **told.beside,
    }
    with archive.file(DATA) as target:
        target.write(json.dumps(said, ensure_ascii=False, indent=1).encode())
    yield told.total
    with archive.file(PAGE) as target:
        target.write(_page(ctx, told).encode())
    yield told.total
    for name, key in told.files.items():
        try:
            source = ctx.services.files.open(key)
        except NotFoundError:
            continue
        with source, archive.file(name, packed=False) as target:
            for _ in copied(source, target):
                yield told.total


def _of_ticket(
    ctx: Context, ticket: Ticket, told: Gathered, by_table: Mapping[str, Kind]
) -> dict[str, list[dict[str, Any]]]:
    wanted = {short(table) for table in tables()} if told.with_notes else set()
    found: dict[str, list[dict[str, Any]]] = {}
    for name, kind in by_table.items():
        if name not in {*wanted, *rules.FOR_CUSTOMER, "ticket"}:
            continue
        read = [row for row in rows.of_tickets(ctx.session, kind, [ticket.id]) if _is_for(told, name, row)]
        if read:
            found[kind.type] = [_told(kind, row, told) for row in read]
    invoices = {invoice["id"] for invoice in found.get("invoice", ())}
    if items := [line for line in found.pop("invoice_line", []) if line["invoice_id"] in invoices]:
        found["invoice_line"] = items
    return found


def _is_for(told: Gathered, table: str, row: Row[Any]) -> bool:
    column, those = rules.FOR_WHOM.get(table, ("", frozenset()))
    return told.with_notes or not column or row._mapping[column] in those  # noqa: SLF001  # a mapping


def _told(kind: Kind, row: Row[Any], told: Gathered) -> dict[str, Any]:
    line = kind.line(row)
    if not told.with_notes:
        table = short(kind.table)
        line = {name: value for name, value in line.items() if f"{table}.{name}" not in rules.FOR_STAFF}
    line = {name: _masked(value) for name, value in line.items()}
    if line.get(CONTENT):
        name = f"{FILES}/{rules.safe_name(len(told.files) + 1, line['name'])}"
        told.files[name], line[CONTENT] = row[-1], name
    return line


def _masked(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return redaction.masked(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value


def _page(ctx: Context, told: Gathered) -> str:
    """The page, in the language of the customer."""
    context = {
        "told": told,
        "tickets": [SimpleNamespace(**_parts(ctx, each)) for each in told.tickets],
        "beside": SimpleNamespace(**{"contact": [], "received_email": [], **told.beside}),
        "desk": ctx.services.settings.name,
        "now": ctx.now,
        "moment": datetime.fromisoformat,
        "answers": _ANSWERS,
        "settled": _SETTLED,
        "ratings": CHOICES,
        "serial": lambda invoice: serial(invoice["series"] or "", invoice["number"]),
    }
    language = ctx.services.language(told.language)
    with speaking(language):
        return ctx.services.render("ops/export/customer.html", {**context, "language": language})


def _parts(ctx: Context, ticket: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What the page shows of a ticket, by type of line."""
    (row,) = ticket["ticket"]
    workflow = ctx.services.workflows.get(row["workflow"])
    state = next((each for each in workflow.states if each.name == row["state"]), None) if workflow else None
    looks: dict[Any, list[dict[str, Any]]] = {}
    for look in ticket.get("credential_look", ()):
        looks.setdefault(look["secret_id"], []).append(look)
    files: dict[Any, list[dict[str, Any]]] = {}
    for file in ticket.get("file", ()):
        files.setdefault(file["message_id"], []).append(file)
    names = (
        "message",
        "email",
        "decision",
        "credential",
        "invoice",
        "payment",
        "rating",
        "annotation",
        "ticket_event",
    )
    parts = {name: ticket.get(name, []) for name in names}
    return {
        **parts,
        "row": row,
        "state": state.label if state else row["state"],
        "looks": looks,
        "files": files,
    }
