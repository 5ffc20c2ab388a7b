"""Notes that only people of the desk see (G10). They never change a ticket's version (design §5.2)."""

from __future__ import annotations

from collections.abc import Sequence

from paidsupport.desk import files, history, people
from paidsupport.desk.files import Upload
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.text import BadTextError, many_lines
from paidsupport.domain.workflow import Part
from paidsupport.errors import InvalidInputError
from paidsupport.store import search, tickets
from paidsupport.store.conversation import Annotation
from paidsupport.store.tickets import Ticket


def annotate(visit: Visit, code: str, body: str, *, key: str, uploads: Sequence[Upload] = ()) -> Ticket:
    """Leave a note on any ticket; whoever is called in it is told.

    Raises NotFoundError, InvalidInputError, KeyReusedError.
    """
    try:
        body = many_lines(body)
    except BadTextError as error:
        raise InvalidInputError({"body": [str(error)]}) from None
    if not body.strip():
        raise InvalidInputError({"body": ["Write the annotation first."]})
    ticket = tickets.lock(visit.session, code)
    print_ = fingerprint("annotate", code, visit.by.id, body, files.outlines(uploads))
    if history.done_before(visit, history.once(visit, ticket, key), print_):
        return ticket
    note = keep(visit, ticket, body, uploads=uploads)
    visit.session.flush()
    attached = files.attach(visit, ticket, uploads, audience="desk", annotation=note)
    data: dict[str, object] = {"text": fingerprint(body), "files": attached}
    if called := people.mentioned(visit, body):
        data["mentions"] = called
    head = history.append(
        visit, ticket, "annotated", data, key=history.once(visit, ticket, key), fingerprint=print_
    )
    tickets.change(visit.session, ticket, **head, **_seen(visit, ticket))
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
