"""The mail that a demonstration site would have sent, on a page."""

from __future__ import annotations

from typing import cast

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.emails.build import build
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import SentEmail


@route("/dev/mail", Who.DEMONSTRATION)
def dev_mail(ctx: Context) -> ResponseReturnValue:
    """Show the newest emails as their readers would see them, with working links."""
    sent = [(item, _text(ctx, item)) for item in pages.sent_emails(ctx.session)]
    return show("tickets/emails/demonstration.html", sent=sent)


def _text(ctx: Context, item: SentEmail) -> str:
    """The plain text of the mail. Its files are listed by name, not read."""
    part = build(ctx.services, item.email, item.ticket, []).get_body(("plain",))
    return cast("str", part.get_content()) if part else ""
