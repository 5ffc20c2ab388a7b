"""Every table there is: importing this module fills the metadata."""

from paidsupport.catalogue import tables as catalogue
from paidsupport.connect.connections import tables as connections
from paidsupport.connect.idempotency import tables as api_requests
from paidsupport.connect.importing import tables as imports
from paidsupport.connect.log import tables as announcements
from paidsupport.connect.webhooks import tables as deliveries
from paidsupport.intake.arrivals import tables as arrivals
from paidsupport.intake.gaps import tables as gaps
from paidsupport.intake.guides import tables as guides
from paidsupport.intake.mailboxes import tables as mailboxes
from paidsupport.intake.requests import tables as requests
from paidsupport.issues import tables as issues
from paidsupport.kernel.configuration import tables as configuration
from paidsupport.kernel.jobs import tables as parking
from paidsupport.kernel.ledger import tables as ledger
from paidsupport.kernel.staff import tables as people
from paidsupport.kernel.staff.roster import tables as roster
from paidsupport.kernel.unsent import tables as unsent
from paidsupport.kernel.ways import tables as ways
from paidsupport.manage.staff import tables as invitations
from paidsupport.ops.export import tables as exports
from paidsupport.ops.overview import tables as overview
from paidsupport.ops.rating import tables as ratings
from paidsupport.sales.bookkeeping import tables as bookkeeping
from paidsupport.sales.invoices import tables as invoices
from paidsupport.sales.leads import tables as sales
from paidsupport.sales.organisations import tables as organisations
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.bank import tables as bank
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import tables as hostwork
from paidsupport.tickets.contact import tables as contact_log
from paidsupport.tickets.conversation import tables as conversation
from paidsupport.tickets.deadlines import tables as deadlines
from paidsupport.tickets.decisions import tables as decisions
from paidsupport.tickets.departures import tables as departures
from paidsupport.tickets.emails import tables as post
from paidsupport.tickets.notices import tables as notices
from paidsupport.tickets.ordering import tables as ordering
from paidsupport.tickets.presence import tables as presence
from paidsupport.tickets.received import tables as inbox
from paidsupport.tickets.tags import tables as tags
from paidsupport.tickets.tone import tables as tone
from paidsupport.tickets.vault import tables as vault

__all__ = [
    "announcements",
    "api_requests",
    "arrivals",
    "bank",
    "bookkeeping",
    "catalogue",
    "configuration",
    "connections",
    "contact_log",
    "conversation",
    "deadlines",
    "decisions",
    "deliveries",
    "departures",
    "exports",
    "gaps",
    "guides",
    "hostwork",
    "imports",
    "inbox",
    "invitations",
    "invoices",
    "issues",
    "ledger",
    "mailboxes",
    "notices",
    "ordering",
    "organisations",
    "overview",
    "parking",
    "payments",
    "people",
    "post",
    "presence",
    "ratings",
    "requests",
    "roster",
    "sales",
    "tags",
    "tickets",
    "tone",
    "unsent",
    "vault",
    "ways",
]
