"""No credential leaves again: what people of the desk type is compared with what customers gave (G15)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import literal, null, select

from paidsupport.desk import comparing
from paidsupport.desk.comparing import Kept, Question, Standing
from paidsupport.desk.files import Upload
from paidsupport.desk.sealing import Sealed
from paidsupport.desk.visit import Visit
from paidsupport.domain.redaction import looks_like_credential
from paidsupport.errors import InvalidInputError
from paidsupport.store.conversation import Message
from paidsupport.store.tickets import Ticket, family
from paidsupport.store.vault import Secret


def refuse_quotes(
    visit: Visit, ticket: Ticket, text: str, field: str = "body", uploads: Sequence[Upload] = ()
) -> None:
    """Refuse `text` and `uploads` of a person if they give away a credential of this ticket, in any dress.

    Raises InvalidInputError at `field`, or at `files`, with the line; VaultClosedError if what is kept
    cannot be opened, for then nobody knows. Looks nothing up for an empty text, and is no look (N2).
    At an edge it raises ComparisonNeededError as well, which `comparing.outside` catches.
    """
    if not visit.by.is_person or not (text.strip() or uploads):
        return
    standing = _standing(visit, ticket)
    if not standing.kept and not standing.words:
        return
    question = Question(text, field, tuple(uploads))
    if problems := comparing.problems(visit.house, visit.compared, standing, question):
        raise InvalidInputError(problems)


def _standing(visit: Visit, ticket: Ticket) -> Standing:
    """What must not be said on this ticket: what its vault keeps, and passwords in the customer's words."""
    kept = select(
        Secret.kind, Secret.reference, Secret.sealed, Secret.key_reference, Secret.key_id, literal("")
    ).where(Secret.ticket_id == ticket.id, Secret.sealed.is_not(None))
    words_of = (literal("said"), literal(""), null(), null(), literal(""))
    here = Message.ticket_id.in_(select(Ticket.id).where(family(ticket)))
    said = select(*words_of, Message.raw).where(here, Message.shown.is_not(None))
    # the page shows what was merged into it as well
    ordered = select(*words_of, Ticket.details + "\n\n" + Ticket.host_access)
    ordered = ordered.where(Ticket.merged_into_id == ticket.id)
    rows = visit.session.execute(kept.union_all(said, ordered)).all()
    words = [f"{ticket.details}\n\n{ticket.host_access}", *(row[5] for row in rows if row[0] == "said")]
    return Standing(
        ticket.reference,
        tuple(
            Kept(Sealed(reference, sealed or b"", data_key or "", key_id), lines=kind == "message")
            for kind, reference, sealed, data_key, key_id, _ in rows
            if kind != "said"
        ),
        tuple(each for each in words if looks_like_credential(each)),
    )
