"""Notes that only people of the desk see (G10). They never change a ticket's version (design §5.2)."""

from __future__ import annotations

from collections.abc import Sequence

from paidsupport.desk import files, history, people
from paidsupport.desk.files import Upload
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.workflow import Part
from paidsupport.kernel import fields
from paidsupport.store import search
from paidsupport.store.conversation import Annotation
from paidsupport.store.tickets import Ticket


def annotate(visit: Visit, code: str, body: str, *, key: str, uploads: Sequence[Upload] = ()) -> Ticket:
    """Leave a note on any ticket; whoever is called in it is told.

    Raises NotFoundError, InvalidInputError, KeyReusedError.
    """
    body = fields.many_lines("body", body, required="Write the annotation first.")
    content = ("annotate", code, visit.by.id, body, files.outlines(uploads))
    with history.edit(visit, code, key=key, content=content) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        note = keep(visit, ticket, body, uploads=uploads)
        visit.session.flush()
        attached = files.attach(visit, ticket, uploads, audience="desk", annotation=note)
        data: dict[str, object] = {"text": fingerprint(body), "files": attached}
        if called := people.mentioned(visit, body):
            data["mentions"] = called
        change.tell("annotated", data, **_seen(visit, ticket))
    return ticket


def keep(
    visit: Visit, ticket: Ticket, body: str, *, about: str = "", uploads: Sequence[Upload] = ()
) -> Annotation:
    """Add a note without history of its own, for verbs that tell more themselves.

    `uploads` are attached by the caller. Raises InvalidInputError, at `note` if it is `about` a move, when
    they or the note give a credential away; VaultClosedError.
    """
    refuse_quotes(visit, ticket, body, "note" if about else "body", uploads)
    note = Annotation(
        ticket_id=ticket.id,
        author_id=visit.by.id,
        author_name=visit.by.name,
        about=about,
        body=body,
        at=visit.now,
    )
    visit.session.add(note)
    search.index(visit.session, ticket.id, body)
    return note


def _seen(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """An owner who leaves a note is at work.

    A note on an ended ticket says that somebody has read what the customer wrote after its end.
    """
    return {"awaits": ""} if ticket.part == Part.CLOSED else history.renewed_lease(visit, ticket)
