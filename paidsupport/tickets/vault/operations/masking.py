"""Credentials in what customers write: masked when it arrives, and cut out of all of it at once (G15).

A stored message is masked (`Message.shown`, `Message.rest`) by what passwords look like. Here it is also
compared with known secrets of the ticket, because a copy quoted in a later mail may not look like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import VaultClosedError
from paidsupport.privacy import redaction
from paidsupport.privacy.redaction import MASK, Secrets, TooCostlyError
from paidsupport.tickets.conversation.queries import messages_of_customer, texts_with_credentials
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.hooks import VALUES_CUT
from paidsupport.tickets.queries.tickets import family_ids
from paidsupport.tickets.tables import Ticket, family
from paidsupport.tickets.vault.operations import sealing
from paidsupport.tickets.vault.queries import sealed

#: Values shorter than the first, and values of letters alone up to the second, are ordinary words: they are
#: masked only where the text calls them a password.
_SHORTEST, _LONGEST_WORD = 6, 12
#: The most places in one text; a text with more of them is removed entirely.
_MOST = 200


def hide(ctx: Context, ticket: Ticket, message: Message) -> None:
    """Mask known secrets of the ticket in a new message of its customer."""
    values = known(ctx, ticket)
    if not values:
        return
    shown = without(message.body, values, MASK)
    if shown != message.body:
        message.shown = shown
    if message.rest:
        message.rest = without(message.rest, values, MASK)


def cut(ctx: Context, ticket: Ticket, values: Sequence[str], by: str) -> list[Message]:
    """Cut values out of everything the customer wrote on a locked ticket; returns the changed messages."""
    messages = messages_of_customer(ctx.session, ticket)
    changed = [message for message in messages if _cut_from(message, values, by)]
    theirs = ctx.session.scalars(family_ids(ticket)).all()
    ctx.services.hooks.call(VALUES_CUT, ctx, theirs, values, by)
    return changed


def _cut_from(message: Message, values: Sequence[str], by: str) -> bool:
    raw, rest = without(message.raw, values, by), without(message.rest or "", values, by)
    if raw == message.raw and rest == (message.rest or ""):
        return False
    shown = without(message.body, values, by)
    message.raw, message.rest = raw, rest or None
    if message.shown is not None:
        message.shown = shown  # with all else that is masked in it
    return True


def known(ctx: Context, ticket: Ticket) -> list[str]:
    """The known secrets of a ticket: in earlier messages, and in its vault if it can be decrypted."""
    told = texts_with_credentials(ctx.session, ticket)
    found = [value for text in told for value in redaction.values_in(text)]
    for secret, of in sealed(ctx.session, family(ticket)):
        try:
            plain = sealing.opened(ctx.services, of.reference, sealing.of(secret))
        except VaultClosedError:
            continue  # a closed vault must not keep the customer from writing
        found += [plain, *(plain.splitlines() if secret.kind == "message" else ())]
    return list(dict.fromkeys(found))


def without(text: str, values: Iterable[str], by: str) -> str:
    """`text` with `by` in place of the values; ordinary words are replaced only where called a password."""
    values = {redaction.trimmed(value) for value in values if value.strip()}
    for span in reversed(redaction.credentials_in(text)):
        value = redaction.trimmed(text[span.start : span.end])
        if value in values:
            text = text[: span.start] + by + text[span.start + len(value) :]
    strong = [value for value in values if not is_ordinary(value)]
    try:
        return _without_any(text, Secrets(strong), by) if strong else text
    except TooCostlyError:
        return by


def _without_any(text: str, secrets: Secrets, by: str) -> str:
    for _ in range(_MOST):
        found = secrets.hits(text, 1)
        if not found:
            return text
        text = text[: found[0].start] + by + text[found[0].end :]
    return by


def is_ordinary(value: str) -> bool:
    """Whether a value is masked only where the text calls it a password."""
    return len(value) < _SHORTEST or (value.isalpha() and len(value) <= _LONGEST_WORD)
