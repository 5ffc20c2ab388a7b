"""Inviting people by email: who opens the link, signed in at the host, becomes a member of the staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from paidsupport.kernel.actors import PERSON_ROLES, Actor
from paidsupport.kernel.addresses import compared, reachable
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.configuration import history
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.outbox.queries import QUEUED
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.tables import Person
from paidsupport.manage.staff import queries
from paidsupport.manage.staff.tables import Invitation

#: How long an invitation can be accepted.
VALID = timedelta(days=7)


class InvitationOverError(ConflictError):
    """The invitation cannot be accepted any more; the sentence says why."""

    title = _("This invitation is over")


def invite(ctx: Context, email: str, role: str, *, key: str) -> Invitation:
    """Invite an address to the staff, by an email that leaves when this is committed.

    Args:
        ctx: The manager who invites.
        email: Where the invitation goes.
        role: What the person may do.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: No address that can be written to, one that is invited already or that a
            colleague has, or no role.
    """
    read = Fields()
    email = read.read("email", email, reachable, required=_("Enter an email address."))
    if role not in set(PERSON_ROLES):
        read.refuse("role", _("Choose one of these."))
    read.done()
    with history.edit(ctx, key=key, content=("invite", email, role)) as change:
        before = queries.open_invitation(ctx.session, compared(email))
        if change.repeated:
            return existing(before)
        if before is not None:
            read.refuse("email", _("This address is invited already. Send that invitation again."))
        if staff.active_with_address(ctx.session, compared(email)):
            read.refuse("email", _("A colleague has this address."))
        read.done()
        invitation = Invitation(reference=new_reference(), email=email, role=role, invited_by=ctx.by.name)
        _post(ctx, invitation)
        ctx.session.add(invitation)
        ctx.session.flush()
        about = f"invitation:{invitation.id}"
        history.tell(change, "invited", about, email, None, {"email": email, "role": role})
    return invitation


def send_again(ctx: Context, invitation_id: int, *, key: str) -> Invitation:
    """Send an invitation once more, for as long as the first time; links sent before are void.

    Raises NotFoundError, InvitationOverError.
    """
    with history.edit(ctx, key=key, content=("invite again", invitation_id)) as change:
        invitation = _find(ctx, invitation_id)
        if change.repeated:
            return invitation
        _refuse_ended(invitation)
        invitation.edition += 1
        _post(ctx, invitation)
        ctx.session.flush()
        history.tell(change, "invited", f"invitation:{invitation.id}", invitation.email)
    return invitation


def withdraw(ctx: Context, invitation_id: int, *, key: str) -> Invitation:
    """Take an invitation back: its link opens nothing any more. Raises NotFoundError, InvitationOverError."""
    with history.edit(ctx, key=key, content=("withdraw", invitation_id)) as change:
        invitation = _find(ctx, invitation_id)
        if change.repeated:
            return invitation
        _refuse_ended(invitation)
        invitation.withdrawn_at, invitation.withdrawn_by = ctx.now, ctx.by.name
        ctx.session.flush()
        history.tell(change, "withdrawn", f"invitation:{invitation.id}", invitation.email)
    return invitation


def opened(ctx: Context, token: str) -> Invitation:
    """The invitation of a link, if it can be accepted.

    Raises:
        NotFoundError: It is no link of ours.
        InvitationOverError: It was accepted or withdrawn, has expired, or was sent again since.
    """
    reference, edition = ctx.services.links.read_invitation(token)
    invitation = existing(queries.invitation(ctx.session, reference))
    _refuse_ended(invitation)
    if edition != invitation.edition:
        raise InvitationOverError(_("This invitation was sent again. Open the link in the newest email."))
    if not invitation.is_open(ctx.now):
        raise InvitationOverError(_("This invitation has expired. Ask a manager to send it again."))
    return invitation


def accept(ctx: Context, token: str, user_id: str, name: str) -> Person:
    """Let a user of the host who was invited work at the desk; done twice it is done once.

    Args:
        ctx: The visitor.
        token: What their link holds.
        user_id: The id of the user who is signed in at the host.
        name: What customers and colleagues shall call them.

    Raises:
        NotFoundError: It is no link of ours.
        InvitationOverError: The link cannot be used any more, or they were disabled since it was sent.
        InvalidInputError: No name, or a colleague has the address by now.
    """
    read = Fields()
    name = read.one_line("name", name, required=_("Enter your name."))
    read.done()
    theirs = replace(ctx, by=Actor("visitor", name))
    with history.edit(theirs) as change:
        change.nothing_new()  # the line is that of the person
        before = staff.of_host_user(ctx.session, user_id)
        if before is not None and before.active:
            if _named(ctx, token).person_id == before.id:
                return before
            raise InvitationOverError(_("You already work here, so you need no invitation."))
        invitation = opened(ctx, token)
        known = staff.known_before(ctx.session, user_id, invitation.email)
        if known is not None and queries.was_disabled_since(ctx.session, known.id, invitation.invited_at):
            raise InvitationOverError(
                _("You were disabled after this invitation was sent. Ask a manager for a new one.")
            )
        person = people.add(
            theirs,
            host_user_id=user_id,
            name=name,
            email=invitation.email,
            role=invitation.role,
            kind="joined",
        )
        invitation.accepted_at, invitation.person_id = ctx.now, person.id
        ctx.session.flush()
    return person


def _named(ctx: Context, token: str) -> Invitation:
    reference, _edition = ctx.services.links.read_invitation(token)
    return existing(queries.invitation(ctx.session, reference))


def _post(ctx: Context, invitation: Invitation) -> None:
    """Let its email leave, now."""
    invitation.invited_at, invitation.expires_at = ctx.now, ctx.now + VALID
    invitation.state, invitation.attempts, invitation.due_at = QUEUED, 0, ctx.now
    invitation.taken_at, invitation.problem = None, ""


def _find(ctx: Context, invitation_id: int) -> Invitation:
    return existing(ctx.session.get(Invitation, invitation_id, populate_existing=True))


def _refuse_ended(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationOverError(_("This invitation was accepted already. Each one works once."))
    if invitation.withdrawn_at is not None:
        raise InvitationOverError(_("This invitation was withdrawn. Ask a manager for a new one."))
