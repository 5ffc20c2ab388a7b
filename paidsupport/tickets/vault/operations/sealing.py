"""Envelope encryption: each secret has its own data key, kept outside the database under the master key.

Destroying a secret deletes its data key from the store. An older copy of the database, its write-ahead log or
a dump is then useless, even with the master key.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import partial

from sqlalchemy import event, update
from sqlalchemy.orm import Session, SessionTransaction

from paidsupport.kernel import keyring
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db import engine
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import NotFoundError, StaleTicketError, VaultClosedError
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.keyring import Keyring
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault import queries
from paidsupport.tickets.vault.tables import Secret

#: The format of ciphertexts; a new format gets a new tag.
_VERSION = "paidsupport.vault.1"
#: The key in a session for the data keys to delete with its commit.
_DOOMED = "paidsupport_doomed_keys"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is needed to decrypt a secret, except the data key and the master key."""

    reference: str
    sealed: bytes
    key_reference: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SealedState:
    """One stored secret, for the site owner: its ticket, its master key, and any fault."""

    code: str
    reference: str
    key_id: str
    #: Empty if it can be decrypted.
    fault: str


def put(ctx: Context, ticket: Ticket, secret: Secret, plaintext: str) -> None:
    """Encrypt `plaintext` into the row. Raises VaultClosedError, StorageFullError.

    If the transaction fails afterwards, its data key opens nothing, and `files.sweep` deletes it.
    """
    require_open(ctx)
    about, data_key = _about(ticket.reference, secret.reference), os.urandom(keyring.KEY_BYTES)
    envelope = ctx.services.vault.seal(data_key, about)
    secret.sealed = keyring.seal(data_key, plaintext.encode(), about)
    secret.key_id = ctx.services.vault.first
    secret.key_reference = ctx.services.files.keep(io.BytesIO(envelope)).key


def opened(services: Services, ticket: str, row: Sealed) -> str:
    """Decrypt a stored secret of the ticket with this reference. Raises VaultClosedError."""
    about = _about(ticket, row.reference)
    envelope = _envelope(services.files, row.key_reference)
    data_key = services.vault.open(row.key_id, envelope, about)
    return keyring.open_sealed(data_key, row.sealed, about).decode()


def of(secret: Secret) -> Sealed:
    """What is needed to decrypt `secret`. Raises NotFoundError if it holds no ciphertext."""
    if secret.sealed is None or secret.key_reference is None:
        raise NotFoundError
    return Sealed(secret.reference, secret.sealed, secret.key_reference, secret.key_id)


def require_open(ctx: Context) -> None:
    """Raise VaultClosedError unless every stored secret is under a known key."""
    if faults := faults_of(ctx.session, ctx.services.vault):
        raise VaultClosedError(faults[0])
    if ctx.services.vault.fault:
        raise VaultClosedError(ctx.services.vault.fault)


def faults_of(session: Session, keys: Keyring) -> list[str]:
    """Why the vault is closed, in sentences. A missing key is no fault as long as nothing is stored."""
    ids = queries.master_keys(session)
    if keys.fault:
        return [keys.fault] if ids or keys.fault != keyring.NO_KEY else []
    return [filled(keyring.UNKNOWN_KEY, key_id=name) for name in sorted(ids) if not keys.knows(name)]


def drop_at_commit(ctx: Context, key_reference: str) -> None:
    """Delete a data key from the store once this transaction has written everything.

    This happens right before the commit, never after it: a crash in between leaves a secret that cannot be
    decrypted, rather than one that is recorded as destroyed but is not. A rollback destroys nothing.
    """
    session = ctx.session
    engine.scrub_log(session)
    if _DOOMED not in session.info:
        event.listen(session, "before_commit", partial(_drop_doomed, ctx.services.files))
        event.listen(session, "after_soft_rollback", _spare_doomed)
    session.info.setdefault(_DOOMED, []).append(key_reference)


def _drop_doomed(files: FileStore, session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    while doomed := session.info[_DOOMED]:
        files.drop(doomed.pop())


def _spare_doomed(session: Session, _transaction: SessionTransaction) -> None:
    session.info[_DOOMED] = []


def standings(ctx: Context) -> list[SealedState]:
    """Every stored secret, and whether its keys are there."""
    return [
        SealedState(ticket.code, secret.reference, secret.key_id, _fault(ctx, ticket, secret))
        for secret, ticket in queries.sealed(ctx.session)
    ]


def under_old_keys(ctx: Context) -> list[int]:
    """The ids of stored secrets that are not under the first master key. Raises VaultClosedError."""
    require_open(ctx)
    old = queries.sealed(ctx.session, Secret.key_id != ctx.services.vault.first)
    return [secret.id for secret, _ in old]


def reseal(ctx: Context, secret_id: int) -> str:
    """Encrypt a secret's data key under the first master key.

    The caller deletes the old one after the commit. If interrupted at any moment, it can be repeated.

    Returns:
        The name of the old data key in the store.

    Raises:
        NotFoundError: The secret was destroyed in the meantime.
        VaultClosedError: Its data key cannot be decrypted.
    """
    secret = ctx.session.get_one(Secret, secret_id)
    ticket = tickets.lock_by_id(ctx.session, secret.ticket_id)
    ctx.session.refresh(secret)
    row = of(secret)
    about = _about(ticket.reference, row.reference)
    data_key = ctx.services.vault.open(row.key_id, _envelope(ctx.services.files, row.key_reference), about)
    envelope = ctx.services.vault.seal(data_key, about)
    kept = ctx.services.files.keep(io.BytesIO(envelope))
    renewal = (
        update(Secret)
        .where(Secret.id == secret_id, Secret.key_reference == row.key_reference)
        .values(key_reference=kept.key, key_id=ctx.services.vault.first)
    )
    if changed(ctx.session, renewal) != 1:
        raise StaleTicketError(ticket.code)
    return row.key_reference


def is_pending(ticket: Ticket) -> bool:
    """Whether the ticket has an owner: only then can logins be shared and viewed."""
    return ticket.part == Part.PENDING


def _about(ticket: str, secret: str) -> bytes:
    """What both ciphertexts of a secret are bound to, so that they cannot be moved to another row."""
    return f"{_VERSION}:{ticket}:{secret}".encode()


def _envelope(files: FileStore, key_reference: str) -> bytes:
    try:
        with files.open(key_reference) as content:
            return content.read()
    except NotFoundError:
        raise VaultClosedError(
            _("The data key of a login is gone. Delete that login and ask for it again.")
        ) from None


def _fault(ctx: Context, ticket: Ticket, secret: Secret) -> str:
    try:
        opened(ctx.services, ticket.reference, of(secret))
    except VaultClosedError as error:
        return error.repair
    return ""
