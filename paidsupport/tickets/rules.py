"""What all workflows of tickets share: facts about any ticket, and how its owner changes."""

from __future__ import annotations

from paidsupport.kernel.actors import Role
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Guard, Holder, Transition

#: The first event of a ticket that did not come from an order form.
RECEIVED = "received"
#: The reason of an order that its customer withdrew; other reasons belong to transitions.
WITHDRAWN = "withdrawn"

DEVELOPER = frozenset({Role.DEVELOPER})
OWNER = frozenset({Role.OWNER})
OWNER_OR_MANAGER = frozenset({Role.OWNER, Role.MANAGER})
#: The clock releases tickets whose claim lapses, and hands them to the colleague who told the customer.
OWNER_MANAGER_OR_CLOCK = frozenset({Role.OWNER, Role.MANAGER, Role.CLOCK})

NOBODY_HOLDS_IT = Guard("unheld", _("This ticket already has an owner."), _("This ticket has no owner."))
NOT_ANOTHERS = Guard(
    "not-anothers",
    _("This ticket has another owner. Ask them, or a manager."),
    _("No colleague owns this ticket."),
)
CONTACTED = Guard(
    "contacted",
    _("Contact the customer first. None of your emails has reached them yet."),
    _("Your first email has reached the customer."),
)
LETTERS_SETTLED = Guard(
    "letters-settled",
    _("An email to the customer is still waiting or stuck."),
    _("No email to the customer is waiting or stuck."),
)
REASON = Guard("reason", _("Choose a reason from the list."), _("A reason is chosen."), field="reason")
NOTE = Guard(
    "note",
    _("Leave an annotation that says why."),
    _("An annotation says why."),
    field="note",
)
EXPLAINED = Guard(
    "explained",
    _("Leave an annotation for the next owner, because the customer has been contacted."),
    _("An annotation tells the next owner where things stand."),
    field="note",
)
COLLEAGUE = Guard(
    "colleague", _("Choose the colleague who takes it over."), _("A colleague is chosen."), field="colleague"
)
WHY = Guard(
    "why",
    _("Say why the ticket is reopened."),
    _("An annotation says why it is reopened."),
    field="note",
)


def claim(source: str, target: str) -> Transition:
    """A developer takes a ticket that has no owner."""
    return Transition(
        "claim",
        _("Claim ticket"),
        (source,),
        target,
        DEVELOPER,
        (NOBODY_HOLDS_IT,),
        holder=Holder.TAKES,
        steps=("claim",),
        done=_("{who} claimed it"),
        said=_("Ticket claimed. Write to the customer next."),
        key="c",
    )


def release(sources: tuple[str, ...], target: str, note_label: str) -> Transition:
    """A ticket becomes free to claim; `note_label` asks what the next owner should know."""
    return Transition(
        "release",
        _("Release ticket"),
        sources,
        target,
        OWNER_MANAGER_OR_CLOCK,
        (EXPLAINED,),
        holder=Holder.DROPS,
        note_label=note_label,
        done=_("{who} released it"),
        said=_("Ticket released. It's back in the queue."),
        key="u",
    )


def hand_over(sources: tuple[str, ...], who: frozenset[Role]) -> Transition:
    """A colleague becomes the owner; the state does not change."""
    return Transition(
        "hand-over",
        _("Hand over ticket"),
        sources,
        None,
        who,
        (COLLEAGUE,),
        holder=Holder.PASSES,
        note_label=_("What should your colleague know?"),
        done=_("{who} handed it to {colleague}"),
        said=_("Ticket handed over. Your colleague has been told."),
        key="h",
    )


def reopen(sources: tuple[str, ...], target: str) -> Transition:
    """An ended ticket goes on, free to claim."""
    return Transition(
        "reopen",
        _("Reopen ticket"),
        sources,
        target,
        DEVELOPER,
        (WHY,),
        holder=Holder.DROPS,
        note_label=_("Why is it reopened?"),
        steps=("reopen", "ended"),
        done=_("{who} reopened it"),
        said=_("Ticket reopened. It's back in the queue."),
        key="o",
    )
