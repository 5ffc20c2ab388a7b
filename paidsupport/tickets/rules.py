"""What moves of several workflows need; the desk knows these facts of every ticket."""

from __future__ import annotations

from paidsupport.kernel.workflow import Guard

NOBODY_HOLDS_IT = Guard("unheld", "Somebody already has this ticket.", "Nobody has this ticket.")
NOT_ANOTHERS = Guard(
    "not-anothers", "Somebody else has this ticket: ask them, or a manager.", "No colleague has this ticket."
)
CONTACTED = Guard(
    "contacted",
    "Contact the customer first: no letter of yours has reached them yet.",
    "Your first email has reached the customer.",
)
LETTERS_SETTLED = Guard(
    "letters-settled",
    "A letter to the customer has not left yet, or nobody knows whether it did.",
    "No email to the customer is waiting or stuck.",
)
REASON = Guard("reason", "Choose a reason from the list.", "A reason is chosen.", field="reason")
NOTE = Guard(
    "note",
    "Leave an annotation: others will want to know why.",
    "An annotation tells others why.",
    field="note",
)
EXPLAINED = Guard(
    "explained",
    "The customer has been contacted: leave an annotation for whoever takes the ticket next.",
    "An annotation tells the next person where things stand.",
    field="note",
)
COLLEAGUE = Guard(
    "colleague", "Choose the colleague who takes it over.", "A colleague is chosen.", field="colleague"
)
WHY = Guard(
    "why", "Say why the ticket is opened again.", "An annotation says why it is opened again.", field="note"
)
