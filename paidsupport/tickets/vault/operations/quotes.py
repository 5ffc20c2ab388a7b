"""No credential leaves again: what staff type is compared with what customers gave (G15)."""

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
    """Refuse `text` and `uploads` of a person if they give away a credential of this ticket, in any dress.

    The gate refuses them as well, before they are written; this is for what should be refused before other
    things happen, and for what is only looked at. Raises InvalidInputError at `field`, or at `files`, with
    the line; VaultClosedError if what is kept cannot be opened, for then nobody knows. Looks nothing up for
    an empty text, and is no look (N2). At an edge it raises ComparisonNeededError as well, which
    `comparing.outside` catches.
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
    """What must not be said by this person in a text that belongs to the tickets with these `ids`.

    Besides what these tickets and those merged into them keep, it is what this person may know: what is
    kept on other tickets that they hold, or have looked at. `here`: those that need no name, for the text is
    on them. One query.
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
