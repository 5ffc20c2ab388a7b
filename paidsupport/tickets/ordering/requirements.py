"""What a customer confirms before the work: on the order form, or by answering a first contact (G1, G17)."""

from __future__ import annotations

from paidsupport.catalogue.queries import terms_under
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import language_of
from paidsupport.kernel.i18n.messages import said
from paidsupport.tickets.conversation import queries as conversation
from paidsupport.tickets.queries.tickets import first_event
from paidsupport.tickets.tables import Ticket

#: The first event of a ticket that the desk opened for a customer who saw no order form.
REQUESTED = "requested"


def outstanding(ctx: Context, ticket: Ticket) -> list[str]:
    """The requirements that the customer of a ticket opened by the desk has yet to confirm."""
    if ticket.requirements or first_event(ctx.session, ticket) != REQUESTED:
        return []
    return list(terms_under(ctx, ticket.service_version_id).requirements)


def confirmed(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns to write when the work is agreed: the requirements that our email asked to confirm."""
    # in the language of the email that the customer answered, not in the one spoken now
    texts = [said(text, language_of(ticket.language)) for text in outstanding(ctx, ticket)]
    if not texts:
        return {}
    asked = _flat(" ".join(conversation.texts_of_contacts(ctx.session, ticket)))
    covered = [text for text in texts if _flat(text) in asked]
    return {"requirements": covered} if covered else {}


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
