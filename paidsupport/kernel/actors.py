"""Who acts: a member of staff, the customer, or the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from paidsupport.kernel.i18n.messages import _


class Role(StrEnum):
    """A person's role, in general or towards one ticket; transitions name the roles that may make them."""

    DEVELOPER = "developer"
    MANAGER = "manager"
    OWNER = "owner"
    CUSTOMER = "customer"
    CLOCK = "clock"


#: What a person's row may carry as role.
PERSON_ROLES = (Role.DEVELOPER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a customer or the clock; `id` is the person's row id, else None."""

    kind: str
    name: str
    id: int | None = None
    role: Role | None = None
    #: Whether this is a manager whose token lets them act as a developer only.
    held_back: bool = False
    #: In whose place they act on what that person holds: of somebody who takes back what they did themselves.
    stands_in: int | None = None

    @property
    def is_person(self) -> bool:
        """Whether this is a member of staff."""
        return self.kind == "person"

    @property
    def is_manager(self) -> bool:
        """Whether this person may do what managers do."""
        return self.role is Role.MANAGER

    def roles(self, owner_id: int | None) -> frozenset[Role]:
        """The roles this actor has towards a ticket that `owner_id` owns (None: no owner).

        A manager may do whatever a developer may.
        """
        if self.kind == "customer":
            return frozenset({Role.CUSTOMER})
        if self.kind == "clock":
            return frozenset({Role.CLOCK})
        if not self.is_person:
            return frozenset()
        roles = {Role.DEVELOPER}
        if self.is_manager:
            roles.add(Role.MANAGER)
        if owner_id is not None and owner_id in {self.id, self.stands_in}:
            roles.add(Role.OWNER)
        return frozenset(roles)


#: Who lets claims lapse and sends reminders.
CLOCK = Actor(kind="clock", name="the clock")

#: The customer of a ticket. Without a name on purpose: history keeps no personal data of customers.
CUSTOMER = Actor(kind="customer", name="the customer")

#: A visitor who is not known yet.
ANONYMOUS = Actor(kind="visitor", name="a visitor")

#: What those are called who have no name of their own, as sentences begin with them, by what is stored.
_CALLED = {
    "the clock": _("The desk"),
    "the customer": _("The customer"),
    "a visitor": _("A visitor"),
}


def called(name: str) -> str:
    """The name of whoever did something, as a sentence begins with it; a message if it is one of ours."""
    return _CALLED.get(name[:1].lower() + name[1:], name[:1].upper() + name[1:])
