"""Making the first manager of a desk."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paidsupport.kernel import limits
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.configuration import history
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.first import is_setup_code
from paidsupport.kernel.staff.tables import Person

#: How many codes one user, or one address, may try within an hour.
_TRIES = 10


class BegunError(ConflictError):
    """The desk has a manager by now."""

    title = _("This desk has a manager")

    def __init__(self) -> None:
        super().__init__(_("This desk has a manager by now, who can invite you."))


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants to be the first manager.

    Attributes:
        user_id: The id of the user who is signed in at the host.
        name: What customers and colleagues shall call them.
        email: Their address, as the host has it.
        client: The address that they come from.
    """

    user_id: str
    name: str
    email: str
    client: str


def begin(ctx: Context, who: Claimant, code: str) -> Person | None:
    """Make a user of the host the first manager, if they have the set-up code.

    Of two at once one is made it. A wrong code raises nothing, so that the attempt is counted.

    Args:
        ctx: The visitor.
        who: The user.
        code: What they typed.

    Returns:
        The manager, or None if the code is wrong.

    Raises:
        InvalidInputError: No name, or no code.
        TooManyError: Too many codes were tried.
        BegunError: The desk has a manager.
    """
    read = Fields()
    code = read.one_line("code", code, required=_("Enter the set-up code."))
    name = read.one_line("name", who.name, required=_("Enter your name."))
    read.done()
    theirs = replace(ctx, by=Actor("visitor", name))
    with history.edit(theirs) as change:
        change.nothing_new()  # the line is that of the person
        if managers := staff.managers(ctx.session):
            before = staff.of_host_user(ctx.session, who.user_id)
            if before is not None and before.id in managers:
                return before  # the form was sent twice
            raise BegunError
        limits.spend_all(ctx, ("setup code", who.user_id, _TRIES), ("setup code from", who.client, _TRIES))
        if not is_setup_code(ctx.services.links, ctx.session, code):
            return None
        return people.add(
            theirs, host_user_id=who.user_id, name=name, email=who.email, role=Role.MANAGER, kind="began"
        )
