"""Which emails leave the desk, what a first contact must say, and the placeholders of boilerplate."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.ways.rules import HowToPay


class EmailKind(StrEnum):
    """Why an email is written; also the folder of its templates, if the desk writes it itself."""

    CONFIRMATION = "confirmation"
    ACKNOWLEDGEMENT = "acknowledgement"
    LINK = "link"
    ADDRESS_CODE = "address-code"
    ADDRESS_CHANGED = "address-changed"
    FIRST_CONTACT = "first-contact"
    HANDOVER = "handover"
    MESSAGE = "message"
    POINTER = "pointer"
    SOLVED = "solved"
    INVESTIGATING = "investigating"
    CONSENT = "consent"
    OFFER = "offer"
    DECISION = "decision"
    REPORT = "report"
    ENDED = "ended"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    REFUND = "refund"
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


#: Emails to staff; the last three are from before notices replaced them.
TO_PEOPLE = {
    *(EmailKind.LEASE_WARNING, EmailKind.LAPSED, EmailKind.BOUNCED, EmailKind.HELD),
    *(EmailKind.NOTICE, EmailKind.DIGEST, EmailKind.CASCADE, EmailKind.CASCADE_END),
    *(EmailKind.CALL_NOTE, EmailKind.DEADLINE_WARNING, EmailKind.DEADLINE_MISSED),
    *("reply-notice", "answered", "access"),
}


#: Emails about a change of address: it is not proven that the customer reads them, or still does.
ABOUT_ADDRESSES = frozenset({EmailKind.ADDRESS_CODE, EmailKind.ADDRESS_CHANGED})
#: Emails without the private link, because it would let in anyone who receives them.
WITHOUT_LINK = ABOUT_ADDRESSES | {EmailKind.ACKNOWLEDGEMENT}

#: Emails in which a person writes freely to the customer: only these answer what the customer asked.
ANSWERS = frozenset(
    {
        *(EmailKind.FIRST_CONTACT, EmailKind.HANDOVER, EmailKind.MESSAGE, EmailKind.POINTER),
        *(EmailKind.SOLVED, EmailKind.INVESTIGATING, EmailKind.REPORT),
    }
)


#: Direction of a message; kind and state of the email that carried it, if it was one of ours.
Spoken = tuple[str, str | None, str | None]


class EmailState(StrEnum):
    """What has become of an email."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


def is_unanswered(newest_first: Iterable[Spoken], also: Collection[str] = ()) -> bool:
    """Whether the customer wrote, and no email has answered since.

    Args:
        newest_first: The messages of the ticket, newest first.
        also: Kinds of emails that count as answers here, besides `ANSWERS`. A withdrawn email never counts.
    """
    for direction, kind, state in newest_first:
        if direction == "in":
            return True
        if (kind in ANSWERS or kind in also) and state != EmailState.WITHDRAWN:
            return False
    return False


def end_of(kind: str, end: EmailState) -> EmailState:
    """The state to record for an email that ended in `end`: a stuck acknowledgement needs no decision."""
    if kind == EmailKind.ACKNOWLEDGEMENT and end in {EmailState.FAILED, EmailState.UNCERTAIN}:
        return EmailState.WITHDRAWN
    return end


class MailState(StrEnum):
    """What has become of an incoming mail (P4)."""

    KEPT = "kept"
    FILED = "filed"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    FAILED = "failed"


#: The line above a mail that can be answered: below it, an answer quotes our email.
ANSWER_ABOVE = _("— Please write your answer above this line —")

#: Placeholder for the customer's private link in texts the desk writes itself: links are not stored.
PRIVATE_PAGE = "{private page}"

#: The slot that one email per ticket can hold, over all its claims (N1).
FIRST_CONTACT_SLOT = "first"


def contact_slot(kind: EmailKind, claim_number: int) -> str | None:
    """The slot, unique per ticket, of an email that opens a conversation; None for all others."""
    if kind is EmailKind.FIRST_CONTACT:
        return FIRST_CONTACT_SLOT
    return f"claim-{claim_number}" if kind is EmailKind.HANDOVER else None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a first contact must say: any of `words`, ignoring spaces and case."""

    label: str
    missing: str
    words: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether `text` says it."""
        flat = _flat(text)
        return any(_flat(each) in flat for each in self.words)


def first_contact_needs(
    *, code: str, price: Money, payment: HowToPay, desk: Collection[str] = ()
) -> list[Need]:
    """List what a first contact must say (G7).

    Args:
        code: The confirmation code.
        price: What it costs.
        payment: How to pay the author.
        desk: Instead of that, if the desk is paid: the sentence that says so, in each language it may be in.
    """
    return [
        Need(
            _("The confirmation code %(code)s", code=code),
            _("Add the confirmation code %(code)s: it shows the customer that the email is real.", code=code),
            (code,),
        ),
        Need(
            _("The price, %(price)s", price=price),
            _("Add the price %(price)s.", price=price),
            price.forms,
        ),
        *_payment_needs(payment, desk),
    ]


def _payment_needs(payment: HowToPay, desk: Collection[str]) -> list[Need]:
    if desk:
        label, *_forms = desk
        return [Need(label, _("Add how this is paid: “%(sentence)s”", sentence=label), tuple(desk))]
    # a detail counts whatever the author calls it
    return [_payment_need(each, each.details) for each in payment.each or [payment]]


def _payment_need(payment: HowToPay, details: Collection[str]) -> Need:
    return Need(
        _("How to pay you: %(payment)s", payment=payment or _("not in your profile yet")),
        _("Add how to pay you: the payment line of your profile belongs in the first contact."),
        tuple(details),
    )


def missing_in_first_contact(
    text: str, *, code: str, price: Money, payment: HowToPay, desk: Collection[str] = ()
) -> list[str]:
    """What a first contact must say and `text` does not, as error messages for the field (G7)."""
    needs = first_contact_needs(code=code, price=price, payment=payment, desk=desk)
    return list(dict.fromkeys(need.missing for need in needs if not need.is_in(text)))


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
