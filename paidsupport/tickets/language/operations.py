"""Choosing the language of a ticket, for its emails and the customer's page."""

from __future__ import annotations

from paidsupport.kernel import limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: How often a customer can change it within an hour: each change is an event in the history.
TIMES = 10

NOT_OFFERED = _("Choose one of the languages in the list.")


def choose(ctx: Context, code: str, tag: str, *, key: str) -> Ticket:
    """Change the language in which the customer of a ticket is written to.

    Raises:
        InvalidInputError: The desk does not speak this language (field `language`).
        NotFoundError: There is no such ticket.
        TooManyError: The customer has changed it too often.
        KeyReusedError: The form was sent with other content.
    """
    if tag not in offered(ctx.services.settings.languages):
        raise InvalidInputError({"language": [NOT_OFFERED]})
    with history.edit(ctx, code, key=key, content=("language", tag)) as change:
        if not change.repeated:
            if not ctx.by.is_person:
                limits.spend(ctx, "language", code, TIMES)
            change.record.language = tag
            change.tell("language-chosen", {"language": tag})
    return change.record
