"""Kinds of events of a ticket's correspondence: messages, emails, and mails that came in."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line, label, one_of
from paidsupport.tickets.emails.rules import TO_PEOPLE
from paidsupport.tickets.events import FILES, event
from paidsupport.tickets.notices.rules import FOLLOWERS

#: What the kinds of emails are called in a history; some were written by earlier versions alone.
LETTERS = {
    "confirmation": "confirmation",
    "acknowledgement": "acknowledgement",
    "pointer": "letter with the page",
    "link": "private link",
    "first-contact": "first contact",
    "handover": "hand-over letter",
    "message": "message",
    "reply-notice": "notice of the reply",
    "lease-warning": "warning that the claim lapses",
    "lapsed": "notice that the claim lapsed",
    "investigating": "letter that we are investigating",
    "consent": "question for consent",
    "offer": "offer",
    "answered": "notice of the answer",
    "report": "closing report",
    "invoice": "letter about an invoice",
    "password-reminder": "reminder to change passwords",
    "backup-reminder": "reminder of the backup",
    "access": "notice about access to the host",
    "bounced": "notice that a letter came back",
    "held": "notice of a mail that was held back",
    "notice": "notice to a colleague",
    "digest": "digest",
    "cascade": "notice that nobody has taken it",
    "cascade-end": "notice that nobody has taken it",
    "call-note": "note to management",
    "deadline-warning": "warning of a deadline",
    "deadline-missed": "notice of a missed deadline",
    "solved": "letter that it is solved",
}
#: Fields and data of the events of an email.
_LETTER = {"letter": label("kind", LETTERS, "letter")}
_KEEPS = frozenset({"letter", "kind"})

_TO_CUSTOMER = "{who} wrote to the customer[, with {files}]"
_FOR_MORE = "{who} wrote the {letter}[, with {files}]"
_DECIDED = {"sent": "it has arrived", "again": "send it again"}
_BEFORE = {
    "withdrawn": "had been taken back",
    "uncertain": "may have left",
    "failed": "had left and came back",
}


def _why(line: Line) -> str:
    return line.style.text(line.get("why") or line.get("problem") or "")


#: Whether mail leaves is told in the page, and not by mail; of an email to one of us it is no news.
_email = partial(
    event,
    fields=_LETTER | {"why": _why, "before": label("state", _BEFORE, "had left")},
    is_news=lambda happened: happened.data.get("kind") not in TO_PEOPLE,
    quiet=True,
    keeps=_KEEPS,
)
#: A mail that came in: its owner has an email about it.
_mail = partial(event, audience=FOLLOWERS, emails_owner=True)

KINDS = (
    event(
        "message-out",
        one_of("kind", {None: _TO_CUSTOMER, "message": _TO_CUSTOMER}, _FOR_MORE),
        FILES | _LETTER,
        FOLLOWERS,
        keeps=_KEEPS,
    ),
    event("message-in", "{who} wrote[, with {files}]", FILES, FOLLOWERS, keeps=frozenset({"message"})),
    event("link-renewed", "{who} made the old private links void"),
    _email("letter-sent", "The {letter} was sent"),
    _email("letter-withdrawn", "The {letter} was not sent[: {why}]"),
    _email("letter-uncertain", "Nobody knows whether the {letter} arrived", audience=FOLLOWERS),
    _email("letter-failed", "The {letter} could not be sent[: {problem}]", audience=FOLLOWERS),
    _email("letter-restored", "The {letter} was not sent again: it {before} before", audience=FOLLOWERS),
    event(
        "letter-settled",
        "{who} decided about a letter[: {decided}]",
        {"decided": label("decision", _DECIDED)},
        keeps=frozenset({"letter", "decision"}),
    ),
    event("mail-automatic", "An automatic answer of the customer's mail arrived"),
    _mail("mail-held", "A mail was held back"),
    _mail(
        "mail-bounce",
        "An email arrived that says a letter did not reach the customer; that is not proven",
    ),
)
