"""Creating, changing, merging and archiving the records of organisations (T8).

Every operation adds a line to the record's own log: who, when, what; never what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, StaleOrganisationError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import parse
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import is_visible, many_lines, one_line, whole_number
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.sales.organisations.operations import log, matching
from paidsupport.sales.organisations.queries import records as queries
from paidsupport.sales.organisations.rules import Kind, fold_name
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationTicket

_ADDRESS_LIMIT = 1_000
_NOTES_LIMIT = 20_000
_VAT_LIMIT = 40
_NO_PASSWORDS = _("Remove passwords and keys. All staff can read this.")
_TAKEN = _("Choose another name. An organisation with this name exists already.")


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about an organisation, as typed; `holder` is the id of a person, or empty."""

    name: str
    kind: str = Kind.MERCHANT
    notes: str = ""
    billing_name: str = ""
    billing_address: str = ""
    billing_email: str = ""
    vat_id: str = ""
    currency: str = ""
    holder: str = ""


def create(ctx: Context, record: Record, *, key: str) -> Organisation:
    """Create a record. A repeated key returns the same one.

    Raises:
        InvalidInputError: By field as in `Record`.
        KeyReusedError: The form was sent with other content.
    """
    with log.create(ctx, key=key, content=("create", record)) as change:
        if not change.repeated:
            _create(ctx, record, change)
        if change.repeated:
            return ctx.session.get_one(Organisation, change.earlier_id)
    return change.record


def _create(ctx: Context, record: Record, change: Change[Context, Organisation]) -> None:
    columns = _tidied(ctx, record)
    organisation = Organisation(reference=new_reference(), created_at=ctx.now, changed_at=ctx.now, **columns)
    try:
        with change.racing():
            change.open(organisation, "created")
    except IntegrityError:
        # another request has just created one with this name
        raise InvalidInputError({"name": [_TAKEN]}) from None


def edit(ctx: Context, reference: str, record: Record, *, version: int, key: str) -> Organisation:
    """Change a record that was seen at `version`.

    Raises:
        NotFoundError: There is no such record.
        StaleOrganisationError: It has changed since it was seen.
        InvalidInputError: By field as in `Record`.
        KeyReusedError: The form was sent with other content.
    """
    with log.edit(ctx, reference, key=key, content=("edit", reference, record)) as change:
        organisation = change.record
        if change.repeated:
            return organisation
        refuse_stale(organisation, version)
        change.tell("edited", **_tidied(ctx, record, organisation))
    return organisation


def put_away(ctx: Context, reference: str, *, away: bool, key: str) -> Organisation:
    """Archive a record, or restore it to the list; its content stays.

    Raises:
        NotFoundError: There is no such record, or it was merged into another one.
        KeyReusedError: The form was sent with other content.
    """
    with log.edit(ctx, reference, key=key, content=("put-away", reference, away)) as change:
        organisation = change.record
        if organisation.merged_into_id is not None or (organisation.archived_at is not None) == away:
            change.nothing_new()
        elif not change.repeated:
            kind = "put-away" if away else "taken-back"
            change.tell(kind, archived_at=ctx.now if away else None)
    return organisation


def merge(ctx: Context, reference: str, into: str, *, version: int, key: str) -> Organisation:
    """Merge this organisation into the one named `into`, which gets its contacts, tickets and notes.

    Empty billing fields are filled in. Returns the other organisation.

    Raises:
        NotFoundError: There is no such record.
        StaleOrganisationError: It has changed since it was seen.
        InvalidInputError: There is no other organisation of this name (field `organisation`).
        KeyReusedError: The form was sent with other content.
    """
    with log.create(ctx, key=key, content=("merge", reference, into)) as change:
        if not change.repeated:
            found, change.record = matching.both(ctx, reference, into)
        if change.look_again():
            return ctx.session.get_one(Organisation, change.earlier_id)
        _merge(ctx, found, version, change)
    return change.record


def _merge(ctx: Context, found: Organisation, version: int, change: Change[Context, Organisation]) -> None:
    other = change.record
    if found.id == other.id:
        raise InvalidInputError({"organisation": [_("Choose another organisation.")]})
    refuse_stale(found, version)
    if found.merged_into_id is not None:
        raise StaleOrganisationError(found.name)
    _bring_over(ctx, found, other)
    found.archived_at, found.merged_into_id = found.archived_at or ctx.now, other.id
    # records that were merged into this one before now lead to the other one as well
    ctx.session.execute(
        update(Organisation).where(Organisation.merged_into_id == found.id).values(merged_into_id=other.id)
    )
    log.tell(ctx, found, "merged")
    change.tell("merged-here")


def refuse_stale(organisation: Organisation, version: int) -> None:
    """Raise StaleOrganisationError if the record has changed since it was seen."""
    if organisation.version != version:
        raise StaleOrganisationError(organisation.name)


def read_all(fields: Fields, typed: object, tidy: Mapping[str, Callable[[str], str]]) -> dict[str, str]:
    """The texts of a form as they are stored, by field; none of them may contain a password."""
    kept = {name: fields.read(name, getattr(typed, name), each) for name, each in tidy.items()}
    for name, text in kept.items():
        if looks_like_credential(text):
            fields.refuse(name, _NO_PASSWORDS)
    return kept


def _bring_over(ctx: Context, found: Organisation, other: Organisation) -> None:
    ctx.session.execute(
        update(OrganisationTicket)
        .where(OrganisationTicket.organisation_id == found.id)
        .values(organisation_id=other.id)
        .execution_options(synchronize_session=False)
    )
    rows = queries.contacts(ctx.session, Contact.organisation_id.in_((found.id, other.id)))
    known = {row.folded: row for row in rows if row.organisation_id == other.id and row.folded}
    for row in (row for row in rows if row.organisation_id == found.id):
        if twin := known.get(row.folded):
            for name in ("phone", "digits", "role", "note"):
                setattr(twin, name, getattr(twin, name) or getattr(row, name))
            ctx.session.delete(row)
        else:
            row.organisation_id = other.id
    other.notes = "\n\n".join(text for text in (other.notes, found.notes) if text)[:_NOTES_LIMIT]
    for name in ("billing_name", "billing_address", "billing_email", "vat_id", "currency", "holder_id"):
        setattr(other, name, getattr(other, name) or getattr(found, name))
    ctx.session.flush()


def _tidied(ctx: Context, record: Record, there: Organisation | None = None) -> dict[str, object]:
    """A record as the columns to store. Raises InvalidInputError with all problems at once."""
    fields = Fields()
    columns: dict[str, object] = {**read_all(fields, record, _TIDY)}
    name, folded = str(columns["name"]), fold_name(str(columns["name"]))
    currency = record.currency.strip().upper()
    if not is_visible(name):
        fields.refuse("name", _("Enter the name."))
    elif queries.called(ctx.session, name) not in {None, there}:
        fields.refuse("name", _TAKEN)
    if record.kind not in set(Kind):
        fields.refuse("kind", _("Choose a kind."))
    if currency:
        try:
            parse("1", currency)
        except ValueError:
            fields.refuse("currency", _("Enter a currency as three letters, like EUR."))
    holder = _holder(ctx, record.holder, fields)
    fields.done()
    return {**columns, "folded": folded, "kind": record.kind, "currency": currency, "holder_id": holder}


_TIDY: dict[str, Callable[[str], str]] = {
    "name": one_line,
    "billing_name": one_line,
    "billing_email": one_line,
    "vat_id": partial(one_line, limit=_VAT_LIMIT),
    "billing_address": partial(many_lines, limit=_ADDRESS_LIMIT),
    "notes": partial(many_lines, limit=_NOTES_LIMIT),
}


def _holder(ctx: Context, typed: str, fields: Fields) -> int | None:
    if not typed:
        return None
    person = ctx.session.get(Person, whole_number(typed, digits=9) or 0)
    if person is None or not person.active:
        fields.refuse("holder", _("Choose a colleague from the list."))
        return None
    return person.id
