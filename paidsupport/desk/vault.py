"""Ways into the customer's host: given, looked at by the owner, taken back, destroyed (G15, G16, N2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update

from paidsupport.desk import hiding, history, limits, masking, sealing
from paidsupport.desk.hooks import AGAINST_SHOWING, MESSAGE_CUT
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain import redaction
from paidsupport.domain.codes import new_reference
from paidsupport.domain.workflow import Part
from paidsupport.errors import KeyReusedError, MoveRefusedError, NotFoundError, ShownBeforeError
from paidsupport.kernel.edit import Change, Content
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.transitions import Attempt, Effect, Guard, ends
from paidsupport.store import inbox, tickets
from paidsupport.store.conversation import Message
from paidsupport.store.inbox import RawMail
from paidsupport.store.people import Person
from paidsupport.store.plain import changed
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Look, Secret

#: What a customer can give with a secret in it, the better one first.
KINDS = ("account", "password")
#: Longest secret, in characters: a private key has about three thousand.
SECRET_LIMIT = 4000
#: Ways in that a ticket keeps at once: what is typed on it is compared with all of them.
MOST_KEPT = 20
_NOT_HERE = "Passwords belong into the field for them alone: this one is shown to everybody at the desk."


_OTHER_KEY = "Your developer, or their key, has changed since you opened this page. Look at the line again."


@dataclass(frozen=True, slots=True)
class Credential:
    """What a customer gives: its kind, what it opens, the user name that goes with it, and the secret."""

    kind: str
    label: str
    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret as it is shown to its looker, once."""

    secret: Secret
    plaintext: str = field(repr=False)


def give(visit: Visit, ticket: Ticket, credential: Credential, *, key: str, client: str = "") -> Secret:
    """Keep a password of the customer's while somebody holds the ticket, and tell its owner that it is there.

    `client` is the network address it came from. Raises InvalidInputError (fields as in `Credential`),
    MoveRefusedError, VaultClosedError, TooManyError, StorageFullError, KeyReusedError.
    """
    ticket = tickets.lock(visit.session, ticket.code)
    typed = (credential.kind, credential.label, credential.account, credential.secret)
    content = visit.house.links.digest("vault", *typed)
    with history.edit(visit, ticket, key=key, content=content) as change:
        if change.repeated:
            return _find(visit, ticket, change.earlier["reference"])
        _only_while_held(visit, ticket)
        credential = _checked(credential)
        if client:
            limits.spend(visit, "message", client, visit.house.settings.orders_per_hour)
        secret = _new(visit, ticket, credential.kind, credential.label, credential.account)
        sealing.put(visit, ticket, secret, credential.secret)
        visit.session.add(secret)
        visit.session.flush()
        change.tell("secret-given", _told(secret))
        _cut_elsewhere(visit, ticket, [credential.secret], redaction.MOVED)
        hiding.tell(visit, ticket, credential.secret)
    return secret


def trust_key(visit: Visit, ticket: Ticket, public_key: str, *, key: str) -> Secret:
    """Note that the customer has added the owner's public key, as their page showed it, to their host.

    Raises MoveRefusedError if that is not the owner's key, or not any more; KeyReusedError.
    """
    ticket = tickets.lock(visit.session, ticket.code)
    with history.edit(visit, ticket, key=key, content=("trust", ticket.code, public_key)) as change:
        if change.repeated:
            return _find(visit, ticket, change.earlier["reference"])
        _only_while_held(visit, ticket)
        owner = visit.session.get(Person, ticket.owner_id)
        if owner is None or not public_key or owner.public_key != public_key:
            raise MoveRefusedError(ticket.code, [_OTHER_KEY])
        secret = _new(visit, ticket, "key", f"The public key of {owner.name}", "")
        secret.public_key = public_key
        visit.session.add(secret)
        visit.session.flush()
        change.tell("secret-given", _told(secret))
    return secret


def take_back(visit: Visit, ticket: Ticket, reference: str, *, key: str) -> Secret:
    """Destroy what the customer gave, because they want it back; its owner is told.

    Raises NotFoundError, KeyReusedError. What is destroyed already stays so.
    """
    ticket = tickets.lock(visit.session, ticket.code)
    secret = _find(visit, ticket, reference)
    with history.edit(visit, ticket, key=key, content=("take back", reference)) as change:
        _destroy(visit, change, secret, "taken back")
    return secret


def destroy(visit: Visit, code: str, reference: str, *, key: str) -> Secret:
    """Destroy one secret of a ticket; for its owner and for managers.

    Raises NotFoundError, MoveRefusedError, KeyReusedError. What is destroyed already stays so.
    """
    ticket = tickets.lock(visit.session, code)
    _owner_or_manager(visit, ticket, "destroy its credentials")
    secret = _find(visit, ticket, reference)
    with history.edit(visit, ticket, key=key, content=("destroy", reference)) as change:
        _destroy(visit, change, secret, "not needed")
    return secret


def _destroy(visit: Visit, change: Change[Visit, Ticket], secret: Secret, why: str) -> None:
    if change.repeated or secret.destroyed_at is not None:
        change.nothing_new()
    else:
        change.tell("secret-destroyed", _emptied(visit, secret, why))


def destroy_all(visit: Visit, ticket: Ticket, why: str = "the work ended") -> None:
    """Destroy whatever a ticket keeps.

    For moves that end the work: the caller holds the ticket's lock and writes the head of the history.
    """
    for secret in kept(visit, ticket):
        history.append(visit, ticket, "secret-destroyed", _emptied(visit, secret, why))


def kept(visit: Visit, ticket: Ticket) -> list[Secret]:
    """The ways in of a ticket that are not destroyed, oldest first; keys that the customer has added, too."""
    wanted = select(Secret).where(Secret.ticket_id == ticket.id, Secret.destroyed_at.is_(None))
    return list(
        visit.session.scalars(wanted.order_by(Secret.id), execution_options={"populate_existing": True})
    )


def change_noted(visit: Visit, ticket: Ticket, reference: str, *, key: str) -> Secret:
    """Note that the customer has changed a password, or taken an account or a key from their host (G16).

    Raises NotFoundError, MoveRefusedError while it is still in use, KeyReusedError.
    """
    ticket = tickets.lock(visit.session, ticket.code)
    secret = _find(visit, ticket, reference)
    with history.edit(visit, ticket, key=key, content=("changed", reference)) as change:
        if change.repeated or secret.changed_at is not None:
            change.nothing_new()
            return secret
        if secret.destroyed_at is None and ticket.part != Part.CLOSED:
            raise MoveRefusedError(ticket.code, ["It is still in use. Take it back first."])
        secret.changed_at = visit.now
        change.tell("secret-changed", _told(secret))
    return secret


def look(visit: Visit, code: str, reference: str, *, reason: str, claim: int, key: str) -> Shown:
    """Open one secret for the present owner, under the claim their page showed, once, and write it down.

    The customer sees who looked, when and why. Whoever calls this shows the plaintext only when the
    transaction is committed. Raises NotFoundError, MoveRefusedError (not yours, not under this claim, not
    now, or it follows an issue that management has not assigned to you), InvalidInputError, ShownBeforeError
    (a repeated key), VaultClosedError.
    """
    ticket = tickets.lock(visit.session, code)
    with _look(visit, ticket, key, ("look", reference)) as change:
        _refuse_to_show(visit, change, claim)
        secret = _find(visit, ticket, reference)
        if secret.destroyed_at is not None:
            raise MoveRefusedError(code, ["This credential has been destroyed: nothing is left to see."])
        sealing.require_open(visit)
        plaintext = sealing.opened(visit.house, ticket.reference, sealing.of(secret))
        _note_look(visit, ticket, reason, secret_id=secret.id)
        change.tell("secret-looked", _told(secret))
    return Shown(secret, plaintext)


def against_showing(visit: Visit, ticket: Ticket, *, lock: bool = False) -> str:
    """What stands against a look at the credentials of a ticket, in a sentence; nothing if nothing does.

    `lock`: what the answer rests on stays as it is until the transaction ends.
    """
    return next((why for why in visit.house.hooks.call(AGAINST_SHOWING, visit, ticket, lock) if why), "")


def _look(visit: Visit, ticket: Ticket, key: str, content: Content) -> Change[Visit, Ticket]:
    try:
        return history.edit(visit, ticket, key=key, content=content)
    except KeyReusedError:
        raise ShownBeforeError from None


def _refuse_to_show(visit: Visit, change: Change[Visit, Ticket], claim: int) -> None:
    """Nothing is shown twice, nor to anybody but the owner under the claim that their page showed."""
    if change.repeated:
        raise ShownBeforeError
    _only_the_owner(visit, change.record, claim)
    if why := against_showing(visit, change.record, lock=True):
        raise MoveRefusedError(change.record.code, [why])


def look_at_mail(visit: Visit, reference: str, *, reason: str, claim: int, key: str) -> RawMail:
    """A mail that holds a credential, for the owner of its ticket to read as it arrived, once.

    As with `look`: the customer sees who looked, when and why, and nobody shows it before the commit. Raises
    NotFoundError (it is on no ticket, or its bytes are gone), and the rest as `look` does.
    """
    mail = inbox.by_reference(visit.session, reference)
    if mail.ticket_id is None or mail.dropped_at is not None:
        raise NotFoundError
    ticket = tickets.living(visit.session, tickets.by_id(visit.session, mail.ticket_id))
    ticket = tickets.lock(visit.session, ticket.code)
    with _look(visit, ticket, key, ("look at mail", reference)) as change:
        _refuse_to_show(visit, change, claim)
        _note_look(visit, ticket, reason, mail_id=mail.id)
        change.tell("secret-looked", {"reference": mail.reference, "kind": "mail"})
    return mail


def _note_look(visit: Visit, ticket: Ticket, reason: str, **what: int) -> None:
    reason = _reason(reason)
    refuse_quotes(visit, ticket, reason, "reason")
    visit.session.add(
        Look(
            ticket_id=ticket.id,
            person_id=visit.by.id,
            person_name=visit.by.name,
            claim_number=ticket.claim_number,
            reason=reason,
            at=visit.now,
            **what,
        )
    )
    visit.session.flush()


def cut(visit: Visit, code: str, number: int, *, key: str) -> Message:
    """Take the credentials out of a message of the customer's; while the ticket goes on, into the vault.

    For the owner and for managers. Raises NotFoundError, MoveRefusedError, VaultClosedError, KeyReusedError.
    """
    ticket = tickets.lock(visit.session, code)
    _owner_or_manager(visit, ticket, "take a credential out of it")
    wanted = select(Message).where(
        Message.ticket_id == ticket.id, Message.number == number, Message.direction == "in"
    )
    message = visit.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if message is None:
        raise NotFoundError
    with history.edit(visit, ticket, key=key, content=("cut", number)) as change:
        if not change.repeated:
            _cut_out(visit, change, message)
    return message


def _cut_out(visit: Visit, change: Change[Visit, Ticket], message: Message) -> None:
    ticket = change.record
    spans = redaction.credentials_in(message.raw)
    if not spans:
        sentence = "There is nothing in this message that looks like a credential."
        raise MoveRefusedError(ticket.code, [sentence])
    told: dict[str, object] = {"message": message.number}
    if ticket.part != Part.CLOSED:
        _room_for_more(visit, ticket)
        secret = _new(visit, ticket, "message", f"Written in message {message.number}", "")
        sealing.put(visit, ticket, secret, "\n".join(message.raw[span.start : span.end] for span in spans))
        visit.session.add(secret)
        visit.session.flush()
        told |= _told(secret)
    instead = redaction.CUT if ticket.part == Part.CLOSED else redaction.MOVED
    values = redaction.values_in(message.raw)
    message.raw = redaction.without_credentials(message.raw, instead)
    visit.house.hooks.call(MESSAGE_CUT, visit, message)
    change.tell("message-cut", told)
    _cut_elsewhere(visit, ticket, values, instead)
    hiding.tell(visit, ticket, "\n".join(values))


def _cut_elsewhere(visit: Visit, ticket: Ticket, values: Sequence[str], instead: str) -> None:
    """What is in the vault, or gone for good, stands in no message and no mail of the ticket any more."""
    for message in masking.cut(visit, ticket, values, instead):
        is_here = message.ticket_id == ticket.id
        of = ticket if is_here else tickets.lock_by_id(visit.session, message.ticket_id)
        history.tell(visit, of, "message-cut", {"message": message.number})


def _told(secret: Secret) -> dict[str, object]:
    """What history says about a secret: nothing that opens anything, and no word of the customer's."""
    return {"reference": secret.reference, "kind": secret.kind, "key_id": secret.key_id}


def _find(visit: Visit, ticket: Ticket, reference: str) -> Secret:
    wanted = select(Secret).where(Secret.ticket_id == ticket.id, Secret.reference == reference)
    found = visit.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFoundError
    return found


def _new(visit: Visit, ticket: Ticket, kind: str, label: str, account: str) -> Secret:
    return Secret(
        reference=new_reference(),
        ticket_id=ticket.id,
        kind=kind,
        label=label,
        account=account,
        public_key="",
        key_id="",
        destroyed_by="",
        given_at=visit.now,
    )


def _emptied(visit: Visit, secret: Secret, why: str) -> dict[str, object]:
    """Empty the row and doom its data key; returns what history tells of it."""
    told = _told(secret) | {"why": why}
    data_key = secret.key_reference
    emptied = (
        update(Secret)
        .where(Secret.id == secret.id, Secret.destroyed_at.is_(None))
        .values(sealed=None, key_reference=None, destroyed_at=visit.now, destroyed_by=visit.by.name)
    )
    if changed(visit.session, emptied) != 1:
        raise NotFoundError
    visit.session.refresh(secret)
    if data_key is not None:
        # its name in the store opens nothing, and lets the doctor see that it is gone
        told["data_key"] = data_key
        sealing.drop_at_commit(visit, data_key)
    return told


def _only_while_held(visit: Visit, ticket: Ticket) -> None:
    if not sealing.is_pending(ticket):
        sentence = "Nobody works on this order now, so nobody needs access. Nothing was kept."
        raise MoveRefusedError(ticket.code, [sentence])
    _room_for_more(visit, ticket)


def _room_for_more(visit: Visit, ticket: Ticket) -> None:
    counted = select(func.count()).where(Secret.ticket_id == ticket.id, Secret.destroyed_at.is_(None))
    if (visit.session.scalar(counted) or 0) >= MOST_KEPT:
        sentence = f"At most {MOST_KEPT} are kept at once. Destroy what is not needed any more first."
        raise MoveRefusedError(ticket.code, [sentence])


def _only_the_owner(visit: Visit, ticket: Ticket, claim: int) -> None:
    if visit.by.id is None or not sealing.is_pending(ticket) or ticket.owner_id != visit.by.id:
        sentence = "Only the person who holds this ticket now can look at its credentials. Nothing was shown."
        raise MoveRefusedError(ticket.code, [sentence])
    if ticket.claim_number != claim:
        sentence = "The claim you opened this page under was lost; you hold a newer one. Nothing was shown."
        raise MoveRefusedError(ticket.code, [sentence])


def _owner_or_manager(visit: Visit, ticket: Ticket, deed: str) -> None:
    is_owner = visit.by.id is not None and visit.by.id == ticket.owner_id
    if not is_owner and not visit.by.is_manager:
        raise MoveRefusedError(ticket.code, [f"Only the owner of this ticket or a manager can {deed}."])


def _reason(typed: str) -> str:
    fields = Fields()
    reason = fields.one_line("reason", typed, required="Say what you need it for: the customer sees it.")
    if redaction.looks_like_credential(reason):
        fields.refuse("reason", "Write no credential here: the customer and all of us see it.")
    fields.done()
    return reason


def _checked(credential: Credential) -> Credential:
    """The credential as it is kept. Raises InvalidInputError with all that is wrong at once."""
    fields = Fields()
    if credential.kind not in KINDS:
        fields.refuse("kind", "Choose what you give.")
    secret = credential.secret.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    label = fields.one_line(
        "label", credential.label, required="Say what it opens, for example “SSH on gallery.example.com”."
    )
    wanted = "Write the user name of the account." if credential.kind == "account" else ""
    account = fields.one_line("account", credential.account, required=wanted)
    for name, text in (("label", label), ("account", account)):
        # a password that is also the user name is none
        if redaction.looks_like_credential(text) or redaction.hits(text, [secret]):
            fields.refuse(name, _NOT_HERE)
    _check_secret(fields, secret)
    fields.done()
    return Credential(credential.kind, label, account, secret)


def _check_secret(fields: Fields, secret: str) -> None:
    if not secret.strip():
        fields.refuse("secret", "Write the password, or paste the key.")
    if len(secret) > SECRET_LIMIT:
        sentence = f"This is {len(secret):,} characters long; at most {SECRET_LIMIT:,} can be kept."
        fields.refuse("secret", sentence)
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in secret):
        fields.refuse("secret", "Take out the characters that cannot be kept.")


def _is_empty(at: Attempt[Visit, Ticket, Any]) -> bool:
    """Nothing of it is kept, or all of it is destroyed with the move."""
    if at.page is None:
        return at.filled.destroy or not kept(at.ctx, at.record)
    return at.filled.destroy or all(given.secret.destroyed_at is not None for given in at.page.given)


GUARDS: Mapping[str, Guard] = {"vault-empty": _is_empty}
EFFECTS = (Effect("vault-destroyed", lambda at: destroy_all(at.ctx, at.record), on=ends),)
