"""Invariants of secrets (G15, G16)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Text, and_, cast, or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant, is_in_store
from paidsupport.tickets.tables import Claim, Event, Ticket
from paidsupport.tickets.vault.operations import sealing
from paidsupport.tickets.vault.tables import Look, Secret

#: Rows read at once.
_BATCH = 2000


@invariant("the vault can be opened")
def vault_can_be_opened(ctx: Context) -> Iterator[str]:
    """The keys in the settings are valid, and every stored secret is encrypted under one of them."""
    yield from sealing.faults_of(ctx.session, ctx.services.vault)


@invariant("deleted logins are empty")
def destroyed_secrets_hold_nothing(ctx: Context) -> Iterator[str]:
    """A destroyed secret has no ciphertext, and the store no longer has its data key (G16)."""
    full = (
        select(Ticket.code)
        .join(Secret, Secret.ticket_id == Ticket.id)
        .where(
            Secret.destroyed_at.is_not(None),
            or_(Secret.sealed.is_not(None), Secret.key_reference.is_not(None)),
        )
    )
    yield from faults(ctx, full, "a deleted login is not empty")
    # as text, so that data which is not valid JSON is left to the invariants of histories
    told = select(cast(Event.data, Text), Ticket.code).join(Ticket, Ticket.id == Event.ticket_id)
    told = told.where(Event.kind == "secret-destroyed")
    for data, code in ctx.session.execute(told.execution_options(yield_per=_BATCH)):
        with suppress(ValueError):
            key = json.loads(data).get("data_key")
            if key and is_in_store(ctx, key):
                yield f"{code}: the data key of a deleted login still exists"


@invariant("data keys exist")
def data_keys_are_there(ctx: Context) -> Iterator[str]:
    """Every stored secret has its data key in the store; without it, it could not be decrypted."""
    kept = select(Secret.reference, Secret.key_reference, Ticket.code)
    kept = kept.join(Ticket, Ticket.id == Secret.ticket_id)
    kept = kept.where(Secret.kind != "key", Secret.destroyed_at.is_(None))
    for reference, key_reference, code in ctx.session.execute(kept.execution_options(yield_per=_BATCH)):
        if key_reference is None or not is_in_store(ctx, key_reference):
            yield f"{code}: the data key of login {reference} is missing"


@invariant("only owners viewed logins")
def looks_by_owners(ctx: Context) -> Iterator[str]:
    """Every view of a secret was made by the ticket's owner, during their claim (G15)."""
    foreign = (
        select(Ticket.code)
        .join(Look, Look.ticket_id == Ticket.id)
        .outerjoin(Secret, Secret.id == Look.secret_id)
        .outerjoin(Claim, and_(Claim.ticket_id == Ticket.id, Claim.number == Look.claim_number))
        .where(
            or_(
                Claim.id.is_(None),
                Claim.person_id != Look.person_id,
                Look.at < Claim.taken_at,
                Look.at > Claim.ended_at,
                Secret.ticket_id != Look.ticket_id,
            )
        )
    )
    yield from faults(ctx, foreign, "a person viewed a login without owning the ticket")


@invariant("ended tickets have no logins")
def ended_tickets_keep_nothing(ctx: Context) -> Iterator[str]:
    """When the work has ended, every login to the customer's server is destroyed (G16)."""
    kept = select(Ticket.code).join(Secret, Secret.ticket_id == Ticket.id)
    kept = kept.where(Ticket.part == "closed", Secret.destroyed_at.is_(None))
    yield from faults(ctx, kept, "it has ended, but still has a login")
