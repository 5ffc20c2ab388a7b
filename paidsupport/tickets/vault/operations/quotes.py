"""No credential leaves again: what staff type is compared with what customers gave (G15)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CTE, literal, null, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.files import Upload
from paidsupport.kernel.workflow import Part
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import comparing
from paidsupport.tickets.vault.operations.comparing import KeptSecret, Question, SecretsAtHand, Words
from paidsupport.tickets.vault.operations.sealing import Sealed
from paidsupport.tickets.vault.tables import Look, Secret


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
    concerned = _concerned(ctx, ids)
    kept: list[KeptSecret] = []
    words: list[Words] = []
    for row in ctx.session.execute(_all_of(ids, concerned)):
        ours = row.ticket_id in ids or row.merged_into_id in ids
        code = "" if row.ticket_id in here or row.merged_into_id in here else row.code
        if row.kind != "said":
            sealed = Sealed(row.reference, row.sealed or b"", row.data_key or "", row.key_id)
            kept.append(KeptSecret(sealed, row.ticket, lines=row.kind == "message", code=code, ours=ours))
        elif looks_like_credential(row.words):
            words.append(Words(row.words, code, ours))
    return SecretsAtHand(tuple(kept), tuple(words))


def _concerned(ctx: Context, ids: Collection[int]) -> CTE:
    """The ids of all tickets whose secrets count."""
    mine = (Ticket.owner_id == ctx.by.id, Ticket.part == Part.PENDING)
    looked = select(Secret.ticket_id).join(Look, Look.secret_id == Secret.id)
    looked = looked.where(Look.person_id == ctx.by.id, Secret.sealed.is_not(None))
    wanted = [
        select(Ticket.id).where(Ticket.id.in_(ids)),
        select(Ticket.id).where(Ticket.merged_into_id.in_(ids)),
        select(Ticket.id).where(*mine),
        looked,
    ]
    return wanted[0].union(*wanted[1:]).cte("concerned")


def _all_of(ids: Collection[int], concerned: CTE) -> Any:  # noqa: ANN401  # a union of rows
    """What the vaults of these tickets keep, and what their customers wrote with a credential in it."""
    place = (
        Ticket.id.label("ticket_id"),
        Ticket.merged_into_id,
        Ticket.code,
        Ticket.reference.label("ticket"),
    )
    kept = (
        select(
            Secret.kind,
            Secret.reference,
            Secret.sealed,
            Secret.key_reference.label("data_key"),
            Secret.key_id,
            literal("").label("words"),
            *place,
        )
        .join(Ticket, Ticket.id == Secret.ticket_id)
        .where(Secret.sealed.is_not(None), Secret.ticket_id.in_(select(concerned.c.id)))
    )
    nothing = (literal("said"), literal(""), null(), null(), literal(""))
    said = (
        select(*nothing, Message.raw, *place)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.shown.is_not(None), Message.ticket_id.in_(select(concerned.c.id)))
    )
    # the page shows what was merged into it as well
    ordered = select(*nothing, Ticket.details + "\n\n" + Ticket.host_access, *place)
    ordered = ordered.where(Ticket.id.in_(ids) | Ticket.merged_into_id.in_(ids))
    return kept.union_all(said, ordered)
