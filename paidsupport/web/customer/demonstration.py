"""On demonstration sites, the mail that would have been sent."""

from __future__ import annotations

from typing import cast

from flask.typing import ResponseReturnValue

from paidsupport.desk.visit import Visit
from paidsupport.mail.build import build
from paidsupport.store import pages
from paidsupport.store.pages import SentLetter
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show


@route("/dev/mail", Who.DEMONSTRATION)
def dev_mail(visit: Visit) -> ResponseReturnValue:
    """The newest letters as their readers would find them, links and all."""
    sent = [(item, _text(visit, item)) for item in pages.sent_letters(visit.session)]
    return show("customer/mail.html", sent=sent)


def _text(visit: Visit, item: SentLetter) -> str:
    """The plain text of the mail; its files are named beside it instead of being read."""
    part = build(visit.house, item.letter, item.ticket, []).get_body(("plain",))
    return cast("str", part.get_content()) if part else ""
