"""Erasing one person from the records of organisations: as a contact, and from what was typed (P13)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from sqlalchemy import Table

from paidsupport.kernel.addresses import spellings
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import emptying, marks
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.marks import GONE, Special, Whose
from paidsupport.sales.organisations.queries.records import contacts, every_organisation
from paidsupport.sales.organisations.rules import fold_name
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationChange

#: Shorter names are ordinary words.
_SHORTEST = 4
_RECORDS, _PEOPLE, _CHANGES = (
    Base.metadata.tables[row.__tablename__] for row in (Organisation, Contact, OrganisationChange)
)


def forget(ctx: Context, people: Iterable[Contact], *known_by: str) -> None:
    """Delete contacts, and erase from all records what names them or says what they are `known_by`."""
    words, theirs = set(known_by), list(people)
    for contact in theirs:
        words |= {contact.name, contact.email, contact.phone}
        ctx.session.delete(contact)
    ctx.session.flush()
    # the hash of a form could be used to guess its content
    of_records = _CHANGES.c.organisation_id.in_({contact.organisation_id for contact in theirs})
    emptying.empty(ctx, _CHANGES, of_records, whose=Whose.CONTACT)
    words |= {spelling for word in words if "@" in word for spelling in spellings(word)}
    words = {word.strip() for word in words if len(word.strip()) >= _SHORTEST and word[:1] != "("}
    if not words:
        return
    for organisation in every_organisation(ctx.session):
        # a customer may have ordered under the name of their company, which is not personal
        named = _any_of(word for word in words if fold_name(word) != organisation.folded)
        for name in _texts(_RECORDS):
            setattr(organisation, name, named.sub(GONE, getattr(organisation, name)))
    named = _any_of(words)
    for contact in contacts(ctx.session):
        for name in _texts(_PEOPLE):
            setattr(contact, name, named.sub(GONE, getattr(contact, name)))
    ctx.session.flush()


def _texts(table: Table) -> list[str]:
    """The columns in which a name may have been typed."""
    becomes = marks.erased_columns(table, Whose.CONTACT)
    return [column.name for column, special in becomes.items() if special is Special.WORDS_CUT]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in longest_first) or r"(?!)", re.IGNORECASE)


def forget_again(ctx: Context, references: Collection[str]) -> None:
    """Delete contacts that a restored backup has brought back."""
    if references:
        forget(ctx, contacts(ctx.session, Contact.reference.in_(references)))
