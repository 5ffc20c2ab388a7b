"""What an export of everything leaves out, each with its reason; whatever is not named here is in it.

A new table is exported as soon as it is declared, and so are its columns, but for those that hold bytes or a
hash: a hash may stand for something that opens a door, so it is shown only if it is named here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: The version of every type of line; a type gets a higher one if a reader of the old one would misread it.
VERSION = 1
#: What the lines of a table are called, where its own name says too little.
TYPES: Mapping[str, str] = {
    "boilerplate": "canned_reply",
    "entry": "work",
    "event": "ticket_event",
    "item": "ticket_checklist_item",
    "letter": "email",
    "link": "ticket_link",
    "look": "credential_look",
    "question": "service_question",
    "raw_mail": "received_email",
    "requirement": "service_requirement",
    "secret": "credential",
    "token": "api_token",
    "wish": "feature_request",
}
#: Tables that are not exported.
LEFT_OUT: Mapping[str, str] = {
    "announcement": "made from the histories, and deleted after some months",
    "api_request": "what programs have asked for within a day, sealed",
    "attempt": "counts attempts by the hour, under hashes",
    "bulk": "what can be undone for ten minutes; the histories of the tickets say that it happened",
    "configuration_snapshot": "files of the configuration, which is exported itself, with its history",
    "connection_state": "how far a connection has heard and read",
    "draft": "what a person has not sent yet, sealed under a key of theirs",
    "export": "the exports themselves; the history of the configuration says who made them",
    "form_file": "files of orders that are not placed yet, deleted after a day",
    "import": "runs that move tickets in; the history of the configuration says when, and what came is here",
    "heartbeat": "when a worker was at work last",
    "issue_notice": "points one person to a line of a history, and is deleted after some weeks",
    "issue_word": "an index for the search, made from the issue",
    "ledger_form": "digests of the rows of this one database",
    "ledger_line": "digests of the rows of this one database",
    "ledger_mark": "digests of the rows of this one database, with their salts",
    "mailbox": "how far a mailbox was read",
    "notice": "points one person to a line of a history, and is deleted after some weeks",
    "notice_progress": "how far histories were read for notifications",
    "overview": "figures counted from what is exported",
    "parked_job": "jobs that failed and are tried again",
    "presence": "who has a page open, deleted after a minute",
    "unsent": "what was typed before a session ended, sealed, and deleted after a day",
    "workload": "a lock",
}
_ONE_TIME = "a hash of the one-time key of a form"
#: Columns that are not exported.
HIDDEN: Mapping[str, str] = {
    "connection.sealed": "the secrets of a connection",
    "connection_task.announcement_id": "announcements are not exported",
    "message.shown": "it is the body: see below",
    "invitation.reference": "the link of an invitation is made of it",
    "payment_provider.sealed": "the secrets of a provider of payments",
    "payout.key": "the one-time key of a form",
    "raw_mail.storage_key": "a received email may quote a private link or hold a login; its text is here",
    "secret.key_id": "says which key of the vault opens the login",
    "secret.key_reference": "the key of the login",
    "ticket.reference": "private links and reply addresses are made of it",
    "event.fingerprint": _ONE_TIME,
    "issue_event.fingerprint": _ONE_TIME,
    "organisation_change.fingerprint": _ONE_TIME,
}
#: Columns that another one is exported for: with its logins masked, as staff see it.
INSTEAD: Mapping[str, str] = {"message.body": "shown"}
#: Columns with a hash that opens nothing: it is for checking histories and comparing files and questions.
SHOWN_HASHES = frozenset(
    {
        *("digest", "event_hash", "hash", "previous", "salt"),
        *("content_hash", "sha256", "text_hash"),
        "topic.key",
    }
)
#: Hashes by which something is let in, whatever their column is called.
OPENING = frozenset({"token.digest", "unsent.digest"})
#: Settings whose value is a secret, or may hold one, by their names.
_SECRET_SETTING = re.compile(r"secret|password|token|key|webhook_url")
#: A private page, and a reply address, in a text that quotes one of our emails.
_PRIVATE = re.compile(r"(/t/)[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+|(?<=\.)[A-Za-z2-7]{16}(?=@)")
#: What stands in place of what opens a private page.
CUT = "…"


#: Of what belongs to a ticket, the tables whose rows its customer gets. Whatever else says something about
#: them is for staff, and exported with the internal notes only.
FOR_CUSTOMER = frozenset(
    {
        *("decision", "file", "intake", "invoice", "invoice_line", "item", "letter", "look", "message"),
        *("payment", "payment_refund", "pointer", "rating", "raw_mail", "secret"),
    }
)
#: In these tables rows say for whom they are, and customers get those that are for them.
FOR_WHOM: Mapping[str, tuple[str, frozenset[str]]] = {
    "file": ("audience", frozenset({"customer"})),
    "letter": ("audience", frozenset({"customer"})),
    "invoice": ("state", frozenset({"issued", "paid", "cancelled"})),
}
#: Columns of these tables in which staff speak to each other.
FOR_STAFF = frozenset(
    {"contact.note", "contact.words", "raw_mail.reason", "ticket.traits", "ticket.priority"}
)
_UNSAFE = re.compile(r"[^\w.,() -]")
#: The longest stem and ending of the name of a file, in bytes: systems take 255 with all folders or without.
_STEM, _ENDING = 120, 20


def safe_name(number: int, name: str) -> str:
    """The name of a file that every system can store; the number keeps two of the same name apart."""
    stem, dot, ending = _UNSAFE.sub("_", name).rpartition(".")
    stem, ending = (
        _cut(part, most) for part, most in ((stem, _STEM), (ending, _STEM if not dot else _ENDING))
    )
    # Windows takes no name that ends in a dot or a space
    return f"{number}-{stem}{dot}{ending}".rstrip(" .")


def _cut(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes."""
    return text.encode()[:most].decode(errors="ignore")


def type_of(table: str) -> str:
    """What the lines of a table (its name without our prefix) are called."""
    return TYPES.get(table, table)


def is_hash_shown(table: str, column: str) -> bool:
    """Whether a column that holds a hash is exported."""
    name = f"{table}.{column}"
    return name not in OPENING and (column in SHOWN_HASHES or name in SHOWN_HASHES)


def is_secret_setting(name: str) -> bool:
    """Whether the value of a setting is left out."""
    return _SECRET_SETTING.search(name) is not None


def without_links(text: str) -> str:
    """A text without what opens a private page or proves that a ticket was written about."""
    if "/t/" not in text and "@" not in text:
        return text
    return _PRIVATE.sub(lambda found: f"{found[1] or ''}{CUT}", text)
