"""Whether a customer has been contacted: an append-only log decides, never the present state of one email.

An email that opens a conversation takes a slot of its ticket (see `emails.contact_slot`). Once it may have
left, it keeps the slot for good, whatever is decided about it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from paidsupport.tickets.emails.rules import EmailState


class Contacted(StrEnum):
    """What happened to an email that opens a conversation."""

    WRITTEN = "written"
    #: A worker began to send it.
    TAKEN = "taken"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    #: The attempt ended, and it certainly did not leave.
    REFUSED = "refused"
    #: A person decided to send it once more.
    AGAIN = "again"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"
    #: The claim it was written under ended.
    RELEASED = "released"
    #: Its row said it was queued, but the log said otherwise.
    RESTORED = "restored"


#: Entries that say nothing about where the email is.
_REMARKS = {Contacted.RELEASED, Contacted.RESTORED}
#: After one of these, a worker may take it.
_WAITS = {Contacted.WRITTEN, Contacted.REFUSED, Contacted.AGAIN}
#: After one of these, another attempt for the slot may begin.
_OPENS_TURN = {Contacted.REFUSED, Contacted.AGAIN}
_LEFT = {Contacted.SENT, Contacted.UNCERTAIN, Contacted.BOUNCED}
_STATES = {
    Contacted.TAKEN: EmailState.UNCERTAIN,
    Contacted.UNCERTAIN: EmailState.UNCERTAIN,
    Contacted.SENT: EmailState.SENT,
    Contacted.BOUNCED: EmailState.FAILED,
    Contacted.WITHDRAWN: EmailState.WITHDRAWN,
}


class Entry(Protocol):
    """One line of the log."""

    @property
    def slot(self) -> str: ...
    @property
    def letter(self) -> str: ...
    @property
    def claim_number(self) -> int: ...
    @property
    def what(self) -> str: ...


class ContactLog:
    """The log of one ticket, oldest line first; emails are named by their references."""

    def __init__(self, lines: Iterable[Entry]) -> None:
        self.lines: Sequence[Entry] = list(lines)

    def emails(self, slot: str = "") -> list[str]:
        """The emails that were written for `slot`, or for any slot, in order."""
        return list(dict.fromkeys(line.letter for line in self.lines if slot in {"", line.slot}))

    def slot_of(self, email: str) -> str:
        """The slot that an email was written for, or an empty text."""
        return next((line.slot for line in self.lines if line.letter == email), "")

    def may_have_left(self, email: str) -> bool:
        """Whether the customer has it, or may have: even if long ago, and whatever was decided since."""
        trying = False
        for what in self._of(email):
            if what in _LEFT:
                return True
            trying = what == Contacted.TAKEN if what not in _REMARKS | {Contacted.WITHDRAWN} else trying
        return trying

    def state_of(self, email: str) -> EmailState | None:
        """The state of an email that no worker must take; None if one may."""
        told = [what for what in self._of(email) if what not in _REMARKS]
        return None if not told or told[-1] in _WAITS else _STATES[Contacted(told[-1])]

    def holder(self, slot: str) -> str:
        """The email that holds `slot` for good, or an empty text."""
        return next((email for email in self.emails(slot) if self.may_have_left(email)), "")

    def openings(self) -> dict[str, int]:
        """The emails that hold a slot or are about to, each with its claim number, in order."""
        numbers = {line.letter: line.claim_number for line in self.lines}
        return {
            email: numbers[email]
            for email in self.emails()
            if self.may_have_left(email) or self.state_of(email) is not EmailState.WITHDRAWN
        }

    def under(self, claim_number: int) -> list[str]:
        """The emails written under a claim that were not withdrawn."""
        return [email for email, number in self.openings().items() if number == claim_number]

    def turn(self, slot: str) -> int:
        """The number of the next attempt for `slot`; the database allows each number once.

        After an attempt that did not end, or whose email may have left, the number is the one already used,
        unless a person decided that it is sent again.
        """
        whats = [line.what for line in self.lines if line.slot == slot]
        begun = whats.count(Contacted.TAKEN)
        last = max((place for place, what in enumerate(whats) if what == Contacted.TAKEN), default=0)
        return begun + 1 if not begun or _OPENS_TURN & set(whats[last:]) else begun

    def _of(self, email: str) -> list[str]:
        return [line.what for line in self.lines if line.letter == email]
