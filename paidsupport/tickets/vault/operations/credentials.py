"""Logins to the customer's server: shared, viewed by the owner, withdrawn, destroyed (G15, G16, N2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.edit import Change, Content
from paidsupport.kernel.errors import KeyReusedError, NotFoundError, ShownBeforeError, TransitionRefusedError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import Number, _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Attempt, Effect, Fact, ends
from paidsupport.kernel.workflow import Part
from paidsupport.privacy import redaction
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.queries import lock_message_of_customer
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.hooks import AGAINST_SHOWING, MESSAGE_CUT
from paidsupport.tickets.operations import history
from paidsupport.tickets.received import tables as inbox
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault import queries
from paidsupport.tickets.vault.operations import hiding, masking, sealing
from paidsupport.tickets.vault.operations.quotes import refuse_quotes
from paidsupport.tickets.vault.tables import Look, Secret

#: The kinds of secret a customer can share, the safer one first.
KINDS = ("account", "password")
#: The longest secret, in characters: a private key has about three thousand.
SECRET_LIMIT = 4000
#: The most logins on a ticket at once: what is typed on it is compared with all of them.
MOST_KEPT = 20
_NOT_HERE = _("Enter the password in its own field only. All staff can read this one.")


_OTHER_KEY = _("Your developer or their key has changed since you opened this page. Check the line again.")

#: Names of logins that were shared without one.
_PUBLIC_KEY = storable(_("Public key of %(name)s"))
_IN_MESSAGE = storable(_("Written in message %(number)s"))


@dataclass(frozen=True, slots=True)
class Credential:
    """What a customer shares: its kind, what it opens, the user name that goes with it, and the secret."""

    kind: str
    label: str
    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret as it is shown to its viewer, once."""

    secret: Secret
    plaintext: str = field(repr=False)


def give(ctx: Context, ticket: Ticket, credential: Credential, *, key: str, client: str = "") -> Secret:
    """Store a login of the customer while the ticket has an owner, and tell the owner about it.

    Args:
        ctx: The customer, and when.
        ticket: Their ticket.
        credential: What they share.
        key: The one-time key of the form.
        client: The network address it came from.

    Raises:
        InvalidInputError: By field as in `Credential`.
        TransitionRefusedError: The ticket has no owner, or too many logins.
        VaultClosedError: Nothing can be encrypted now.
        TooManyError: This network address has shared too many.
        StorageFullError: There is no room for the data key.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, ticket.code)
    typed = (credential.kind, credential.label, credential.account, credential.secret)
    content = ctx.services.links.digest("vault", *typed)
    with history.edit(ctx, ticket, key=key, content=content) as change:
        if change.repeated:
            return queries.secret(ctx.session, ticket, change.earlier["reference"])
        _only_while_held(ctx, ticket)
        credential = _checked(credential)
        if client:
            limits.spend(ctx, "message", client, ctx.services.settings.orders_per_hour)
        secret = _new(ctx, ticket, credential.kind, credential.label, credential.account)
        sealing.put(ctx, ticket, secret, credential.secret)
        ctx.session.add(secret)
        ctx.session.flush()
        change.tell("secret-given", _told(secret))
        _cut_elsewhere(ctx, ticket, [credential.secret], redaction.MOVED)
        hiding.tell(ctx, ticket, credential.secret)
    return secret


def trust_key(ctx: Context, ticket: Ticket, public_key: str, *, key: str) -> Secret:
    """Note that the customer has added the owner's public key, as their page showed it, to their server.

    Raises:
        TransitionRefusedError: It is not, or no longer, the owner's key.
        KeyReusedError: The form was sent with another key.
    """
    ticket = tickets.lock(ctx.session, ticket.code)
    with history.edit(ctx, ticket, key=key, content=("trust", ticket.code, public_key)) as change:
        if change.repeated:
            return queries.secret(ctx.session, ticket, change.earlier["reference"])
        _only_while_held(ctx, ticket)
        owner = ctx.session.get(Person, ticket.owner_id)
        if owner is None or not public_key or owner.public_key != public_key:
            raise TransitionRefusedError(ticket.code, [_OTHER_KEY])
        secret = _new(ctx, ticket, "key", filled(_PUBLIC_KEY, name=owner.name), "")
        secret.public_key = public_key
        ctx.session.add(secret)
        ctx.session.flush()
        change.tell("secret-given", _told(secret))
    return secret


def take_back(ctx: Context, ticket: Ticket, reference: str, *, key: str) -> Secret:
    """Destroy a login because the customer withdraws it; the owner is told.

    Nothing happens if it is destroyed already. Raises NotFoundError, KeyReusedError.
    """
    ticket = tickets.lock(ctx.session, ticket.code)
    secret = queries.secret(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("take back", reference)) as change:
        _destroy(ctx, change, secret, "taken back")
    return secret


def destroy(ctx: Context, code: str, reference: str, *, key: str) -> Secret:
    """Destroy one secret of a ticket, if it is not destroyed yet; for its owner and for managers.

    Raises NotFoundError, TransitionRefusedError, KeyReusedError.
    """
    ticket = tickets.lock(ctx.session, code)
    _owner_or_manager(ctx, ticket, _("Only the owner of this ticket or a manager can delete its logins."))
    secret = queries.secret(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("destroy", reference)) as change:
        _destroy(ctx, change, secret, "not needed")
    return secret


def _destroy(ctx: Context, change: Change[Context, Ticket], secret: Secret, why: str) -> None:
    if change.repeated or secret.destroyed_at is not None:
        change.nothing_new()
    else:
        change.tell("secret-destroyed", _emptied(ctx, secret, why))


def destroy_all(ctx: Context, ticket: Ticket, why: str = "the work ended") -> None:
    """Destroy everything that a ticket's vault holds.

    For transitions that end the work: the caller holds the ticket's lock and writes its row.
    """
    for secret in kept(ctx, ticket):
        history.append(ctx, ticket, "secret-destroyed", _emptied(ctx, secret, why))


def kept(ctx: Context, ticket: Ticket) -> list[Secret]:
    """The logins of a ticket that are not destroyed, oldest first, including public keys."""
    return [secret for secret in queries.secrets(ctx.session, ticket) if secret.destroyed_at is None]


def change_noted(ctx: Context, ticket: Ticket, reference: str, *, key: str) -> Secret:
    """Note that the customer has changed a password, or removed an account or a key from their server (G16).

    Raises:
        NotFoundError: There is no such login.
        TransitionRefusedError: It is still in use.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, ticket.code)
    secret = queries.secret(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("changed", reference)) as change:
        if change.repeated or secret.changed_at is not None:
            change.nothing_new()
            return secret
        if secret.destroyed_at is None and ticket.part != Part.CLOSED:
            raise TransitionRefusedError(ticket.code, [_("It's still in use. Delete it first.")])
        secret.changed_at = ctx.now
        change.tell("secret-changed", _told(secret))
    return secret


def look(ctx: Context, code: str, reference: str, *, reason: str, claim: int, key: str) -> Shown:
    """Decrypt one secret for the present owner, under the claim their page showed, once, and record it.

    The customer sees who viewed it, when and why. The caller must not show the plaintext before the
    transaction is committed.

    Raises:
        NotFoundError: There is no such secret.
        TransitionRefusedError: The login is destroyed, this person is not the owner under this claim, or the
            ticket follows an issue that is not assigned to them.
        InvalidInputError: The reason is missing.
        ShownBeforeError: The key was used already.
        VaultClosedError: It cannot be decrypted.
    """
    ticket = tickets.lock(ctx.session, code)
    with _look(ctx, ticket, key, ("look", reference)) as change:
        _refuse_to_show(ctx, change, claim)
        secret = queries.secret(ctx.session, ticket, reference)
        if secret.destroyed_at is not None:
            raise TransitionRefusedError(
                code, [_("This login has been deleted. There is nothing left to view.")]
            )
        sealing.require_open(ctx)
        plaintext = sealing.opened(ctx.services, ticket.reference, sealing.of(secret))
        _note_look(ctx, ticket, reason, secret_id=secret.id)
        change.tell("secret-looked", _told(secret))
    return Shown(secret, plaintext)


def against_showing(ctx: Context, ticket: Ticket, *, lock: bool = False) -> str:
    """The obstacle to viewing the credentials of a ticket, as a sentence; empty if there is none.

    `lock`: whether to lock what the answer depends on until the transaction ends.
    """
    return ctx.services.hooks.objection(AGAINST_SHOWING, ctx, ticket, lock)


def _look(ctx: Context, ticket: Ticket, key: str, content: Content) -> Change[Context, Ticket]:
    try:
        return history.edit(ctx, ticket, key=key, content=content)
    except KeyReusedError:
        raise ShownBeforeError from None


def _refuse_to_show(ctx: Context, change: Change[Context, Ticket], claim: int) -> None:
    """Refuse a second view, and viewers other than the owner under the claim that their page showed."""
    if change.repeated:
        raise ShownBeforeError
    _only_the_owner(ctx, change.record, claim)
    if why := against_showing(ctx, change.record, lock=True):
        raise TransitionRefusedError(change.record.code, [why])


def look_at_mail(ctx: Context, reference: str, *, reason: str, claim: int, key: str) -> RawMail:
    """Show a mail that holds a credential to the owner of its ticket as it arrived, once.

    As with `look`, the customer sees who viewed it, when and why, and it must not be shown before the commit.
    Raises NotFoundError if the mail is on no ticket or its bytes are deleted, otherwise as `look`.
    """
    mail = inbox.by_reference(ctx.session, reference)
    if mail.ticket_id is None or mail.dropped_at is not None:
        raise NotFoundError
    ticket = tickets.living(ctx.session, tickets.by_id(ctx.session, mail.ticket_id))
    ticket = tickets.lock(ctx.session, ticket.code)
    with _look(ctx, ticket, key, ("look at mail", reference)) as change:
        _refuse_to_show(ctx, change, claim)
        _note_look(ctx, ticket, reason, mail_id=mail.id)
        change.tell("secret-looked", {"reference": mail.reference, "kind": "mail"})
    return mail


def _note_look(ctx: Context, ticket: Ticket, reason: str, **what: int) -> None:
    reason = _reason(reason)
    refuse_quotes(ctx, ticket, reason, "reason")
    ctx.session.add(
        Look(
            ticket_id=ticket.id,
            person_id=ctx.by.id,
            person_name=ctx.by.name,
            claim_number=ticket.claim_number,
            reason=reason,
            at=ctx.now,
            **what,
        )
    )
    ctx.session.flush()


def cut(ctx: Context, code: str, number: int, *, key: str) -> Message:
    """Cut the credentials out of a customer's message and, while the ticket goes on, store them in the vault.

    For the owner and for managers. Raises NotFoundError, TransitionRefusedError, VaultClosedError,
    KeyReusedError.
    """
    ticket = tickets.lock(ctx.session, code)
    _owner_or_manager(
        ctx, ticket, _("Only the owner of this ticket or a manager can take a login out of a message.")
    )
    message = lock_message_of_customer(ctx.session, ticket, number)
    with history.edit(ctx, ticket, key=key, content=("cut", number)) as change:
        if not change.repeated:
            _cut_out(ctx, change, message)
    return message


def _cut_out(ctx: Context, change: Change[Context, Ticket], message: Message) -> None:
    ticket = change.record
    spans = redaction.credentials_in(message.raw)
    if not spans:
        sentence = _("There is nothing in this message that looks like a login.")
        raise TransitionRefusedError(ticket.code, [sentence])
    told: dict[str, object] = {"message": message.number}
    if ticket.part != Part.CLOSED:
        _room_for_more(ctx, ticket)
        secret = _new(ctx, ticket, "message", filled(_IN_MESSAGE, number=message.number), "")
        sealing.put(ctx, ticket, secret, "\n".join(message.raw[span.start : span.end] for span in spans))
        ctx.session.add(secret)
        ctx.session.flush()
        told |= _told(secret)
    instead = redaction.CUT if ticket.part == Part.CLOSED else redaction.MOVED
    values = redaction.values_in(message.raw)
    message.raw = redaction.without_credentials(message.raw, instead)
    ctx.services.hooks.call(MESSAGE_CUT, ctx, message)
    change.tell("message-cut", told)
    _cut_elsewhere(ctx, ticket, values, instead)
    hiding.tell(ctx, ticket, "\n".join(values))


def _cut_elsewhere(ctx: Context, ticket: Ticket, values: Sequence[str], instead: str) -> None:
    """Cut values that are in the vault, or destroyed, out of all messages and mails of the ticket."""
    for message in masking.cut(ctx, ticket, values, instead):
        is_here = message.ticket_id == ticket.id
        of = ticket if is_here else tickets.lock_by_id(ctx.session, message.ticket_id)
        history.tell(ctx, of, "message-cut", {"message": message.number})


def _told(secret: Secret) -> dict[str, object]:
    """What the history says about a secret: nothing that opens anything, and none of the customer's words."""
    return {"reference": secret.reference, "kind": secret.kind, "key_id": secret.key_id}


def _new(ctx: Context, ticket: Ticket, kind: str, label: str, account: str) -> Secret:
    return Secret(
        reference=new_reference(),
        ticket_id=ticket.id,
        kind=kind,
        label=label,
        account=account,
        key_id="",
        given_at=ctx.now,
    )


def _emptied(ctx: Context, secret: Secret, why: str) -> dict[str, object]:
    """Empty the row and delete its data key with the commit; returns the data of the event."""
    told = _told(secret) | {"why": why}
    data_key = secret.key_reference
    emptied = (
        update(Secret)
        .where(Secret.id == secret.id, Secret.destroyed_at.is_(None))
        .values(sealed=None, key_reference=None, destroyed_at=ctx.now, destroyed_by=ctx.by.name)
    )
    if changed(ctx.session, emptied) != 1:
        raise NotFoundError
    ctx.session.refresh(secret)
    if data_key is not None:
        # the name in the store opens nothing, and lets the doctor check that the key is gone
        told["data_key"] = data_key
        sealing.drop_at_commit(ctx, data_key)
    return told


def _only_while_held(ctx: Context, ticket: Ticket) -> None:
    if not sealing.is_pending(ticket):
        sentence = _("No developer has your order now, so there's no login to share. Nothing was kept.")
        raise TransitionRefusedError(ticket.code, [sentence])
    _room_for_more(ctx, ticket)


def _room_for_more(ctx: Context, ticket: Ticket) -> None:
    if len(kept(ctx, ticket)) >= MOST_KEPT:
        sentence = _("You can share at most %(most)s logins at once. Delete one first.", most=MOST_KEPT)
        raise TransitionRefusedError(ticket.code, [sentence])


def _only_the_owner(ctx: Context, ticket: Ticket, claim: int) -> None:
    if ctx.by.id is None or not sealing.is_pending(ticket) or ticket.owner_id != ctx.by.id:
        sentence = _("Only the owner of this ticket can view its logins. Nothing was shown.")
        raise TransitionRefusedError(ticket.code, [sentence])
    if ticket.claim_number != claim:
        sentence = _(
            "You lost the claim under which you opened this page, and hold a newer one. Nothing was shown."
        )
        raise TransitionRefusedError(ticket.code, [sentence])


def _owner_or_manager(ctx: Context, ticket: Ticket, sentence: str) -> None:
    is_owner = ctx.by.id is not None and ctx.by.id == ticket.owner_id
    if not is_owner and not ctx.by.is_manager:
        raise TransitionRefusedError(ticket.code, [sentence])


def _reason(typed: str) -> str:
    fields = Fields()
    reason = fields.one_line("reason", typed, required=_("Say what you need it for: the customer sees it."))
    if redaction.looks_like_credential(reason):
        fields.refuse("reason", _("Write no credential here: the customer and all of us see it."))
    fields.done()
    return reason


def _checked(credential: Credential) -> Credential:
    """The login as it is stored. Raises InvalidInputError with all problems at once."""
    fields = Fields()
    if credential.kind not in KINDS:
        fields.refuse("kind", _("Choose what you're sharing."))
    secret = credential.secret.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    label = fields.one_line(
        "label", credential.label, required=_("Enter what it opens, like “SSH on gallery.example.com”.")
    )
    wanted = _("Enter the user name of the account.") if credential.kind == "account" else ""
    account = fields.one_line("account", credential.account, required=wanted)
    for name, text in (("label", label), ("account", account)):
        # a password that is also the user name is not a secret
        if redaction.looks_like_credential(text) or redaction.hits(text, [secret]):
            fields.refuse(name, _NOT_HERE)
    _check_secret(fields, secret)
    fields.done()
    return Credential(credential.kind, label, account, secret)


def _check_secret(fields: Fields, secret: str) -> None:
    if not secret.strip():
        fields.refuse("secret", _("Enter the password, or paste the key."))
    if len(secret) > SECRET_LIMIT:
        sentence = _(
            "Enter at most %(most)s characters. This has %(num)s.",
            most=Number(SECRET_LIMIT),
            num=Number(len(secret)),
        )
        fields.refuse("secret", sentence)
    if any(email == "\0" or "\ud800" <= email <= "\udfff" for email in secret):
        fields.refuse("secret", _("Remove the characters that can't be stored."))


def _is_empty(at: Attempt[Context, Ticket, Any]) -> bool:
    """Whether no login is stored, or all of them are destroyed with the transition."""
    if at.page is None:
        return at.filled.destroy or not kept(at.ctx, at.record)
    return at.filled.destroy or all(given.secret.destroyed_at is not None for given in at.page.given)


GUARDS: Mapping[str, Fact] = {"vault-empty": _is_empty}
EFFECTS = (Effect("vault-destroyed", lambda at: destroy_all(at.ctx, at.record), on=ends),)
