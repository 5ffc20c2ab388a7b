"""Sends invitations: the link is made when an email leaves, so no copy of the database has it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mail.marks import mark_automatic
from paidsupport.kernel.mail.transports import Transport
from paidsupport.kernel.outbox.operations import End, Ended, Outbox, Taken
from paidsupport.manage.staff import queries
from paidsupport.manage.staff.tables import Invitation
from paidsupport.tickets.emails.build import address, addressed, frame


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    invitation: Invitation


class Invitations(Outbox[_Taken, Transport]):
    """The outbox of invitations. One that may have arrived is not sent twice: a manager sends it again."""

    job = _("mail invitations")
    table = queries.OUTBOX
    rows = queries.LEAVING
    locked = (Invitation,)
    unclear = End.FAILED

    def take(self, ctx: Context, invitation: Invitation) -> _Taken | None:
        """Take one, unless it is over."""
        if not invitation.is_open(ctx.now):
            invitation.state = End.WITHDRAWN
            return None
        attempts = self.mark(ctx, {invitation.id: invitation.attempts})
        return _Taken(attempts, invitation) if attempts else None

    def hand_over(self, taken: _Taken) -> None:
        """Send it by mail."""
        self.to.send(build(self.services, taken.invitation))

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """With what went wrong, for the managers."""
        self.end(ctx, id_, attempt, ended, problem=ended.problem)


def build(services: Services, invitation: Invitation) -> EmailMessage:
    """The email, in the language of the desk: nothing is known yet about who reads it."""
    settings = services.settings
    token = services.links.invitation(invitation.reference, invitation.edition)
    context = {
        "desk": settings.name,
        "by": invitation.invited_by,
        "role": invitation.role,
        "until": services.hours.local(invitation.expires_at),
        "url": f"{settings.base_url}{settings.url_prefix}/desk/join/{token}",
    }
    with speaking(services.language()):
        subject = services.render("emails/invitation/subject.txt", context).strip()
        body = services.render("emails/invitation/body.txt", context).strip()
        # a name of its own for each time it is sent: mail programs show the same one once
        reference = f"invitation-{invitation.id}-{invitation.edition}"
        to = address("", invitation.email)
        mail = addressed(services, to, subject, invitation.invited_at, reference)
        mark_automatic(mail)
        frame(services, mail, body, "")
    return mail
