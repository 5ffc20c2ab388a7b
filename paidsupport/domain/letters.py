"""Which letters leave the desk, what a first contact must say, and the placeholders of boilerplate."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from paidsupport.domain.money import Money


class LetterKind(StrEnum):
    """Why a letter is written; also the folder of its templates for letters the desk writes itself."""

    CONFIRMATION = "confirmation"
    ACKNOWLEDGEMENT = "acknowledgement"
    LINK = "link"
    FIRST_CONTACT = "first-contact"
    HANDOVER = "handover"
    MESSAGE = "message"
    POINTER = "pointer"
    SOLVED = "solved"
    INVESTIGATING = "investigating"
    CONSENT = "consent"
    OFFER = "offer"
    REPORT = "report"
    INVOICE = "invoice"
    LEASE_WARNING = "lease-warning"
    LAPSED = "lapsed"
    PASSWORD_REMINDER = "password-reminder"  # noqa: S105  # a word
    BACKUP_REMINDER = "backup-reminder"
    BOUNCED = "bounced"
    HELD = "held"
    DEADLINE_WARNING = "deadline-warning"
    DEADLINE_MISSED = "deadline-missed"
    NOTICE = "notice"
    DIGEST = "digest"
    CASCADE = "cascade"
    CASCADE_END = "cascade-end"
    CALL_NOTE = "call-note"


#: Letters to people of the desk; the last three were written until notices took their place.
TO_PEOPLE = {
    *(LetterKind.LEASE_WARNING, LetterKind.LAPSED, LetterKind.BOUNCED, LetterKind.HELD),
    *(LetterKind.NOTICE, LetterKind.DIGEST, LetterKind.CASCADE, LetterKind.CASCADE_END),
    *(LetterKind.CALL_NOTE, LetterKind.DEADLINE_WARNING, LetterKind.DEADLINE_MISSED),
    *("reply-notice", "answered", "access"),
}


#: Letters in which a person writes to the customer what they like: only these answer what the customer asked.
ANSWERS = frozenset(
    {
        *(LetterKind.FIRST_CONTACT, LetterKind.HANDOVER, LetterKind.MESSAGE, LetterKind.POINTER),
        *(LetterKind.SOLVED, LetterKind.INVESTIGATING, LetterKind.REPORT),
    }
)


#: Direction of a message, kind and state of the letter that carried it, if it was one of ours.
Spoken = tuple[str, str | None, str | None]


class LetterState(StrEnum):
    """Where a letter is on its way (design §5.4)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


def is_unanswered(newest_first: Iterable[Spoken], also: Collection[str] = ()) -> bool:
    """Whether the customer wrote, and no letter that answers has been written since.

    `also`: kinds of letters that answer here besides `ANSWERS`. What was withdrawn answers nothing.
    """
    for direction, kind, state in newest_first:
        if direction == "in":
            return True
        if (kind in ANSWERS or kind in also) and state != LetterState.WITHDRAWN:
            return False
    return False


def end_of(kind: str, end: LetterState) -> LetterState:
    """What a letter that came to this `end` is: nobody has to decide about a stuck acknowledgement."""
    if kind == LetterKind.ACKNOWLEDGEMENT and end in {LetterState.FAILED, LetterState.UNCERTAIN}:
        return LetterState.WITHDRAWN
    return end


class MailState(StrEnum):
    """What has become of a mail that came in (P4)."""

    KEPT = "kept"
    FILED = "filed"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    FAILED = "failed"


#: What stands above the text of a mail that can be answered: in an answer, our letter begins here.
ANSWER_ABOVE = "— Please write your answer above this line —"

#: The slot that only one letter per ticket can hold, over all its claims (N1).
FIRST_CONTACT_SLOT = "first"


def contact_slot(kind: LetterKind, claim_number: int) -> str | None:
    """The name that is unique per ticket for letters that open a conversation, None for all others."""
    if kind is LetterKind.FIRST_CONTACT:
        return FIRST_CONTACT_SLOT
    return f"claim-{claim_number}" if kind is LetterKind.HANDOVER else None


def missing_in_first_contact(text: str, *, code: str, price: Money, payment: str) -> list[str]:
    """What a first contact must say and `text` does not, as sentences for the field (G7)."""
    flat = " ".join(text.split()).casefold()
    wanted = (
        (code, f"The confirmation code {code} is missing: it tells the customer that the letter is real."),
        (price.plain, f"The price {price} is missing."),
        (payment, "How to pay you is missing: the payment line of your profile belongs in the letter."),
    )
    return [sentence for words, sentence in wanted if " ".join(words.split()).casefold() not in flat]


#: What boilerplate may hold between braces, with what it becomes (G20).
PLACEHOLDERS = {
    "code": "the confirmation code",
    "customer": "the customer's name",
    "service": "the service that was ordered",
    "price": "its price",
    "developer": "your name",
    "payment": "the payment line of your profile",
}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def unknown_placeholders(text: str) -> list[str]:
    """The names between braces in `text` that are no placeholders, in their order."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each known placeholder replaced once; nothing else in it has any meaning.

    Deliberately no template language: what people type is never run (reliability 21).
    """
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
