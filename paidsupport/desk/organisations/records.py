"""Making, changing, merging and putting away the record of an organisation (T8).

Every deed leaves a line in the record's own log: who, when, what; never what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paidsupport.desk.organisations import matching
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.codes import new_reference
from paidsupport.domain.money import parse
from paidsupport.domain.organisations import Kind, fold_name
from paidsupport.domain.redaction import looks_like_credential
from paidsupport.domain.text import BadTextError, is_visible, many_lines, one_line
from paidsupport.errors import InvalidInputError, KeyReusedError, StaleOrganisationError
from paidsupport.store.organisations import Contact, Organisation, OrganisationChange, OrganisationTicket
from paidsupport.store.people import Person

_ADDRESS_LIMIT = 1_000
_NOTES_LIMIT = 20_000
_VAT_LIMIT = 40
#: Longer numbers are nobody's.
_DIGITS = 9
_NO_PASSWORDS = "Leave passwords and keys out: everybody at the desk reads this."
_TAKEN = "There is an organisation with this name already."


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an organisation, as it was typed; `holder` is the id of a person, or nothing."""

    name: str
    kind: str = Kind.MERCHANT
    notes: str = ""
    billing_name: str = ""
    billing_address: str = ""
    billing_email: str = ""
    vat_id: str = ""
    currency: str = ""
    holder: str = ""


def create(visit: Visit, record: Record, *, key: str) -> Organisation:
    """Make a record. A resent key gives the same one.

    Raises InvalidInputError (fields as in `Record`), KeyReusedError.
    """
    once, sent = once_of(visit, key), fingerprint("create", record)
    if before := done_before(visit, once, sent):
        return before
    columns = _tidied(visit, record)
    organisation = Organisation(
        reference=new_reference(), created_at=visit.now, changed_at=visit.now, **columns
    )
    try:
        with visit.session.begin_nested():
            visit.session.add(organisation)
            visit.session.flush()
            tell(visit, organisation, "created", once, sent)
    except IntegrityError:
        # the same form arrived twice at once, or somebody else has just made one of this name
        if before := done_before(visit, once, sent):
            return before
        raise InvalidInputError({"name": [_TAKEN]}) from None
    return organisation


def edit(visit: Visit, reference: str, record: Record, *, version: int, key: str) -> Organisation:
    """Change a record as it was seen at `version`.

    Raises NotFoundError, StaleOrganisationError, InvalidInputError (fields as in `Record`), KeyReusedError.
    """
    organisation, once = matching.by_reference(visit, reference, lock=True), once_of(visit, key)
    sent = fingerprint("edit", reference, record)
    if done_before(visit, once, sent):
        return organisation
    refuse_stale(organisation, version)
    columns = _tidied(visit, record, organisation)
    for name, value in columns.items():
        setattr(organisation, name, value)
    changed(visit, organisation)
    tell(visit, organisation, "edited", once, sent)
    return organisation


def put_away(visit: Visit, reference: str, *, away: bool, key: str) -> Organisation:
    """Take a record out of the list, or back into it; what is on it stays.

    Raises NotFoundError (also for one that was merged), KeyReusedError.
    """
    organisation, once = matching.by_reference(visit, reference, lock=True), once_of(visit, key)
    sent = fingerprint("put-away", reference, away)
    if done_before(visit, once, sent):
        return organisation
    if organisation.merged_into_id is None and (organisation.archived_at is not None) != away:
        organisation.archived_at = visit.now if away else None
        changed(visit, organisation)
        tell(visit, organisation, "put-away" if away else "taken-back", once, sent)
    return organisation


def merge(visit: Visit, reference: str, into: str, *, version: int, key: str) -> Organisation:
    """Say that this organisation is the one named `into`: its contacts, tickets and notes go there.

    Returns that one. Its billing is filled in where it had none. Raises NotFoundError,
    StaleOrganisationError, InvalidInputError (field `organisation`), KeyReusedError.
    """
    once, sent = once_of(visit, key), fingerprint("merge", reference, into)
    if before := done_before(visit, once, sent):
        return before
    found, other = matching.both(visit, reference, into)
    if before := done_before(visit, once, sent):
        return before
    if found.id == other.id:
        raise InvalidInputError({"organisation": ["An organisation cannot be merged into itself."]})
    refuse_stale(found, version)
    if found.merged_into_id is not None:
        raise StaleOrganisationError(found.name)
    _bring_over(visit, found, other)
    found.archived_at, found.merged_into_id = found.archived_at or visit.now, other.id
    # what was merged into this one before goes on there as well
    visit.session.execute(
        update(Organisation).where(Organisation.merged_into_id == found.id).values(merged_into_id=other.id)
    )
    changed(visit, found)
    changed(visit, other)
    tell(visit, found, "merged")
    tell(visit, other, "merged-here", once, sent)
    return other


def refuse_stale(organisation: Organisation, version: int) -> None:
    """Raises StaleOrganisationError if it is not as it was seen."""
    if organisation.version != version:
        raise StaleOrganisationError(organisation.name)


def changed(visit: Visit, organisation: Organisation) -> None:
    """Note that a record, whose lock is held, is another one now."""
    organisation.version += 1
    organisation.changed_at = visit.now


def tell(
    visit: Visit, organisation: Organisation, kind: str, once: str | None = None, sent: str | None = None
) -> None:
    """Add a line to the log of a record."""
    line = OrganisationChange(
        organisation_id=organisation.id,
        kind=kind,
        by_id=visit.by.id,
        by_name=visit.by.name,
        at=visit.now,
        key=once,
        fingerprint=sent,
    )
    visit.session.add(line)
    visit.session.flush()


def once_of(visit: Visit, key: str) -> str:
    """The form's key as it is kept for a deed of this person on records."""
    return fingerprint("organisation", visit.by.kind, visit.by.id, key)


def done_before(visit: Visit, once: str, sent: str) -> Organisation | None:
    """The record that this very form has made or changed already. Raises KeyReusedError for another one."""
    wanted = select(OrganisationChange, Organisation).join(
        Organisation, Organisation.id == OrganisationChange.organisation_id
    )
    row = visit.session.execute(wanted.where(OrganisationChange.key == once)).one_or_none()
    if row is None:
        return None
    if row[0].fingerprint != sent:
        raise KeyReusedError
    found: Organisation = row[1]
    return found


def tidied_text(problems: dict[str, list[str]], field: str, typed: str, tidy: Callable[[str], str]) -> str:
    """A text as it is kept, or nothing with why in `problems`."""
    try:
        text = tidy(typed)
    except BadTextError as error:
        problems[field] = [str(error)]
        return ""
    if looks_like_credential(text):
        problems[field] = [_NO_PASSWORDS]
    return text


def _bring_over(visit: Visit, found: Organisation, other: Organisation) -> None:
    visit.session.execute(
        update(OrganisationTicket)
        .where(OrganisationTicket.organisation_id == found.id)
        .values(organisation_id=other.id)
        .execution_options(synchronize_session=False)
    )
    contacts = select(Contact).where(Contact.organisation_id.in_((found.id, other.id))).order_by(Contact.id)
    rows = visit.session.scalars(contacts).all()
    known = {row.folded: row for row in rows if row.organisation_id == other.id and row.folded}
    for row in (row for row in rows if row.organisation_id == found.id):
        if twin := known.get(row.folded):
            for name in ("phone", "digits", "role", "note"):
                setattr(twin, name, getattr(twin, name) or getattr(row, name))
            visit.session.delete(row)
        else:
            row.organisation_id = other.id
    other.notes = "\n\n".join(text for text in (other.notes, found.notes) if text)[:_NOTES_LIMIT]
    for name in ("billing_name", "billing_address", "billing_email", "vat_id", "currency", "holder_id"):
        setattr(other, name, getattr(other, name) or getattr(found, name))
    visit.session.flush()


def _tidied(visit: Visit, record: Record, there: Organisation | None = None) -> dict[str, object]:
    """A record as its columns. Raises InvalidInputError with everything that is wrong at once."""
    problems: dict[str, list[str]] = {}
    columns: dict[str, object] = {
        name: tidied_text(problems, name, getattr(record, name), tidy) for name, tidy in _TIDY.items()
    }
    columns["folded"] = fold_name(str(columns["name"]))
    columns["kind"] = record.kind
    columns["currency"] = record.currency.strip().upper()
    if not is_visible(str(columns["name"])) and "name" not in problems:
        problems["name"] = ["Write down what it is called."]
    elif _is_taken(visit, str(columns["folded"]), there):
        problems["name"] = [_TAKEN]
    if record.kind not in set(Kind):
        problems["kind"] = ["Choose what it is."]
    if columns["currency"]:
        try:
            parse("1", str(columns["currency"]))
        except ValueError:
            problems["currency"] = ["Write a currency as three letters, for example EUR."]
    columns["holder_id"] = _holder(visit, record.holder, problems)
    if problems:
        raise InvalidInputError(problems)
    return columns


_TIDY: dict[str, Callable[[str], str]] = {
    "name": one_line,
    "billing_name": one_line,
    "billing_email": one_line,
    "vat_id": partial(one_line, limit=_VAT_LIMIT),
    "billing_address": partial(many_lines, limit=_ADDRESS_LIMIT),
    "notes": partial(many_lines, limit=_NOTES_LIMIT),
}


def _is_taken(visit: Visit, folded: str, there: Organisation | None) -> bool:
    id_ = visit.session.scalar(select(Organisation.id).where(Organisation.folded == folded))
    return id_ is not None and (there is None or id_ != there.id)


def _holder(visit: Visit, typed: str, problems: dict[str, list[str]]) -> int | None:
    if not typed:
        return None
    known = typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS
    person = visit.session.get(Person, int(typed)) if known else None
    if person is None or not person.active:
        problems["holder"] = ["Choose somebody who works at the desk."]
        return None
    return person.id
