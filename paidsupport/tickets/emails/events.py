"""Kinds of events of a ticket's correspondence: messages, emails, and incoming mails."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line, label, one_of
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import stored
from paidsupport.tickets.emails.rules import TO_PEOPLE
from paidsupport.tickets.events import FILES, event
from paidsupport.tickets.notices.rules import FOLLOWERS

#: What the kinds of emails are called in a history; some were only written by earlier versions.
LETTERS = {
    "confirmation": _("confirmation"),
    "acknowledgement": _("acknowledgement"),
    "pointer": _("email with the page"),
    "link": _("private link"),
    "first-contact": _("first contact"),
    "handover": _("hand-over email"),
    "message": _("message"),
    "reply-notice": _("notice of the reply"),
    "lease-warning": _("warning that the claim lapses"),
    "lapsed": _("notice that the claim lapsed"),
    "investigating": _("email that we are investigating"),
    "consent": _("request for approval"),
    "offer": _("offer"),
    "answered": _("notice of the answer"),
    "report": _("closing report"),
    "invoice": _("email about an invoice"),
    "receipt": _("receipt for a payment"),
    "refund": _("email about a refund"),
    "password-reminder": _("reminder to change passwords"),
    "backup-reminder": _("reminder about the backup"),
    "access": _("notice about access to the server"),
    "bounced": _("notice that an email came back"),
    "held": _("notice of an email that was held back"),
    "notice": _("notice to a colleague"),
    "digest": _("digest"),
    "cascade": _("notice that it has no owner"),
    "cascade-end": _("notice that it has no owner"),
    "call-note": _("note to management"),
    "deadline-warning": _("warning of a deadline"),
    "deadline-missed": _("notice of a missed deadline"),
    "solved": _("email that it is solved"),
}
#: Fields and data of the events of an email.
_LETTER = {"letter": label("kind", LETTERS, _("email"))}
_KEEPS = frozenset({"letter", "kind"})

_TO_CUSTOMER = _("{who} wrote to the customer[, with {files}]")
_FOR_MORE = _("{who} wrote the {letter}[, with {files}]")
_DECIDED = {"sent": _("it has arrived"), "again": _("send it again")}
_BEFORE = {
    "withdrawn": _("had been taken back"),
    "uncertain": _("may have left"),
    "failed": _("had left and came back"),
}


def _why(line: Line) -> str:
    return line.style.text(str(translate(stored(line.get("why") or line.get("problem") or ""))))


#: Delivery is shown on the page and not by mail; an email to staff is no news to them.
_email = partial(
    event,
    fields=_LETTER | {"why": _why, "before": label("state", _BEFORE, _("had left"))},
    is_news=lambda happened: happened.data.get("kind") not in TO_PEOPLE,
    quiet=True,
    keeps=_KEEPS,
)
#: An incoming mail: its owner gets an email about it anyway.
_mail = partial(event, audience=FOLLOWERS, emails_owner=True)

KINDS = (
    event(
        "message-out",
        one_of("kind", {None: _TO_CUSTOMER, "message": _TO_CUSTOMER}, _FOR_MORE),
        FILES | _LETTER,
        FOLLOWERS,
        keeps=_KEEPS,
    ),
    event("message-in", _("{who} wrote[, with {files}]"), FILES, FOLLOWERS, keeps=frozenset({"message"})),
    event("link-renewed", _("{who} replaced the private link")),
    _email("letter-sent", _("The {letter} was sent")),
    _email("letter-withdrawn", _("The {letter} was not sent[: {why}]")),
    _email("letter-uncertain", _("It is not known whether the {letter} arrived"), audience=FOLLOWERS),
    _email("letter-failed", _("The {letter} could not be sent[: {why}]"), audience=FOLLOWERS),
    _email("letter-restored", _("The {letter} was not sent again: it {before} before"), audience=FOLLOWERS),
    event(
        "letter-settled",
        _("{who} decided about an email[: {decided}]"),
        {"decided": label("decision", _DECIDED)},
        keeps=frozenset({"letter", "decision"}),
    ),
    event("mail-automatic", _("An automatic reply from the customer's mailbox arrived")),
    _mail("mail-held", _("An email was held back")),
    _mail(
        "mail-bounce",
        _("An email arrived that says one of ours did not reach the customer; that is not proven"),
    ),
)
