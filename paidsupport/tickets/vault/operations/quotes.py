"""Keeps credentials from leaving again: what staff type is compared with what customers shared (G15)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.files import Upload
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault import queries
from paidsupport.tickets.vault.operations import comparing
from paidsupport.tickets.vault.operations.comparing import KeptSecret, Question, SecretsAtHand, Words
from paidsupport.tickets.vault.operations.sealing import Sealed


def refuse_quotes(
    ctx: Context, ticket: Ticket, text: str, field: str = "body", uploads: Sequence[Upload] = ()
) -> None:
    """Refuse a person's `text` and `uploads` if they give away a credential of this ticket, in any form.

    The gate refuses them as well, before they are written; this is for refusing before other things happen,
    and for texts that are only previewed. An empty text needs no queries. It does not count as a view (N2).

    Raises:
        InvalidInputError: At `field` or at `files`, with the line.
        VaultClosedError: The secrets cannot be decrypted, so the text cannot be compared.
        ComparisonNeededError: Within a request; `comparing.outside` catches it.
    """
    if not ctx.by.is_person or not (text.strip() or uploads):
        return
    standing = standing_for(ctx, {ticket.id}, {ticket.id})
    if not standing.kept and not standing.words:
        return
    question = Question(text, field, tuple(uploads))
    if problems := comparing.problems(ctx.services, ctx.compared, standing, question):
        raise InvalidInputError(problems)


def standing_for(ctx: Context, ids: Collection[int], here: Collection[int] = ()) -> SecretsAtHand:
    """The secrets that this person must not write in a text that belongs to the tickets with these `ids`.

    These are the secrets of the tickets and those merged into them, and all that this person may know:
    secrets of other tickets that they own, or have viewed. One query.

    Args:
        ctx: Who writes.
        ids: The tickets that the text belongs to.
        here: The tickets that need no mention in the error, because the text is on them.
    """
    kept: list[KeptSecret] = []
    words: list[Words] = []
    for row in queries.at_hand(ctx.session, ctx.by.id, ids):
        ours = row.ticket_id in ids or row.merged_into_id in ids
        code = "" if row.ticket_id in here or row.merged_into_id in here else row.code
        if row.kind != "said":
            sealed = Sealed(row.reference, row.sealed or b"", row.data_key or "", row.key_id)
            kept.append(KeptSecret(sealed, row.ticket, lines=row.kind == "message", code=code, ours=ours))
        elif looks_like_credential(row.words):
            words.append(Words(row.words, code, ours))
    return SecretsAtHand(tuple(kept), tuple(words))
