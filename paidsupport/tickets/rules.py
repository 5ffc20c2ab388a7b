"""What all workflows of tickets share: facts that are known of every ticket, and how its holder changes."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.workflow import Guard, Holder, Transition

#: The first event of a ticket that did not come from an order form.
RECEIVED = "received"
#: Why an order has ended that its customer withdrew; all other reasons are those of transitions.
WITHDRAWN = "withdrawn"

DEVELOPER = frozenset({Role.DEVELOPER})
OWNER = frozenset({Role.OWNER})
OWNER_OR_MANAGER = frozenset({Role.OWNER, Role.MANAGER})
#: The clock too: it frees tickets that nobody looks after, and passes them to those who told the customer.
OWNER_MANAGER_OR_CLOCK = frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK})

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


def claim(source: str, target: str) -> Transition:
    """A developer takes a ticket that nobody has."""
    return Transition(
        "claim",
        "Claim",
        (source,),
        target,
        DEVELOPER,
        (NOBODY_HOLDS_IT,),
        holder=Holder.TAKES,
        steps=("claim",),
        done="claimed it",
        key="c",
    )


def release(sources: tuple[str, ...], target: str, note_label: str) -> Transition:
    """A ticket is for anybody to take again; `note_label` asks what they should know."""
    return Transition(
        "release",
        "Release",
        sources,
        target,
        OWNER_MANAGER_OR_CLOCK,
        (EXPLAINED,),
        holder=Holder.DROPS,
        note_label=note_label,
        done="released it",
        key="u",
    )


def hand_over(sources: tuple[str, ...], who: frozenset[Role]) -> Transition:
    """A colleague has it from now on; its state stays as it is."""
    return Transition(
        "hand-over",
        "Hand over",
        sources,
        None,
        who,
        (COLLEAGUE,),
        holder=Holder.PASSES,
        note_label="What should your colleague know?",
        done="handed it to {colleague}",
        key="h",
    )


def reopen(sources: tuple[str, ...], target: str) -> Transition:
    """What had ended goes on, for anybody to take."""
    return Transition(
        "reopen",
        "Reopen",
        sources,
        target,
        DEVELOPER,
        (WHY,),
        holder=Holder.DROPS,
        note_label="Why is it opened again?",
        steps=("reopen", "ended"),
        done="opened it again",
        key="o",
    )
