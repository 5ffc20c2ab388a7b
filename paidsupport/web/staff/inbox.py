"""Mail that came in and is on no ticket, with the reason for it (P4)."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import MailState
from paidsupport.store import inbox as rows
from paidsupport.web import downloads
from paidsupport.web.blueprint import blueprint
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show


@route(blueprint, "/desk/inbox", Who.STAFF)
def inbox(visit: Visit) -> ResponseReturnValue:
    """Mails by what has become of them, newest first."""
    state = request.args.get("state", "")
    state = state if state in set(MailState) else ""
    # a type that does not fit gives None: the first page
    before = request.args.get("before", type=int)
    mails, more = rows.page(visit.session, state, before if before and before < 2**62 else None)
    next_url = url_for(".inbox", state=state or None, before=more) if more else None
    states = [state for state in MailState if state != MailState.FILED]
    return show("staff/inbox.html", mails=mails, state=state, states=states, next_url=next_url)


@route(blueprint, "/desk/inbox/<mail>", Who.STAFF)
def incoming_mail(visit: Visit, mail: str) -> ResponseReturnValue:
    """One mail as plain text; nothing of it is ever shown as what its sender made it look like."""
    found, ticket = rows.with_ticket(visit.session, mail)
    return show("staff/mail.html", mail=found, ticket=ticket)


@route(blueprint, "/desk/inbox/<mail>/raw", Who.STAFF)
def raw_mail(visit: Visit, mail: str) -> ResponseReturnValue:
    """One mail as it arrived, as a download."""
    found = rows.by_reference(visit.session, mail)
    return downloads.send_kept(visit, found.storage_key, name=f"mail-{found.id}.eml", size=found.size)
