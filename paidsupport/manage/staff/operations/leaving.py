"""Disabling a member of the staff: what they hold goes to colleagues first, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsupport.issues.operations import assignment
from paidsupport.issues.queries import work
from paidsupport.issues.tables import Issue
from paidsupport.kernel.configuration import history
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from paidsupport.kernel.staff.tables import Person
from paidsupport.manage.staff import queries
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.operations import claims
from paidsupport.tickets.tables import Ticket

#: What is chosen instead of a colleague for tickets that become free to claim.
RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Duties:
    """What a person holds and is asked for.

    Attributes:
        tickets: Those they have claimed.
        issues: Those that can be assigned to a colleague.
        submitted: Their issues under review, which stay theirs until that is done.
        reviews: The issues they were asked to review: any colleague can.
        organisations: Those whose account manager they are.
        shifts: Their lines of the roster.
        substitutions: The absences of colleagues for whom they stand in.
    """

    tickets: Sequence[Ticket]
    issues: Sequence[Issue]
    submitted: Sequence[Issue]
    reviews: Sequence[Issue]
    organisations: Sequence[Organisation]
    shifts: Sequence[Shift]
    substitutions: Sequence[Absence]


def duties(ctx: Context, person: Person) -> Duties:
    """What a person holds, before they leave."""
    assigned = work.assigned_to(ctx.session, person.id)
    return Duties(
        tickets=queries.claims_of(ctx.session, person.id),
        issues=[issue for issue in assigned if assignment.can_pass_on(issue)],
        submitted=[issue for issue in assigned if not assignment.can_pass_on(issue)],
        reviews=work.to_review_by(ctx.session, person.id),
        organisations=queries.organisations_of(ctx.session, person.id),
        shifts=queries.shifts_of(ctx.session, person.id),
        substitutions=queries.substituted_by(ctx.session, person.id),
    )


def colleagues(ctx: Context, person: Person) -> list[Person]:
    """Who can take over what a person holds."""
    return [each for each in staff.everybody(ctx.session) if each.id != person.id]


def leave(ctx: Context, person_id: int, *, tickets: str, issues: str, key: str) -> Person:
    """Disable a person, once all they hold has gone to colleagues; their shifts leave the roster.

    Args:
        ctx: The manager who does it.
        person_id: Who leaves.
        tickets: The id of the colleague who gets their tickets, or `RELEASE`.
        issues: The id of the colleague who gets their issues.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such person.
        InvalidInputError: Something has to go to a colleague, and none was chosen.
        LastManagerError: They are the only manager.
        ConflictError: It is who acts, or something cannot be handed over. Nothing was changed.
    """
    with history.edit(ctx, key=key, content=("leave", person_id, tickets, issues)) as change:
        # first of all, so that what they hold is all they ever will
        person = people.hold(ctx, person_id)
        if change.repeated:
            return person
        if person.id == ctx.by.id:
            raise ConflictError(_("You can't disable yourself. Ask another manager."))
        if not person.active:
            change.nothing_new()
            return person
        _hand_over(ctx, person, tickets, issues)
        for shift in queries.shifts_of(ctx.session, person.id):
            roster.take_off(ctx, change, shift)
        people.disable(ctx, change, person)
    return person


def _hand_over(ctx: Context, person: Person, tickets: str, issues: str) -> None:
    """Pass on what they hold, by the transitions that it takes."""
    theirs, read = duties(ctx, person), Fields()
    known = {str(each.id): each.id for each in colleagues(ctx, person)}
    if theirs.tickets and tickets not in {RELEASE, *known}:
        read.refuse("tickets", _("Choose what happens to the tickets."))
    if theirs.issues and issues not in known:
        read.refuse("issues", _("Choose a colleague from the list."))
    read.done()
    if theirs.tickets:
        claims.pass_on(ctx, person.id, known.get(tickets))
    if theirs.issues:
        assignment.pass_on(ctx, person.id, known[issues])
